"""A class that does not exist: notebooks with answers of the bank, drawn by a seed.

The documentation shows what a teacher sees of such a class, and the tests know the truth about it.
"""

import ast
import copy
import json
import random
from collections.abc import Sequence
from pathlib import Path

from vitcourse.contents import entry
from vitcourse.exercises.bank import ANSWERS, Answer, read_answers
from vitcourse.exercises.cells import exercise_cells, read_notebook, source_of, stub
from vitcourse.exercises.engine import Exercise, find_exercise
from vitcourse.exercises.gather import bound_names, free_names
from vitcourse.files import written_whole
from vitcourse.learner.notebook_files import course_notebooks, find_notebook

RIGHT, STUB = "right", "stub"
# fmt: off
FIRST_NAMES = (
    "Adaeze", "Amir", "Björn", "Chiara", "Daniel", "Elif", "Fatima", "Grace", "Hiroshi", "Irene",
    "Jakub", "Kavya", "Łukasz", "Maja", "Nadia", "Oluwaseun", "Priya", "Quentin", "Rosa",
    "Santiago",
)
LAST_NAMES = (
    "Almeida", "Bauer", "Çelik", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ivanova",
    "Jansen", "Kowalska", "Larsen", "Mbeki", "Nguyen", "Okafor", "Petrov", "Rossi", "Suzuki",
    "Tanaka", "Weber",
)
# fmt: on
COMMON = 0.45  # the chance that a wrong answer is the commonest mistake, or else the next, ...

# What the bank's answers use without importing it; some chapters import less.
IMPORTS = {
    "F": "import torch.nn.functional as F",
    "count_patches": "from vitcourse.model import count_patches",
    "math": "import math",
    "nn": "from torch import nn",
    "patchify": "from vitcourse.model import patchify",
    "rearrange": "from einops import rearrange",
    "torch": "import torch",
    "unpatchify": "from vitcourse.model import unpatchify",
}
# The first is written for the second's insides. Who has solved the second has written it as the
# course did, or the bank's answers to the first would be wrong for other reasons than theirs; of
# those with True, the bank's are for the course's package, and only the notebook's own answer fits.
WRITTEN_FOR = {"4.5": ("4.4", False), "6.4": ("6.2", True)}

Truth = dict[str, dict[str, str]]  # student -> exercise -> right, stub, or the mistake's name


def made_up_class(folder: Path, chapter: str, students: int = 300, seed: int = 0) -> Truth:
    """Write one notebook a student into a flat folder; return what is in them.

    Students differ in how much they know, exercises in how hard they are. Wrong answers are
    spread as in a real class: a few mistakes are made by many.
    """
    drawn = random.Random(f"{seed} {chapter}")
    original = find_notebook(chapter, course_notebooks())
    notebook = read_notebook(original)
    marked = [cell["metadata"].get("exercise") for cell in notebook["cells"]]
    exercises = [find_exercise(number) for number in dict.fromkeys(filter(None, marked))]
    banks = {e.id: _bank(e, drawn) for e in exercises}
    names = {e.name for e in exercises}
    there = names | _imported(notebook)
    folder.mkdir(parents=True, exist_ok=True)
    truth: Truth = {}
    for student in made_up_names(students, drawn):
        knows = drawn.gauss(0.0, 1.0)
        answers = {e.id: _draw(e, banks[e.id], knows, drawn) for e in exercises}
        _fit(answers)
        truth[student] = {number: what for number, (what, _) in answers.items()}
        codes = {e.id: _cell(answers[e.id][1], names - {e.name}, there) for e in exercises}
        filled = fill_in(notebook, codes)
        with written_whole(folder / f"{student}_{original.name}") as beside:
            beside.write_text(json.dumps(filled, indent=1), encoding="utf-8")
    return truth


def made_up_names(students: int, drawn: random.Random) -> list[str]:
    """Different names, in a random order: "Chiara Dubois"; the 401st gets a number."""
    names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    drawn.shuffle(names)
    rounds = range(-(-students // len(names)))
    return [f"{name} {i + 1}" if i else name for i in rounds for name in names][:students]


def fill_in(notebook: dict, answers: dict[str, str]) -> dict:
    """A copy of the notebook with this code in the cells of the exercises."""
    filled = copy.deepcopy(notebook)
    for number, code in answers.items():
        for cell in exercise_cells(filled, number):
            cell["source"] = code
    return filled


def _bank(exercise: Exercise, drawn: random.Random) -> tuple[list[Answer], list[Answer]]:
    """The right answers, and the wrong ones in an order that decides how common they are."""
    known = read_answers(ANSWERS / f"ex_{exercise.id.replace('.', '_')}.py")
    wrong = [answer for answer in known if answer.kind == "wrong" and answer.name != "*"]
    drawn.shuffle(wrong)
    return [answer for answer in known if answer.kind == "right"], wrong


def _draw(
    exercise: Exercise,
    bank: tuple[Sequence[Answer], Sequence[Answer]],
    knows: float,
    drawn: random.Random,
) -> tuple[str, str]:
    """What a student makes of an exercise, and its code."""
    right, wrong = bank
    luck = knows + drawn.gauss(0.0, 1.0) - 0.5 * (exercise.difficulty - 3)
    if luck < -1.6 or (luck < -0.3 and not wrong):
        return STUB, stub(exercise.id)
    if luck >= -0.3:
        return RIGHT, drawn.choice(right).code.strip()
    place = 0
    while drawn.random() > COMMON:
        place += 1
    answer = wrong[place % len(wrong)]
    return answer.name, answer.code.strip()


def _fit(answers: dict[str, tuple[str, str]]) -> None:
    for first, (second, only_its_own) in WRITTEN_FOR.items():
        if first in answers and answers[second][0] == RIGHT:
            answers[second] = RIGHT, entry(second).answer
            if only_its_own:
                is_right = answers[first][0] == RIGHT
                answers[first] = (RIGHT, entry(first).answer) if is_right else (STUB, stub(first))


def _imported(notebook: dict) -> set[str]:
    """The names that the notebook's own cells import."""
    found: set[str] = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            for node in ast.parse(source_of(cell)).body:
                if isinstance(node, ast.Import | ast.ImportFrom):
                    found |= bound_names(ast.unparse(node))
    return found


def _cell(code: str, names: set[str], there: set[str]) -> str:
    """An answer of the bank as a student's cell: without the answers to other exercises, `names`,
    which have cells of their own, and with the imports that the chapter lacks."""
    lines = code.split("\n")
    for node in reversed(ast.parse(code).body):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("vitcourse"):
            kept = [alias for alias in node.names if alias.name not in names]
            shorter = [ast.unparse(ast.ImportFrom(node.module, kept, 0))] if kept else []
            lines[node.lineno - 1 : node.end_lineno] = shorter
        elif bound_names(ast.unparse(node)) & names:
            lines[node.lineno - 1 : node.end_lineno] = []
    text = "\n".join(lines).strip()
    missing = sorted((free_names(text) - bound_names(text) - there) & IMPORTS.keys())
    return "\n".join([*(IMPORTS[name] for name in missing), *([""] if missing else []), text])
