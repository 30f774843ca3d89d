"""Colab: what a notebook needs there, besides what its first cell has fetched.

Colab brings torch and nearly everything else, in versions of its own that must stay: an ordinary
install would replace the packages of its kernel and break the session. So the first cell of each
notebook installs the course alone (`pip install --no-deps`) and calls `set_up`.

That cell is written by `vitcourse.workshop.colab_cell`, from the course's address, which stands in
one place: `[project.urls]` in pyproject.toml.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import vitcourse
from vitcourse.learner import kernel

# JupyterLab, and the checks of whole files in a terminal: Colab has no use for either.
NOT_NEEDED = frozenset({"jupyterlab", "nbval"})
# Colab's own, older than ours and good enough; another version would break the session.
LEFT_ALONE = frozenset({"ipykernel", "ipywidgets"})
MOUNT = Path("/content/drive")
FOLDER = "MyDrive/vitcourse"
ON_DRIVE = "Your answers are kept on your Google Drive, in the folder vitcourse, for all chapters."
FOR_NOW = (
    "Your solved answers are kept in my_vit.py, but only until this session ends. To keep them for "
    "longer, and for the other chapters, write drive=True in this cell and run it again (they then "
    "go to your Google Drive), or download my_vit.py (Files, on the left) and upload it next time."
)
THIS_NOTEBOOK = "To keep this notebook, too: File > Save a copy in Drive."


def in_colab() -> bool:
    """Is this Colab: its kernel, or a command that was started there?"""
    return "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ


def refuse_there(instead: str) -> None:
    """For a command that cannot work in Colab: raise ValueError, which says what to do instead."""
    if in_colab():
        raise ValueError(f"in Colab, {instead}")


def set_up(drive: bool = False) -> None:
    """Make this Colab session ready for the course; say where answers are kept.

    With `drive=True` they are kept on the learner's Google Drive, which asks for permission first.
    """
    from google.colab import output

    if names := missing():
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", *names])
    output.enable_custom_widget_manager()  # without it, Colab draws no sliders and no explorer
    kept = _work_on_drive() if drive else FOR_NOW
    print(f"vitcourse {vitcourse.__version__} is ready.", kept, THIS_NOTEBOOK, sep="\n")


def missing() -> list[str]:
    """The packages that the course needs in Colab and that are not there."""
    lines = [line for line in metadata.requires("vitcourse") or [] if "extra ==" not in line]
    return [line for line in lines if not _is_there(line.split(">=")[0])]


def _is_there(name: str) -> bool:
    if name in NOT_NEEDED:
        return True
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _work_on_drive() -> str:
    """Move to the course's folder on Google Drive, with what was kept so far; what to say."""
    from google.colab import drive

    folder = MOUNT / FOLDER
    try:
        drive.mount(str(MOUNT))
        folder.mkdir(exist_ok=True)
        left = _bring(kernel.home(), folder)
        kernel.move_to(folder)
    except Exception as error:  # refused, timed out, full: Colab raises many kinds
        return f"Google Drive cannot be used ({error}). {FOR_NOW}"
    return " ".join([ON_DRIVE, *left])


def _bring(before: Path, folder: Path) -> list[str]:
    """Copy a learner's files, but over nothing; what to say of those that stay."""
    said = []
    for file in sorted(before.glob("my_*")):
        there = folder / file.name
        if not there.exists():
            shutil.copy2(file, there)
        elif file.read_bytes() != there.read_bytes():
            said.append(f"It has another {file.name} already; this session's stays in {before}.")
    return said
