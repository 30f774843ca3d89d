"""The last word on "solved": the results alone, compared where no student's code has run.

An answer runs in the process that checks it, and may change whatever it finds there, even for a
moment. It cannot change the process that has started this one. So each result is noted as soon as
it is there, as plain data; the notes of a solved exercise are sent to that process, which reads
them without running anything, and compares them with right results of its own.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy
import torch
from torch import Tensor, nn

from vitcourse.exercises.compare import same_value
from vitcourse.exercises.engine import Exercise, Outcome, Trial

LARGEST = 2_000_000  # bytes of a tensor; a larger one is noted by its type and shape only
LONGEST, DEEPEST = 10_000, 20  # characters of a text, or parts of a list; lists in lists
LARGEST_INT = 10**4_200  # Python writes and reads no number of more than 4,300 digits
RAISED, FAILED = ["raised"], ["failed"]  # the error that is due, another one
DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        *(torch.float64, torch.float32, torch.float16, torch.bfloat16),
        *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool),
        *(torch.complex64, torch.complex128),
    )
}

# Where the answer runs ----------------------------------------------------------------------------


def noting(exercise: Exercise) -> tuple[Exercise, list]:
    """The same exercise, and a list in which the last result of each of its questions is noted."""
    notes: list = [None] * len(exercise.trials)
    trials = (replace(t, ask=_noting(t, notes, i)) for i, t in enumerate(exercise.trials))
    return replace(exercise, trials=tuple(trials)), notes


def _noting(trial: Trial, notes: list, i: int) -> Callable:
    def ask(answer: Any, *inputs: Any) -> Any:
        notes[i] = FAILED
        try:
            result = trial.ask(answer, *inputs)
        except (Exception, SystemExit) as error:
            if trial.raises and isinstance(error, trial.raises):
                notes[i] = RAISED
            raise
        with contextlib.suppress(Exception):  # what cannot be noted is judged all the same
            notes[i] = note(result)
        return result

    return ask


def note(value: Any, depth: int = 0) -> Any:
    """The value as JSON can say it, told apart as far as the check tells values apart."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | numpy.integer) and abs(int(value)) < LARGEST_INT:
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, numpy.ndarray) and _is_small(value):
        return ["array", note(torch.from_numpy(value.copy()))]
    if isinstance(value, Tensor) and _is_small(value):
        numbers = value.detach().resolve_conj().resolve_neg().reshape(-1).contiguous()
        data = base64.b64encode(numbers.view(torch.uint8).numpy().tobytes()).decode()
        return ["tensor", str(value.dtype).removeprefix("torch."), list(value.shape), data]
    if isinstance(value, nn.Module):
        return ["module", note(value.state_dict(), depth)]
    if isinstance(value, dict | list | tuple) and len(value) < LONGEST and depth < DEEPEST:
        parts = value.items() if isinstance(value, dict) else value
        kind = "dict" if isinstance(value, dict) else "list"
        return [kind, [note(part, depth + 1) for part in parts]]
    return ["other", f"{type(value).__module__}.{type(value).__qualname__}", _in_brief(value)]


def _is_small(value: Tensor | numpy.ndarray) -> bool:
    if isinstance(value, Tensor) and not (value.is_cpu and value.layout is torch.strided):
        return False
    return str(value.dtype).removeprefix("torch.") in DTYPES and value.nbytes <= LARGEST


def _in_brief(value: Any) -> str:
    if isinstance(value, Tensor | numpy.ndarray):
        return f"{value.dtype} {tuple(value.shape)}"
    if isinstance(value, str | bytes):
        return repr(value[:LONGEST])
    if isinstance(value, int | dict | list | tuple):
        return "large"
    with contextlib.suppress(Exception):  # it may have a `__repr__` of its own
        text = repr(sorted(value) if isinstance(value, set | frozenset) else value)
        return re.sub(r" at 0x[0-9a-f]+", "", text[:LONGEST])
    return ""


# Where it does not --------------------------------------------------------------------------------


def is_right(exercise: Exercise, notes: Any) -> bool:
    """Are these the notes of an answer that is right in everything that it was asked?"""
    try:
        questions = zip(exercise.trials, exercise.expected, notes, strict=True)
        return all(_agrees(*three) for three in questions)
    except Exception:  # nothing that `note` writes
        return False


def _agrees(trial: Trial, right: Outcome, noted: Any) -> bool:
    if trial.raises:
        return (noted == RAISED) == isinstance(right.error, trial.raises)
    return same_value(_read(note(right.value)), _read(noted), trial.tolerance)


def _read(noted: Any) -> Any:
    """A value that the check can compare; the two kinds of lists are one to it."""
    if not isinstance(noted, list):
        return noted
    kind, *parts = noted
    if kind == "tensor":
        return _tensor(*parts)
    if kind == "array":
        return _read(parts[0]).numpy()
    if kind == "module":
        return "module", _read(parts[0])
    if kind == "dict":
        return dict(_read(pair) for pair in parts[0])
    if kind == "list":
        return tuple(_read(part) for part in parts[0])
    if kind == "other":
        return tuple(parts)
    raise ValueError(f"noted={kind!r}: no kind of note")


def _tensor(dtype: str, shape: Sequence[int], data: str) -> Tensor:
    numbers = bytearray(base64.b64decode(data, validate=True))
    kind = DTYPES[dtype]
    flat = torch.frombuffer(numbers, dtype=kind) if numbers else torch.empty(0, dtype=kind)
    return flat.reshape(shape)
