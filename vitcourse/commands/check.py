"""`vitcourse check`: run the learner's notebooks and say which exercises are solved."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from vitcourse.commands.words import explained
from vitcourse.learner.notebook_files import learners_folder, learners_notebook
from vitcourse.places.colab import refuse_there

# A learner's cell that kills its kernel would otherwise be noticed only after half an hour.
CELL_TIMEOUT_SECONDS = 600


def check(
    notebooks: Annotated[list[str], typer.Argument(help="Numbers (01) or paths.", metavar="NB...")],
    folder: Annotated[
        Path | None,
        typer.Option(help="Where numbers are looked up.", show_default="as lab finds it"),
    ] = None,
) -> None:
    """Run the exercises of your notebooks and print which are solved."""
    with explained():
        refuse_there("run the notebook: its own checks judge your answers")
        code = check_notebooks(notebooks, folder or learners_folder())
    raise typer.Exit(code)


def check_notebooks(wanted: Sequence[str], folder: Path) -> int:
    """Run the notebooks and their checks; return 0 if every exercise is solved, else 1.

    A notebook is named by its path, or by a number that is looked up in `folder` and then in
    the current folder.

    Raises ValueError if there is no such notebook.
    """
    notebooks = [learners_notebook(name, folder) for name in wanted]
    with tempfile.TemporaryDirectory() as empty:
        # The settings and plugins of whatever project the notebook is in must not matter here.
        config = Path(empty) / "pytest.ini"
        config.write_text("[pytest]\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-c", str(config), "-p", "no:cacheprovider"]
        command += ["--rootdir", str(notebooks[0].parent), "--noconftest"]
        command += ["-q", "-rN", "--disable-warnings"]  # the plugin prints the results
        command += ["--nbval-lax", "--nbval-current-env"]
        command += [f"--nbval-cell-timeout={CELL_TIMEOUT_SECONDS}"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        environment["PYTHONUNBUFFERED"] = "1"  # progress is shown as it happens
        environment.setdefault("VITCOURSE_QUICK", "1")  # checks need no long training
        environment["VITCOURSE_WHOLE_CHAPTERS"] = "1"  # a check that was deleted is not solved
        code = subprocess.call([*command, *map(str, notebooks)], env=environment)
    return 0 if code == 0 else 1
