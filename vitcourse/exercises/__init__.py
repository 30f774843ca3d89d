"""Exercises: the engine behind `check("1.2")`, and one file of exercises a chapter."""

from vitcourse.exercises.engine import Exercise, Mistake, NotYet, Trial, Wrong, check, find_exercise

__all__ = ["Exercise", "Mistake", "NotYet", "Trial", "Wrong", "check", "find_exercise"]
