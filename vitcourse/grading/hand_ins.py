"""Hand-ins: which notebooks of a folder count, each with its student, chapter and remarks."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile
from pathlib import Path

from vitcourse.contents import chapters
from vitcourse.grading.cells import Cell, chapter_of_cells, chapter_of_code, read_cells
from vitcourse.grading.found import ARCHIVE, Found, found_in
from vitcourse.grading.owners import Whose, chapter_of_name, owners_of
from vitcourse.grading.roster import Member, Roster
from vitcourse.learner.kept import FILE as MY_VIT

TOO_DEEP = "hand-ins may be one folder too deep"
MOST_VERSIONS = 3  # that one student keeps in folders of their own; more are several students'


@dataclass(frozen=True)
class HandIn:
    student: str
    name: str
    identifier: str
    chapter: str  # "01", or "" if nobody knows
    file: str
    cells: tuple[Cell, ...] = ()
    my_vit: str | None = None  # what was handed in beside the notebook
    remarks: tuple[str, ...] = ()
    problem: str = ""  # why there is nothing to grade

    @property
    def fingerprint(self) -> str:
        """Changes if anything changes that a verdict may depend on."""
        return hashlib.sha256(repr(self).encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True)
class Read:
    """One file with its owner, before it is decided which of them count."""

    found: Found
    whose: Whose
    cells: tuple[Cell, ...]
    chapter: str
    problem: str


def hand_ins(
    folder: Path,
    roster: Roster | None = None,
    chapter: str = "",
    without: Path | None = None,
    all_of: str = "",
) -> list[HandIn]:
    """All hand-ins of a folder, sorted by student and chapter; one for each member of the roster.

    With `chapter`, only those. `without` is a folder inside that is not looked into. With `all_of`,
    every notebook is taken to be of that chapter: a teacher's own.
    """
    roster = roster or Roster()
    files = [_slim(found) for found in found_in(folder, without)]
    owners = owners_of([found.parts for found, _, _ in files])
    kept = {found.parts[:-1]: text for found, _, text in files if found.parts[-1] == MY_VIT}
    read = [
        _read(found, whose, cells, all_of)
        for (found, cells, _), whose in zip(files, owners, strict=True)
        if whose is not None
    ]
    result = []
    for group in _by_student(read, roster):
        member = roster.find(group[0].whose.identifier, group[0].whose.student)
        for one in _that_count(group, chapter, folder):
            one = replace(one, my_vit=kept.get(_folder_of(one, group)))
            result.append(_with_member(one, member, bool(roster)))
    result = _told_apart(result)
    result += _missing(result, roster, chapter)
    return sorted(result, key=lambda h: (h.student.casefold(), h.student, h.chapter, h.file))


# Files --------------------------------------------------------------------------------------------


def _slim(found: Found) -> tuple[Found, tuple[Cell, ...], str]:
    """What is needed of a file: (without its bytes, the cells, the text of a Python file)."""
    bare = replace(found, data=b"")
    if found.problem or not (found.is_notebook or found.parts[-1] == MY_VIT):
        return bare, (), ""
    if not found.is_notebook:
        return bare, (), found.data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    try:
        return bare, read_cells(found.data), ""
    except ValueError as why:
        return replace(bare, problem=str(why)), (), ""


def _read(found: Found, whose: Whose, cells: tuple[Cell, ...], all_of: str) -> Read:
    chapter = (
        all_of or chapter_of_cells(cells) or chapter_of_name(found.parts) or chapter_of_code(cells)
    )
    problem = found.problem
    if not problem and not found.is_notebook:
        problem = f"no notebook: {found.file} was handed in"
    elif not problem and not cells:
        problem = "the notebook has no code"
    elif not problem and not chapter:
        problem = "it is not clear which chapter this is"
    elif not problem and not all_of and chapter not in _with_exercises():
        problem = f"chapter {chapter} has no exercises"
    return Read(found, whose, cells, chapter, problem)


@cache
def _with_exercises() -> frozenset[str]:
    return frozenset(chapter.number for chapter in chapters() if chapter.exercises)


def _by_student(read: Iterable[Read], roster: Roster) -> Iterator[list[Read]]:
    groups: dict[tuple[str, str], list[Read]] = defaultdict(list)
    for one in read:
        member = roster.find(one.whose.identifier, one.whose.student)
        key = ("", member.student) if member else (one.whose.identifier, one.whose.student)
        groups[key].append(one)
    yield from (groups[key] for key in sorted(groups))


# Which of a student's files count? ----------------------------------------------------------------


def _that_count(group: list[Read], wanted: str, folder: Path) -> Iterator[HandIn]:
    """The newest notebook for each chapter; what is wrong, if there is none."""
    notebooks = [one for one in group if one.found.is_notebook]
    by_chapter: dict[str, list[Read]] = defaultdict(list)
    for one in notebooks:
        by_chapter[one.chapter if not one.problem else one.chapter or "?"].append(one)
    good = {chapter for chapter, those in by_chapter.items() if any(not o.problem for o in those)}
    others = sorted(good - {wanted}) if wanted and wanted not in good else []
    for chapter in sorted(good):
        if not wanted or chapter == wanted:
            yield _newest(by_chapter[chapter], folder)
    if others:
        newest = max(by_chapter[others[0]], key=_age)
        why = f"no notebook of chapter {wanted}, but one of chapter {others[0]}"
        yield _hand_in(newest, wanted, problem=why)
        return
    bad = [one for one in notebooks if one.problem and one.chapter not in good]
    if good and not any(one.chapter for one in bad):
        bad = []  # something else lies there, too
    for one in bad or ([] if notebooks else group[:1]):
        if not wanted or one.chapter in ("", wanted):
            yield _hand_in(one, one.chapter or wanted, problem=one.problem)


def _age(one: Read) -> tuple:
    return one.whose.again, one.found.when, one.found.file


def _newest(those: list[Read], folder: Path) -> HandIn:
    newest = max(those, key=lambda one: (not one.problem, *_age(one)))
    remarks = [f"the newest of {len(those)} hand-ins"] if len(those) > 1 else []
    last = max(those, key=_age)
    if last is not newest:
        remarks.append(f"a newer one cannot be graded: {last.found.file}: {last.problem}")
    named = chapter_of_name(newest.found.parts[-1:])
    if named and named != newest.chapter:
        remarks.append(f"its name says chapter {named}, its cells are of chapter {newest.chapter}")
    return _hand_in(newest, newest.chapter, [*remarks, *_too_deep(those, folder)])


def _too_deep(those: list[Read], folder: Path) -> list[str]:
    """x/ada/1.ipynb, x/bob/1.ipynb, ... beside other folders look like many files of one x."""
    places = {one.found.parts[:-1] for one in those}
    levels = takewhile(lambda names: len(set(names)) == 1, zip(*places, strict=False))
    shared = [names[0] for names in levels]
    named_by_folder = bool(shared) and not those[0].whose.identifier and "submitted" not in shared
    if not named_by_folder or min(len(places), len({o.cells for o in those})) <= MOST_VERSIONS:
        return []
    packed = any(part.lower().endswith(ARCHIVE) for part in shared)
    return [f"{TOO_DEEP}: give {folder.joinpath(*shared)} instead{', unpacked' * packed}"]


def _hand_in(one: Read, chapter: str, remarks: Sequence[str] = (), problem: str = "") -> HandIn:
    late = ["late"] if one.whose.late else []
    odd = any("\N{REPLACEMENT CHARACTER}" in part for part in one.found.parts)
    spelt = ["the name of its file is not UTF-8, or holds control characters"] if odd else []
    return HandIn(
        one.whose.student,
        one.whose.student,
        one.whose.identifier,
        chapter,
        one.found.file,
        () if problem else one.cells,
        None,
        (*late, *remarks, *spelt),
        problem,
    )


def _folder_of(one: HandIn, group: list[Read]) -> tuple[str, ...]:
    return next(r.found.parts[:-1] for r in group if r.found.file == one.file)


# Names --------------------------------------------------------------------------------------------


def _with_member(one: HandIn, member: Member | None, is_there_a_list: bool) -> HandIn:
    if member:
        return replace(
            one,
            student=member.student,
            name=member.name,
            identifier=one.identifier or member.identifier,
        )
    if is_there_a_list:
        return replace(one, remarks=(*one.remarks, "not on the roster"))
    return one


def _told_apart(those: list[HandIn]) -> list[HandIn]:
    """Two students of one name get their numbers behind it."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for one in those:
        numbers[one.student].add(one.identifier)
    return [
        replace(one, student=f"{one.student} ({one.identifier})")
        if len(numbers[one.student]) > 1 and one.identifier
        else one
        for one in those
    ]


def _missing(those: list[HandIn], roster: Roster, wanted: str) -> Iterator[HandIn]:
    """A row for each member of the roster and chapter that others have handed in."""
    there = {(one.student, one.chapter) for one in those}
    asked = {wanted} if wanted else {one.chapter for one in those if one.chapter}
    for member in roster.members:
        for chapter in sorted(asked):
            if not {(member.student, chapter), (member.student, "")} & there:
                yield HandIn(
                    member.student,
                    member.name,
                    member.identifier,
                    chapter,
                    "",
                    problem="no hand-in",
                )
