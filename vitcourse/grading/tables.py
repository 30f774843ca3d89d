"""`grades.csv` and `totals.csv`, for spreadsheets.

They begin with a byte order mark: without one, Excel takes the letters of a name for those of an
old code page. LibreOffice and Numbers read them either way, pandas and R, too; Python's own
`csv` needs `encoding="utf-8-sig"`.

A spreadsheet computes a cell that begins like a formula, and formulas can start programs. Names
and texts come from students, so such a cell gets an apostrophe in front, which makes it text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from vitcourse.contents import chapters
from vitcourse.files import written_whole
from vitcourse.grading.results import Graded

GRADES = ("student", "name", "chapter", "exercise", "verdict", "mistake", "points", "remarks")
# Also behind a separator: in some countries Excel cuts cells at semicolons, whatever the quotes.
FORMULA = re.compile(r"(?:^|(?<=[;,\t\r\n]))(?=[\s\"]*[=+\-@＝＋－＠\t\r])")
NUMBER = re.compile(r"-|[+-]?\d+([.,]\d+)?")
UTF8_FOR_EXCEL = "utf-8-sig"


def write_grades(results: Iterable[Graded], path: Path) -> None:
    """A row for each answer; a hand-in in which nothing could be judged has a row as well."""
    rows = []
    for graded in results:
        known = (graded.student, graded.name, _shown(graded.chapter))
        remarks = "; ".join(graded.remarks)
        for answer in graded.answers:
            verdict = (answer.exercise, answer.verdict, answer.mistake, answer.points)
            rows.append((*known, *verdict, remarks))
        if not graded.answers:
            rows.append((*known, "", "", "", 0, remarks))
    write_csv(path, [GRADES, *map(_as_text, rows)])


def write_totals(results: Iterable[Graded], path: Path) -> None:
    """A row for each student, a column for each chapter that was handed in."""
    points: dict[tuple[str, str], dict[str, int]] = {}
    asked: dict[str, int] = {}  # a teacher's own exercises are not in the contents
    for graded in results:
        points.setdefault((graded.student, graded.name), {})[graded.chapter] = graded.points
        asked[graded.chapter] = max(asked.get(graded.chapter, 0), len(graded.answers))
    columns = sorted({chapter for its in points.values() for chapter in its})
    most = {chapter: possible_points(chapter) or asked[chapter] for chapter in columns}
    heads = [f"chapter {_shown(chapter)} (of {most[chapter]})" for chapter in columns]
    rows = [
        (*student, *(its.get(chapter, "") for chapter in columns), sum(its.values()))
        for student, its in points.items()
    ]
    heads = ["student", "name", *heads, f"total (of {sum(most.values())})"]
    write_csv(path, [heads, *map(_as_text, rows)])


def _shown(chapter: str) -> str:
    """ "A" for "0A", which stands for a teacher's own A.1, A.2, ..."""
    return chapter if chapter.isdecimal() else chapter.removeprefix("0")


def possible_points(chapter: str) -> int:
    """One point for each exercise of the chapter; 0 for a chapter that the course does not have."""
    return sum(len(known.exercises) for known in chapters() if known.number == chapter)


def write_csv(
    path: Path, rows: Iterable[Sequence[object]], encoding: str = UTF8_FOR_EXCEL, separator=","
) -> None:
    """The rows as they are: what students have written must be `defused` by then."""
    text = io.StringIO()
    table = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    for row in rows:
        table.writerow(row)
    with written_whole(path) as beside:
        # A name from a broken archive may hold what UTF-8 has no form for.
        beside.write_bytes(text.getvalue().encode(encoding, "replace"))


def _as_text(row: Sequence[object]) -> list[object]:
    return [defused(cell) if isinstance(cell, str) else cell for cell in row]


def defused(text: str) -> str:
    """The text, with an apostrophe wherever a spreadsheet would begin to compute.

    Numbers, and the single dash that learning platforms write, stay as they are.
    """
    return text if NUMBER.fullmatch(text) else FORMULA.sub("'", text)
