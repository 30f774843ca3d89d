"""`check("1.2")` in a notebook: the object of that name is judged, and kept if it is right."""

import sys
from pathlib import Path

from IPython.display import display

from vitcourse.contents import has_solutions
from vitcourse.exercises.engine import (
    Exercise,
    NotYet,
    Verdict,
    WrongUse,
    find_exercise,
    judge,
)
from vitcourse.exercises.keep import keep_answer
from vitcourse.exercises.tries import note_try
from vitcourse.exercises.verdicts import Solved


def check(exercise_id: str, *, hint: int = 0, folder: str | Path | None = None) -> None:
    """Check your answer to an exercise; with `hint=1`, `2` or `3`, show that hint, too.

    Looks up your object by name where `check` is called. Prints one line when it is right, and
    keeps its source in `my_vit.py` beside the notebook.
    Otherwise raises NotYet or Wrong, after putting the course's version in its place, so that
    the rest of the notebook runs; yours is kept as `my_NAME`.

    `folder` is where a teacher's own exercises are, if this is one of them (see CONTRIBUTING.md).
    Raises WrongUse for an exercise or a hint that does not exist.
    """
    exercise = find_exercise(exercise_id, folder)
    if hint not in (0, 1, 2, 3):
        raise WrongUse(f"hint={hint!r}: there are three hints, so give 1, 2 or 3")
    if hint and exercise.is_exam:
        raise WrongUse(f"hint={hint!r}: exercise {exercise.id} has no hints")
    note = check_in(sys._getframe(1).f_globals, exercise, hint, folder)
    display(Solved(exercise.label))
    if note:
        print(note)


def check_in(
    namespace: dict, exercise: Exercise, hint: int = 0, folder: str | Path | None = None
) -> str | None:
    """What `check` does, but it shows nothing: raises NotYet or Wrong.

    Returns what there is to say about keeping a right answer, if anything.
    """
    try:
        _judge(exercise, namespace, hint)
    except Verdict as verdict:
        _put_the_courses_in_place(exercise, namespace)
        if folder is None:
            note_try(exercise.id, verdict, hint)
        raise (_with_hint(verdict, exercise, hint, folder) if hint else verdict) from None
    if folder is not None:
        return None
    note_try(exercise.id)
    return keep_answer(exercise, namespace)


def _judge(exercise: Exercise, namespace: dict, hint: int) -> None:
    try:
        judge(exercise, namespace)
    except NotYet:
        if not hint or f"my_{exercise.name}" not in namespace:
            raise
        # The hint was asked for after a failed check: the reason is still the kept answer's.
        judge(exercise, namespace, answer=namespace[f"my_{exercise.name}"])
        raise


def _put_the_courses_in_place(exercise: Exercise, namespace: dict) -> None:
    if exercise.is_exam:
        return
    mine = namespace.get(exercise.name, exercise.reference)
    if mine is not exercise.reference:
        namespace[f"my_{exercise.name}"] = mine
    namespace[exercise.name] = exercise.reference


def _with_hint(
    verdict: Verdict, exercise: Exercise, hint: int, folder: str | Path | None
) -> Verdict:
    """The verdict, with the hint instead of its last line, which offers one."""
    reason = str(verdict).splitlines()
    if reason[-1].startswith("Stuck?"):
        del reason[-1]
    more = f" One more: hint={hint + 1}." if hint < 3 else ""
    if hint == 3 and folder is None and has_solutions():
        more = f' The whole answer: solution("{exercise.id}").'
    reason.append(f"Hint {hint} of 3: {exercise.hints[hint - 1]}{more}")
    return type(verdict)("\n".join(reason))
