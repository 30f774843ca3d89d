"""What is in the course: its chapters and exercises, as the build writes them down.

`contents.json` lets commands know titles, minutes and explanations without running a chapter, and
is all that an installed package knows of the solutions.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("contents.json")
NOT_IN_THIS_COPY = "the solutions are not in your class's copy of the course; ask your teacher"


@dataclass(frozen=True)
class Entry:
    """An exercise."""

    id: str  # "4.2"
    name: str  # what the learner defines
    title: str
    minutes: int
    answer: str  # the course's; "" in a class's copy (workshop/release.py)
    explanation: str  # Markdown

    @property
    def heading(self) -> str:
        return f"Exercise {self.id}: {self.title}"


@dataclass(frozen=True)
class Chapter:
    notebook: str  # "04_attention.ipynb"
    title: str  # "4 Attention"
    minutes: int  # with the reading
    exercises: tuple[Entry, ...]

    @property
    def number(self) -> str:
        return self.notebook[:2]


@cache
def chapters() -> tuple[Chapter, ...]:
    """All chapters, in order."""
    read = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        Chapter(**c | {"exercises": tuple(Entry(**entry) for entry in c["exercises"])})
        for c in read
    )


def has_solutions() -> bool:
    """A class's copy of the course has none."""
    return any(entry.answer for chapter in chapters() for entry in chapter.exercises)


def number_of(name: str) -> str | None:
    """The exercise in which a learner defines `name`, or None."""
    numbers = (e.id for chapter in chapters() for e in chapter.exercises if e.name == name)
    return next(numbers, None)


def entry(exercise_id: str) -> Entry:
    """Raises KeyError for an exercise that the build has not seen."""
    for chapter in chapters():
        for exercise in chapter.exercises:
            if exercise.id == exercise_id:
                return exercise
    raise KeyError(
        f"exercise {exercise_id} is not in {FILE.name}; run: python -m vitcourse.workshop.build"
    )
