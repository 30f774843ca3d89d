"""Which cells of two versions of a notebook are the same cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vitcourse.learner.update.cells import Cell, likeness

ALIKE = 0.6  # share of the words; below it, a cell is another one


def identical(one: Cell, other: Cell) -> bool:
    return one.digest == other.digest


def untouched(one: Cell, other: Cell) -> bool:
    """Twins, such as the links at both ends of a notebook, differ by their ids alone."""
    return identical(one, other) and same_id(one, other)


def same_name_and_number(one: Cell, other: Cell) -> bool:
    return same_number(one, other) and bool(one.defines & other.defines)


def same_name(one: Cell, other: Cell) -> bool:
    """An exercise and its answer define the same name, whatever number the exercise has."""
    return bool(one.exercise or other.exercise) and bool(one.defines & other.defines)


def same_number(one: Cell, other: Cell) -> bool:
    if one.exercise and other.exercise:
        return one.exercise == other.exercise
    return bool(one.check) and one.check == other.check


def same_id(one: Cell, other: Cell) -> bool:
    return bool(one.id) and one.id == other.id


# The surest first. An untouched copy of a cell comes before a changed one: then the changed one
# is the learner's own, and nothing is in conflict.
CERTAIN = (untouched, identical, same_id, same_name_and_number, same_name, same_number)


def pairs(
    old: Sequence[Cell],
    new: Sequence[Cell],
    rules: Sequence[Callable[[Cell, Cell], bool]] = CERTAIN,
    may_guess: Callable[[Cell], bool] = lambda old: True,
) -> dict[int, int]:
    """The index in `old` of the cell that each cell of `new` was: {index in new: index in old}.

    What no rule pairs is paired if most of the words are the same, where `may_guess(old)` is true.
    """
    found: dict[int, int] = {}
    free, wanted = dict(enumerate(old)), dict(enumerate(new))
    for rule in rules:
        for i, cell in list(wanted.items()):
            if fitting := [j for j, other in free.items() if rule(cell, other)]:
                found[i] = _most_alike(cell, fitting, old)
                del free[found[i]], wanted[i]
    return found | _guessed({j: cell for j, cell in free.items() if may_guess(cell)}, wanted)


def _most_alike(cell: Cell, fitting: list[int], old: Sequence[Cell]) -> int:
    if len(fitting) == 1:
        return fitting[0]
    shares = likeness(cell, [old[j] for j in fitting])
    return fitting[shares.index(max(shares))]


def _guessed(old: dict[int, Cell], new: dict[int, Cell]) -> dict[int, int]:
    """The pairs most alike first."""
    alike = []
    for i, cell in new.items():
        # Two cells with names have different ones, or a rule had paired them.
        others = [j for j, other in old.items() if not (cell.is_named and other.is_named)]
        shares = likeness(cell, [old[j] for j in others], at_least=ALIKE)
        alike += [(-share, i, j) for share, j in zip(shares, others, strict=True) if share]
    found: dict[int, int] = {}
    for _, i, j in sorted(alike):
        if i not in found and j not in found.values():
            found[i] = j
    return found
