"""What is said of an answer that is wrong in a way nobody has a name for: always something true."""

import pytest
import torch

from vitcourse.exercises.compare import (
    Words,
    difference,
    family_resemblance,
    same_value,
    shape_of,
)


def softmax(scores, axis=-1):
    return scores.softmax(axis)


SCORES = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
NUMBERS = torch.arange(24.0).reshape(2, 3, 4) + 1


def spoiled(axis: int, index: int):
    """The numbers, all wrong at one index of an axis, each by another amount."""
    result = NUMBERS.clone()
    result.select(axis, index).pow_(2).add_(7)
    return result


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        (softmax(SCORES), softmax(SCORES, -2), "yours do not; yours sums to 1 along axis 2."),
        (softmax(SCORES), softmax(SCORES, 1), "yours do not; yours sums to 1 along axis 1."),
        (softmax(SCORES), SCORES.exp(), "Every row (the last axis) should sum to 1, yours do not."),
        (SCORES, SCORES.mT, "axes 2 and 3 are swapped."),
        (NUMBERS, NUMBERS.flip(1), "along axis 1 they are in a different order."),
        (NUMBERS, NUMBERS.flatten(), "only the shape and perhaps the order differ."),
        (NUMBERS, 2 * NUMBERS, "Yours is 2 times the right result."),
        (NUMBERS, NUMBERS - 3, "Yours is the right result plus -3 everywhere."),
        (NUMBERS, spoiled(1, 2), "8 of 24 values differ, all of them at index 2 of axis 1."),
        (NUMBERS, spoiled(0, 1), "12 of 24 values differ, all of them at index 1 of axis 0."),
    ],
)
def test_what_is_true_is_said(expected, got, said):
    assert family_resemblance(expected, got).endswith(said)


def test_values_that_differ_here_and_there_are_counted_only():
    got = NUMBERS.clone()
    got[0, 0, 0] += 1
    got[1, 1, 1] += 1
    assert family_resemblance(NUMBERS, got) == "The shape is right; 2 of 24 values differ."


def test_nothing_is_said_where_nothing_is_known():
    assert family_resemblance(NUMBERS, NUMBERS.cos()) is None
    assert family_resemblance(NUMBERS, NUMBERS[:1]) is None
    assert family_resemblance(NUMBERS, "a string") is None


def test_nan_equals_nan_and_nothing_else():
    broken = torch.tensor([1.0, float("nan"), float("inf")])
    assert same_value(broken, broken.clone())
    assert not same_value(broken, torch.tensor([1.0, 2.0, float("inf")]))
    assert not same_value(torch.tensor([1.0, 2.0, 3.0]), broken)


def test_a_difference_is_one_line():
    got = torch.randn(2, 3, generator=torch.Generator().manual_seed(0)).max(dim=1)
    assert "\n" not in difference(NUMBERS, got)


ROW = torch.linspace(0, 1, 12)


def changed(column: int, by: float):
    result = ROW.clone()
    result[column] += by
    return result


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        (ROW, changed(1, 1), "the result should be [0, 0.0909, 0.182, 0.273, 0.364, 0.455"),
        (ROW, changed(10, 1), "result[10:] should be [0.909, 1], yours is [1.91, 1]."),
        (ROW, changed(10, 3e-5), "result[10:] should be [0.9090909, 1], yours is [0.9091209, 1]."),
        (ROW[None, None], changed(10, 1)[None, None], "result[0, 0, 10:] should be [0.909, 1],"),
    ],
)
def test_the_values_shown_differ(expected, got, said):
    assert difference(expected, got).startswith(said)


TWO = "2 tensors of shapes (5, 4), (5, 5)"
PAIR = (torch.zeros(5, 4), torch.zeros(5, 5))


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        (shape_of(PAIR), shape_of(PAIR[0]), f"{TWO}, yours: shape (5, 4)."),
        (shape_of(PAIR), shape_of([None]), f"{TWO}, yours: a list of 1: None."),
        (shape_of(PAIR[0]), shape_of("x"), "shape (5, 4), yours: a str."),
        (Words("nothing kept"), Words("layers"), "nothing kept, yours: layers."),
        (Words("nothing kept"), 3, "nothing kept, yours: an int, 3."),
        (True, False, "yes, yours gives no."),
        (0.5, float("nan"), "0.5, yours gives nan."),
        ([0.25] * 30, [0.5], f"[{'0.25, ' * 8}...], yours gives [0.5]."),
    ],
)  # fmt: skip
def test_what_is_not_a_tensor_reads_like_a_sentence(expected, got, said):
    assert difference(expected, got) == f"expected {said}"


def test_nan_is_shown_as_nan():
    got = torch.tensor([1.0, float("nan"), float("-inf")])
    assert "yours is [1, nan, -inf]" in difference(torch.ones(3), got)


def test_digits_that_rounding_decides_are_not_shown():
    noisy = torch.tensor([1.0, 3e-8, 0.25 + 2e-8])
    assert difference(torch.tensor([2.0, 0.0, 0.25]), noisy).endswith("yours is [1, 0, 0.25].")


def test_one_of_several_results_is_told_apart():
    results = [NUMBERS, NUMBERS + 1]
    assert difference(results, [NUMBERS, NUMBERS]).startswith("in result 2 of 2, result[0, 0]")
    nested = difference([results, results], [results, (NUMBERS, NUMBERS)])
    assert nested.startswith("in result 2 of 2, in result 2 of 2, result[0, 0]")


def test_a_tolerance_may_be_tighter():
    third = torch.full((3,), 1 / 3, dtype=torch.float64)
    assert same_value(third, third.float().double())
    assert not same_value(third, third.float().double(), 1e-10)


def test_a_method_that_was_not_called():
    assert difference(24, NUMBERS.numel).endswith("a function that was not called: write ().")


def test_float32_in_between_is_told_from_other_mistakes():
    exact = torch.linspace(0, 1, 7, dtype=torch.float64) / 3
    said = family_resemblance(exact, exact.float().double(), 1e-10)
    assert said.startswith("The first digits are right")
    assert family_resemblance(exact, exact * 2, 1e-10) == "Yours is 2 times the right result."
