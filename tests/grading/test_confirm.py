"""Notes of results: right ones are confirmed, others are not, and nothing in them is trusted."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy
import pytest
import torch
from torch import nn

from vitcourse.exercises.compare import Words
from vitcourse.exercises.engine import Exercise, Trial
from vitcourse.grading.confirm import LARGEST, is_right, noting


def asked(result: Callable, answer: Callable, **more) -> bool:
    """Is the answer confirmed, if the right result is `result()`?"""
    trial = Trial("answer()", (), **more)
    exercise, notes = noting(Exercise("A.1", "answer", "Answer", 1, 1, result, (), (trial,)))
    right = exercise.expected
    with contextlib.suppress(Exception, SystemExit):
        exercise.trials[0].ask(answer)
    assert right is exercise.expected
    return is_right(exercise, json.loads(json.dumps(notes)))


@dataclass
class Pair:
    a: int
    b: int


VALUES = {
    "int": (3, 4),
    "bool": (True, 1),
    "float": (0.5, 0.6),
    "not a number": (float("nan"), 0.0),
    "text": ("yes", "no"),
    "bytes": (b"yes", b"no"),
    "words": (Words("yes"), "yes"),
    "nothing": (None, 0),
    "tensor": (torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 2.1]])),
    "shape": (torch.zeros(2, 3), torch.zeros(3, 2)),
    "dtype": (torch.zeros(2), torch.zeros(2, dtype=torch.float64)),
    "half": (torch.ones(2, dtype=torch.bfloat16), torch.zeros(2, dtype=torch.bfloat16)),
    "complex": (torch.tensor([1j]).conj(), torch.tensor([1j])),
    "turned": (torch.arange(6.0).reshape(2, 3).T, torch.arange(6.0).reshape(3, 2)),
    "one number": (torch.tensor(3), torch.tensor(4)),
    "no numbers": (torch.zeros(0, 3), torch.zeros(0, 4)),
    "numpy": (numpy.ones(2), torch.ones(2, dtype=torch.float64)),
    "lists": ([1, (2, [3])], [1, (2, [4])]),
    "dictionary": ({"a": torch.ones(1), "b": 2}, {"a": torch.ones(1), "c": 2}),
    "keys": ({(1, 2): 3}, {(1, 3): 3}),
    "set": ({"b", "a"}, {"b", "c"}),
    "weights": (nn.Linear(2, 2), nn.Linear(2, 2)),
    "a class of its own": (Pair(1, 2), Pair(1, 3)),
    "meta": (torch.zeros(2, device="meta"), torch.zeros(3, device="meta")),
    "too large to send": (torch.zeros(LARGEST), torch.zeros(LARGEST + 1)),
    "a huge number": (10**4000, 10**4000 + 1),
}


@pytest.mark.parametrize("kind", VALUES)
def test_right_results_are_confirmed_and_others_not(kind):
    right, other = VALUES[kind]

    assert asked(lambda: right, lambda: right)
    assert not asked(lambda: right, lambda: other)


def test_numbers_may_differ_by_the_tolerance_of_the_question():
    near = torch.tensor([1.0, 1.001])

    assert asked(lambda: torch.ones(2), lambda: near, tolerance=0.01)
    assert not asked(lambda: torch.ones(2), lambda: near)


def error(kind: type[BaseException]) -> None:
    raise kind


def test_an_error_where_one_is_due_and_no_other():
    def right():
        raise ValueError

    assert asked(right, lambda: error(UnicodeError), raises=ValueError)
    assert not asked(right, lambda: error(TypeError), raises=ValueError)
    assert not asked(right, lambda: 3, raises=ValueError)
    assert not asked(lambda: 3, lambda: error(ValueError))
    assert not asked(lambda: None, lambda: error(SystemExit))


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        [None],
        ["x"],
        [["tensor", "float32", [2], "AAAA"]],
        [["tensor", "float32", [10**30], ""]],
        [["tensor", "os.system", [2], "AAAA"]],
        [["tensor"]],
        [["list", 3]],
        [["dict", [["list", [[], 1]]]]],
        [["nothing of the kind"]],
        [[]],
        [3, 3],
    ],
)
def test_what_no_note_looks_like_is_not_right(sent):
    exercise, _ = noting(
        Exercise("A.1", "answer", "Answer", 1, 1, lambda: torch.ones(2), (), (Trial("answer()"),))
    )

    assert not is_right(exercise, sent)


def test_a_result_is_noted_as_it_was_when_it_was_given():
    """Later it can be made right, by who knows the right one."""
    trial = Trial("answer()")
    exercise, notes = noting(
        Exercise("A.1", "answer", "Answer", 1, 1, lambda: torch.ones(2), (), (trial,))
    )
    assert exercise.expected
    result = torch.zeros(2)
    exercise.trials[0].ask(lambda: result)
    result.fill_(1)

    assert not is_right(exercise, notes)
