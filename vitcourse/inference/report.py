"""What was measured, as a table in the terminal and in a notebook."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Row:
    """A way to run the model. What was not measured is None."""

    way: str
    verdict: str
    milliseconds: float | None = None
    ratio: float | None = None  # its time, where the model as it was takes 1
    difference: float | None = None  # of the logits, at most

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        return (
            self.way,
            "" if self.milliseconds is None else f"{self.milliseconds:.1f}",
            "" if self.ratio is None else f"{self.ratio:.2f}",
            "" if self.difference is None else f"{self.difference:.1g}",
            self.verdict,
        )


HEADINGS = ("way", "ms", "time", "difference", "")


def as_text(rows: Sequence[Row], notes: Sequence[str]) -> str:
    table = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        f"{way:<{widths[0]}}  {ms:>{widths[1]}}  {ratio:>{widths[2]}}  {off:>{widths[3]}}  {said}"
        for way, ms, ratio, off, said in table
    ]
    return "\n".join([*(line.rstrip() for line in lines), *notes])


def as_html(rows: Sequence[Row], notes: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in HEADINGS)
    body = "".join(
        f'<tr><th scope="row">{escape(way)}</th>'
        + "".join(f"<td>{escape(text)}</td>" for text in cells)
        + "</tr>"
        for way, *cells in (row.cells for row in rows)
    )
    below = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"
