"""`vitcourse reset`: begin an exercise again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vitcourse.commands.words import explained
from vitcourse.learner.notebook_files import learners_folder


def reset(
    exercise: Annotated[str, typer.Argument(help="An exercise (4.2), or a whole chapter (04).")],
    folder: Annotated[
        Path | None, typer.Option(help="Where your notebooks are.", show_default=False)
    ] = None,
) -> None:
    """Put the stub of an exercise back into your notebook; your answer is kept elsewhere."""
    with explained():
        from vitcourse.exercises.resetting import reset_in_file  # needs torch

        typer.echo(reset_in_file(exercise, folder or learners_folder()))
