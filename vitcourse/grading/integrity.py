"""Is what judges still what it was before the student's code ran?

A seal remembers the functions and classes that a verdict depends on. It is made once, before any
student's code; what is replaced later breaks it. What is replaced and put back does not: that is
why "solved" is confirmed elsewhere (confirm.py). The seal says that somebody has tried.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import io
import itertools
import json
import linecache
import math
import os
import re
import sys
import textwrap
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy
import torch
from torch import Tensor, nn
from torch.nn import functional as F

OURS = ("vitcourse.exercises", "vitcourse.grading", "vitcourse.model", "vitcourse.maps")
OTHERS: tuple[types.ModuleType, ...]
OTHERS = (builtins, torch, F, torch.linalg, copy, contextlib, io, json, json.encoder, linecache)
OTHERS += (math, os, os.path, re, textwrap, threading, time, types, warnings, numpy)
CLASSES = (
    Tensor,
    torch._C.TensorBase,
    nn.Module,
    nn.Parameter,
    nn.Linear,
    threading.Thread,
    json.JSONEncoder,
)
# A guard (vitcourse.exercises.guard) puts it back itself; chapter 8 replaces it on purpose.
MAY_CHANGE = {"scaled_dot_product_attention", "__warningregistry__", "__annotations__"}
# Of these, Python itself writes down things in a class.
OF_CLASSES = {"__doc__", "__abstractmethods__", "_abc_impl", "__annotations__", "__weakref__"}


class Seal:
    """What it was; `broken()` says what of it has changed."""

    def __init__(self, exercises: Iterable = ()) -> None:
        self._exercises = [(e, e.trials, e.reference) for e in exercises]
        self._questions = [(t, dict(vars(t))) for _, trials, _ in self._exercises for t in trials]
        ours = [m for name, m in sorted(sys.modules.items()) if name.startswith(OURS) and m]
        self._ours = [(module, dict(vars(module))) for module in ours]
        things: list[Any] = [*OTHERS, *CLASSES]
        self._others = [(thing, _callables(thing)) for thing in things]
        found: dict[int, Any] = {}
        for module, names in self._ours:
            for value in names.values():
                if getattr(value, "__module__", None) == module.__name__:
                    found[id(value)] = value
        self._classes = [(c, dict(vars(c))) for c in found.values() if isinstance(c, type)]
        functions = [f for value in found.values() for f in _functions(value)]
        functions += [f for thing in (*OTHERS, *CLASSES) for f in _functions(thing)]
        self._functions = [(f, f.__code__, f.__defaults__, f.__kwdefaults__) for f in functions]

    def broken(self) -> str:
        """The name of the first thing that is not what it was, or ""."""
        return next(self._changes(), "")

    def _changes(self) -> Iterator[str]:
        for module, names in self._ours:
            if sys.modules.get(module.__name__) is not module:
                yield module.__name__
            yield from (f"{module.__name__}.{n}" for n in _changed(vars(module), names))
            for name in vars(module).keys() - names.keys() - MAY_CHANGE:
                if not isinstance(vars(module)[name], types.ModuleType):  # loaded since
                    yield f"{module.__name__}.{name}"
        for thing, names in self._others:
            yield from (f"{thing.__name__}.{n}" for n in _changed(vars(thing), names))
        for kind, names in self._classes:
            yield from (f"{kind.__name__}.{n}" for n in _changed(vars(kind), names))
        for function, code, defaults, by_name in self._functions:
            is_same = function.__code__ is code and function.__defaults__ is defaults
            if not is_same or function.__kwdefaults__ is not by_name:
                yield function.__qualname__
        for trial, fields in self._questions:
            yield from (f"the question {trial.says}: {n}" for n in _changed(vars(trial), fields))
        for exercise, trials, reference in self._exercises:
            if exercise.trials is not trials or exercise.reference is not reference:
                yield f"exercise {exercise.id}"


def _callables(thing: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in list(vars(thing).items())
        if callable(value) or isinstance(value, property | types.GetSetDescriptorType)
    }


def _changed(now: Any, was: dict[str, Any]) -> Iterator[str]:
    missing = object()
    for name, value in was.items():
        if now.get(name, missing) is not value and name not in MAY_CHANGE | OF_CLASSES:
            yield name


def _functions(value: Any) -> Iterator[types.FunctionType]:
    if isinstance(value, types.FunctionType):
        yield value
    elif isinstance(value, type | types.ModuleType):
        for member in list(vars(value).values()):
            member = getattr(member, "__func__", getattr(member, "fget", member))
            if isinstance(member, types.FunctionType):
                yield member


# Results ------------------------------------------------------------------------------------------

TRUSTED = ("builtins", "collections", "numpy", "torch", "vitcourse")
MOST_PARTS = 10_000  # of a list; nothing that is asked has more
KINDS = (Tensor, int, float, complex, str, tuple, list, dict, numpy.ndarray)
# With these, an object can say of itself that it equals the right result.
TELLING = {
    *("__eq__", "__ne__", "__class__", "__getattribute__", "__getattr__", "__len__", "__iter__"),
    *("__getitem__", "__int__", "__index__", "__float__", "__sub__", "__rsub__", "__abs__"),
    *("__torch_function__", "__torch_dispatch__", "__array__", "__array_ufunc__", "__hash__"),
    *("__array_function__", "__deepcopy__", "__reduce_ex__", "shape", "dtype", "device", "keys"),
}


class Pretends(TypeError):
    """A result that is not the plain number or tensor that it looks like."""


def plain_results(ask: Callable) -> Callable:
    """The same question, but an answer that only pretends to be right is an error."""

    def asked(answer: Any, *inputs: Any) -> Any:
        result = ask(answer, *inputs)
        _refuse_pretenders(result)
        return result

    return asked


def _refuse_pretenders(value: Any) -> None:
    kind = type(value)
    if isinstance(value, KINDS) and not issubclass(kind, KINDS):
        raise Pretends(f"the result is a {kind.__name__} that calls itself something else")
    if issubclass(kind, KINDS):
        for base in kind.__mro__:
            if not _is_trusted(base) and TELLING & vars(base).keys():
                raise Pretends(f"the result is a {kind.__name__}, a type with rules of its own")
    if issubclass(kind, dict):
        value = list(value.values())
    if issubclass(kind, list | tuple | dict):
        for part in itertools.islice(value, MOST_PARTS):
            _refuse_pretenders(part)


def _is_trusted(kind: type) -> bool:
    home = kind.__module__.partition(".")[0]
    found: Any = sys.modules.get(kind.__module__)
    for step in kind.__qualname__.split("."):
        found = getattr(found, step, None)
    return home in TRUSTED and found is kind
