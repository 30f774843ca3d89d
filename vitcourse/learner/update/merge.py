"""Merge a learner's notebook with a new version of the course's, cell by cell.

What a learner has changed or added is never changed: their text stays, letter by letter. If the
course has changed the same cell, its version is shown below the learner's, in a cell of text.
"""

from __future__ import annotations

import copy
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vitcourse.learner.update.cells import Cell, digest
from vitcourse.learner.update.match import identical, pairs, same_id, untouched

NAMES = ("exercise", "check", "nbgrader")  # metadata by which the course finds its cells
NOTE = "vitcourse_conflict"  # metadata of our notes: the id of the cell that they are about
THERE = (untouched, identical, same_id)  # the learner has a cell of the new version already
BOTH_CHANGED = (
    "> **You have changed the cell above, and so has the course.** Yours has stayed as it was. "
    "The course's new version is below: take from it what you need, then delete this cell."
)
DROPPED = (
    "> **You have changed the cell above, and the course no longer has it.** It has stayed as it "
    "was. If you do not need it any more, delete it; delete this cell in any case."
)


@dataclass
class Merged:
    """The cells of a merged notebook, and what has become of those that were there."""

    cells: list[dict] = field(default_factory=list)
    new: int = 0  # cells that the course did not have before
    reworded: int = 0  # untouched cells with new text
    gone: int = 0  # untouched cells that the course has dropped
    back: int = 0  # cells that the learner had deleted
    kept: int = 0  # cells that the learner has changed or added
    conflicts: list[str] = field(default_factory=list)  # where both have changed a cell


@dataclass
class Line:
    """What one cell of the learner's was in the old version, and is in the new one, if anything."""

    mine: Cell
    base: Cell | None = None
    new: Cell | None = None
    place: int | None = None  # in the old version

    @property
    def was(self) -> str | None:
        """What the learner got here, as a digest.

        The id tells it even after an update that was cut short, or one that JupyterLab has
        overwritten with what it still had open.
        """
        return self.mine.handed_out_as or (self.base.digest if self.base else None)

    @property
    def changed(self) -> bool:
        """Is the text the learner's?"""
        untouched = self.base and identical(self.mine, self.base)
        return not untouched and self.mine.digest != self.was

    @property
    def in_conflict(self) -> bool:
        """Have both changed it?"""
        if not self.changed or (self.base is None and self.new is None):
            return False
        if self.new is None:
            return True
        seen = self.new.digest in (self.mine.digest, self.was) or _is_inside(self.new, self)
        return not seen


def merge(base: Sequence[dict] | None, mine: Sequence[dict], new: Sequence[dict]) -> Merged:
    """The learner's cells brought up to the new version of the course.

    `base` is what the learner got. Without it, their own cells must do: the course names each
    cell by its content, so a cell that still fits its id is untouched.

    The order is the new version's. What the learner has added or moved stays behind the cell
    that it followed.
    """
    lines = [Line(Cell(node)) for node in _with_distinct_ids(mine)]
    news = [Cell(node) for node in new]
    if base is None:
        _trace_without_base(lines, news)
        old = None
    else:
        old = _trace(lines, news, [Cell(node) for node in base])
    _find_inside(lines, news, old)
    lines = _without_stale_notes(lines)
    _leave_ids_to_the_course(lines, {cell.id for cell in news})
    return _in_order(lines, news, old)


# Which cell is which ------------------------------------------------------------------------------


def _trace(lines: list[Line], news: list[Cell], olds: list[Cell]) -> dict[int, Cell]:
    """Find each line in the old version and in the new one; return which new cells are old."""
    was = pairs(olds, news)
    became = {old: new for new, old in was.items()}
    for i, line in _there_already(lines, news).items():
        line.new = news[i]
        if i in was:
            line.base, line.place = olds[was[i]], was[i]
    left = [line for line in lines if line.new is None]
    places = sorted(set(range(len(olds))) - {line.place for line in lines})
    found = pairs(
        [line.mine for line in left],
        [olds[place] for place in places],
        may_guess=_may_be_the_courses(lines),
    )
    for i, j in found.items():
        left[j].base, left[j].place = olds[places[i]], places[i]
        if places[i] in became:
            left[j].new = news[became[places[i]]]
    return {id(news[new]): olds[old] for new, old in was.items()}


def _trace_without_base(lines: list[Line], news: list[Cell]) -> None:
    """Find each line in the new version, if nothing but the ids tell what it once said."""
    there = _there_already(lines, news)
    for i, line in there.items():
        line.new = news[i]
    free = [cell for i, cell in enumerate(news) if i not in there]
    left = [line for line in lines if line.new is None]
    found = pairs([line.mine for line in left], free, may_guess=_may_be_the_courses(lines))
    for i, j in found.items():
        left[j].new = free[i]


def _may_be_the_courses(lines: Iterable[Line]) -> Callable[[Cell], bool]:
    """May a cell be one of the course's that has changed beyond recognition?

    Not if the editor keeps ids and the cell has none of the course's: then the learner made it.
    """
    ids_are_kept = any(line.mine.handed_out_as for line in lines)
    return lambda mine: mine.handed_out_as is not None or not ids_are_kept


def _find_inside(lines: list[Line], news: list[Cell], old: Mapping[int, Cell] | None) -> None:
    """A cell that the learner has merged into one of their own, or one that is gone, is there."""
    taken = {id(line.new) for line in lines if line.new}
    for cell in news:
        if id(cell) not in taken and (old is None or id(cell) in old):
            around = (line for line in lines if line.new is None and _is_inside(cell, line))
            if line := next(around, None):
                line.new, line.base = cell, old[id(cell)] if old else None


def _is_inside(cell: Cell, line: Line) -> bool:
    """Has the learner merged this cell into another? Cells that are found by name must be whole."""
    is_the_courses = not line.changed or (line.new and identical(line.mine, line.new))
    if cell.is_named or is_the_courses:
        return False
    return f"\n{cell.text}\n" in f"\n{line.mine.text}\n"


def _there_already(lines: list[Line], news: list[Cell]) -> dict[int, Line]:
    """The new cells that the learner has already, word for word or under their id, by index."""
    found = pairs([line.mine for line in lines], news, rules=THERE, may_guess=lambda mine: False)
    return {i: lines[j] for i, j in found.items()}


def _without_stale_notes(lines: list[Line]) -> list[Line]:
    """Leave out our own notes of an earlier conflict, if there is a new one about the same cell."""
    about = {line.mine.id for line in lines if line.in_conflict}
    about |= {line.new.id for line in lines if line.in_conflict and line.new}
    return [line for line in lines if _note_about(line.mine) not in about]


def _note_about(cell: Cell) -> str | None:
    """The id of the cell that an untouched note of ours is about; None if it is not such a note."""
    about = cell.node["metadata"].get(NOTE)
    return about if about and cell.id == _id_of_note(cell.node) else None


# Order --------------------------------------------------------------------------------------------


def _in_order(lines: list[Line], news: list[Cell], old: Collection[int] | None) -> Merged:
    """Put everything together. `old`: which new cells are old ones, None if nobody knows."""
    merged = Merged()
    moved = _moved(lines)
    stays_put = {id(line.new): line for line in lines if line.new and id(line) not in moved}
    elsewhere = {id(line.new) for line in lines if line.new} - set(stays_put)
    followers = _followers(lines, stays_put.values())
    _add_all(merged, followers.get(None, []))
    for cell in news:
        if line := stays_put.get(id(cell)):
            _add_all(merged, [line, *followers.get(id(line), [])])
        elif id(cell) not in elsewhere:
            is_old = old is not None and id(cell) in old
            if (is_old or old is None) and any(_is_inside(cell, line) for line in lines):
                continue
            merged.cells.append(copy.deepcopy(cell.node))
            merged.back += is_old
            merged.new += not is_old
    merged.cells = _with_distinct_ids(merged.cells)
    return merged


def _moved(lines: Iterable[Line]) -> set[int]:
    """The lines which the learner has moved: all but a longest run that is in the old order."""
    placed = [(line.place, line) for line in lines if line.new and line.place is not None]
    ends: list[int] = []  # for each length, where the run ends that is easiest to continue: index
    before: list[int | None] = []
    for i, (place, _) in enumerate(placed):
        length = bisect_left([placed[end][0] for end in ends], place)
        before.append(ends[length - 1] if length else None)
        ends[length : length + 1] = [i]
    run: set[int] = set()
    at = ends[-1] if ends else None
    while at is not None:
        run.add(at)
        at = before[at]
    return {id(line) for i, (_, line) in enumerate(placed) if i not in run}


def _followers(lines: Iterable[Line], anchors: Iterable[Line]) -> dict[int | None, list[Line]]:
    """The lines that stay behind another: those without a place of their own."""
    fixed = {id(line) for line in anchors}
    followers: dict[int | None, list[Line]] = {}
    anchor = None
    for line in lines:
        if id(line) in fixed:
            anchor = id(line)
        else:
            followers.setdefault(anchor, []).append(line)
    return followers


# What becomes of a cell ---------------------------------------------------------------------------


def _add_all(merged: Merged, lines: Iterable[Line]) -> None:
    for line in lines:
        _add(merged, line)


def _add(merged: Merged, line: Line) -> None:
    mine, new = line.mine, line.new
    if new is not None and (not line.changed or identical(mine, new)):
        merged.cells.append(_courses(line))
        merged.reworded += not identical(mine, new)
        return
    if not line.changed:  # and the course has dropped it
        merged.gone += 1
        return
    node = copy.deepcopy(mine.node)
    if new is not None:
        node["id"] = new.id
        node["metadata"] = _metadata(line)
    merged.cells.append(node)
    merged.kept += _note_about(mine) is None
    if line.in_conflict:
        merged.cells.append(_note(node, new))
        merged.conflicts.append(_where(mine))


def _courses(line: Line) -> dict:
    """The course's cell, with what the learner's copy has printed if the code is the same."""
    assert line.new is not None
    node = copy.deepcopy(line.new.node)
    node["metadata"] = _metadata(line)
    if node["cell_type"] == "code" and identical(line.mine, line.new):
        for key in ("outputs", "execution_count"):
            node[key] = copy.deepcopy(line.mine.node.get(key, node[key]))
    return node


def _metadata(line: Line) -> dict:
    """What the learner's editor has noted stays, what the course has noted is replaced."""
    assert line.new is not None
    mine, new = line.mine.node["metadata"], line.new.node["metadata"]
    base = line.base.node["metadata"] if line.base else {}
    theirs = {k: v for k, v in mine.items() if k not in NAMES and base.get(k) != v}
    both = {**new, **theirs}
    if "tags" in theirs:
        dropped = set(base.get("tags", [])) - set(new.get("tags", []))
        both["tags"] = sorted({*new.get("tags", []), *theirs["tags"]} - dropped)
    return copy.deepcopy(both)


def _note(kept: dict, new: Cell | None) -> dict:
    """A cell of text that shows the course's version, or says that there is none any more."""
    text = DROPPED
    if new is not None:
        shown = _fenced(new.text) if new.node["cell_type"] == "code" else new.text
        text = f"{BOTH_CHANGED}\n\n{shown}"
    note = {"cell_type": "markdown", "metadata": {NOTE: kept["id"]}, "source": text}
    return {"id": _id_of_note(note), **note}


def _id_of_note(note: dict) -> str:
    return f"course-{digest(note['metadata'][NOTE], note['source'])}"


def _fenced(code: str) -> str:
    longest = max((len(ticks) for ticks in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{code}\n{fence}"


def _where(cell: Cell) -> str:
    if cell.exercise:
        return f"exercise {cell.exercise}"
    if cell.check:
        return f"the check of exercise {cell.check}"
    first = next(iter(cell.text.strip().splitlines()), "")
    return f"“{first[:50]}{'…' if len(first) > 50 else ''}”" if first else "an empty cell"


def _leave_ids_to_the_course(lines: Iterable[Line], of_the_course: set[str]) -> None:
    """A cell of the learner's own (a copy, half of a split cell) gives up an id of the course's."""
    for line in lines:
        if line.new is None and line.mine.id in of_the_course:
            line.mine = Cell({**line.mine.node, "id": ""})


def _with_distinct_ids(cells: Iterable[dict]) -> list[dict]:
    """The cells, with an id for those without one and for copies: none that looks like ours."""
    seen: set[str] = set()
    named = []
    for node in cells:
        wanted = name = node.get("id") or f"my-{digest(node['cell_type'], node['source'])}"
        number = 1
        while name in seen:
            number += 1
            name = f"my-{wanted.removeprefix('my-')[:50]}-{number}"
        seen.add(name)
        named.append({**node, "id": name})
    return named
