"""The course in nbgrader, by nbgrader's own commands: released, collected, graded, exported."""

import csv
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import jupytext
import nbformat
import pytest

from vitcourse.exercises.bank import ANSWERS, read_answers
from vitcourse.workshop import build

pytest.importorskip("nbgrader", reason='needs nbgrader: python -m pip install -e ".[teachers]"')

CHAPTER = "02_small"
EXERCISES = ("2.1", "2.3")
IMPORTS = "import torch\n\nfrom vitcourse import check"
SCORES = {  # of 2 points
    "right": 2,
    "onewrong": 1,
    "unsolved": 0,
    "tampered": 0,  # its checks say print("solved"), and it has a function `check` of its own
    "deleted": 1,  # without its checks, and with one right answer
}


def small_source(folder: Path) -> None:
    """Two exercises of chapter 2, as its source has them, without the rest of the chapter."""
    source = jupytext.read(next((build.NOTEBOOKS / "source").glob("02_*.py")))
    cells = [nbformat.v4.new_markdown_cell("# 2 Small"), nbformat.v4.new_code_cell(IMPORTS)]
    cells += [c for c in source.cells if _exercise(c) in EXERCISES]
    cells.append(next(c for c in source.cells if "solution" in c.metadata.get("tags", [])))
    folder.mkdir(parents=True)
    small = nbformat.v4.new_notebook(cells=cells, metadata=source.metadata)
    jupytext.write(small, folder / f"{CHAPTER}.py", fmt="py:percent")


def _exercise(cell) -> str | None:
    return cell.metadata.get("exercise") or cell.metadata.get("check")


def answer(exercise: str, kind: str) -> str:
    path = ANSWERS / f"ex_{exercise.replace('.', '_')}.py"
    return next(a for a in read_answers(path) if a.kind == kind).code.strip()


def handed_in(release: nbformat.NotebookNode, student: str) -> nbformat.NotebookNode:
    notebook = nbformat.from_dict(release)
    right = {"right": EXERCISES, "onewrong": EXERCISES[:1], "deleted": EXERCISES[:1]}
    for cell in notebook.cells:
        if (number := cell.metadata.get("exercise")) in right.get(student, ()):
            cell.source = answer(number, "right")
        elif number and student == "onewrong":
            cell.source = answer(number, "wrong")
        elif "check" in cell.metadata and student == "tampered":
            cell.source = 'print("solved")'
    if student == "tampered":
        (imports,) = [cell for cell in notebook.cells if cell.source == IMPORTS]
        imports.source += "\ncheck = lambda *anything, **more: None"
    if student == "deleted":
        notebook.cells = [c for c in notebook.cells if "check" not in c.metadata]
    return notebook


def nbgrader(course: Path, *arguments: str) -> str:
    """Run it as a teacher does: in the course's folder, in an activated environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VITCOURSE_")}
    environment |= {"HOME": str(course.parent), "JUPYTER_CONFIG_DIR": str(course.parent / "config")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env=environment | {"PYTHONPATH": str(ANSWERS.parents[2]), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """The folder of the course after the whole round."""
    folder = tmp_path_factory.mktemp("a class ü")
    with pytest.MonkeyPatch.context() as patch:
        small_source(folder / "clone" / "notebooks" / "source")
        patch.setattr(build, "NOTEBOOKS", folder / "clone" / "notebooks")
        build.main(nbgrader=folder / "course")
    course = folder / "course"
    nbgrader(course, "generate_assignment", CHAPTER)
    archive = course / "downloaded" / CHAPTER / "archive"
    archive.mkdir(parents=True)
    release = nbformat.read(course / "release" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as canvas:
        for number, student in enumerate(SCORES):
            late = "LATE_" * (student == "onewrong")
            name = f"{student}_{late}{100 + number}_{200 + number}_{CHAPTER}.ipynb"
            canvas.writestr(name, nbformat.writes(handed_in(release, student)))
    nbgrader(course, "zip_collect", CHAPTER)
    nbgrader(course, "autograde", CHAPTER)
    nbgrader(course, "export")
    return course


def test_the_scores(course):
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["student_id"]: float(row["score"]) for row in rows} == SCORES
    assert {float(row["max_score"]) for row in rows} == {2.0}


def test_what_is_released_has_no_solution(course):
    release = course / "release" / CHAPTER
    assert [path.name for path in release.iterdir()] == [f"{CHAPTER}.ipynb"]
    text = (release / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")
    for word in ("BEGIN", "SOLUTION", "HIDDEN", "**Solution.**", "torch.cat", "mean(dim=1)"):
        assert word not in text
    source = (course / "source" / CHAPTER / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")
    assert "torch.cat" in source
    assert "mean(dim=1)" in source
    assert "**Solution.**" not in source


def test_a_student_reads_what_the_check_says(course):
    name = next(a.name for a in read_answers(ANSWERS / "ex_2_3.py") if a.kind == "wrong")
    for student, said in [
        ("onewrong", f"2.3 mean_pool: wrong ({name})"),
        ("unsolved", "2.1 prepend: not solved yet"),
        ("tampered", "2.1 prepend: not solved yet"),
        ("deleted", "2.3 mean_pool: not solved yet"),
    ]:
        path = course / "autograded" / student / CHAPTER / f"{CHAPTER}.ipynb"
        errors = [
            "\n".join(output.traceback)
            for cell in nbformat.read(path, as_version=4).cells
            for output in cell.get("outputs", [])
            if output.output_type == "error"
        ]
        assert any(said in error for error in errors), (student, errors)


def test_grading_leaves_no_files(course):
    graded = {p.name for p in (course / "autograded").rglob("*") if p.is_file()}
    assert graded == {f"{CHAPTER}.ipynb"}


def test_a_teachers_own_files_stay(course, monkeypatch, capsys):
    monkeypatch.setattr(build, "NOTEBOOKS", course.parent / "clone" / "notebooks")
    config = course / "nbgrader_config.py"
    before = config.read_bytes()
    config.write_bytes(before + b"# mine\n")
    build.main(nbgrader=course)
    assert config.read_bytes() == before + b"# mine\n"
    assert f"left as they are:\n  {config}\n" in capsys.readouterr().out
