"""A table that a platform has written: read, matched with the hand-ins, written back alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vitcourse.grading.results import NOT_JUDGED, Graded
from vitcourse.grading.tables import UTF8_FOR_EXCEL, defused, write_csv

MARK = "\ufeff"
MOST_NAMED = 5  # students, in a line of the terminal


@dataclass
class Sheet:
    """Its heads, its rows, and how the file was written."""

    path: Path
    heads: list[str]
    rows: list[list[str]]
    encoding: str
    separator: str

    def column(self, head: str) -> int | None:
        return self.heads.index(head) if head in self.heads else None

    def write(self, path: Path, rows: Iterable[list[str]], written_by_students: set[str]) -> None:
        """These rows in the file's own form; in some columns, no cell is a formula.

        They are columns that the platform does not read. In all others, a change would be a
        change of the gradebook.
        """
        unsafe = [place for place, head in enumerate(self.heads) if head in written_by_students]
        rows = [row.copy() for row in rows]
        for row in rows:
            for place in unsafe:
                row[place] = defused(row[place])
        write_csv(path, rows, self.encoding, self.separator)


def read_sheet(path: Path, option: str, what: str, needed: Sequence[str]) -> Sheet:
    """Raises ValueError if this is not the table that `option` takes; `what` is its name."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ValueError(f"{option} {path}: it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(
            f"{option} {path}: it is not UTF-8 text; give the file as it was downloaded, not one "
            "that a spreadsheet has saved again"
        ) from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    encoding = UTF8_FOR_EXCEL if text.startswith(MARK) else "utf-8"
    lines = io.StringIO(text.removeprefix(MARK), newline="")
    heads, *rows = [row for row in csv.reader(lines, delimiter=separator) if any(row)] or [[]]
    missing = [head for head in needed if head not in heads]
    if missing:
        raise ValueError(
            f"{option} {path}: this is not {what}: it has no column {', '.join(missing)}. "
            f"Its columns: {', '.join(heads) or 'none'}"
        )
    rows = [row + [""] * (len(heads) - len(row)) for row in rows]
    return Sheet(path, heads, rows, encoding, separator)


def matched(
    results: Iterable[Graded], keys: Sequence[dict[str, int]], file: str
) -> tuple[dict[int, Graded], list[str]]:
    """Which hand-in belongs to which row, and what to tell about those without one.

    `keys` find a row, the surest first. A grade never goes to somebody else: a student who is not
    in the table, or not to be told apart there, gets none. Nor does one whose hand-in could not be
    judged: whether that is worth 0 points, a teacher decides.
    """
    found: dict[int, Graded] = {}
    strangers, doubles, unjudged = [], [], []
    for graded in results:
        row = _row(graded, keys)
        if all(answer.verdict == NOT_JUDGED for answer in graded.answers):
            unjudged.append(graded)
        elif row is None:
            strangers.append(graded)
        elif row in found:
            doubles.append(graded)
        else:
            found[row] = graded
    reasons = (
        ("students who are not in your table", strangers),
        ("whose row another hand-in has", doubles),
        ("of which nothing could be judged", unjudged),
    )
    return found, [f"{file} leaves out {why}: {_listed(g)}" for why, g in reasons if g]


def unique(rows: Iterable[tuple[int, str]]) -> dict[str, int]:
    """Rows by what is written in them, as far as that is in one row only."""
    seen: dict[str, list[int]] = {}
    for row, text in rows:
        if key := plain(text):
            seen.setdefault(key, []).append(row)
    return {key: places[0] for key, places in seen.items() if len(places) == 1}


def plain(text: str) -> str:
    """ "Lovelace, Ada" and "ada  lovelace" are the same name."""
    last, comma, first = text.partition(",")
    return " ".join(f"{first} {last}".split() if comma else text.split()).casefold()


def in_points(points: int, of: int, possible: float, comma: bool = False) -> str:
    """The points on a platform where `possible` are to be had: "3", or "7.5" where 10 are."""
    worth = round(points * possible / of, 2) if of else 0
    text = f"{worth:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


def as_number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _row(graded: Graded, keys: Sequence[dict[str, int]]) -> int | None:
    for key in keys:
        for known in (graded.identifier, graded.student, graded.name):
            if plain(known) in key:
                return key[plain(known)]
    return None


def some_of(names: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _listed(results: list[Graded]) -> str:
    return some_of([f"{graded.name} ({graded.file})" for graded in results])
