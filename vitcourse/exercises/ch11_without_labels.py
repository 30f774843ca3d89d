"""Chapter 11, without labels: mask, encode what is seen, judge what is painted, look inside."""

from vitcourse.exercises.engine import Exercise

EXERCISES: tuple[Exercise, ...] = ()
