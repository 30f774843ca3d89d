"""`vitcourse grade`: judge what a class has handed in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from vitcourse.commands.words import explained

STOPPED = 130  # what shells expect after Ctrl-C


def grade(
    folder: Annotated[Path, typer.Argument(help="Where the hand-ins are.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Where tables and pages go.")] = Path("grades"),
    chapter: Annotated[str, typer.Option(help="Only this one: 01.", show_default="all")] = "",
    roster: Annotated[
        Path | None, typer.Option(help="The class, as CSV.", show_default=False)
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Hand-ins at a time.", show_default="one a CPU")
    ] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Numbers for names.")] = False,
    canvas: Annotated[
        Path | None,
        typer.Option(
            help="Fill in this gradebook, exported by Canvas: its assignment “vitcourse 4 "
            "Attention”, or a new one.",
            show_default=False,
        ),
    ] = None,
    moodle: Annotated[
        Path | None,
        typer.Option(help="Fill in this grading worksheet of Moodle's.", show_default=False),
    ] = None,
    gradescope: Annotated[
        bool, typer.Option("--gradescope", help="Write results.json for each student.")
    ] = False,
    feedback: Annotated[
        bool, typer.Option("--feedback", help="Write a page for each student.")
    ] = False,
    exercises: Annotated[
        Path | None, typer.Option(help="A folder with your own exercises.", show_default=False)
    ] = None,
) -> None:
    """Judge a class's notebooks: who has solved what, and what to teach next."""
    # Before torch is imported: processes are forked, which threads and a GPU do not survive.
    os.environ.update(OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="", VITCOURSE_OFFLINE="1")
    with explained():
        from vitcourse.grading import outputs, run
        from vitcourse.grading.isolation import isolation
        from vitcourse.grading.roster import read_roster

        wanted = outputs.Wanted(anonymous, canvas, moodle, gradescope, feedback)
        typer.echo(walls := isolation())
        try:
            results = run.grade(
                folder,
                out,
                chapter=chapter.zfill(2) if chapter else "",
                roster=read_roster(roster) if roster else None,
                workers=workers,
                exercises=exercises,
                say=typer.echo,
            )
        except KeyboardInterrupt:
            typer.echo("Stopped. What was graded is kept: the same command goes on from there.")
            raise typer.Exit(STOPPED) from None
        files, told = outputs.write_outputs(results, out, wanted, walls)
        typer.echo(outputs.summary(results, files, told))
