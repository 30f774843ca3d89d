"""An autograder for Gradescope: `python -m vitcourse.workshop.gradescope`.

It writes the archive to upload at Gradescope's "Configure Autograder": the course as a wheel, the
script that installs it, and the one that grades a hand-in.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from vitcourse.grading.platforms.gradescope import write_autograder

REPOSITORY = Path(__file__).resolve().parents[2]


def main(
    out: Annotated[Path, typer.Option(help="Where the archive goes.")] = Path("autograder.zip"),
) -> None:
    """Build the course and pack it with Gradescope's two scripts."""
    with TemporaryDirectory() as place:
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
        done = subprocess.run(
            [*build, "--directory", place], cwd=REPOSITORY, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"the course could not be packed:\n{done.stderr}")
        (wheel,) = Path(place).glob("*.whl")
        write_autograder(wheel, out)
    typer.echo(f"Written: {out}, {out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    typer.run(main)
