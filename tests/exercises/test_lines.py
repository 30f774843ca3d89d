"""`lines("4.4")`: the right lines pass, the wrong ones are named, and what is tried counts."""

import json
from dataclasses import dataclass

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.kernels import kernel
from vitcourse.exercises import WrongUse, bank, engine, keep
from vitcourse.exercises import lines as module
from vitcourse.exercises.lines import MISTAKES, Puzzle, lines, puzzle_of, try_lines

# What the notebooks import for these exercises, and the answers on file do without.
IMPORTS = "from collections.abc import Callable\nfrom vitcourse.maps import capture\n"
IN_ORDER = [
    "    was_training = model.training",
    "    model.eval()",
    "    with torch.no_grad():",
    "        together = model(images)",
    "        alone = torch.cat([model(image[None]) for image in images])",
    "    model.train(was_training)",
    "    return bool((together - alone).abs().max() > 1e-5 * together.abs().max())",
]


def placed(puzzle: Puzzle, gaps: list[list[str]]) -> list[list[int]]:
    return [[puzzle.shuffled.index(line) for line in gap] for gap in gaps]


def judge(puzzle: Puzzle, gaps: list[list[str]]) -> None:
    """What `check` says of these lines in the course's notebook."""
    path = bank.ANSWERS / f"ex_{puzzle.exercise.id.replace('.', '_')}.py"
    head = IMPORTS + bank.read_answers(path)[0].head
    code = puzzle.code(placed(puzzle, gaps))
    answer = bank.Answer(puzzle.exercise.id, "right", "", head, code, "", "tests")
    engine.judge(puzzle.exercise, bank.run(answer, puzzle.exercise.name))


# The puzzles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", MISTAKES)
def test_the_right_lines_in_the_stored_order_pass(number):
    puzzle = puzzle_of(number)
    assert 5 <= sum(map(len, puzzle.right)) <= 14
    judge(puzzle, puzzle.right)


@pytest.mark.parametrize(
    ("number", "mistake"), [(n, mistake) for n, names in MISTAKES.items() for mistake in names]
)
def test_each_wrong_line_is_named(number, mistake):
    puzzle = puzzle_of(number)
    right, wrong = puzzle.wrong[mistake]
    gaps = [[wrong if line == right else line for line in gap] for gap in puzzle.right]
    with pytest.raises(engine.Wrong, match=rf"wrong \({mistake}\)"):
        judge(puzzle, gaps)


@pytest.mark.parametrize("number", MISTAKES)
def test_all_lines_are_there_once_and_two_more_and_shuffled(number):
    puzzle = puzzle_of(number)
    right = [line for gap in puzzle.right for line in gap]
    wrong = [line for _, line in puzzle.wrong.values()]
    assert sorted(puzzle.shuffled) == sorted(right + wrong)
    assert len(set(puzzle.shuffled)) == len(right) + 2
    assert [line for line in puzzle.shuffled if line in right] != right
    assert puzzle.shuffled == puzzle_of.__wrapped__(number).shuffled


def test_another_order_that_works_is_right_too():
    one, two, *rest = IN_ORDER[:-2]
    judge(puzzle_of("5.5"), [[one, two, rest[0], rest[2], rest[1], *IN_ORDER[-2:]]])


def test_the_specification_is_not_shown_but_stays_in_the_code():
    puzzle = puzzle_of("5.5")
    assert puzzle.given()["fixed"][0] == (
        "def mixes_images(model: nn.Module, images: torch.Tensor) -> bool:"
    )
    assert '"""Does the result' in puzzle.code(placed(puzzle, [IN_ORDER]))


def test_an_exercise_without_lines_is_refused_with_what_there_is():
    with pytest.raises(WrongUse, match=r"exercise_id='1.1': there are lines for 3.5, 4.4, "):
        lines("1.1")


# Trying them --------------------------------------------------------------------------------------


@dataclass
class Notebook:
    """Somebody works in this folder."""

    folder: object
    shell: InteractiveShell

    def try_lines(self, gap: list[str], number: str = "5.5") -> dict:
        puzzle = puzzle_of(number)
        return try_lines(puzzle, placed(puzzle, [gap]))


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    here = InteractiveShell()
    here.run_cell("import torch\nfrom torch import nn")
    for name in ("learner.progress", "exercises.tries", "exercises.keep"):
        monkeypatch.setattr(f"vitcourse.{name}.workplace", lambda: tmp_path)
    monkeypatch.setattr(module, "shell", lambda: here)
    monkeypatch.setattr(keep, "shell", lambda: here)
    return Notebook(tmp_path, here)


def test_what_is_right_becomes_the_answer_and_is_kept(notebook):
    wrong = IN_ORDER[-1].replace(".abs().max() >", ".max() >")
    said = notebook.try_lines([*IN_ORDER[:-1], wrong])
    assert said["state"] == "wrong"
    assert said["text"].startswith("5.5 mixes_images: wrong (abs is missing)\n")
    assert said["code"] == ""
    assert not (notebook.folder / "my_vit.py").exists()

    said = notebook.try_lines(IN_ORDER)
    assert (said["state"], said["text"]) == ("solved", "5.5 mixes_images: solved")
    assert said["code"] in (notebook.folder / "my_vit.py").read_text(encoding="utf-8")
    assert notebook.shell.user_ns["mixes_images"].__module__ == "__main__"
    record = json.loads((notebook.folder / "my_progress.json").read_text(encoding="utf-8"))
    assert record["lines"]["5.5"] == {"tries": 2, "solved": True}
    assert record["exercises"]["5.5"]["tries"] == 2


def test_a_broken_cell_from_before_does_not_count(notebook):
    notebook.shell.run_cell("def mixes_images(model, images:", store_history=True)
    assert notebook.try_lines(IN_ORDER)["state"] == "solved"


def test_lines_that_python_cannot_read_are_not_run(notebook):
    said = notebook.try_lines([IN_ORDER[2], IN_ORDER[0]])
    assert said["state"] == "not run"
    assert said["text"] == (
        "5.5 mixes_images: not run\nPython cannot read it: expected an indented block after "
        "'with' statement. It stops at `was_training = model.training`."
    )
    assert "mixes_images" not in notebook.shell.user_ns


def test_without_the_cells_above_it_says_so(notebook):
    del notebook.shell.user_ns["nn"]
    said = notebook.try_lines(IN_ORDER)
    assert said["state"] == "not run"
    assert said["text"].endswith("'nn' is not defined. Run the cells above this one first.")


def test_unattended_it_shows_the_lines_and_leaves_no_files(tmp_path):
    with kernel(tmp_path) as run:
        shown = run('from vitcourse import lines\nlines("5.5")', keyboard=False)
    first, *shown = shown.splitlines()
    assert first.startswith("Put these lines in order, as the answer to exercise 5.5")
    every = puzzle_of("5.5").shuffled
    assert [line for line in shown if line in every] == every
    assert not list(tmp_path.glob("my_*"))
