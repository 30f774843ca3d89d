"""The verdict is the one that the notebook itself gives, however the answer is written down."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.grading.notebooks import RIGHT, code_cell, notebook, original, place_of, write
from vitcourse.exercises import engine
from vitcourse.exercises.bank import ANSWERS, read_answers, run
from vitcourse.grading.results import NOT_YET, SOLVED, WRONG, Graded
from vitcourse.grading.run import grade

STUB = "def count_patches(height, width, patch_size):\n    raise NotImplementedError\n"
COUNT = RIGHT["1.1"]
ONLY_WIDTH = COUNT.replace("height % patch_size", "False").replace("height %", "False and height %")


def with_cells(filled: dict, exercise: str, *cells: str, below_check: bool = False) -> dict:
    """The cells right after the exercise's, or after its check's."""
    at = place_of(filled, exercise) + (2 if below_check else 1)
    filled["cells"][at:at] = map(code_cell, cells)
    return filled


def without(filled: dict, *words: str) -> dict:
    """Without the code cells in which one of the words stands."""
    filled["cells"] = [
        c for c in filled["cells"] if not any(w in "".join(c["source"]) for w in words)
    ]
    return filled


def bare(filled: dict) -> dict:
    """As other editors leave it: the course's metadata is gone, and so are its checks."""
    for cell in filled["cells"]:
        cell["metadata"] = {}
    return without(filled, "check(")


def syntax_error() -> dict:
    return notebook(ex_1_1="def count_patches(height, width, patch_size)\n    return 1")


PATCHED = """class PatchEmbedding(nn.Module):
    pass

def _init(self, image_size, patch_size, in_channels, embed_dim):
    nn.Module.__init__(self)
    self.patch_size, self.num_patches = patch_size, count_patches(*image_size, patch_size)
    self.proj = nn.Linear(in_channels * patch_size**2, embed_dim)

def _forward(self, images):
    return self.proj(patchify(images, self.patch_size))

PatchEmbedding.__init__ = _init
setattr(PatchEmbedding, "forward", _forward)
"""

# name -> (the notebook, the verdict on 1.1 unless another exercise is named, a word of a remark)
CASES = {
    "all right": (notebook(), SOLVED),
    "as handed out": (original(), NOT_YET),
    "in a cell of their own above the check": (
        with_cells(notebook(ex_1_1=STUB), "1.1", COUNT),
        SOLVED,
    ),
    "below the check": (
        with_cells(notebook(ex_1_1=STUB), "1.1", COUNT, below_check=True),
        SOLVED,
        "below its check",
    ),
    "right at a second check": (
        with_cells(notebook(ex_1_1=ONLY_WIDTH), "1.1", COUNT, 'check("1.1")', below_check=True),
        SOLVED,
    ),
    "played with after the check": (
        with_cells(notebook(), "1.1", "count_patches = None", below_check=True),
        SOLVED,
    ),
    "no metadata and no checks": (bare(notebook()), SOLVED),
    "no metadata, wrong": (bare(notebook(ex_1_1="count_patches = 5")), WRONG),
    "no imports": (without(notebook(), "import torch\n"), SOLVED),
    "the cell is gone": (without(notebook(), "def count_patches"), NOT_YET),
    "syntax error": (syntax_error(), WRONG),
    "too much": (
        notebook(
            ex_1_1="def count_patches(*a):\n    return 10**10**5",
            ex_1_2=f"def patchify(*a):\n    return {'-' * 5000}1",
            ex_1_3=RIGHT["1.3"] + "\n" * 50_000,
            ex_1_4="def PatchEmbedding(*a):\n    return type('A', (), {'__repr__': 1})()",
        ),
        WRONG,
    ),
    "a helper and a constant elsewhere": (
        notebook(
            "ONE = 1\ndef fits(n, p): return n % p == ONE - 1",
            ex_1_1="def count_patches(h, w, p):\n    if not (fits(h, p) and fits(w, p)):\n"
            "        raise ValueError\n    return h // p * (w // p)",
        ),
        SOLVED,
    ),
    "a helper that is defined anew before the check": (
        with_cells(
            notebook(
                "def f(n): return 0",
                ex_1_1=COUNT + "\nright = count_patches\ndef count_patches(*a): return f(a)",
            ),
            "1.1",
            "def f(a): return right(*a)",
        ),
        SOLVED,
    ),
    "a constant that changes in place": (
        notebook(
            "known = {}",
            "known['x'] = 1\nknown.update(y=2)",
            "known['x'] += 1",
            ex_1_1="def count_patches(h, w, p):\n    assert known == {'x': 2, 'y': 2}\n"
            "    if h % p or w % p:\n        raise ValueError\n    return h // p * (w // p)",
        ),
        SOLVED,
    ),
    "magics": (
        notebook(
            "%matplotlib inline\nx = 3\n%timeit x",
            "!ls",
            "%%writefile out.txt\nx",
            "torch?",
            ex_1_1=f"%%time\n{COUNT}",
        ),
        SOLVED,
    ),
    "decorated": (
        notebook(
            ex_1_1=f"from functools import cache\n{COUNT}\ncount_patches = cache(count_patches)"
        ),
        SOLVED,
    ),
    "defined in a branch": (
        notebook(ex_1_1="if True:\n" + "\n".join("    " + line for line in COUNT.split("\n"))),
        SOLVED,
    ),
    "defined by a string": (
        notebook(ex_1_1=f"exec({('global count_patches' and COUNT)!r})"),
        SOLVED,
    ),
    "defined in globals": (
        notebook(
            ex_1_1=COUNT.replace("count_patches", "mine") + '\nglobals()["count_patches"] = mine'
        ),
        SOLVED,
    ),
    "annotations of the future": (
        notebook(
            ex_1_1="from __future__ import annotations\n" + COUNT.replace(": int,", ": Height,", 1)
        ),
        SOLVED,
    ),
    "a cell in two": (
        with_cells(
            notebook(ex_1_1="def helper(a):\n    return right(*a)"),
            "1.1",
            COUNT.replace("count_patches", "right"),
            "def count_patches(*a): return helper(a)",
        ),
        SOLVED,
    ),
    "an expensive cell of their own": (
        notebook("import time\ntime.sleep(1000)", "while True: pass"),
        SOLVED,
    ),
    "a helper that cannot be had": (
        notebook(
            "import nothing_of_that_name",
            ex_1_1=COUNT.replace("return", "nothing_of_that_name.x\n    return"),
        ),
        WRONG,
        "raised",
    ),
    "the course's own": (notebook(ex_1_1="from vitcourse.model import count_patches"), NOT_YET),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> dict[str, Graded]:
    folder = tmp_path_factory.mktemp("class")
    for name, (filled, *_) in CASES.items():
        write(folder / "in" / name.replace("/", " ") / "01_patch_embedding.ipynb", filled)
    patched = notebook(ex_1_4=PATCHED)
    write(folder / "in" / "patched class" / "01_patch_embedding.ipynb", patched)
    write(folder / "in" / "wrong first" / "x.ipynb", notebook(ex_1_1=ONLY_WIDTH))
    uses = "from my_vit import count_patches as mine\ndef count_patches(*a): return mine(*a)"
    for name in ("kept", "not kept"):
        write(folder / "in" / name / "x.ipynb", notebook(ex_1_1=uses))
    (folder / "in" / "kept" / "my_vit.py").write_text(
        "def count_patches(*a): return 7\n", encoding="utf-8"
    )
    # As in a teacher's kernel that has answers of its own; no student's verdict may see them.
    sys.modules["my_vit"] = ModuleType("my_vit")
    exec(COUNT, vars(sys.modules["my_vit"]))
    try:
        results = grade(folder / "in", folder / "out", say=lambda text: None)
    finally:
        del sys.modules["my_vit"]
    return {one.student: one for one in results}


@pytest.mark.parametrize("name", CASES)
def test_verdict(graded, name):
    _, verdict, *remark = CASES[name]
    one = graded[name]

    assert one.answers[0].verdict == verdict, one.answers[0].message
    assert [r for r in remark if r not in " ".join(one.remarks)] == []
    if name in ("played with after the check", "too much"):
        return  # which patchify feels
    others = [NOT_YET if name == "as handed out" else SOLVED] * 4
    assert [answer.verdict for answer in one.answers[1:]] == others


def test_a_class_that_is_put_together_outside_of_its_body(graded):
    assert graded["patched class"].answers[3].verdict == SOLVED


def test_a_wrong_answer_has_its_name_and_the_next_exercise_goes_on_with_the_courses(graded):
    first, *rest = graded["wrong first"].answers

    assert (first.verdict, first.mistake) == (WRONG, "only the width is checked")
    assert {answer.verdict for answer in rest} == {SOLVED}
    assert first.source == ONLY_WIDTH.strip()
    assert rest[0].source == RIGHT["1.2"].strip()  # it calls count_patches, which is 1.1


def test_kept_answers_are_used_and_the_courses_stand_in_where_they_are_missing(graded):
    assert "expected 15, yours gives 7" in graded["kept"].answers[0].message
    assert graded["not kept"].answers[0].verdict == SOLVED
    assert "my_vit.py was not handed in" in graded["not kept"].remarks[0]


def test_a_cell_that_python_cannot_read_has_the_checks_own_words(graded):
    answer = graded["syntax error"].answers[0]

    assert answer.mistake == "Python cannot read the cell"
    assert "Line 1: expected ':'" in answer.message


def test_too_much_of_anything_is_judged_all_the_same(graded):
    number, nested, lines, unspeakable, _ = graded["too much"].answers

    assert "expected 15, yours gives a number of some 100,000 digits." in number.message
    assert nested.mistake == "Python cannot read the cell"
    assert "Line 1: what begins here is too deep." in nested.message
    assert lines.verdict == SOLVED
    assert unspeakable.verdict == WRONG


def test_the_message_is_the_notebooks_with_lines_of_the_cell(tmp_path):
    """What the check says here, in this process, of the same answer."""
    answer = next(a for a in read_answers(ANSWERS / "ex_1_1.py") if a.kind == "wrong")
    with pytest.raises(engine.Wrong) as said:
        engine.judge(engine.find_exercise("1.1"), run(answer, "count_patches"))
    broken = "# a line above\ndef count_patches(*a):\n    return 1 / 0"
    write(
        tmp_path / "in" / "ada.ipynb",
        notebook(ex_1_1=answer.code, ex_1_2=broken.replace("count_patches", "patchify")),
    )

    (one,) = grade(tmp_path / "in", tmp_path / "out", say=lambda text: None)

    assert one.answers[0].message == str(said.value)
    assert one.answers[0].mistake == answer.name
    assert "in line 3 of its cell (`return 1 / 0`)" in one.answers[1].message


def test_a_teachers_own_exercises(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "exercises.py").write_text(
        "from vitcourse.exercises.engine import Exercise, Trial\n"
        "EXERCISES = (Exercise('A.1', 'double', 'Double', 1, 1, lambda x: 2 * x, ('a', 'b', 'c'),\n"
        "             (Trial('double(3)', (3,)), Trial('double(5)', (5,)))),)\n",
        encoding="utf-8",
    )
    cells = {"right": "def double(x): return x + x", "wrong": "def double(x): return x + 3"}
    for name, source in cells.items():
        (tmp_path / "in").mkdir(exist_ok=True)
        path = Path(tmp_path / "in" / f"{name}.ipynb")
        path.write_text(json.dumps({"cells": [code_cell(source)]}), encoding="utf-8")

    results = grade(tmp_path / "in", tmp_path / "out", exercises=folder, say=lambda text: None)

    assert [(r.student, r.answers[0].verdict) for r in results] == [
        ("right", SOLVED),
        ("wrong", WRONG),
    ]
