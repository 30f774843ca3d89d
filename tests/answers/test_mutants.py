"""No mutant of a right answer lives: a sample, drawn anew by each exercise's number.

All of them: `python -m tests.answers --mutants`.
"""

import pytest

from tests.answers import FOLDER, load
from vitcourse.exercises.engine import all_exercises
from vitcourse.workshop.mutants import Equivalents, tally

SHARE = 0.02


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda e: e.id)
def test_a_sample_of_mutants(exercise):
    right = [answer for answer in load(exercise.id) if answer.kind == "right"]
    found = tally(exercise, right, Equivalents(FOLDER / "equivalent.txt"), SHARE)
    assert [f"{m.answer.place}: {m.change}" for m in found.alive] == []
