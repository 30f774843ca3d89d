"""Moodle: its grading worksheet ("Download grading worksheet"), filled in, to be uploaded again.

Moodle finds a student by `Identifier` ("Participant 1234567", the number that is also in the name
of the hand-in's folder), takes `Grade` and `Feedback comments`, and leaves a student alone whose
grade has changed since the download. All other cells stay as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from vitcourse.grading.feedback import as_html
from vitcourse.grading.platforms.sheet import (
    Sheet,
    as_number,
    in_points,
    matched,
    read_sheet,
    some_of,
    unique,
)
from vitcourse.grading.report import chapter_title
from vitcourse.grading.results import Graded
from vitcourse.grading.tables import possible_points

IDENTIFIER, GRADE, MAXIMUM = "Identifier", "Grade", "Maximum grade"
MODIFIED, FEEDBACK, CAN_CHANGE = (
    "Last modified (grade)",
    "Feedback comments",
    "Grade can be changed",
)
OTHER_KEYS = ("ID number", "Email address", "Username", "Full name")
NAMES = {"Full name"}
# Where Excel cuts cells at semicolons, text behind one can be a formula; for HTML it is the same.
FORMULA = re.compile(r"(?<=[;,\t\r\n])(\s*)([=+\-@])")
COMMA = re.compile(r"\d+,\d+")


def write_moodle(results: Iterable[Graded], worksheet: Path, path: Path) -> list[str]:
    """Fill in grades and, if the worksheet has the column, feedback.

    Points are scaled to "Maximum grade". What a teacher has written to a student stays, above the
    feedback. Returns what there is to tell, such as which students are not in the worksheet.

    Raises ValueError if `worksheet` is no worksheet of Moodle's (in English), or if there are
    several chapters: a worksheet is for one assignment.
    """
    results = list(results)
    numbers = sorted({graded.chapter for graded in results})
    if len(numbers) > 1:
        raise ValueError(
            f"--moodle {worksheet}: a worksheet is for one assignment, and there are hand-ins for "
            f"chapters {', '.join(numbers)}; choose one with --chapter"
        )
    needed = (IDENTIFIER, GRADE, MODIFIED)
    what = "a grading worksheet of Moodle's in English"
    sheet = read_sheet(worksheet, "--moodle", what, needed)
    found, said = matched(results, _students(sheet), path.name)
    said += _without_locked(sheet, found, path.name)
    most = max([possible_points(n) for n in numbers] + [len(g.answers) for g in results], default=0)
    for row, graded in found.items():
        _fill_in(sheet, sheet.rows[row], graded, most)
    sheet.write(path, [sheet.heads, *sheet.rows], NAMES)
    return said


def _students(sheet: Sheet) -> list[dict[str, int]]:
    """The rows by number, and by what else may be in the worksheet."""
    place = sheet.heads.index(IDENTIFIER)
    numbers = ((i, re.sub(r"^\D*", "", row[place])) for i, row in enumerate(sheet.rows))
    others = [at for head in OTHER_KEYS if (at := sheet.column(head)) is not None]
    return [
        unique(numbers),
        *(unique((i, row[at]) for i, row in enumerate(sheet.rows)) for at in others),
    ]


def _without_locked(sheet: Sheet, found: dict[int, Graded], file: str) -> list[str]:
    """Take out the students whose grade Moodle would not change; say who they are."""
    place = sheet.column(CAN_CHANGE)
    if place is None:
        return []
    locked = [found.pop(row) for row in list(found) if sheet.rows[row][place].strip() == "No"]
    names = some_of([graded.name for graded in locked])
    return [f"{file} leaves out those for whom {CAN_CHANGE!r} is No: {names}"] if locked else []


def _fill_in(sheet: Sheet, row: list[str], graded: Graded, most: int) -> None:
    maximum = sheet.column(MAXIMUM)
    if maximum is None:  # older versions write "Maximum Grade"
        maximum = sheet.column(MAXIMUM.title())
    worth = (as_number(row[maximum]) if maximum is not None else None) or most
    comma = maximum is not None and bool(COMMA.fullmatch(row[maximum]))
    row[sheet.heads.index(GRADE)] = in_points(graded.points, most, worth, comma)
    place = sheet.column(FEEDBACK)
    if place is not None:
        ours = f"<p>{_title(graded)}</p>"
        before = row[place].partition(ours)[0]  # without what an earlier run has written
        row[place] = before + ours + FORMULA.sub(_as_entity, as_html(graded))


def _as_entity(found: re.Match) -> str:
    return f"{found[1]}&#{ord(found[2])};"


def _title(graded: Graded) -> str:
    return f"vitcourse, {chapter_title(graded.chapter)}:"
