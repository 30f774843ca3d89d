"""`vitcourse lab`: JupyterLab on the learner's own copies of the notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vitcourse.commands.words import explained
from vitcourse.learner import remembered
from vitcourse.learner.notebook_files import (
    copy_notebooks,
    course_location,
    course_notebooks,
    find_notebook,
    folder_to_open,
)
from vitcourse.learner.update.notebooks import behind
from vitcourse.places import lab_server
from vitcourse.places.colab import refuse_there

STOPPING = """To stop JupyterLab: press Ctrl-C here, twice.
Closing a notebook's tab does not stop its kernel, which holds up to 1 GB. Stop it with Kernel,
Shut Down Kernel; one without a tab stops by itself after an hour without use."""


def lab(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Where your notebooks are, or shall be. Without it: where they were last time; "
            "if there are none, my_notebooks in the current folder.",
            show_default=False,
        ),
    ] = None,
    notebook: Annotated[str, typer.Option(help="The notebook to open, e.g. 01.")] = "00",
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser window.")
    ] = True,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to try first.")] = None,
    verbose: Annotated[bool, typer.Option(help="Show all that JupyterLab reports.")] = False,
) -> None:
    """Open JupyterLab on your own copies of the notebooks."""
    with explained():
        refuse_there("notebooks are opened by their links; no JupyterLab is needed")
        code = run_lab(folder, notebook=notebook, browser=browser, port=port, verbose=verbose)
    raise typer.Exit(code)


def run_lab(
    folder: Path | None = None,
    notebook: str = "00",
    browser: bool = True,
    port: int | None = None,
    verbose: bool = False,
) -> int:
    """Run JupyterLab on the learner's notebooks until it is stopped; return its exit code.

    They are in `folder` or, without one, where `learners_folder` finds them. It listens only on
    this computer and asks for its token. If a port is in use, JupyterLab takes the next one.

    Raises ValueError, NotADirectoryError or PermissionError before anything is started.
    """
    opened = find_notebook(notebook, course_notebooks()).name
    folder, remarks = (folder.resolve(), []) if folder else folder_to_open()
    copied = copy_notebooks(folder)
    what = f"{len(copied)} new" if copied else "nothing new, your work is as you left it"
    print(*remarks, f"Your notebooks are in {folder} ({what}).", sep="\n")
    _remember(folder)
    _say_if_behind(folder)
    if lab_server.is_root():
        print("You are root: usual in a container, unwise elsewhere. Notebooks may do anything.")
    print(STOPPING)
    with lab_server.files_of_jupyter() as remark:
        print(remark, end="\n" * bool(remark), flush=True)
        return lab_server.run_until_stopped(
            lab_server.command(folder, opened, browser=browser, port=port, verbose=verbose),
            lab_server.environment(),
            folder,
            opened,
        )


def _remember(folder: Path) -> None:
    try:
        remembered.remember(course_location(), folder)
    except OSError as error:
        why = error.strerror or error
        print(f"Next time, name this folder: it cannot be noted in {remembered.path()} ({why}).")


def _say_if_behind(folder: Path) -> None:
    if old := len(behind(folder)):
        have = "one of your notebooks has" if old == 1 else f"{old} of your notebooks have"
        print(f"The course has moved on: {have} new text. To get it: python -m vitcourse update")
