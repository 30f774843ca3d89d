"""`lines("4.4")`: the lines of a right answer, to be put in order; two of them are mistakes.

An easier way into the hardest exercises. What is in order is run as if it had been typed, and
`check` judges it: any order that passes is right.
"""

import ast
import random
import re
from dataclasses import dataclass
from functools import cache, partial
from html import escape

from IPython.display import display

from vitcourse.contents import NOT_IN_THIS_COPY, entry, has_solutions
from vitcourse.exercises.bank import single_edits
from vitcourse.exercises.cells import stub
from vitcourse.exercises.engine import Exercise, Verdict, WrongUse, find_exercise
from vitcourse.exercises.notebook import check_in
from vitcourse.exercises.verdicts import Solved
from vitcourse.learner.kernel import shell
from vitcourse.learner.progress import note, noted
from vitcourse.view.lines import LinesWidget
from vitcourse.view.widgets import with_still
from vitcourse.view.words import Words

SECTION = "lines"  # of the learner's record
# The eight hardest: by difficulty, then minutes, then the number of lines to put in order. (6.4 is
# left out, since most of its lines are one table.) For each, the known mistakes, as they are
# called in its file of answers, that give the two lines too many.
MISTAKES = {
    "3.5": ("columns before rows", "CLS is at the end"),
    "4.4": ("heads split by a bare view", "the output projection is not used"),
    "5.5": ("the batch is cut in two", "abs is missing"),
    "6.2": ("too few positions", "softmax before the loss"),
    "7.4": ("only the first group follows the schedule", "the peak is lost"),
    "7.5": ("the model is always left in training mode", "divided by both questions"),
    "8.5": ("the lowest first", "the last entry is missing"),
    "8.8": ("the sum of all logits", "divided by the number of images"),
}
STUB_LINE = re.compile(r"^ *raise NotImplementedError\(.*\)\n?", re.MULTILINE)
DOCSTRING = re.compile(r'^ *""".*?"""\n+', re.MULTILINE | re.DOTALL)
ASKS = "Put these lines in order, as the answer to exercise {}. Two are too many: known mistakes."
RUN = "Run this cell to put the lines in order and try them."


def lines(exercise_id: str) -> None:
    """Show the lines of a right answer, shuffled and with two wrong ones: you put them in order.

    "Try it" runs them and checks your answer, as if you had written it in its cell. There are lines
    for the eight hardest exercises; raises WrongUse for another one.
    """
    puzzle = puzzle_of(exercise_id)
    widget = LinesWidget(puzzle.given(), len(puzzle.right), partial(try_lines, puzzle))
    asks, code = ASKS.format(puzzle.exercise.label), "\n".join(puzzle.shuffled)
    page = f"<p>{escape(asks)}</p><pre>{escape(code)}</pre>"
    words = Words(page, f"{asks}\n\n```python\n{code}\n```", f"{asks}\n\n{code}")
    display(with_still(widget, words, RUN))


# The puzzle ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Puzzle:
    exercise: Exercise
    fixed: tuple[str, ...]  # what the course hands out: before the first gap, between, behind
    right: tuple[tuple[str, ...], ...]  # the course's lines for each gap
    wrong: dict[str, tuple[str, str]]  # mistake -> the right line, and the wrong one

    @property
    def shuffled(self) -> list[str]:
        """All lines, in an order that is the same for everyone."""
        found = [line for gap in self.right for line in gap]
        found += [wrong for _, wrong in self.wrong.values()]
        random.Random(self.exercise.id).shuffle(found)
        return found

    def given(self) -> dict:
        """What the browser has to know. The specification stands in the exercise's own cell."""
        fixed = [DOCSTRING.sub("", part).rstrip() for part in self.fixed]
        return {"label": self.exercise.label, "fixed": fixed, "lines": self.shuffled}

    def code(self, placed: list[list[int]]) -> str:
        """The answer with these lines in its gaps; a line is its place among the shuffled ones."""
        every = self.shuffled
        gaps = ["".join(f"{every[number]}\n" for number in gap) for gap in placed]
        parts = [part for pair in zip(self.fixed, [*gaps, ""], strict=True) for part in pair]
        return "".join(parts).rstrip() + "\n"


@cache
def puzzle_of(exercise_id: str) -> Puzzle:
    """Raises WrongUse if there are no lines for this exercise."""
    exercise = find_exercise(exercise_id)
    if exercise_id not in MISTAKES:
        raise WrongUse(
            f"exercise_id={exercise_id!r}: there are lines for {', '.join(MISTAKES)}; "
            f'here try check("{exercise_id}", hint=1)'
        )
    if not has_solutions():
        raise WrongUse(f"exercise_id={exercise_id!r}: {NOT_IN_THIS_COPY}")
    fixed = tuple(STUB_LINE.split(stub(exercise_id).rstrip() + "\n"))
    right = _between(fixed, entry(exercise_id).answer + "\n")
    every = [line for gap in right for line in gap]
    wrong = {name: _spoilt(exercise, name, every) for name in MISTAKES[exercise_id]}
    return Puzzle(exercise, fixed, right, wrong)


def _between(fixed: tuple[str, ...], answer: str) -> tuple[tuple[str, ...], ...]:
    """The lines that the answer has in the gaps of what is handed out."""
    gaps, rest = [], answer.removeprefix(fixed[0])
    for part in fixed[1:]:
        gap, _, rest = rest.partition(part) if part else (rest, "", "")
        gaps.append(tuple(line for line in gap.splitlines() if line.strip()))
    return tuple(gaps)


def _spoilt(exercise: Exercise, name: str, every: list[str]) -> tuple[str, str]:
    """The one line to which a known mistake is an edit, and the same line with the mistake."""
    path = exercise.folder / f"ex_{exercise.id.replace('.', '_')}.py"
    for mistake, old, new in single_edits(path):
        hit = [line for line in every if old in line]
        if mistake == name and len(hit) == 1 and hit[0].count(old) == 1:
            return hit[0], hit[0].replace(old, new).rstrip()
    raise ValueError(f"{path.name}: `{name}` is no single edit of one line of the course's answer")


# Trying it ----------------------------------------------------------------------------------------


def try_lines(puzzle: Puzzle, placed: list[list[int]]) -> dict:
    """Run the lines in the notebook, and check them: {"state", "text", "code"} for the browser."""
    code = puzzle.code(placed)
    state, text = _verdict(puzzle.exercise, code)
    before = noted(SECTION, puzzle.exercise.id) or {}
    solved = bool(before.get("solved")) or state == "solved"
    note(SECTION, puzzle.exercise.id, {"tries": before.get("tries", 0) + 1, "solved": solved})
    return {"state": state, "text": text, "code": code if state == "solved" else ""}


def _verdict(exercise: Exercise, code: str) -> tuple[str, str]:
    try:
        ast.parse(code)
    except SyntaxError as error:
        what = re.sub(r" on line \d+", "", error.msg)
        stops = f" It stops at `{error.text.strip()}`." if (error.text or "").strip() else ""
        return "not run", f"{exercise.label}: not run\nPython cannot read it: {what}.{stops}"
    here = shell()
    ran = here.run_cell(code, store_history=True)
    if not ran.success:
        error = ran.error_in_exec
        what = f"{type(error).__name__}: {error}. Run the cells above this one first."
        return "not run", f"{exercise.label}: not run\n{what}"
    try:
        kept = check_in(here.user_ns, exercise)
    except Verdict as verdict:
        return "wrong", str(verdict)
    return "solved", "\n".join(filter(None, [repr(Solved(exercise.label)), kept]))
