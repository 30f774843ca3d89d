"""Which notebooks there are and where: the course's originals, and the learner's copies."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from vitcourse.files import is_writable, written_whole
from vitcourse.learner import remembered

MY_NOTEBOOKS = Path("my_notebooks")
NOTEBOOK_PATTERN = "[0-9][0-9]_*.ipynb"
BACKUPS = "backups"  # in the learner's folder, visible: JupyterLab shows no hidden ones


def course_notebooks() -> list[Path]:
    """The course's own notebooks as students get them, in order.

    In a clone they are in `notebooks/` beside the package, in an installed wheel inside it.

    Raises FileNotFoundError if there are none.
    """
    clone = _clone()
    folder = (clone or course_location()) / "notebooks"
    notebooks = sorted(folder.glob(NOTEBOOK_PATTERN))
    if not notebooks:
        raise FileNotFoundError(
            f"The course's notebooks are missing: none in {folder}. Clone or install vitcourse "
            "again; authors write them with: python -m vitcourse.workshop.build"
        )
    return notebooks


def course_location() -> Path:
    """Which copy of the course this is: the folder of the package."""
    return Path(__file__).resolve().parents[1]


def _clone() -> Path | None:
    root = course_location().parent
    return root if (root / "pyproject.toml").is_file() else None


def learners_folder() -> Path:
    """Where the learner's notebooks are or, if there are none yet, where `lab` will make them.

    The first of these that there is:

    1. the current folder, if it has notebooks of the course;
    2. the folder that `lab` opened last, for this copy of the course;
    3. `my_notebooks` in the current folder, or in the clone, if it has notebooks of the course;
    4. the folder of another copy of the course that is gone since: the clone was deleted or moved,
       the environment was made anew;
    5. `my_notebooks` in the current folder, which is not there yet.

    So two clones, or two courses, side by side keep a folder each. To work in one folder with
    both, name it once for each: `python -m vitcourse lab FOLDER`.
    """
    here, noted, this = Path.cwd(), remembered.folders(), course_location()
    if has_notebooks(here):
        return here
    if this in noted and noted[this].is_dir():
        return noted[this]
    left_behind = [folder for course, folder in noted.items() if not course.is_dir()]
    usual = [place / MY_NOTEBOOKS for place in (here, _clone()) if place]
    return next(filter(has_notebooks, [*usual, *left_behind]), here / MY_NOTEBOOKS)


def folder_to_open() -> tuple[Path, list[str]]:
    """The learner's folder, or a new one if that cannot be used; and what to say about it."""
    folder, noted = learners_folder(), remembered.folders()
    last = noted.get(course_location())
    if folder.is_dir() and not is_writable(folder):
        said = [f"Your notebooks are in {folder}, but that folder cannot be written to."]
        return Path.cwd() / MY_NOTEBOOKS, said
    said = []
    if last and not last.is_dir():
        said.append(f"The folder of your notebooks is no longer there: {last}")
    if not folder.is_dir():
        said += [
            f"Another copy of the course, {course}, has its notebooks in {other}. "
            f'To work there: python -m vitcourse lab "{other}"'
            for course, other in noted.items()
            if course != course_location() and has_notebooks(other)
        ]
    return folder, said


def has_notebooks(folder: Path) -> bool:
    """Does a learner's folder lie here: copies of the course's notebooks, but no backup of them?"""
    originals = course_notebooks()
    if folder.resolve().is_relative_to(originals[0].parent.resolve()):  # the solutions, too
        return False
    if folder.parent.name == BACKUPS:
        return False
    return any((folder / original.name).is_file() for original in originals)


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
                note_handed_out(copy)
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


def handed_out(copy: Path) -> Path:
    """Where the notebook lies, untouched, that became the learner's `copy`: `update` compares."""
    return copy.parent / ".vitcourse" / "handed_out" / copy.name


def note_handed_out(copy: Path) -> None:
    """Note that the learner's `copy` is now of this version of the course."""
    (original,) = (n for n in course_notebooks() if n.name == copy.name)
    untouched = handed_out(copy)
    untouched.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(untouched) as beside:
        shutil.copyfile(original, beside)


def back_up(*notebooks: Path) -> Path:
    """Copy notebooks of one folder into a folder beside them, named by date and time; return it."""
    name = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    backups = notebooks[0].parent / BACKUPS
    names = (f"{name}{suffix}" for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    folder = next(backups / name for name in names if not (backups / name).exists())
    folder.mkdir(parents=True)
    try:
        for notebook in notebooks:
            shutil.copy2(notebook, folder)
    except OSError:  # half a backup would be taken for one
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def learners_notebook(wanted: str, folder: Path) -> Path:
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
    names = ", ".join(dict.fromkeys(n.name for n in seen)) or "none"
    raise ValueError(
        f"no notebook {wanted!r} in {folder} or here. There are: {names}. "
        "Give a number or a path; to get the notebooks, run: python -m vitcourse lab"
    )
