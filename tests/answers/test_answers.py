"""Every answer of the bank gets the verdict that its header promises."""

from collections import defaultdict

import pytest

from tests.answers import is_as_expected, load, verdict
from vitcourse.exercises.engine import all_exercises

ANSWERS = load()


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: f"{a.place}-{a.kind}-{a.name}")
def test_verdict(answer):
    said, message = verdict(answer)
    assert is_as_expected(answer, said), message
    assert len(message.splitlines()) <= 4


def test_the_bank_is_complete():
    """At least three ways to be right, and each known mistake, for every exercise."""
    by_exercise = defaultdict(list)
    for answer in ANSWERS:
        by_exercise[answer.exercise].append(answer)
    exercises = all_exercises()
    assert {exercise.id for exercise in exercises} == set(by_exercise)
    for exercise in exercises:
        kinds = defaultdict(set)
        for answer in by_exercise[exercise.id]:
            kinds[answer.kind].add(answer.name)
        assert len(kinds["right"]) >= 3, exercise.id
        assert kinds["stub"], exercise.id
        assert {mistake.name for mistake in exercise.mistakes} <= kinds["wrong"], exercise.id
