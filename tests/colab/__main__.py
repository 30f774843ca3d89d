"""`python -m tests.colab [01 02 ...]`: all notebooks in Colab's environment, as a table."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tests.colab import rehearsal

PYTHON = "3.12"
PATIENCE = 60  # seconds for the first cell


def environment(folder: Path) -> str:
    """A virtual environment with Colab's versions in `folder`, made if it is not there: its Python.

    With pip, by which the notebooks fetch the course.
    """
    python = folder / "bin" / "python"
    if not python.exists():
        uv = [sys.executable, "-m", "uv"]
        versions = rehearsal.HERE / "versions.txt"
        subprocess.run([*uv, "venv", "--seed", "--python", PYTHON, str(folder)], check=True)
        install = ["pip", "install", "--python", str(python), "-r", str(versions)]
        subprocess.run([*uv, *install], check=True)
    return str(python)


def main(
    numbers: Annotated[list[str] | None, typer.Argument(help="Chapters; else all")] = None,
    environment_folder: Annotated[
        Path | None, typer.Option("--environment", help="Where it is, or will be, made; several GB")
    ] = None,
    quick: Annotated[bool, typer.Option(help="Train for a few steps only")] = False,
) -> None:
    """Run each chapter twice, solved and as handed out; exit code 1 if something went wrong."""
    training = {"VITCOURSE_QUICK": "1"} if quick else {}
    numbers = numbers or [path.stem[:2] for path in sorted(rehearsal.SOURCES.glob("*.py"))]
    wrong = []
    with tempfile.TemporaryDirectory() as scratch:
        python = environment(environment_folder or Path(scratch) / "environment")
        course = rehearsal.archive(Path(scratch) / "course.zip").as_uri()
        print("notebook            went well   set-up    all   peak")
        for number in numbers:
            for solved in (True, False):
                name = f"{number} {'solved' if solved else 'as handed out'}"
                notebook = rehearsal.notebook(number, solved=solved, course=course)
                result = rehearsal.run(name, notebook, python, Path(scratch) / name, **training)
                print(row(result), flush=True)
                wrong += faults(result)
    if wrong:
        print("", *wrong, sep="\n")
        raise SystemExit(1)


def row(result: rehearsal.Result) -> str:
    well = "no" if faults(result) else "yes"
    times = f"{result.set_up:4.0f} s {result.seconds:4.0f} s"
    return f"{result.name:<20}{well:<11}{times:>15} {result.peak / 1e6:4.0f} MB"


def faults(result: rehearsal.Result) -> list[str]:
    """Whatever a learner in Colab would see and should not."""
    found = [*result.errors, *(f"on stderr: {text}" for text in result.warnings)]
    if result.set_up > PATIENCE:
        found.append(f"the first cell took {result.set_up:.0f} s")
    if result.undrawn:
        found.append(f"{result.undrawn} widgets would not be drawn")
    if result.name.endswith(" solved") and result.refused:
        found.append(f"not accepted: {', '.join(result.refused)}")
    return [f"{result.name}: {fault}" for fault in found]


if __name__ == "__main__":
    typer.run(main)
