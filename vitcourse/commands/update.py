"""`vitcourse update`: the course's new text in the learner's own notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitcourse import __version__
from vitcourse.commands.words import explained
from vitcourse.learner.notebook_files import learners_folder

if TYPE_CHECKING:
    from vitcourse.learner.update.merge import Merged
    from vitcourse.learner.update.notebooks import Update


def update(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where your notebooks are.", show_default="as lab finds it"),
    ] = None,
) -> None:
    """Bring your notebooks up to the course's present text. What you wrote stays."""
    with explained():
        code = run_update(folder or learners_folder())
    raise typer.Exit(code)


def run_update(folder: Path) -> int:
    """Update the notebooks in a learner's folder, say what has happened, return the exit code."""
    from vitcourse.learner.update.notebooks import update as update_notebooks

    done = update_notebooks(folder)
    print(f"Your notebooks are in {folder.resolve()}. The course is version {__version__}.")
    for line in words(done):
        print(line)
    return 1 if done.unreadable else 0


def words(done: Update) -> Iterator[str]:
    """What an update has done, line by line."""
    for copy in done.added:
        yield f"  {copy.stem}: new"
    for copy, merged in done.merged.items():
        yield f"  {copy.stem}: {_counted(merged)}"
        if merged.conflicts:
            yield f"    Both you and the course have changed {', '.join(merged.conflicts)}."
    for copy, why in done.unreadable.items():
        yield f"  {copy.stem}: left as it is, since it cannot be read as a notebook ({why})"
    if any(merged.conflicts for merged in done.merged.values()):
        yield "What both have changed is as you left it; the course's version is in the cell below."
    if done.backup:
        yield f"The notebooks as they were before: {done.backup.resolve()}"
        yield "If one of them is open in JupyterLab: File, Reload Notebook from Disk."
    elif not (done.added or done.unreadable):
        yield "They have the course's present text. Nothing was changed."


def _counted(merged: Merged) -> str:
    what = {
        "with new text": merged.reworded,
        "new": merged.new,
        "gone": merged.gone,
        "back that you had deleted": merged.back,
        "of yours kept": merged.kept,
    }
    parts = [f"{number} {words}" for words, number in what.items() if number]
    return f"cells: {', '.join(parts)}" if parts else "only details that are not shown"
