"""Which notebooks there are and where: the course's originals, and the learner's copies."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from vitcourse.files import written_whole

MY_NOTEBOOKS = Path("my_notebooks")
NOTEBOOK_PATTERN = "[0-9][0-9]_*.ipynb"


def course_notebooks() -> list[Path]:
    """The course's own notebooks as students get them, in order.

    In a clone they are in `notebooks/` beside the package, in an installed wheel inside it.

    Raises FileNotFoundError if there are none.
    """
    package = Path(__file__).resolve().parent
    is_clone = (package.parent / "pyproject.toml").is_file()
    folder = package.parent / "notebooks" if is_clone else package / "notebooks"
    notebooks = sorted(folder.glob(NOTEBOOK_PATTERN))
    if not notebooks:
        raise FileNotFoundError(
            f"The course's notebooks are missing: none in {folder}. Clone or install vitcourse "
            "again; authors write them with: python -m vitcourse.workshop.build"
        )
    return notebooks


def find_notebook(wanted: str, notebooks: Sequence[Path]) -> Path:
    """The one of `notebooks` that `wanted` means: "1", "01", "01_patch_embedding" or its file name.

    Raises ValueError, with a list of what there is, if none or several fit.
    """
    found = _matching(wanted, notebooks)
    if len(found) != 1:
        names = ", ".join(n.name for n in notebooks) or "none"
        how_many = "no notebook" if not found else "more than one notebook"
        raise ValueError(f"{how_many} {wanted!r}. There are: {names}")
    return found[0]


def _matching(wanted: str, notebooks: Sequence[Path]) -> list[Path]:
    stem = wanted.removesuffix(".ipynb")
    number = stem.zfill(2) if stem.isdecimal() else None
    return [n for n in notebooks if n.stem == stem or n.stem.partition("_")[0] == number]


def copy_notebooks(folder: Path) -> list[Path]:
    """Copy those of the course's notebooks that are not yet in `folder` into it; return these.

    What a learner has is never overwritten. To get a fresh copy of a notebook, rename the old
    one and call this again.

    Raises ValueError if `folder` is where the originals are, NotADirectoryError or
    PermissionError if it cannot be written to.
    """
    originals = course_notebooks()
    if folder.resolve() == originals[0].parent.resolve():
        raise ValueError(
            f"{folder} holds the course's originals, which must stay as they are. "
            f"Name another folder, for example: {MY_NOTEBOOKS}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        copies = []
        for original in originals:
            copy = folder / original.name
            if not os.path.lexists(copy):
                with written_whole(copy) as beside:
                    shutil.copyfile(original, beside)
                copies.append(copy)
        return copies
    except (FileExistsError, NotADirectoryError):
        raise NotADirectoryError(
            f"{folder} is not a folder. Name another one: python -m vitcourse lab FOLDER"
        ) from None
    except PermissionError:
        raise PermissionError(
            f"Cannot write into {folder.resolve()}. Name a folder of your own: "
            "python -m vitcourse lab FOLDER"
        ) from None


def learners_notebook(wanted: str, folder: Path = MY_NOTEBOOKS) -> Path:
    """The notebook that `wanted` means: a path, or a number, looked up in `folder`, then here.

    Raises ValueError, with a list of what there is.
    """
    if wanted.endswith(".ipynb") and Path(wanted).is_file():
        return Path(wanted).resolve()
    seen: list[Path] = []
    for place in (folder, Path()):
        here = sorted(place.glob(NOTEBOOK_PATTERN))
        if _matching(wanted, here):
            return find_notebook(wanted, here).resolve()
        seen += here
    names = ", ".join(str(n) for n in seen) or "none"
    raise ValueError(
        f"no notebook {wanted!r} in {folder} or here. There are: {names}. "
        "Give a number or a path; to get the notebooks, run: python -m vitcourse lab"
    )
