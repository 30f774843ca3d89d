"""What the course brings to grading: a chapter's exercises, and its notebook as it was handed out.

All that can be asked before any student's code runs is asked here: the references' results, and
those of the known mistakes. Processes that are forked afterwards have them already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch

import vitcourse
from vitcourse.contents import chapters
from vitcourse.exercises import engine
from vitcourse.exercises.engine import Exercise, exercises_in, find_exercise
from vitcourse.exercises.guard import isolated
from vitcourse.grading.answers import Program, course_cells
from vitcourse.grading.cells import Cell, read_cells
from vitcourse.grading.confirm import noting
from vitcourse.grading.integrity import Seal, plain_results
from vitcourse.learner.notebook_files import course_location, course_notebooks, find_notebook

# A sleeping answer is stopped after this time. On a busy machine a right one needs longer than
# in a notebook, so that the clock must not decide; the computing time, which does, is as there.
CLOCK_SECONDS = 60.0
# What a teacher's own exercises may use without importing it, if no notebook lies beside them.
IMPORTS = """import math
import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn
"""


@dataclass(frozen=True)
class Course:
    """A chapter, ready to judge."""

    chapter: str
    exercises: tuple[Exercise, ...]
    notes: dict[str, list]  # exercise -> what its questions were answered last, as plain data
    program: Program
    cells: tuple[Cell, ...]
    seal: Seal


def prepare(chapter: str, folder: Path | None = None, ask_all: bool = True) -> Course:
    """Read a chapter, or a teacher's own exercises; with `ask_all`, ask what can be asked.

    Raises ValueError if there is no such chapter.
    """
    engine.CLOCK_SECONDS = CLOCK_SECONDS
    torch.set_num_threads(1)  # nothing of what is asked is large, and threads do not survive a fork
    cells = handed_out(chapter, folder)
    program = Program(course_cells(cells))
    for one in (program, Program(cells)):
        one.read_ahead()
    hardened = [noting(_hardened(e)) for e in _exercises(chapter, cells, folder)]
    exercises = tuple(exercise for exercise, _ in hardened)
    notes = {exercise.id: results for exercise, results in hardened}
    with isolated():
        for exercise in exercises:
            if not exercise.expected:
                raise ValueError(f"exercise {exercise.id} asks nothing")
            if ask_all:
                _ask_mistakes(exercise)
    engine.all_exercises()  # chapter 6 judges answers of all chapters
    return Course(chapter, exercises, notes, program, cells, Seal(exercises))


def handed_out(chapter: str, folder: Path | None = None) -> tuple[Cell, ...]:
    """The cells of the notebook that students got."""
    if folder is None:
        path = find_notebook(chapter, course_notebooks())
        return read_cells(path.read_bytes())
    beside = sorted(folder.glob("*.ipynb"))
    return read_cells(beside[0].read_bytes()) if beside else (Cell(IMPORTS),)


def _exercises(chapter: str, cells: Sequence[Cell], folder: Path | None) -> Sequence[Exercise]:
    if folder is not None:
        return exercises_in(folder)
    numbers = dict.fromkeys(cell.exercise for cell in cells if cell.exercise)
    if not numbers:
        raise ValueError(f"chapter {chapter} has no exercises")
    return [find_exercise(number) for number in numbers]


def _hardened(exercise: Exercise) -> Exercise:
    """The same, but results must be what they look like."""
    trials = tuple(replace(trial, ask=plain_results(trial.ask)) for trial in exercise.trials)
    return replace(exercise, trials=trials)


def _ask_mistakes(exercise: Exercise) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for mistake in range(len(exercise.mistakes)):
            for trial in range(len(exercise.trials)):
                exercise.outcome_of(mistake, trial)


@cache
def version(folder: Path | None = None) -> str:
    """Changes if the course, or what it computes with, does."""
    found = hashlib.sha256(f"{vitcourse.__version__} {torch.__version__}".encode())
    places = [course_location(), *([folder] if folder else [])]
    files = [path for place in places for path in place.rglob("*.py")] + course_notebooks()
    for path in sorted(files):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def exercise_names(chapter: str, folder: Path | None = None) -> list[tuple[str, str]]:
    """(number, name) of each exercise of a chapter, without asking anything."""
    if folder is not None:
        return [(exercise.id, exercise.name) for exercise in exercises_in(folder)]
    return [(e.id, e.name) for c in chapters() if c.number == chapter for e in c.exercises]
