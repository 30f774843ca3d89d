"""Exercises: the engine behind `check("1.2")`, and one file of exercises per chapter."""

from vitcourse.exercises.engine import (
    Exercise,
    NotYet,
    Trial,
    Wrong,
    WrongUse,
    find_exercise,
)
from vitcourse.exercises.notebook import check
from vitcourse.exercises.resetting import reset
from vitcourse.exercises.solutions import solution

__all__ = [
    "Exercise",
    "NotYet",
    "Trial",
    "Wrong",
    "WrongUse",
    "check",
    "find_exercise",
    "reset",
    "solution",
]
