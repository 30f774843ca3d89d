"""The judge: is an answer right, and if not, which mistake is it?

An exercise puts a few small questions (trials) to the learner's object and to the reference, and
compares. When they differ, it puts the same questions to stand-ins that each make one known
mistake. The stand-in that answers as the learner's object does *is* the mistake, so the message is
right by construction.
"""

import ast
import linecache
import re
import sys
import textwrap
import time
import warnings
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from io import StringIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vitcourse.exercises.bank import ANSWERS, Mistake, known_mistakes
from vitcourse.exercises.compare import (
    TOLERANCE,
    difference,
    family_resemblance,
    same_value,
    snapshot,
)
from vitcourse.exercises.gather import lines_that_change_in_place
from vitcourse.exercises.guard import TooLong, isolated, time_limit
from vitcourse.exercises.verdicts import (
    NOT_YET,
    WRONG,
    Badge,
    in_place_of_a_traceback,
    wrapped,
)

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
    "11": "ch11_without_labels",
    "12": "ch12_vit_of_today",
}
IT_CHANGES_ITS_INPUT = "it changes its input"
WORK_ON_A_COPY = (
    "Work on a copy: `+=` and the like, `x[...] =`, `out=`, `.data` and methods that end in an "
    "underscore change the tensor itself."
)
# For the learner's code in one check; the checks themselves need under 0.5 s.
CPU_SECONDS, CLOCK_SECONDS = 5.0, 10.0


class Verdict(AssertionError):
    """Raised by `check`; Jupyter and nbval show its lines instead of a traceback."""

    badge: Badge

    def _render_traceback_(self) -> list[str]:
        return in_place_of_a_traceback(self.badge, str(self))


class WrongUse(ValueError):
    """`check` was called with a number or a hint that does not exist."""

    def _render_traceback_(self) -> list[str]:
        return wrapped(str(self)).splitlines()


class NotYet(Verdict):
    """The exercise is still a stub."""

    badge = NOT_YET


class Wrong(Verdict):
    """The answer differs from the specification."""

    badge = WRONG


@dataclass(frozen=True)
class Easier:
    """The same question in easier circumstances, and how the two are told apart in words."""

    right: str  # "for square images"
    wrong: str  # "for 6 x 10"
    inputs: tuple
    ask: Callable = lambda answer, *inputs: answer(*inputs)


@dataclass(frozen=True)
class Trial:
    """One question: call the answer with `inputs` (or do what `ask` does) and look at the result.

    `says` is how the question reads in a message. With `raises`, the right result is an error of
    that type. With `errors_alike`, every error here has the same cause, whatever it says. Numbers
    may differ by `tolerance`, relative to the largest. `circumstance` is what makes this question
    harder than a plain one (see battery.py), and `easier` are questions to ask when no known
    mistake explains a wrong answer: the verdict then says where the answer is right.
    """

    says: str
    inputs: tuple = ()
    ask: Callable = lambda answer, *inputs: answer(*inputs)
    raises: type[Exception] | None = None
    errors_alike: bool = False
    tolerance: float = TOLERANCE
    circumstance: str = ""
    easier: tuple[Easier, ...] = ()


@dataclass
class Outcome:
    """The result of one trial: a value or an error, and whether the inputs were changed."""

    value: Any = None
    error: BaseException | None = None
    inputs_changed: bool = False


@dataclass(frozen=True)
class Exercise:
    id: str
    name: str  # what the learner defines
    title: str
    difficulty: int  # 1 to 5
    minutes: int
    reference: Any
    hints: tuple[str, ...]  # a question, the idea, almost the line; none in an exam
    trials: tuple[Trial, ...]
    folder: Path = ANSWERS  # of the file with its known mistakes

    @property
    def label(self) -> str:
        return f"{self.id} {self.name}"

    @property
    def is_exam(self) -> bool:
        """An exam's task has no hints, and its check puts nothing in the place of an answer."""
        return not self.hints

    @cached_property
    def expected(self) -> list[Outcome]:
        """The reference's answer to each trial. It is asked first: whatever torch imports on first
        use is then loaded already, and does not count as the learner's time."""
        outcomes = [_ask(trial, self.reference) for trial in self.trials]
        for trial, outcome in zip(self.trials, outcomes, strict=True):
            if outcome.error and not trial.raises:
                raise RuntimeError(f"{self.label}: the reference fails: {trial.says}") from (
                    outcome.error
                )
        return outcomes

    def outcome_of(self, mistake: int, trial: int) -> Outcome:
        """A known mistake's answer to a trial; asked once per session."""
        if (mistake, trial) not in self._outcomes:
            stand_in = self.mistakes[mistake].stand_in
            self._outcomes[mistake, trial] = _ask(self.trials[trial], stand_in)
        return self._outcomes[mistake, trial]

    @cached_property
    def _outcomes(self) -> dict[tuple[int, int], Outcome]:
        return {}

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """Read at the first wrong answer, not at import."""
        return known_mistakes(self.id, self.name, self.folder)


def all_exercises() -> list[Exercise]:
    """The exercises of all chapters, in order."""
    return [exercise for chapter in CHAPTERS for exercise in _chapter(chapter)]


def find_exercise(exercise_id: str, folder: str | Path | None = None) -> Exercise:
    """The exercise with this number, from the course or from a teacher's folder.

    Raises WrongUse, a ValueError, for a number that does not exist.
    """
    if not isinstance(exercise_id, str):
        raise WrongUse(f'exercise_id={exercise_id!r}: the number must be a string: check("1.2")')
    if folder is not None:
        exercises, where = exercises_in(folder), f"{folder}"
    else:
        chapter = exercise_id.split(".")[0]
        if chapter not in CHAPTERS:
            raise WrongUse(f"exercise_id={exercise_id!r}: the chapters are {', '.join(CHAPTERS)}")
        exercises, where = _chapter(chapter), f"chapter {chapter}"
    for exercise in exercises:
        if exercise.id == exercise_id:
            return exercise
    numbers = ", ".join(exercise.id for exercise in exercises)
    raise WrongUse(f"exercise_id={exercise_id!r}: {where} has {numbers}")


def exercises_in(folder: str | Path) -> tuple[Exercise, ...]:
    """A teacher's own exercises: EXERCISES of `exercises.py`, with `ex_*.py` beside it.

    Raises WrongUse if there are none.
    """
    path = Path(folder).resolve() / "exercises.py"
    if not path.is_file():
        raise WrongUse(f"folder={str(folder)!r}: there is no exercises.py in it")
    name = f"vitcourse_exercises_{hash(path) & 0xFFFFFFFF:x}"
    if name not in sys.modules:
        specification = spec_from_file_location(name, path)
        sys.modules[name] = module_from_spec(specification)
        with isolated():
            specification.loader.exec_module(sys.modules[name])
    return tuple(replace(e, folder=path.parent) for e in sys.modules[name].EXERCISES)


def _chapter(chapter: str) -> tuple[Exercise, ...]:
    with isolated():  # the questions are made on import: not in a dtype that the learner has set
        return import_module(f"vitcourse.exercises.{CHAPTERS[chapter]}").EXERCISES


def judge(exercise: Exercise, namespace: dict, answer: Any = None) -> None:
    """Raise NotYet or Wrong unless `namespace` (or `answer`) holds a right answer."""
    if answer is None:
        answer = _find_answer(exercise, namespace)
    with isolated(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they would quote lines of the check
        expected = exercise.expected
        got = _ask_learner(exercise, answer, namespace)
        for i, trial in enumerate(exercise.trials):
            if not _same(trial, expected[i], got[i]):
                mistake = _identify(exercise, i, expected, got)
                if not mistake:
                    mistake = _in_place(answer, got) or _contrast(exercise, trial, answer)
                raise _wrong(exercise, trial, expected[i], got[i], mistake, namespace)
    if mistake := _in_place(answer, got):
        raise Wrong(
            f"{exercise.label}: wrong ({mistake.name})\n"
            "The result is right, but what was passed in has been changed.\n"
            f"{mistake.says}\n"
            f"{_afterwards(exercise)}"
        )


def _find_answer(exercise: Exercise, namespace: dict) -> Any:
    if broken := _unreadable_cell(exercise.name, namespace):
        raise Wrong(
            f"{exercise.label}: wrong (Python cannot read the cell)\n"
            f"Line {broken.lineno}: {broken.msg}.\n"
            f"Fix the cell that defines `{exercise.name}`, run it, then this one.\n"
            f"{_afterwards(exercise, kept=False)}"
        )
    answer = namespace.get(exercise.name)
    if answer is exercise.reference:
        raise NotYet(
            f"{exercise.label}: not solved yet\n"
            f"`{exercise.name}` is currently the course's version, not yours.\n"
            "Run the cell with your answer again, then this one."
        )
    if exercise.name not in namespace:
        raise NotYet(
            f"{exercise.label}: not solved yet\n"
            f"`{exercise.name}` is not defined yet. Run the cell that defines it, then this one.\n"
            f"{_afterwards(exercise, kept=False)}"
        )
    if not callable(answer):
        raise Wrong(
            f"{exercise.label}: wrong (it cannot be called)\n"
            f"`{exercise.name}` is {_a(answer)}; it should be a function or a class.\n"
            f"{_afterwards(exercise)}"
        )
    return answer


def _unreadable_cell(name: str, namespace: dict) -> SyntaxError | None:
    """The syntax error in the cell that defines `name` and was run last, if it has one.

    Whatever `name` means in the notebook then comes from an earlier run.
    """
    defines = re.compile(rf"^[ \t]*(?:(?:def|class)\s+{name}\b|{name}\s*=)", re.MULTILINE)
    cells = namespace.get("_ih", ())  # IPython's list of the cells that were run
    if len(cells) < 2:  # pytest --nbval runs cells without a history
        last = getattr(sys, "last_value", None)
        return last if isinstance(last, SyntaxError) and name not in namespace else None
    for cell in reversed(cells):
        if "run_cell_magic" in cell and name in cell:
            return None  # %%time and similar magics hold the cell as a string
        if found := defines.search(cell):
            try:
                ast.parse(cell)
            except SyntaxError as error:
                return error
            except (RecursionError, MemoryError):
                line = cell.count("\n", 0, found.start()) + 1
                return SyntaxError("what begins here is too deep", ("", line, None, None))
            return None
    return None


def _ask_learner(exercise: Exercise, answer: Any, namespace: dict) -> list[Outcome]:
    def ask_all() -> list[Outcome]:
        outcomes = []
        for trial in exercise.trials:
            # What a learner prints is shown for the plain questions only.
            quiet = redirect_stdout(StringIO()) if trial.circumstance else nullcontext()
            with quiet:
                outcome = _ask(trial, answer)
            if _is_stub(outcome.error, namespace):
                raise NotYet(
                    f"{exercise.label}: not solved yet\n"
                    "Write your answer where the cell above says NotImplementedError.\n"
                    f"{_afterwards(exercise)}"
                )
            outcomes.append(outcome)
        return outcomes

    cpu, clock = time.process_time(), time.monotonic()
    try:
        return time_limit(CPU_SECONDS, CLOCK_SECONDS, ask_all)
    except TooLong as too_long:
        cpu, clock = time.process_time() - cpu, time.monotonic() - clock
        where = _where(too_long, namespace)
        if cpu < CPU_SECONDS:
            name = "it takes too long"
            saw = f"After {clock:.0f} seconds your code had not finished; it was stopped{where}."
            advice = (
                f"It computed for {cpu:.1f} of these seconds and waited for the rest: does it "
                "sleep, or wait for a file or a network? If the computer is busy, check again."
            )
        else:
            name = "it never finishes"
            saw = f"After {cpu:.0f} seconds your code was still computing{where}; it was stopped."
            advice = "Look for a loop whose condition never changes."
        raise Wrong(
            f"{exercise.label}: wrong ({name})\n{saw}\n{advice}\n{_afterwards(exercise)}"
        ) from None


def _ask(trial: Trial, answer: Any) -> Outcome:
    """Put one question. The answer gets copies, so that no trial can spoil the next."""
    # Layers made inside start from the same numbers for everyone. (torch.manual_seed would
    # record a whole traceback at each call, for a GPU that may be used later.)
    torch.default_generator.manual_seed(0)
    inputs = snapshot(trial.inputs)
    try:
        with torch.enable_grad():  # afterwards as before, whatever the answer switched off
            outcome = Outcome(value=trial.ask(answer, *inputs))
    except TooLong:
        raise
    except (Exception, SystemExit) as error:
        outcome = Outcome(error=error)
    outcome.inputs_changed = not same_value(trial.inputs, inputs)
    return outcome


def _same(trial: Trial, a: Outcome, b: Outcome) -> bool:
    if trial.raises:  # what counts is whether there is an error, and of which type
        kinds = [isinstance(x.error, trial.raises) or type(x.error) for x in (a, b)]
        return kinds[0] == kinds[1]
    if a.error is not None and b.error is not None:
        alike = type(a.error) is type(b.error) and str(a.error) == str(b.error)
        return trial.errors_alike or alike
    return a.error is b.error and same_value(a.value, b.value, trial.tolerance)


def _identify(
    exercise: Exercise, first: int, expected: list[Outcome], got: list[Outcome]
) -> Mistake | None:
    """The known mistake that explains what the learner's object did.

    First choice: a stand-in that answers every trial as the learner does. Second: one whose wrong
    answers the learner all gives too, along with other wrong ones (two mistakes at once), if these
    answers prove enough. Third: one that fails with some error exactly where the learner does, and
    is right exactly where the learner is. All must share the learner's `first` wrong answer, so
    most stand-ins need not be asked the other trials.
    """
    trials = exercise.trials
    right = [_same(*three) for three in zip(trials, expected, got, strict=True)]
    works_somewhere = any(r for r, trial in zip(right, trials, strict=True) if not trial.raises)
    changes_inputs = any(outcome.inputs_changed for outcome in got)
    second = third = None
    loose = [replace(trial, tolerance=max(trial.tolerance, TOLERANCE)) for trial in trials]
    for number, mistake in enumerate(exercise.mistakes):
        theirs_first = exercise.outcome_of(number, first)
        if _same(trials[first], expected[first], theirs_first):
            continue
        if not _shares(loose[first], theirs_first, got[first]):
            continue
        theirs = [exercise.outcome_of(number, i) for i in range(len(trials))]
        if changes_inputs and not any(outcome.inputs_changed for outcome in theirs):
            continue
        wrong = [not _same(*three) for three in zip(trials, expected, theirs, strict=True)]
        alike = [
            _same(trial, x, y) and is_wrong != is_right
            for trial, x, y, is_wrong, is_right in zip(
                loose, theirs, got, wrong, right, strict=True
            )
        ]
        if all(alike):
            return mistake
        shared = [_shares(*three) for three in zip(loose, theirs, got, strict=True)]
        told = sum(
            _tells(trial, outcome)
            for trial, outcome, same, is_wrong in zip(trials, theirs, alike, wrong, strict=True)
            if same and is_wrong
        )
        # In the harder circumstances two mistakes at once may look like neither.
        plain = [w and not trial.circumstance for w, trial in zip(wrong, trials, strict=True)]
        if told >= 2 and all(s for s, p in zip(shared, plain, strict=True) if p):
            second = second or mistake
        if works_somewhere and all(shared):
            third = third or mistake
    return second or third


def _in_place(answer: Any, got: list[Outcome]) -> Mistake | None:
    """An answer that changes what is passed in, and the line if only one line can have done it."""
    if not any(outcome.inputs_changed for outcome in got):
        return None
    lines = list(lines_that_change_in_place(answer))
    line = f"See line {lines[0][0]} of its cell: `{lines[0][1]}`. " if len(lines) == 1 else ""
    return Mistake(IT_CHANGES_ITS_INPUT, line + WORK_ON_A_COPY)


def _contrast(exercise: Exercise, trial: Trial, answer: Any) -> Mistake | None:
    """Easier circumstances in which the answer is right, if there are any."""
    for easier in trial.easier:
        tolerance = max(trial.tolerance, TOLERANCE)  # the easier question may be in float32
        question = Trial(trial.says, easier.inputs, easier.ask, tolerance=tolerance)
        try:
            got = time_limit(CPU_SECONDS, CLOCK_SECONDS, partial(_ask, question, answer))
        except TooLong:
            continue
        if _same(question, _ask(question, exercise.reference), got):
            return Mistake(f"right {easier.right}, wrong {easier.wrong}", "")
    return None


def _shares(trial: Trial, a: Outcome, b: Outcome) -> bool:
    """The same answer, or an error of the same type where none is expected."""
    alike = a.error and type(a.error) is type(b.error) and not isinstance(a.error, NameError)
    return _same(trial, a, b) or bool(alike and not trial.raises)


def _tells(trial: Trial, outcome: Outcome) -> int:
    """How much giving exactly this answer proves: one number may be chance, a tensor is not."""
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
        name = name or (f"it {kind}" if outcome.error else "no error where one is expected")
    elif outcome.error:
        kind = type(outcome.error).__name__
        lines = [line.strip() for line in str(outcome.error).splitlines() if line.strip()]
        text = " ".join(dict.fromkeys(lines[:1] + lines[-1:]))  # einops says most in its last line
        text = textwrap.shorten(text, 300, placeholder=" ...")
        what = f"{trial.says}: it raised {kind}{_where(outcome.error, namespace)}: {text}"
        name = name or f"it raised {kind}"
    elif outcome.value is None:
        what = f"{trial.says}: yours gives None."
        name, advice = "it returns None", "Is there a `return` at the end?"
    else:
        what = f"{trial.says}: {difference(right.value, outcome.value, trial.tolerance)}"
        advice = advice or family_resemblance(right.value, outcome.value, trial.tolerance)
    lines = [f"{exercise.label}: wrong" + (f" ({name})" if name else ""), what]
    if advice:
        lines.append(advice)
    return Wrong("\n".join([*lines, _afterwards(exercise)]))


def _afterwards(exercise: Exercise, kept: bool = True) -> str:
    if exercise.is_exam:
        return "This is an exam's task: there are no hints, and your answer stays in place."
    return (
        f'Stuck? check("{exercise.id}", hint=1). You can continue: from here {exercise.name} is '
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
