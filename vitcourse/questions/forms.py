"""The two forms of a prediction: one of some choices, or a number for each of some cases.

A form knows how a prediction looks to Python (a text, or numbers by name), in the browser (a
place, or a table of numbers), and on paper.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vitcourse.questions import markup

Table = dict[str, Any]  # row -> number, or row -> column -> number


@dataclass(frozen=True)
class Choices:
    """One of these texts."""

    options: tuple[str, ...]

    @property
    def given(self) -> dict:
        """What the browser has to know."""
        return {"choices": [markup.runs(option) for option in self.options]}

    def to_page(self, said: Any) -> int | None:
        return self.options.index(said) if said in self.options else None

    def from_page(self, value: Any) -> str | None:
        there = isinstance(value, int) and 0 <= value < len(self.options)
        return self.options[value] if there else None

    def html(self) -> str:
        return f"<ul>{''.join(f'<li>{markup.as_html(o)}</li>' for o in self.options)}</ul>"

    def markdown(self) -> str:
        return "\n".join(f"- {option}" for option in self.options)

    def refuse(self, came_out: Any) -> str:
        """Why this cannot be the outcome, or ""."""
        if came_out in self.options:
            return ""
        return f"{came_out!r}: choose one of {', '.join(map(repr, self.options))}"


@dataclass(frozen=True)
class Numbers:
    """A number for each row, or for each row in each column."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]  # empty: one number for each row
    unit: str

    @property
    def highest(self) -> float | None:
        return 100 if self.unit == "%" else None

    @property
    def given(self) -> dict:
        """What the browser has to know."""
        return {
            "rows": list(self.rows),
            "columns": list(self.columns),
            "unit": self.unit,
            "highest": self.highest,
        }

    def to_page(self, said: Any) -> list[list[float | None]]:
        """A table without names; what is missing or no longer asked is left out."""
        said = said if isinstance(said, dict) else {}
        if not self.columns:
            return [[self._number(said.get(row))] for row in self.rows]
        cells = {row: _table(said.get(row)) for row in self.rows}
        return [[self._number(cells[row].get(c)) for c in self.columns] for row in self.rows]

    def from_page(self, value: Any) -> Table | None:
        """The numbers that are there, by name; None if there are none."""
        found: Table = {}
        for row, cells in zip(self.rows, value if isinstance(value, list) else [], strict=False):
            numbers = [self._number(c) for c in (cells if isinstance(cells, list) else [])]
            if self.columns:
                named = dict(zip(self.columns, numbers, strict=False))
                known = {column: n for column, n in named.items() if n is not None}
                found |= {row: known} if known else {}
            elif numbers and numbers[0] is not None:
                found[row] = numbers[0]
        return found or None

    def _number(self, value: Any) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return value if 0 <= value <= (self.highest or float("inf")) else None

    def html(self) -> str:
        rows = "".join(f"<li>{markup.as_html(row)}</li>" for row in self.rows)
        return f"<ul>{rows}</ul><p>{html.escape(self._each)}</p>"

    def markdown(self) -> str:
        return "\n".join(f"- {row}" for row in self.rows) + f"\n\n{self._each}"

    @property
    def _each(self) -> str:
        """What is wanted, in words."""
        unit = f" ({self.unit})" if self.unit else ""
        if not self.columns:
            return f"For each, a number{unit}."
        return f"For each, a number{unit} for {' and for '.join(self.columns)}."

    def refuse(self, came_out: Any) -> str:
        """Why this cannot be the outcome, or ""."""
        if isinstance(came_out, Mapping) and set(came_out) == set(self.rows) and not self.columns:
            return ""
        return f"{came_out!r}: give a number for each of {', '.join(map(repr, self.rows))}"


def _table(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def make(
    choices: Sequence[str], rows: Sequence[str], columns: Sequence[str], unit: str
) -> Choices | Numbers:
    """The form for these arguments of `predict`. Raises ValueError if they do not fit together."""
    if bool(choices) == bool(rows):
        raise ValueError("give either choices or rows")
    if choices and (columns or unit):
        raise ValueError("columns and unit belong to rows, not to choices")
    for name, texts in (("choices", choices), ("rows", rows), ("columns", columns)):
        if isinstance(texts, str) or len(set(texts)) != len(texts):
            raise ValueError(f"{name}={texts!r}: give a list of different texts")
    if choices and not 2 <= len(choices) <= 9:
        raise ValueError(f"choices={choices!r}: give 2 to 9, one for each digit key")
    return Choices(tuple(choices)) if choices else Numbers(tuple(rows), tuple(columns), unit)
