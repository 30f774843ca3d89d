"""The known answers to each exercise, each written once, as a learner would write it.

`answers/ex_1_2.py` holds right answers and, below each, the wrong ones that differ from it:

    # right: einops
    def patchify(images, p):
        ...
        return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=p, q=p)

    # wrong: columns before rows
    # > Your patches run down the columns of the grid. Raster order: along each row first.
    # ~ b (h w) (c p q) => b (w h) (c p q)

`# >` is what the learner is told; it is written once for each name. `# ~ old => new` is an edit of
the right answer above; `old` must occur there exactly once; several edits are applied in order.
A wrong answer without edits is written out whole. `# >` below a right answer says in what it
differs from the course's own; `solution` shows these. A third kind, `# stub:`, is not solved yet.
In a class's copy of the course (workshop/release.py) these files are packed.

The checks name a mistake by asking these answers what they ask the learner. `tests/answers` holds
more answers in the same form: right ones in other styles, and wrong ones of no known kind.
"""

import base64
import linecache
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).parent / "answers"
HEADER = re.compile(r"^# (right|wrong|stub): (.+)$", re.MULTILINE)
PACKED = "# What the check knows of usual mistakes, packed: you find them better yourself.\n# "
# What an answer can use without importing it: the names that the notebooks have imported.
PRELUDE = compile(
    """
import math
import torch
import torch.nn.functional as F
from einops import rearrange
from torch import nn
from vitcourse.model import count_patches, patchify, unpatchify
""",
    "<prelude>",
    "exec",
)


@dataclass(frozen=True)
class Answer:
    exercise: str  # "1.2"
    kind: str  # right, wrong or stub
    name: str  # the style of a right answer; the mistake in a wrong one, or * for any
    head: str  # what is above the first header of the file
    body: str
    says: str  # what a known mistake tells the learner
    place: str  # "tests/ex_1_2.py:12"; the folder tells the bank from the known answers

    @property
    def code(self) -> str:
        return self.head + self.body


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its short name, what to tell the learner, and an object that makes it."""

    name: str
    says: str
    stand_in: Any = None


def read_answers(path: Path) -> list[Answer]:
    """All answers of a file, in order. Raises ValueError for an edit that does not fit."""
    exercise = path.stem.removeprefix("ex_").replace("_", ".")
    head, *parts = HEADER.split(_text(path))
    line = head.count("\n") + 1
    answers, says, right = [], {}, None
    for kind, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        place = f"{path.parent.parent.name}/{path.name}:{line}"
        told, edits, code = _marks(body)
        if told:
            says[name] = told
        if edits:
            if right is None:
                raise ValueError(f"{place}, {name}: there is no right answer above to edit")
            code = _edited(right, edits, f"{place}, {name}")
        elif kind == "right":
            right = code
        answers.append(Answer(exercise, kind, name, head, code, says.get(name, ""), place))
        line += body.count("\n")
    # A message may also stand further down, at another answer of the same name.
    return [a if a.says else replace(a, says=says.get(a.name, "")) for a in answers]


def packed(text: str) -> str:
    """A file of answers so that nobody reads it by chance. It is no secret: `read_answers` can."""
    return f"{PACKED}{base64.b64encode(zlib.compress(text.encode(), 9)).decode()}\n"


def _text(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if text.startswith(PACKED):
        return zlib.decompress(base64.b64decode(text.removeprefix(PACKED))).decode()
    return text


def _marks(body: str) -> tuple[str, list[str], str]:
    """The message, the edits, and the code below them."""
    lines = body.split("\n")[1:]
    told, edits = [], []
    while lines and lines[0].startswith(("# > ", "# ~ ")):
        (told if lines[0][2] == ">" else edits).append(lines.pop(0)[4:].strip())
    return " ".join(told), edits, "\n" + "\n".join(lines)


def single_edits(path: Path) -> Iterator[tuple[str, str, str]]:
    """(name, old, new) of each known mistake in a file that is one edit of a right answer."""
    _, *parts = HEADER.split(_text(path))
    for name, body in zip(parts[1::3], parts[2::3], strict=True):
        _, edits, _ = _marks(body)
        if len(edits) == 1:
            old, _, new = _parts(edits[0])
            yield name, old, new


def _parts(edit: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in f"{edit} ".partition(" => "))


def _edited(code: str, edits: list[str], place: str) -> str:
    for edit in edits:
        old, arrow, new = _parts(edit)
        if not arrow or code.count(old) != 1:
            raise ValueError(f"{place}: `{old}` must occur once in the right answer, and `=>` once")
        code = code.replace(old, new)
    return code


def run(answer: Answer, exercise_name: str) -> dict:
    """The notebook's namespace after the cell with this answer was run."""
    namespace: dict = {"__name__": "notebook"}
    exec(PRELUDE, namespace)
    namespace.pop(exercise_name, None)  # what the exercise asks for does not exist yet
    filename = f"<{answer.place}>"
    linecache.cache[filename] = (len(answer.code), None, answer.code.splitlines(True), filename)
    exec(compile(answer.code, filename, "exec"), namespace)
    return namespace


@cache
def known_mistakes(exercise_id: str, name: str, folder: Path = ANSWERS) -> tuple[Mistake, ...]:
    """The known mistakes of an exercise, if it has a file; `name` is what the learner defines."""
    path = folder / f"ex_{exercise_id.replace('.', '_')}.py"
    if not path.exists():
        return ()
    wrong = [answer for answer in read_answers(path) if answer.kind == "wrong"]
    for answer in wrong:
        if not answer.says:
            raise ValueError(f"{answer.place}, {answer.name}: what is the learner told (# > ...)?")
    return tuple(Mistake(a.name, a.says, run(a, name)[name]) for a in wrong)
