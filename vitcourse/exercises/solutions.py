"""`solution("4.2")`: the course's answer, why it is right, and other right ones.

It is shown once the exercise is solved, or all its hints are read: nobody comes upon it by chance.
"""

import sys

from IPython.display import display

from vitcourse.contents import NOT_IN_THIS_COPY, entry, has_solutions
from vitcourse.exercises.bank import Answer, read_answers
from vitcourse.exercises.engine import Exercise, Verdict, find_exercise, judge
from vitcourse.exercises.tries import SECTION, hints_to_read
from vitcourse.learner.kept import kept_exercises
from vitcourse.learner.kernel import workplace
from vitcourse.learner.progress import noted


def solution(exercise_id: str) -> None:
    """Show the course's answer to an exercise, its explanation, and other right answers.

    You see it after you have solved the exercise, or read its three hints. Raises WrongUse for a
    number that does not exist.
    """
    exercise = find_exercise(exercise_id)
    if not has_solutions():
        print(f"{exercise.label}: {NOT_IN_THIS_COPY}")
    elif _is_solved(exercise, sys._getframe(1).f_globals) or not hints_to_read(exercise_id):
        display(Solution(exercise))
    else:
        print(_what_is_missing(exercise))


class Solution:
    """What `solution` shows: Markdown in a notebook, the same as plain text elsewhere."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise

    def _repr_markdown_(self) -> str:
        known = entry(self.exercise.id)
        parts = [
            f"**{self.exercise.label}: the course's answer**",
            _code(known.answer),
            known.explanation,
        ]
        others = alternatives(self.exercise)
        if others:
            parts.append("**Also right**")
        for other in others:
            parts += [f"*{other.name}*: {other.says}", _code(other.code)]
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return self._repr_markdown_()


def alternatives(exercise: Exercise) -> list[Answer]:
    """The right answers of the bank that say (`# >`) in what they differ from the course's."""
    path = exercise.folder / f"ex_{exercise.id.replace('.', '_')}.py"
    known = read_answers(path) if path.exists() else []
    return [answer for answer in known if answer.kind == "right" and answer.says]


def _is_solved(exercise: Exercise, namespace: dict) -> bool:
    folder = workplace()
    if folder and exercise.id in kept_exercises(folder):
        return True
    if (noted(SECTION, exercise.id) or {}).get("state") == "solved":
        return True
    try:
        judge(exercise, namespace)
    except Verdict:
        return False
    return True


def _what_is_missing(exercise: Exercise) -> str:
    left = hints_to_read(exercise.id)
    many = {3: "the three hints", 2: "two more hints", 1: "one more hint"}[len(left)]
    calls = ", ".join(f'check("{exercise.id}", hint={hint})' for hint in left)
    return (
        f"{exercise.label}: you see the solution once you have solved it, or read {many}:\n{calls}"
    )


def _code(source: str) -> str:
    return f"```python\n{source.strip()}\n```"
