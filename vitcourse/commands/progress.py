"""`vitcourse progress`: how far you have come, and what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from vitcourse.commands.words import explained
from vitcourse.learner.notebook_files import learners_folder
from vitcourse.learner.overview import Overview, duration, overview
from vitcourse.learner.progress import FILE


def progress(
    folder: Annotated[
        Path | None, typer.Option(help="Where your notebooks are.", show_default=False)
    ] = None,
) -> None:
    """Show which exercises you have solved, how long is left, and what comes next."""
    with explained():
        place = folder or learners_folder()
        if not place.is_dir():
            raise ValueError(f"there is no folder {place}. To begin: python -m vitcourse lab")
        show(overview(place), place)


def show(found: Overview, place: Path) -> None:
    console = Console(highlight=False)
    console.print(table(found))
    console.print(found.summary, style="bold")
    if found.next:
        chapter, entry = found.next
        console.print(f"Next: exercise {entry.id}, {entry.title}")
        console.print(f"      python -m vitcourse lab --notebook {chapter.number}")
    console.print(
        f"\nFrom {place.resolve()}. To forget tries, hints and quizzes, delete {FILE} there;\n"
        "what you have solved is in my_vit.py, too, and stays solved.",
        style="dim",
        soft_wrap=True,
    )


def table(found: Overview) -> Table:
    """One row a chapter; columns for quizzes and predictions only if there are any."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    columns = {"Chapter": None, "Solved": "green", "Tried": "yellow", "Open": None, "Left": None}
    if quizzes := any(row.quiz for row in found.rows):
        columns["Quiz"] = None
    if predictions := any(row.predictions for row in found.rows):
        columns["Predictions"] = None
    for name, style in columns.items():
        shown.add_column(name, style=style)
    for row in found.rows:
        cells = [" ".join(row.numbers(state)) for state in ("solved", "tried", "open")]
        if not row.states:
            cells[2] = "no exercises"
        left = duration(row.minutes_left) if row.minutes_left else ""
        cells = [row.chapter.title, *cells, left]
        cells += [row.quiz] * quizzes + [str(row.predictions or "")] * predictions
        shown.add_row(*cells)
    return shown
