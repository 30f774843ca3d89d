"""Whose is a file? By the names that the places write where students hand in, or by the tree.

plain     Ada Lovelace_01_patch_embedding.ipynb, ada.ipynb, ada/01_patch_embedding.ipynb,
          ada.zip
nbgrader  submitted/ada/chapter01/01_patch_embedding.ipynb
Moodle    Ada Lovelace_1234567_assignsubmission_file_/01_patch_embedding.ipynb
Canvas    lovelaceada_LATE_12345_67890_01_patch_embedding-1.ipynb
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from vitcourse.contents import chapters
from vitcourse.grading.found import NOTEBOOK

MOODLE = re.compile(r"^(?P<name>.+)_(?P<id>\d+)_assignsubmission_\w+?_?$")
CANVAS = re.compile(r"^(?P<name>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_\d+_(?P<rest>.+)$")
AGAIN = re.compile(r"-(\d+)$")  # Canvas' count of hand-ins, at the end of the name
COPY = re.compile(r"[ _-]*(\(\d+\)|copy\d*)$", re.IGNORECASE)  # a browser's or JupyterLab's


@dataclass(frozen=True)
class Whose:
    """What a place says about its hand-in."""

    student: str
    identifier: str = ""
    late: bool = False
    again: int = 0  # the how-manieth hand-in, where the platform counts


def owners_of(paths: Sequence[tuple[str, ...]]) -> list[Whose | None]:
    """Whose file each of these is; None for files that belong to nobody."""
    owners = [_by_platform(parts) for parts in paths]
    rest = [i for i, whose in enumerate(owners) if whose is None]
    for i, student in _by_layout({i: paths[i] for i in rest}).items():
        owners[i] = Whose(student)
    return owners


def _by_platform(parts: tuple[str, ...]) -> Whose | None:
    for part in parts:
        if moodle := MOODLE.match(part):
            return Whose(moodle["name"].strip(), moodle["id"])
    for part in parts:
        if canvas := CANVAS.match(part):
            stem = COPY.sub("", canvas["rest"].removesuffix(NOTEBOOK))
            again = AGAIN.search(stem)
            late = canvas["late"] is not None
            return Whose(canvas["name"], canvas["id"], late, int(again[1]) if again else 0)
    if "submitted" in parts[:-2]:
        return Whose(parts[parts.index("submitted") + 1])
    return None


def _by_layout(paths: dict[int, tuple[str, ...]], outer: str = "") -> dict[int, str]:
    """Students by the shape of the tree: a folder each, or a file each, or a folder of these."""
    notebooks = {i: parts for i, parts in paths.items() if parts[-1].lower().endswith(NOTEBOOK)}
    flat = {i: _rest(parts[-1]) for i, parts in notebooks.items() if len(parts) == 1}
    folders: dict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
    for i, parts in paths.items():
        if len(parts) > 1:
            folders[parts[0]][i] = parts[1:]
    owners: dict[int, str] = {}
    for i, rest in flat.items():
        owners[i] = rest or outer or notebooks[i][-1].removesuffix(NOTEBOOK)
    for name, inside in folders.items():
        is_wrapped = len(folders) == 1 and not flat and any(len(p) > 1 for p in inside.values())
        if is_wrapped or _is_of_a_class(inside):
            inner = _by_layout(inside, outer or _rest(name))
            many = len({owner for i, owner in inner.items() if i in notebooks}) > 1
            if many:
                owners |= inner
                continue
        owners |= dict.fromkeys(
            inside, outer if len(folders) == 1 and outer else _rest(name) or name
        )
    return owners


def _is_of_a_class(paths: dict[int, tuple[str, ...]]) -> bool:
    """Do the files right in a folder carry names of several students?"""
    notebooks = (parts[0] for parts in paths.values() if len(parts) == 1)
    names = {_rest(name) for name in notebooks if name.lower().endswith(NOTEBOOK)} - {""}
    return len(names) > 1 and len(names) > sum(name in _numbers() for name in names)


@cache
def _numbers() -> frozenset[str]:
    return frozenset(stem[:2] for stem in _course_stems())


def _rest(name: str) -> str:
    """What a name says besides the chapter: "ada_01_patch_embedding (1).ipynb" -> "ada"."""
    stem = COPY.sub("", re.sub(rf"\{NOTEBOOK}$", "", name, flags=re.IGNORECASE))
    for known in _course_stems():
        stem = re.sub(re.escape(known), "", stem, flags=re.IGNORECASE)
    return stem.strip(" _-.")


def chapter_of_name(parts: Sequence[str]) -> str:
    """By the name of the file, or else of the folder it is in."""
    for part in reversed(parts):
        for stem in _course_stems():
            if stem in part.casefold():
                return stem[:2]
        if found := re.search(
            r"(?:chapter|notebook|ch|nb)[ _-]?0?(\d{1,2})(?!\d)", part.casefold()
        ):
            return found[1].zfill(2)
    return ""


@cache
def _course_stems() -> tuple[str, ...]:
    return tuple(chapter.notebook.removesuffix(NOTEBOOK) for chapter in chapters())
