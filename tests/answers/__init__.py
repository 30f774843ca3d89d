"""The answer bank: right and wrong answers to every exercise, and what the checks say of them.

The known mistakes and the right answers that they are edits of stand in
`vitcourse/exercises/answers`, in the form that `vitcourse/exercises/bank.py` describes. Here is
what else there is: right answers in other styles, near misses, wrong answers of no known kind
(`# wrong: *`: any name, or none), and stubs. `python -m tests.answers` prints the table.
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from vitcourse.exercises import NotYet, Wrong, engine, find_exercise
from vitcourse.exercises.bank import ANSWERS, Answer, read_answers, run
from vitcourse.exercises.engine import judge

# The first use of torch.func imports for two seconds; a time limit would leave half of it.
torch.func.grad(torch.sum)(torch.ones(1))
# The endless loops of the bank are not worth five seconds each, and a busy machine proves nothing.
engine.CPU_SECONDS, engine.CLOCK_SECONDS = 2.0, 60.0

FOLDER = Path(__file__).parent


def load(*only: str, folders: Sequence[Path] = (ANSWERS, FOLDER)) -> list[Answer]:
    """The answers of the bank in the order of their exercises: all, or `only` "1.2", "4", ..."""
    paths = [path for folder in folders for path in folder.glob("ex_*.py")]
    paths.sort(key=_numbers)
    wanted = {tuple(map(int, number.split("."))) for number in only} or {()}
    return [
        answer
        for path in paths
        if any(_numbers(path)[: len(number)] == number for number in wanted)
        for answer in read_answers(path)
    ]


def _numbers(path: Path) -> tuple[int, ...]:
    """ex_1_2.py -> (1, 2)"""
    return tuple(map(int, path.stem.split("_")[1:]))


def verdict(answer: Answer) -> tuple[str, str]:
    """What the check says: (short verdict, whole message)."""
    exercise = find_exercise(answer.exercise)
    namespace = run(answer, exercise.name)
    try:
        judge(exercise, namespace)
    except (NotYet, Wrong) as problem:
        return str(problem).splitlines()[0].removeprefix(f"{exercise.label}: "), str(problem)
    return "solved", f"{exercise.label}: solved"


def expected(answer: Answer) -> str:
    return {"right": "solved", "stub": "not solved yet"}.get(answer.kind, f"wrong ({answer.name})")


def is_as_expected(answer: Answer, said: str) -> bool:
    if answer.kind == "wrong" and answer.name == "*":
        return said.startswith("wrong")
    return said == expected(answer)
