"""Canvas: a file for the gradebook's "Import", made from its own "Export".

Canvas finds a student by ID, then by SIS User ID and SIS Login ID. It changes only the students and
the assignments that are in the file, so the file has those that were graded and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from vitcourse.grading.platforms.sheet import (
    Sheet,
    as_number,
    in_points,
    matched,
    read_sheet,
    unique,
)
from vitcourse.grading.report import chapter_title
from vitcourse.grading.results import Graded
from vitcourse.grading.tables import possible_points

POSSIBLE = "Points Possible"
NAMES = {"Student", "LastName", "FirstName"}
IDS = ("ID", "SIS User ID", "SIS Login ID")
NUMBER_OF_ASSIGNMENT = re.compile(r"\s*\(\d+\)$")


def assignment_name(chapter: str) -> str:
    return f"vitcourse {chapter_title(chapter)}"


def write_canvas(
    results: Iterable[Graded], export: Path, path: Path, assignment: str | None = None
) -> list[str]:
    """Write the points of one chapter or of several for Canvas, a column for each.

    `export` is the gradebook as Canvas exports it. A column goes to the assignment of that name;
    if there is none, Canvas asks whether to make it. `assignment` names it where there is only one
    chapter. Where the assignment exists, points are scaled to what it is worth.

    Returns what there is to tell, such as which students are not in the gradebook. Raises
    ValueError if `export` is no gradebook.
    """
    by_chapter: dict[str, list[Graded]] = {}
    for graded in results:
        by_chapter.setdefault(graded.chapter, []).append(graded)
    if assignment is not None and len(by_chapter) != 1:
        raise ValueError(f"assignment={assignment!r}: there are {len(by_chapter)} chapters")
    sheet = read_sheet(export, "--canvas", "a gradebook exported by Canvas", ("ID", "Section"))
    about = sheet.heads.index("Section") + 1  # what tells students apart; assignments come after
    known = _students(sheet)
    rows: dict[int, list[str]] = {}
    said: list[str] = []
    heads, possible_row = sheet.heads[:about], [f"    {POSSIBLE}"] + [""] * (about - 1)
    for chapter, those in sorted(by_chapter.items()):
        name = assignment or assignment_name(chapter)
        column = _column(sheet, name)
        if column is None:
            said.append(
                f"{path.name} has a new column {name!r}: your gradebook has no assignment of that "
                "name. To fill in one that exists, call it that in Canvas and export again"
            )
        most = max([possible_points(chapter), *(len(g.answers) for g in those)])
        worth = _possible(sheet, column) or most
        found, told = matched(those, known, path.name)
        said += told
        for row, its in found.items():
            cells = rows.setdefault(row, sheet.rows[row][:about] + [""] * (len(heads) - about))
            cells.append(in_points(its.points, most, worth))
        heads.append(sheet.heads[column] if column else name)
        possible_row.append(in_points(1, 1, worth))
        for cells in rows.values():
            cells += [""] * (len(heads) - len(cells))
    sheet.write(path, [heads, possible_row, *(rows[row] for row in sorted(rows))], NAMES)
    return list(dict.fromkeys(said))


def _students(sheet: Sheet) -> list[dict[str, int]]:
    """The rows by ID, by the other numbers, by name."""
    rows = [(i, row) for i, row in enumerate(sheet.rows) if _is_student(row)]
    columns = [place for head in IDS if (place := sheet.column(head)) is not None]
    keys = [unique((i, row[place]) for i, row in rows) for place in columns]
    first, last = sheet.column("FirstName"), sheet.column("LastName")
    if first is not None and last is not None:
        return [*keys, unique((i, f"{row[first]} {row[last]}") for i, row in rows)]
    return [*keys, unique((i, row[0]) for i, row in rows)]


def _is_student(row: list[str]) -> bool:
    return POSSIBLE not in row[0] and any(cell.strip() for cell in row[:2])


def _column(sheet: Sheet, name: str) -> int | None:
    """Canvas writes "Essay (4711)" for the assignment "Essay"."""
    named = [i for i, head in enumerate(sheet.heads) if NUMBER_OF_ASSIGNMENT.sub("", head) == name]
    if len(named) > 1:
        raise ValueError(
            f"--canvas {sheet.path}: there are {len(named)} assignments called {name!r}; "
            "rename one of them in Canvas and export again"
        )
    return named[0] if named else None


def _possible(sheet: Sheet, column: int | None) -> float | None:
    row = next((row for row in sheet.rows if POSSIBLE in row[0]), None)
    return as_number(row[column]) if row and column is not None else None
