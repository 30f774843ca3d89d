"""`my_progress()` in a notebook: a table with a link to each chapter and exercise."""

from html import escape

from IPython.display import display

from vitcourse.learner.kernel import workplace
from vitcourse.learner.overview import Overview, Row, duration, link, overview
from vitcourse.learner.progress import FILE

SIGNS = {"solved": "✓", "tried": "◐", "open": "○"}
CELL = 'style="text-align:left;vertical-align:top;padding:3px 10px"'


def my_progress() -> None:
    """Show which exercises you have solved, how long is left, and what comes next."""
    display(Shown(overview(workplace())))


class Shown:
    """An overview, as a page or as plain text."""

    def __init__(self, found: Overview) -> None:
        self.found = found

    def __repr__(self) -> str:
        return "\n".join([*map(_line, self.found.rows), self.found.summary, *self._next()])

    def _repr_html_(self) -> str:
        extra = {
            "Quiz": [row.quiz for row in self.found.rows],
            "Predictions": [str(row.predictions or "") for row in self.found.rows],
        }
        extra = {name: cells for name, cells in extra.items() if any(cells)}
        heads = ["Chapter", "Exercises", "Time left", *extra]
        head = "".join(f'<th scope="col" {CELL}>{name}</th>' for name in heads)
        body = "".join(
            _row(row, [cells[i] for cells in extra.values()])
            for i, row in enumerate(self.found.rows)
        )
        legend = ", ".join(f"{sign} {state}" for state, sign in SIGNS.items())
        next_step = "".join(
            f'<p><strong>Next:</strong> <a href="{escape(link(chapter, entry))}">exercise '
            f"{entry.id}, {escape(entry.title)}</a></p>"
            for chapter, entry in filter(None, [self.found.next])
        )
        return (
            f"<p><strong>{self.found.summary}</strong></p>{next_step}"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f"<p>{legend}. Kept in <code>{FILE}</code>, which you may delete: what you have solved "
            "is in <code>my_vit.py</code>, too.</p>"
        )

    def _next(self) -> list[str]:
        return [f"Next: exercise {e.id}, {e.title}" for _, e in filter(None, [self.found.next])]


def _row(row: Row, extra: list[str]) -> str:
    chapter = f'<a href="{escape(link(row.chapter))}">{escape(row.chapter.title)}</a>'
    exercises = " &ensp;".join(
        f'<a href="{escape(link(row.chapter, entry))}" style="white-space:nowrap" '
        f'title="{escape(entry.title)}" '
        f'aria-label="{entry.id} {escape(entry.title)}: {row.states[entry.id]}">'
        f"{SIGNS[row.states[entry.id]]} {entry.id}</a>"
        for entry in row.chapter.exercises
    )
    left = duration(row.minutes_left) if row.minutes_left else ""
    cells = "".join(f"<td {CELL}>{cell}</td>" for cell in [exercises or "none", left, *extra])
    return f'<tr><th scope="row" {CELL}>{chapter}</th>{cells}</tr>'


def _line(row: Row) -> str:
    parts = [f"{state} {', '.join(numbers)}" for state in SIGNS if (numbers := row.numbers(state))]
    return f"{row.chapter.title}: {'; '.join(parts) or 'no exercises'}"
