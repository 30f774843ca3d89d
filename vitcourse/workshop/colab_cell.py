"""The first code cell of each notebook: in Colab it fetches the course, elsewhere it does nothing.

It is the same in all notebooks. The build puts it there, with the address from pyproject.toml
(`[project.urls] Repository`) and the tag of this version. While the address is the placeholder,
the cell says so in Colab, and what to do about it.
"""

import tomllib
from pathlib import Path

import nbformat

import vitcourse
from vitcourse.places.links import ARCHIVE, OWNER_AND_NAME

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
PLACEHOLDER = "OWNER"
TAG = "colab-setup"

HEAD = """\
# Colab fetches the course here. Anywhere else, this cell does nothing.
import sys

if "google.colab" in sys.modules:
"""
FETCH = """\
    COURSE = "{archive}"
    get_ipython().system(f"{{sys.executable}} -m pip install -q --no-deps {{COURSE}}")
    from vitcourse.places.colab import set_up

    set_up(drive=False)  # drive=True keeps your answers on your Google Drive
"""
NOWHERE = """\
    raise RuntimeError(
        "Colab cannot fetch the course: this copy does not say from where. "
        "Whoever published it finds how to in pyproject.toml, at [project.urls]."
    )
"""


def repository() -> str | None:
    """The course's repository on GitHub, OWNER/NAME; None while it is the placeholder.

    Raises ValueError if pyproject.toml has an address of another form.
    """
    urls = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["urls"]
    address = urls["Repository"]
    name = address.removeprefix("https://github.com/")
    if name == address or not OWNER_AND_NAME.fullmatch(name):
        raise ValueError(
            f"pyproject.toml: Repository is {address!r}; Colab can open notebooks from GitHub "
            "alone, so it must be https://github.com/OWNER/NAME"
        )
    return None if name.startswith(f"{PLACEHOLDER}/") else name


def source(archive: str | None) -> str:
    """The cell's text, with the address of the archive that it fetches."""
    return (HEAD + (FETCH.format(archive=archive) if archive else NOWHERE)).rstrip()


def insert(notebook: nbformat.NotebookNode) -> None:
    """Put the cell before the first code cell."""
    repo = repository()
    archive = ARCHIVE.format(repo=repo, tag=f"v{vitcourse.__version__}") if repo else None
    cell = nbformat.v4.new_code_cell(source(archive))
    cell.metadata["tags"] = [TAG, "nbval-ignore-output"]
    kinds = [cell.cell_type for cell in notebook.cells]
    notebook.cells.insert(kinds.index("code"), cell)
