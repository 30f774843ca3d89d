"""`solution`: the course's answers, explained, and not by accident."""

import pytest

from tests.exercises.test_keep import COUNT, Notebook
from vitcourse import contents
from vitcourse.exercises import WrongUse, solutions, tries
from vitcourse.exercises.bank import ANSWERS, read_answers
from vitcourse.exercises.engine import all_exercises, find_exercise, judge
from vitcourse.exercises.solutions import Solution, alternatives
from vitcourse.learner import progress

EXERCISES = all_exercises()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Somebody works in this folder."""
    for module in (progress, tries, solutions):
        monkeypatch.setattr(module, "workplace", lambda: tmp_path)
    return tmp_path


def shown(capsys, cell: str = "") -> str:
    namespace = {"__name__": "__main__", "solution": solutions.solution}
    exec(cell, namespace)
    exec('solution("1.1")', namespace)
    return capsys.readouterr().out


TITLE = "**1.1 count_patches: the course's answer**"


def read_hints(*hints: int) -> None:
    progress.note("exercises", "1.1", {"hints": list(hints)})


def test_first_it_says_what_is_missing(folder, capsys):
    assert shown(capsys) == (
        "1.1 count_patches: you see the solution once you have solved it, "
        "or read the three hints:\n"
        'check("1.1", hint=1), check("1.1", hint=2), check("1.1", hint=3)\n'
    )
    read_hints(1, 3)
    assert shown(capsys).splitlines()[1] == 'check("1.1", hint=2)'


def test_after_three_hints(folder, capsys):
    read_hints(1, 2, 3)
    assert shown(capsys).startswith(TITLE)


def test_once_it_is_solved(folder, capsys):
    assert shown(capsys, COUNT).startswith(TITLE)  # right, and not even checked
    progress.note("exercises", "1.1", {"state": "solved"})
    assert shown(capsys).startswith(TITLE)
    (folder / progress.FILE).unlink()
    Notebook(folder, COUNT).check("1.1")
    assert shown(capsys).startswith(TITLE)  # my_vit.py knows


def test_the_courses_version_in_the_place_of_yours_is_no_answer(folder, capsys):
    cell = "from vitcourse.model import count_patches"
    assert "you see the solution once" in shown(capsys, cell)


def test_an_exercise_that_does_not_exist(folder):
    with pytest.raises(WrongUse, match=r"chapter 1 has 1\.1, "):
        solutions.solution("1.9")


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_every_exercise_has_an_answer_and_an_explanation(exercise):
    entry = contents.entry(exercise.id)
    assert (entry.name, entry.title, entry.minutes) == (
        exercise.name,
        exercise.title,
        exercise.minutes,
    )
    assert "NotImplementedError" not in entry.answer
    assert "SOLUTION" not in entry.answer
    assert len(entry.explanation) > 100
    text = Solution(exercise)._repr_markdown_()
    assert text.count("```python\n") == 1 + len(alternatives(exercise))
    assert repr(Solution(exercise)) == text


def test_what_is_shown_for_split_heads():
    text = Solution(find_exercise("4.2"))._repr_markdown_()
    assert "*chunk and stack*: `chunk` cuts the channels into pieces" in text
    assert "torch.stack(x.chunk(num_heads, dim=-1), dim=1)\n```" in text
    assert "# >" not in text
    assert "*einops*" not in text  # the course's own way


def test_alternatives_say_in_what_they_differ():
    """A learner's message below a mistake never becomes an alternative's, nor the other way."""
    for exercise in EXERCISES:
        answers = read_answers(ANSWERS / f"ex_{exercise.id.replace('.', '_')}.py")
        wrong = {answer.name for answer in answers if answer.kind == "wrong"}
        for answer in alternatives(exercise):
            assert answer.name not in wrong
            assert answer.says[-1] == "."


@pytest.mark.parametrize("number", ["0.1", "1.1", "4.2"])
def test_the_answers_shown_are_right(number):
    exercise = find_exercise(number)
    namespace = {"__name__": "__main__"}
    exec("import torch\nfrom einops import rearrange", namespace)
    exec(contents.entry(number).answer, namespace)
    judge(exercise, namespace)
