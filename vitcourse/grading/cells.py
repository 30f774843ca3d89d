"""The code cells of a notebook that was handed in, and which chapter they are of."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from vitcourse.contents import chapters

EXERCISE_OR_CHECK = re.compile(r"^(?:exercise|check)-(\w+)-(\d+)$")  # nbgrader's names of cells
DEFINES = re.compile(r"^(?:def|class)\s+(\w+)", re.MULTILINE)
MOST_CELLS, MOST_CODE = 5_000, 2_000_000


@dataclass(frozen=True)
class Cell:
    source: str
    exercise: str | None = None  # which one it answers, if the course's metadata is still there
    check: str | None = None  # which one it checks


def read_cells(data: bytes) -> tuple[Cell, ...]:
    """The code cells of a notebook file. Raises ValueError if it is none."""
    if not data.strip():
        raise ValueError("the file is empty")
    try:
        cells = json.loads(data.decode("utf-8-sig"))["cells"]
        read = tuple(_cell(cell) for cell in cells if cell.get("cell_type") == "code")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValueError("it is not a notebook, or it is damaged") from None
    if len(read) > MOST_CELLS or sum(len(cell.source) for cell in read) > MOST_CODE:
        raise ValueError("it has more code than any notebook of the course")
    return read


def _cell(cell: dict) -> Cell:
    source = cell.get("source", "")
    source = source if isinstance(source, str) else "".join(source)
    source = source.encode("utf-8", "replace").decode()  # half a character cannot be written
    metadata = cell.get("metadata") or {}
    exercise, check = metadata.get("exercise"), metadata.get("check")
    nbgrader = metadata.get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    if named := EXERCISE_OR_CHECK.match(str(grade_id)):
        number = f"{named[1]}.{named[2]}"
        exercise = exercise or (number if str(grade_id).startswith("exercise") else None)
        check = check or (number if str(grade_id).startswith("check") else None)
    return Cell(source, *(x if isinstance(x, str) else None for x in (exercise, check)))


def chapter_of_cells(cells: Iterable[Cell]) -> str:
    """By what the course wrote into the cells; "" if nothing is left of it."""
    found = Counter(
        number.partition(".")[0].zfill(2)
        for cell in cells
        for number in (cell.exercise, cell.check)
        if number
    )
    return found.most_common(1)[0][0] if found else ""


def chapter_of_code(cells: Iterable[Cell]) -> str:
    """By what is defined in it."""
    chapter_of = {entry.name: c.number for c in chapters() for entry in c.exercises}
    names = {name for cell in cells for name in DEFINES.findall(cell.source)}
    found = Counter(chapter_of[name] for name in sorted(names) if name in chapter_of)
    return found.most_common(1)[0][0] if found else ""
