"""The answer bank: right and wrong answers to every exercise, and what the checks say of them.

One file per exercise (`ex_1_2.py`), one answer after another, each under a header line:

    # right: einops
    # wrong: columns before rows        (the name that the check must give; `*` for any or none)
    # stub: the cell as it is handed out

An answer is ordinary code, run as a notebook cell would be, after the names of `PRELUDE` and
whatever stands above the first header of the file. `python -m tests.answers` prints the table.
"""

import linecache
import re
from dataclasses import dataclass
from pathlib import Path

from vitcourse.exercises import NotYet, Wrong, engine, find_exercise
from vitcourse.exercises.engine import judge

engine.CPU_SECONDS = 3.0  # the endless loops of the bank are not worth five seconds each

FOLDER = Path(__file__).parent
PRELUDE = """
import math
import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn
from vitcourse.model import count_patches, patchify, unpatchify
"""


@dataclass(frozen=True)
class Answer:
    exercise: str  # "1.2"
    kind: str  # right, wrong or stub
    name: str  # the style of a right answer, the mistake in a wrong one
    code: str
    place: str  # file:line

    @property
    def expected(self) -> str:
        return {"right": "solved", "stub": "not solved yet"}.get(self.kind, f"wrong ({self.name})")


def load(folder: Path = FOLDER) -> list[Answer]:
    """All answers of the bank, in order."""
    answers = []
    for path in sorted(folder.glob("ex_*.py")):
        exercise = path.stem.removeprefix("ex_").replace("_", ".")
        parts = re.split(r"^# (right|wrong|stub): (.+)$", path.read_text(), flags=re.MULTILINE)
        line = parts[0].count("\n") + 1
        for kind, name, code in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            answers.append(Answer(exercise, kind, name, parts[0] + code, f"{path.name}:{line}"))
            line += code.count("\n")
    return answers


def verdict(answer: Answer) -> tuple[str, str]:
    """What the check says: (short verdict, whole message)."""
    exercise = find_exercise(answer.exercise)
    namespace: dict = {"__name__": "notebook"}
    exec(PRELUDE, namespace)
    namespace.pop(exercise.name, None)  # what the exercise asks for is not there yet
    filename = f"<{answer.place}>"
    linecache.cache[filename] = (len(answer.code), None, answer.code.splitlines(True), filename)
    exec(compile(answer.code, filename, "exec"), namespace)
    try:
        judge(exercise, namespace)
    except (NotYet, Wrong) as problem:
        return str(problem).splitlines()[0].removeprefix(f"{exercise.label}: "), str(problem)
    return "solved", f"{exercise.label}: solved"


def is_as_expected(answer: Answer, said: str) -> bool:
    if answer.kind == "wrong" and answer.name == "*":
        return said.startswith("wrong")
    return said == answer.expected
