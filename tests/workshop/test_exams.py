"""The two sample papers: complete tasks, notebooks that fit them, and no help in an exam."""

import re
from contextlib import redirect_stdout
from io import StringIO

import nbformat
import pytest

from vitcourse.exercises import NotYet, Wrong, WrongUse, check
from vitcourse.exercises.bank import read_answers, run
from vitcourse.exercises.engine import Exercise, exercises_in, judge
from vitcourse.workshop.check_exercise import problems
from vitcourse.workshop.mutants import Equivalents, tally
from vitcourse.workshop.new import REPOSITORY

EXAMS = REPOSITORY / "docs" / "teaching" / "exams"
PAPERS = sorted(folder.name for folder in EXAMS.iterdir() if folder.is_dir())
TASKS = {task.id: (paper, task) for paper in PAPERS for task in exercises_in(EXAMS / paper)}


def notebook(paper: str) -> nbformat.NotebookNode:
    (path,) = (EXAMS / paper).glob("*.ipynb")
    return nbformat.read(path, as_version=4)


def answers_to(task: Exercise, kind: str):
    path = task.folder / f"ex_{task.id.replace('.', '_')}.py"
    return [answer for answer in read_answers(path) if answer.kind == kind]


def test_there_are_two_papers_of_four_or_five_tasks_for_an_hour_or_more():
    assert len(PAPERS) == 2
    for paper in PAPERS:
        tasks = exercises_in(EXAMS / paper)
        assert 4 <= len(tasks) <= 5
        assert 60 <= sum(task.minutes for task in tasks) <= 90


@pytest.mark.parametrize("number", TASKS)
def test_a_task_is_complete(number):
    _, task = TASKS[number]
    assert not list(problems(task, task.folder, mutants=False))
    assert task.is_exam


@pytest.mark.parametrize("number", TASKS)
def test_the_check_notices_small_changes(number):
    _, task = TASKS[number]
    found = tally(
        task, answers_to(task, "right"), Equivalents(task.folder / "equivalent.txt"), share=0.1
    )
    assert [mutant.change for mutant in found.alive] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_the_notebook_asks_these_tasks_in_their_time(paper):
    tasks, cells = exercises_in(EXAMS / paper), notebook(paper).cells
    asked = [cell.metadata["exercise"] for cell in cells if "exercise" in cell.metadata]
    assert asked == [task.id for task in tasks]
    table = re.findall(r"^\| (\S+) \| (.+) \| (\d+) \| (\d+) \|$", cells[0].source, re.MULTILINE)
    assert [row[:3] for row in table] == [(t.id, t.title, str(t.minutes)) for t in tasks]
    assert f"Time: {sum(t.minutes for t in tasks)} minutes" in cells[0].source
    assert sum(int(row[3]) for row in table) == 100
    assert "Sample paper" in cells[0].source


@pytest.mark.parametrize("paper", PAPERS)
def test_the_notebook_gives_nothing_away(paper):
    cells = notebook(paper).cells
    assert not any(cell.get("outputs") for cell in cells)
    text = "\n".join(cell.source for cell in cells)
    assert "vitcourse" not in text.replace("published with the course", "")
    for cell in cells:
        if "exercise" in cell.metadata:
            assert "NotImplementedError" in cell.source


@pytest.mark.parametrize("number", TASKS)
def test_as_handed_out_a_task_is_not_solved_and_every_right_answer_passes_its_examples(number):
    paper, task = TASKS[number]
    cells = notebook(paper).cells
    (place,) = [i for i, cell in enumerate(cells) if cell.metadata.get("exercise") == number]
    namespace: dict = {}
    exec(cells[1].source + "\n" + cells[place].source, namespace)
    with pytest.raises(NotYet):
        judge(task, namespace)
    for answer in answers_to(task, "right"):
        namespace = run(answer, task.name)
        said = shown(cells[place + 1].source, namespace)
        assert said.split() == ["True"] * cells[place + 1].source.count("print(")


def shown(source: str, namespace: dict) -> str:
    with redirect_stdout(StringIO()) as out:
        exec(source, namespace)
    return out.getvalue()


def test_in_an_exam_there_are_no_hints_and_an_answer_stays_where_it_is():
    folder = str(EXAMS / PAPERS[0])
    wrong = f"def windows(tokens, grid, size):\n    return tokens\ncheck('A.4', folder={folder!r})"
    namespace = {"check": check}
    with pytest.raises(Wrong, match="This is an exam's task: there are no hints") as caught:
        exec(wrong, namespace)
    assert "Stuck?" not in str(caught.value)
    assert namespace["windows"](1, 2, 3) == 1
    assert "my_windows" not in namespace
    with pytest.raises(WrongUse, match=r"hint=1: exercise A\.4 has no hints"):
        check("A.4", hint=1, folder=folder)


def test_the_page_for_teachers_names_the_papers_and_their_minutes():
    page = (EXAMS.parent / "exams.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([AB]) \| .+ \| (\d+) \|$", page, re.MULTILINE)
    assert [(f"paper_{letter.lower()}", int(minutes)) for letter, minutes in rows] == [
        (paper, sum(task.minutes for task in exercises_in(EXAMS / paper))) for paper in PAPERS
    ]
    assert set(TASKS) == set(re.findall(r"^\| ([AB]\.\d) \| ", page, re.MULTILINE))
