"""The judge: what happens when a learner runs `check("1.2")`.

An exercise puts a few small questions (trials) to the learner's object and to the reference, and
compares. When they differ, it puts the same questions to stand-ins that each make one known
mistake. The stand-in that answers as the learner's object does *is* the mistake, so the message is
right by construction.
"""

import linecache
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from vitcourse.exercises.compare import difference, family_resemblance, same_value, snapshot
from vitcourse.exercises.guard import TooLong, undisturbed, within

CHAPTERS = {
    "0": "ch00_tour",
    "1": "ch01_patches",
    "2": "ch02_cls_token",
    "3": "ch03_positions",
    "4": "ch04_attention",
    "5": "ch05_encoder",
    "6": "ch06_vit",
    "7": "ch07_training",
    "8": "ch08_maps",
    "9": "ch09_pretrained",
}
IT_CHANGES_ITS_INPUT = "it changes its input"
WORK_ON_A_COPY = "Work on a copy; of tensors, avoid the methods that end in an underscore."
CPU_SECONDS = 5.0  # for the learner's code in one check; the checks themselves need under 0.5 s


class Verdict(AssertionError):
    """Raised by `check`; Jupyter and nbval show its lines in place of a traceback."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class NotYet(Verdict):
    """The exercise is still a stub."""


class Wrong(Verdict):
    """The answer differs from the specification."""


@dataclass(frozen=True)
class Trial:
    """One question: call the answer with `inputs` (or do what `ask` does) and look at the result.

    `says` is how the question reads in a message. With `raises`, the right result is an error of
    that type. With `errors_alike`, every error here has the same cause, whatever it says.
    """

    says: str
    inputs: tuple = ()
    ask: Callable = lambda answer, *inputs: answer(*inputs)
    raises: type[Exception] | None = None
    errors_alike: bool = False


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its short name, what to tell the learner, and an object that makes it."""

    name: str
    says: str
    stand_in: Any


@dataclass(frozen=True)
class Exercise:
    id: str
    name: str  # what the learner defines
    title: str
    difficulty: int  # 1 to 5
    minutes: int
    reference: Any
    hints: tuple[str, str, str]  # a question, the idea, almost the line
    trials: tuple[Trial, ...]
    mistakes: tuple[Mistake, ...]

    @property
    def label(self) -> str:
        return f"{self.id} {self.name}"


@dataclass
class Outcome:
    """What came of one trial: a value or an error, and whether the inputs survived it."""

    value: Any = None
    error: BaseException | None = None
    inputs_changed: bool = False


def all_exercises() -> list[Exercise]:
    """The exercises of all chapters, in order."""
    return [exercise for chapter in CHAPTERS for exercise in _chapter(chapter)]


def find_exercise(exercise_id: str) -> Exercise:
    """The exercise with this number. Raises ValueError for a number that the course lacks."""
    chapter = str(exercise_id).split(".")[0]
    if chapter not in CHAPTERS:
        raise ValueError(f"exercise_id={exercise_id!r}: the chapters are {', '.join(CHAPTERS)}")
    for exercise in _chapter(chapter):
        if exercise.id == exercise_id:
            return exercise
    numbers = ", ".join(exercise.id for exercise in _chapter(chapter))
    raise ValueError(f"exercise_id={exercise_id!r}: chapter {chapter} has {numbers}")


def _chapter(chapter: str) -> tuple[Exercise, ...]:
    return import_module(f"vitcourse.exercises.{CHAPTERS[chapter]}").EXERCISES


def check(exercise_id: str, *, hint: int = 0) -> None:
    """Check your answer to an exercise; with `hint=1`, `2` or `3`, show that hint first.

    Looks up your object by name where `check` is called. Prints one line when it is right, and
    keeps its source in `my_vit.py` beside the notebook.
    Otherwise raises NotYet or Wrong, after putting the course's version in its place, so that
    the rest of the notebook runs; yours is kept as `my_NAME`.
    """
    exercise = find_exercise(exercise_id)
    if hint not in (0, 1, 2, 3):
        raise ValueError(f"hint={hint!r}: there are three hints, so give 1, 2 or 3")
    if hint:
        print(f"Hint {hint} of 3: {exercise.hints[hint - 1]}")
    namespace = sys._getframe(1).f_globals
    try:
        judge(exercise, namespace)
    except Verdict as verdict:
        mine = namespace.get(exercise.name, exercise.reference)
        if mine is not exercise.reference:
            namespace[f"my_{exercise.name}"] = mine
        namespace[exercise.name] = exercise.reference
        if hint:  # still red, so that an unsolved exercise never looks solved, but brief
            verdict = type(verdict)(str(verdict).splitlines()[0])
        raise verdict from None
    print(f"{exercise.label}: solved")
    from vitcourse.exercises.keep import keep_answer  # keep reads the exercises, too

    if note := keep_answer(exercise, namespace):
        print(note)


def judge(exercise: Exercise, namespace: dict) -> None:
    """Raise NotYet or Wrong unless `namespace` holds a right answer."""
    answer = _find_answer(exercise, namespace)
    with undisturbed():
        got = _ask_learner(exercise, answer, namespace)
        expected = [_ask(trial, exercise.reference) for trial in exercise.trials]
        for i, trial in enumerate(exercise.trials):
            if not _same(trial, expected[i], got[i]):
                mistake = _identify(exercise, i, expected, got)
                raise _wrong(exercise, trial, expected[i], got[i], mistake, namespace)
    if any(outcome.inputs_changed for outcome in got):
        raise Wrong(
            f"{exercise.label}: wrong ({IT_CHANGES_ITS_INPUT})\n"
            "The result is right, but what was passed in is no longer the same.\n"
            f"{WORK_ON_A_COPY}\n"
            f"{_afterwards(exercise)}"
        )


def _find_answer(exercise: Exercise, namespace: dict) -> Any:
    answer = namespace.get(exercise.name)
    if answer is exercise.reference:
        raise NotYet(
            f"{exercise.label}: not solved yet\n"
            f"`{exercise.name}` is the course's version at the moment, not yours.\n"
            "Run the cell with your answer again, then this one."
        )
    if exercise.name not in namespace:
        broken = getattr(sys, "last_value", None)
        if isinstance(broken, SyntaxError):
            raise Wrong(
                f"{exercise.label}: wrong (Python cannot read the cell)\n"
                f"Line {broken.lineno}: {broken.msg}.\n"
                f"Mend the cell that defines `{exercise.name}`, run it, then this one.\n"
                f"{_afterwards(exercise, kept=False)}"
            )
        raise NotYet(
            f"{exercise.label}: not solved yet\n"
            f"There is no `{exercise.name}` so far. Run the cell that defines it, then this one.\n"
            f"{_afterwards(exercise, kept=False)}"
        )
    if not callable(answer):
        raise Wrong(
            f"{exercise.label}: wrong (not something to call)\n"
            f"`{exercise.name}` is {_a(answer)}; it should be a function or a class.\n"
            f"{_afterwards(exercise)}"
        )
    return answer


def _ask_learner(exercise: Exercise, answer: Any, namespace: dict) -> list[Outcome]:
    def ask_all() -> list[Outcome]:
        outcomes = []
        for trial in exercise.trials:
            outcome = _ask(trial, answer)
            if _is_stub(outcome.error, namespace):
                raise NotYet(
                    f"{exercise.label}: not solved yet\n"
                    "Write your answer where the cell above says NotImplementedError.\n"
                    f"{_afterwards(exercise)}"
                )
            outcomes.append(outcome)
        return outcomes

    try:
        return within(CPU_SECONDS, ask_all)
    except TooLong as too_long:
        where = _where(too_long, namespace)
        raise Wrong(
            f"{exercise.label}: wrong (it does not come to an end)\n"
            f"After {CPU_SECONDS:.0f} seconds your code was still busy{where}, so it was stopped.\n"
            "Look for a loop whose condition never changes.\n"
            f"{_afterwards(exercise)}"
        ) from None


def _ask(trial: Trial, answer: Any) -> Outcome:
    """Put one question. The answer gets copies, so that no trial can spoil the next."""
    # Layers made inside start from the same numbers for everyone. (torch.manual_seed would note
    # down a whole traceback at each call, for a GPU that may be used later.)
    torch.default_generator.manual_seed(0)
    inputs = snapshot(trial.inputs)
    try:
        with torch.enable_grad():  # and after it as before, whatever the answer switched off
            outcome = Outcome(value=trial.ask(answer, *inputs))
    except TooLong:
        raise
    except (Exception, SystemExit) as error:
        outcome = Outcome(error=error)
    outcome.inputs_changed = not same_value(trial.inputs, inputs)
    return outcome


def _same(trial: Trial, a: Outcome, b: Outcome) -> bool:
    if trial.raises:  # what counts is whether an error comes, and of which kind
        kinds = [isinstance(x.error, trial.raises) or type(x.error) for x in (a, b)]
        return kinds[0] == kinds[1]
    if a.error is not None and b.error is not None:
        alike = type(a.error) is type(b.error) and str(a.error) == str(b.error)
        return trial.errors_alike or alike
    return a.error is b.error and same_value(a.value, b.value)


def _identify(
    exercise: Exercise, first: int, expected: list[Outcome], got: list[Outcome]
) -> Mistake | None:
    """The known mistake that explains what the learner's object did.

    First choice: a stand-in that answers every trial as the learner does. Second: one whose every
    wrong answer the learner gives, too, beside other wrong ones (two mistakes at once), if these
    answers tell enough. Third: one that fails with some error just where the learner does, and is
    right just where the learner is. All must share the learner's `first` wrong answer, which spares
    most stand-ins the other trials.
    """
    trials = exercise.trials
    right = [_same(*three) for three in zip(trials, expected, got, strict=True)]
    works_somewhere = any(r for r, trial in zip(right, trials, strict=True) if not trial.raises)
    second = third = None
    for mistake in exercise.mistakes:
        if not _shares(trials[first], _ask(trials[first], mistake.stand_in), got[first]):
            continue
        theirs = [_ask(trial, mistake.stand_in) for trial in trials]
        alike = [_same(*three) for three in zip(trials, theirs, got, strict=True)]
        if all(alike):
            return mistake
        wrong = [not _same(*three) for three in zip(trials, expected, theirs, strict=True)]
        shared = [_shares(*three) for three in zip(trials, theirs, got, strict=True)]
        told = sum(
            _tells(trial, outcome)
            for trial, outcome, same, is_wrong in zip(trials, theirs, alike, wrong, strict=True)
            if same and is_wrong
        )
        if told >= 2 and all(s for s, w in zip(shared, wrong, strict=True) if w):
            second = second or mistake
        if works_somewhere and all(shared):
            third = third or mistake
    return second or third


def _shares(trial: Trial, a: Outcome, b: Outcome) -> bool:
    """The same answer, or an error in both where none is due."""
    return _same(trial, a, b) or bool(a.error and b.error and not trial.raises)


def _tells(trial: Trial, outcome: Outcome) -> int:
    """How much it proves to give this very answer: one number may be chance, a tensor is not."""
    if trial.raises or outcome.error or isinstance(outcome.value, bool):
        return 0
    return 2 if isinstance(outcome.value, Tensor) else 1


def _wrong(
    exercise: Exercise,
    trial: Trial,
    right: Outcome,
    outcome: Outcome,
    mistake: Mistake | None,
    namespace: dict,
) -> Wrong:
    """The verdict in words: which mistake, on which example, what to look at."""
    name, advice = (mistake.name, mistake.says) if mistake else (None, None)
    if trial.raises:
        due = "an error" if trial.raises is Exception else trial.raises.__name__
        kind = f"raised {type(outcome.error).__name__}" if outcome.error else "returned a result"
        if isinstance(outcome.value, Exception):
            kind = f"returned {type(outcome.value).__name__} as a result: write `raise`"
        what = f"{trial.says} should raise {due}; yours {kind}."
        name = name or (f"it {kind}" if outcome.error else "no error where one is due")
    elif outcome.error:
        kind = type(outcome.error).__name__
        lines = [line.strip() for line in str(outcome.error).splitlines() if line.strip()]
        text = " ".join(dict.fromkeys(lines[:1] + lines[-1:]))  # einops says most in its last line
        what = f"{trial.says}: it raised {kind}{_where(outcome.error, namespace)}: {text}"
        name = name or f"it raised {kind}"
    elif outcome.value is None:
        what = f"{trial.says}: yours gives None."
        name, advice = "it returns None", "Is there a `return` at the end?"
    else:
        what = f"{trial.says}: {difference(right.value, outcome.value)}"
        advice = advice or family_resemblance(right.value, outcome.value)
    if outcome.inputs_changed and not name:
        name = IT_CHANGES_ITS_INPUT
        advice = WORK_ON_A_COPY
    lines = [f"{exercise.label}: wrong" + (f" ({name})" if name else ""), what]
    if advice:
        lines.append(advice)
    return Wrong("\n".join([*lines, _afterwards(exercise)]))


def _afterwards(exercise: Exercise, kept: bool = True) -> str:
    return (
        f'Stuck? check("{exercise.id}", hint=1). You can go on: from here {exercise.name} is '
        "the course's" + (f", yours is my_{exercise.name}." if kept else ".")
    )


def _is_stub(error: BaseException | None, namespace: dict) -> bool:
    """A NotImplementedError from the learner's own lines (torch raises some of its own)."""
    if not isinstance(error, NotImplementedError):
        return False
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_globals is namespace


def _where(error: BaseException, namespace: dict) -> str:
    """' in line 3 of its cell (`x = ...`)', or nothing if the error is not from the notebook."""
    found = ""
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_globals is namespace:
            source = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()
            found = f" in line {trace.tb_lineno} of its cell" + (f" (`{source}`)" if source else "")
        trace = trace.tb_next
    return found


def _a(value: Any) -> str:
    kind = type(value).__name__
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
