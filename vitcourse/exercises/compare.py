"""Compare an answer's result with the right one, and say in words how they differ."""

import copy
import math
import numbers
import re
import textwrap
from typing import Any

import numpy
import torch
from torch import Tensor

TOLERANCE = 1e-5  # relative to the largest expected value; the trials are built to differ by more
SHOWN = 8  # this many values of a tensor fit into a message


def snapshot(inputs: tuple) -> tuple:
    """A copy that keeps tensor strides, so that non-contiguous inputs stay non-contiguous."""
    return copy.deepcopy(inputs)


def same_value(a: Any, b: Any, tolerance: float = TOLERANCE) -> bool:
    """Equal in kind, shape and dtype, and in value up to `tolerance`."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        if a.shape != b.shape or a.dtype != b.dtype or a.device != b.device:
            return False
        if not a.is_floating_point():
            return torch.equal(a, b)
        return bool(_close(a, b, tolerance).all())
    if isinstance(a, numpy.ndarray) and isinstance(b, numpy.ndarray):
        return same_value(torch.from_numpy(a.copy()), torch.from_numpy(b.copy()), tolerance)
    if isinstance(a, torch.nn.Module) and isinstance(b, torch.nn.Module):
        return same_value(a.state_dict(), b.state_dict(), tolerance)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_value(a[key], b[key], tolerance) for key in a)
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(
            same_value(x, y, tolerance) for x, y in zip(a, b, strict=True)
        )
    if _is_int(a) and _is_int(b):
        return int(a) == int(b)
    if isinstance(a, float) and isinstance(b, float):
        alike = a == b or (math.isnan(a) and math.isnan(b))
        return alike or abs(a - b) <= tolerance * max(abs(a), 1e-3)
    return type(a) is type(b) and not isinstance(a, Tensor) and bool(a == b)


class Words(str):
    """What a question found, in words: shown as it is, without quotes."""


def shape_of(result: Any) -> Words | None:
    """The shape of a tensor, or those of several, in words; else what kind of thing it is."""
    if result is None:
        return None
    if isinstance(result, Tensor):
        return Words(f"shape {tuple(result.shape)}")
    if isinstance(result, (tuple, list)):
        if result and all(isinstance(part, Tensor) for part in result):
            shapes = [f"{tuple(part.shape)}" for part in result]
            return Words(f"{len(shapes)} tensors of shapes {', '.join(shapes)}")
        return Words(
            f"{_kind(result)} of {len(result)}: {', '.join(map(str, map(shape_of, result)))}"
        )
    return Words(_kind(result))


def _close(expected: Tensor, got: Tensor, tolerance: float = TOLERANCE) -> Tensor:
    """Which values agree, for tensors of one shape and dtype."""
    if expected.dtype in (torch.bfloat16, torch.float16):
        expected, got = expected.double(), got.double()
    largest = float(expected.detach().abs().max()) if expected.numel() else 0.0
    if not math.isfinite(largest):
        return torch.isclose(expected, got, rtol=0, atol=0, equal_nan=True)
    floor = 1e-3 if tolerance >= TOLERANCE else 0.0
    return torch.isclose(expected, got, rtol=0, atol=tolerance * max(largest, floor))


def difference(expected: Any, got: Any, tolerance: float = TOLERANCE) -> str:
    """One sentence: what was expected and what came."""
    if isinstance(expected, Tensor) and isinstance(got, Tensor):
        return _tensor_difference(expected, got, tolerance)
    if isinstance(expected, bool) and isinstance(got, bool):
        return f"expected {_yes(expected)}, yours gives {_yes(got)}."
    if isinstance(got, Words) and not isinstance(expected, str):
        return f"expected {_kind(expected)}, {_brief(expected)}; yours: {got}."
    if isinstance(expected, str):  # a description, since no exercise asks for a string
        return f"expected {expected or 'nothing'}, yours: {_described(got)}."
    if _is_list(expected) and _is_list(got) and len(expected) == len(got):
        for i, (x, y) in enumerate(zip(expected, got, strict=True)):
            if (isinstance(x, Tensor) or _is_list(x)) and not same_value(x, y, tolerance):
                place = f"in result {i + 1} of {len(got)}, " if len(got) > 1 else ""
                return place + difference(x, y, tolerance)
    if callable(got) and not callable(expected):
        return f"expected {_brief(expected)}; yours gives a function that was not called: write ()."
    if _kind(expected) != _kind(got):
        right = f"{_kind(expected)}, {_brief(expected)}"
        return f"expected {right}; yours gives {_kind(got)}{_worth(got)}."
    digits = next((d for d in (3, 4, 7) if _brief(expected, d) != _brief(got, d)), 17)
    by = (
        f", {abs(got - expected):,} too {'many' if got > expected else 'few'}"
        if _is_int(got) and not _is_huge(got)
        else ""
    )
    return f"expected {_brief(expected, digits)}, yours gives {_brief(got, digits)}{by}."


def _is_list(value: Any) -> bool:
    return isinstance(value, (tuple, list))


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


def _described(got: Any) -> str:
    return (got or "nothing") if isinstance(got, str) else f"{_kind(got)}{_worth(got)}"


def family_resemblance(expected: Any, got: Any, tolerance: float = TOLERANCE) -> str | None:
    """For mistakes without a name: something true that narrows the search, or None."""
    if tolerance < TOLERANCE and same_value(expected, got):
        return "The first digits are right, the others are not, as after a detour through float32."
    if not (isinstance(expected, Tensor) and isinstance(got, Tensor)):
        return None
    if expected.numel() != got.numel() or not expected.numel() or expected.dtype != got.dtype:
        return None
    expected, got = expected.detach().double(), got.detach().double()
    if same_value(expected.flatten().sort().values, got.flatten().sort().values):
        moved = (
            _reordered(expected, got)
            if expected.shape == got.shape
            else "only the shape and perhaps the order differ."
        )
        return f"All the right numbers are there: {moved}"
    if expected.shape == got.shape:
        if said := _broken_rows(expected, got):
            return said
        if expected.numel() == 1:
            return None
        factor = (expected * got).sum() / (expected * expected).sum()
        if factor.abs() > 1e-9 and same_value(expected * factor, got):
            return f"Yours is {factor:.3g} times the right result."
        offset = (got - expected).mean()
        if same_value(expected + offset, got):
            return f"Yours is the right result plus {offset:.3g} everywhere."
        wrong = ~_close(expected, got)
        if 0 < wrong.sum() < wrong.numel():
            count = f"{int(wrong.sum())} of {wrong.numel()} values differ"
            return f"The shape is right; {count}{_only_there(wrong)}."
    return None


def _broken_rows(expected: Tensor, got: Tensor) -> str | None:
    """If the last axis should sum to 1, as after a softmax, and does not."""

    def sum_to_one(numbers_: Tensor, axis: int) -> bool:
        sums = numbers_.sum(axis)
        return bool(torch.isclose(sums, torch.ones_like(sums), atol=1e-4).all())

    if not expected.ndim or not sum_to_one(expected, -1) or sum_to_one(got, -1):
        return None
    others = [axis for axis in range(expected.ndim - 1) if sum_to_one(got, axis)]
    along = f"; yours sums to 1 along axis {others[-1]}" if others else ""
    return f"Every row (the last axis) should sum to 1, yours do not{along}."


def _only_there(wrong: Tensor) -> str:
    """Where the wrong values are, if all of them share one index of an axis."""
    for axis, size in enumerate(wrong.shape):
        others = [other for other in range(wrong.ndim) if other != axis]
        found = wrong.any(dim=others).nonzero().flatten().tolist() if others else []
        if size > 1 and len(found) == 1:
            return f", all of them at index {found[0]} of axis {axis}"
    return ""


def _reordered(expected: Tensor, got: Tensor) -> str:
    for axis in range(expected.ndim):
        for other in range(axis):
            if expected.shape[axis] == expected.shape[other] and same_value(
                expected, got.transpose(axis, other)
            ):
                return f"axes {other} and {axis} are swapped."
    for axis, size in enumerate(expected.shape):
        if size > 1 and all(
            any(torch.equal(row, other) for other in expected.unbind(axis))
            for row in got.unbind(axis)
        ):
            return f"along axis {axis} they are in a different order."
    return "they are in a different order."


def _tensor_difference(expected: Tensor, got: Tensor, tolerance: float) -> str:
    if expected.shape != got.shape:
        return f"expected shape {tuple(expected.shape)}, yours has {tuple(got.shape)}."
    if expected.dtype != got.dtype:
        return f"expected dtype {expected.dtype}, yours has {got.dtype}."
    if expected.device != got.device:
        return f"expected a result on {expected.device}, yours is on {got.device}."
    if expected.ndim == 0:
        return f"expected {_brief(expected)}, yours gives {_brief(got)}."
    *row, column = (~_close(expected, got, tolerance)).nonzero()[0].tolist()
    expected, got = expected[tuple(row)], got[tuple(row)]
    index = [str(i) for i in row]
    if column >= SHOWN:  # else two rows that look the same would be shown
        expected, got = expected[column:], got[column:]
        index.append(f"{column}:")
    place = f"result[{', '.join(index)}]" if index else "the result"
    digits = next((d for d in (3, 4, 7) if _brief(expected, d) != _brief(got, d)), 17)
    return f"{place} should be {_brief(expected, digits)}, yours is {_brief(got, digits)}."


def _brief(value: Any, digits: int = 3) -> str:
    if isinstance(value, Tensor):
        shown = value.detach().flatten()[:SHOWN].tolist()
        largest = max((abs(x) for x in shown if math.isfinite(x)), default=0.0)
        numbers_ = [_number(x, digits, largest) for x in shown]
        text = ", ".join(numbers_) + (", ..." if value.numel() > SHOWN else "")
        return text if value.ndim == 0 else f"[{text}]"
    if isinstance(value, numpy.ndarray) and value.dtype.kind in "biuf":
        return _brief(torch.from_numpy(value.copy()), digits)
    if isinstance(value, (tuple, list)) and any(isinstance(part, Tensor) for part in value):
        return f"{len(value)} of them, the first {_brief(value[0], digits)}"
    if isinstance(value, (tuple, list)):
        opening, closing = "()" if isinstance(value, tuple) else "[]"
        shown = [_brief(part, digits) for part in value[:SHOWN]]
        text = ", ".join(shown) + (", ..." if len(value) > SHOWN else "")
        return f"{opening}{text}{',' if closing == ')' and len(value) == 1 else ''}{closing}"
    if isinstance(value, float):
        return _number(value, digits, abs(value))
    if isinstance(value, Words):
        return str(value)
    if _is_huge(value):
        return f"a number of some {int(value).bit_length() * 0.30103:,.0f} digits"
    if isinstance(value, (str, bytes)):
        value = value[:200]
    try:
        text = re.sub(r" at 0x[0-9a-f]+", "", repr(value))
    except Exception:  # the learner's own `__repr__`, or a fraction of huge numbers
        return "one that cannot be written"
    return textwrap.shorten(" ".join(text.split()), 120, placeholder=" ...")


def _number(number: float, digits: int, largest: float) -> str:
    """This many digits, but none so small that rounding beside the `largest` may change it."""
    if not math.isfinite(number):
        return str(number)
    if number == int(number) and abs(number) < 1e7:
        return str(int(number))
    if largest and digits < 7:
        number = round(number, 5 - math.floor(math.log10(largest)))
    return f"{number + 0.0:.{digits}g}"


def _kind(value: Any) -> str:
    if isinstance(value, Tensor):
        return "a tensor"
    if isinstance(value, numpy.ndarray):
        return "a numpy array"
    if value is None:
        return "None"
    if _is_int(value):
        return "an int"
    if isinstance(value, float):  # numpy's, too
        return "a float"
    return f"a {type(value).__name__}"


def _worth(value: Any) -> str:
    return "" if value is None else f", {_brief(value)}"


def _is_huge(value: Any) -> bool:
    """Python writes no such number."""
    return _is_int(value) and int(value).bit_length() > 10_000


def _is_int(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)
