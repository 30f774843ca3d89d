"""`python3 -m vitcourse lab` in a fresh clone: make the course's own environment, continue in it.

It uses only Python's own library, and nothing that an old Python could not parse.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CLONE = Path(__file__).resolve().parents[1]
ENVIRONMENT = CLONE / ".venv"


def run_in_own_environment(arguments: list[str]) -> int:
    """Run `vitcourse` with these arguments in .venv, made first if it is not there; its exit code.

    Called where the course is not installed. Where somebody has activated an environment, or in
    conda's, nothing is installed unasked: that exits with a message that says what to type.
    """
    activated = sys.prefix != sys.base_prefix or (Path(sys.prefix) / "conda-meta").is_dir()
    if activated or not (CLONE / "pyproject.toml").is_file():
        sys.exit(
            f"vitcourse is not installed in this Python ({sys.executable}).\n"
            "Activate the environment that you made for it; if it is active already, run:\n"
            "    python -m pip install -e ."
        )
    python = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not _has_course(python):
        print(f"Making the course's environment, {ENVIRONMENT} (once; it takes some minutes).")
        _make(python)
    return subprocess.call([str(python), "-m", "vitcourse", *arguments], cwd=os.getcwd())


def _has_course(python: Path) -> bool:
    try:
        return subprocess.call([str(python), "-c", "import typer, torch, jupyterlab"]) == 0
    except OSError:
        return False


def _make(python: Path) -> None:
    steps = [
        [sys.executable, "-m", "venv", str(ENVIRONMENT)],
        [str(python), "-m", "pip", "install", "-e", str(CLONE)],
    ]
    for step in steps:
        if subprocess.call(step) != 0:
            sys.exit(
                f"This failed: {' '.join(step)}\n"
                "What it printed above says why. On Debian and Ubuntu, venv is a package of its "
                "own: sudo apt install python3-venv. The README has other ways to set up."
            )
