"""What the tests of the set-up share: this repository, and a small clone to play with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from vitcourse.learner import notebook_files

REPOSITORY = Path(__file__).resolve().parents[2]


def notebook_of(*cells: str) -> str:
    """A notebook with these code cells, as text."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return nbformat.writes(notebook)


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch) -> Path:
    """Where the course remembers a learner's folder: not where that of whoever runs this is."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture
def make_notebook():
    return notebook_of


@pytest.fixture
def tracked_copy(tmp_path) -> Path:
    """A copy of this repository without what git ignores: what a fresh clone would hold."""
    if shutil.which("git") is None or not (REPOSITORY / ".git").exists():
        pytest.skip("needs git and a clone: which files belong to the repository is git's to say")
    # --others: a file that is about to be committed counts.
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    copy = tmp_path / "copy"
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, copy / name)
    return copy


@pytest.fixture
def clone(tmp_path) -> Path:
    """A clone with the real package and two tiny notebooks in place of the real ones."""
    clone = tmp_path / "clone"
    clone.mkdir()
    shutil.copytree(
        REPOSITORY / "vitcourse", clone / "vitcourse", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(REPOSITORY / "pyproject.toml", clone)
    for folder in ("source", "solutions"):
        (clone / "notebooks" / folder).mkdir(parents=True)
    for name in ("00_tour", "01_patch_embedding"):
        text = notebook_of(f"print({name!r})")
        (clone / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    (clone / "notebooks" / "solutions" / "00_tour.ipynb").write_text("{}", encoding="utf-8")
    return clone


@pytest.fixture
def course(clone, monkeypatch) -> Path:
    """The folder of the clone's notebooks; the functions under test take it for the course's."""
    package = clone / "vitcourse" / "learner" / "notebook_files.py"
    monkeypatch.setattr(notebook_files, "__file__", str(package))
    return clone / "notebooks"


@pytest.fixture
def vitcourse(clone):
    """Run `python -m vitcourse ...` in the clone, as a learner does."""

    def run(*arguments: object, cwd: Path = clone, **environment: str):
        return subprocess.run(
            [sys.executable, "-m", "vitcourse", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(clone), "NO_COLOR": "1", **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run
