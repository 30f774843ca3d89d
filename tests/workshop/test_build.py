"""Source -> student copies and solutions: nothing leaks, nothing depends on the day."""

import json
import os
import re
from pathlib import Path

import nbformat
import pytest

from vitcourse.exercises.engine import all_exercises
from vitcourse.workshop import build, colab_cell

SOURCES = sorted((build.NOTEBOOKS / "source").glob("*.py"))
SMALL = '''# %% [markdown]
# # A chapter

# %% exercise="9.1"
def answer():
    """What to do."""
    ### BEGIN SOLUTION
    secret = 42
    return secret
    ### END SOLUTION

# %% check="9.1"
answer()

# %% [markdown] tags=["solution"]
# The secret is 42.
'''


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """A course of one small chapter, in a folder of its own."""
    folder = tmp_path / "notebooks"
    (folder / "source").mkdir(parents=True)
    (folder / "source" / "09_small.py").write_text(SMALL)
    monkeypatch.setattr(build, "NOTEBOOKS", folder)
    return folder


def from_source(path: Path) -> list[nbformat.NotebookNode]:
    """A notebook's cells without the one for Colab, which the build adds."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if colab_cell.TAG not in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
def test_no_line_of_a_solution_is_in_the_student_copy(source):
    student = build.student_notebook(source)
    text = "\n".join(cell.source for cell in student.cells)
    assert "BEGIN SOLUTION" not in text
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source.read_text(), re.S)
    asked = any("exercise" in cell.metadata for cell in student.cells)  # not in an appendix
    assert bool(regions) == asked
    for region in regions:
        for line in region.strip().splitlines():
            if len(line.strip()) > 8:  # a closing bracket may stand anywhere
                assert line not in text
    hidden = [
        c.source for c in build._read(source).cells if "solution" in c.metadata.get("tags", [])
    ]
    assert bool(hidden) == asked
    assert not any(cell in text for cell in hidden)


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
def test_the_form_of_a_chapter(source):
    """One H1, a stub and a check for each exercise, hints named, code cells of readable length."""
    student = build.student_notebook(source)
    prose = [cell.source for cell in student.cells if cell.cell_type == "markdown"]
    assert sum(len(re.findall(r"^# ", text, re.M)) for text in prose) == 1
    titles = re.findall(r"^#+ (.+)$", "\n".join(prose), re.M)
    for title in ("What could go wrong", "Summary"):
        assert title in titles
    assert "Further reading" in "\n".join(prose)
    exercises = {c.metadata["exercise"] for c in student.cells if "exercise" in c.metadata}
    checks = {c.metadata["check"] for c in student.cells if "check" in c.metadata}
    chapter = str(int(source.stem[:2]))
    assert exercises == checks == {e.id for e in all_exercises() if e.id.startswith(f"{chapter}.")}
    for exercise in all_exercises():
        if exercise.id in exercises:
            head = f"### Exercise {exercise.id}: {exercise.title}"
            effort = f"*Difficulty {exercise.difficulty} of 5, about {exercise.minutes} minutes.*"
            assert any(head in text and effort in text for text in prose), head
    for cell in student.cells:
        if cell.cell_type == "code" and "exercise" not in cell.metadata:
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= 18, cell.source


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
def test_cells_are_ready_for_nbgrader_and_nbval(source):
    grading = [c for c in build.student_notebook(source).cells if "nbgrader" in c.metadata]
    ids = [cell.metadata["nbgrader"]["grade_id"] for cell in grading]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"(check|exercise)-\d+-\d+", grade_id) for grade_id in ids)
    for cell in grading:
        meta = cell.metadata["nbgrader"]
        assert meta["schema_version"] == 3
        assert meta["grade"] == meta["locked"] == ("check" in cell.metadata)
        assert meta["solution"] == ("exercise" in cell.metadata)
        assert meta.get("points") == (1 if meta["grade"] else None)
        assert "nbval-ignore-output" in cell.metadata["tags"]
        # Either tag would make nbval pass whatever the check says.
        assert not {"raises-exception", "nbval-skip"} & set(cell.metadata["tags"])


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
def test_nbgrader_accepts_them(source, tmp_path):
    validators = pytest.importorskip("nbgrader.nbgraderformat")
    path = tmp_path / "student.ipynb"
    build._write(path, build.student_notebook(source))
    validators.read(str(path), as_version=4)  # raises if the metadata is not its schema


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
def test_stored_solutions(source):
    """Every figure has a text, nothing failed, and nothing of the authors' machine is stored."""
    path = build.NOTEBOOKS / "solutions" / f"{source.stem}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    figures = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", cell.source
            html = output.get("data", {}).get("text/html", "")
            pictures = re.findall(r"<img ([^>]*)>", html)
            figures += len(pictures)
            assert all(re.search(r'alt="[^"]{20,}"', picture) for picture in pictures)
            if "image/png" in output.get("data", {}):
                assert pictures, f"a figure without text: {cell.source}"
    assert figures
    text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", path.read_text())
    assert not re.search(r"/(home|Users|root|work|tmp)/", text)


def test_building_twice_gives_the_same_bytes(course, capsys):
    build.main()
    first = {path: path.read_bytes() for path in course.rglob("*.ipynb")}
    assert len(first) == 2
    build.main()
    assert {path: path.read_bytes() for path in course.rglob("*.ipynb")} == first
    build.main(check=True)
    assert "1 chapters are what their source gives" in capsys.readouterr().out


def test_what_differs_from_run_to_run_is_not_stored(course):
    cells = """
# %%
import ipywidgets; ipywidgets.IntSlider()

# %%
from vitcourse.view import picture_slider; from vitcourse.view.figure import Still
picture_slider({"a": Still("<p>1</p>", "one", lambda: b"")}, "letter", "a")

# %% tags=["this-machine"]
import os; print(os.getcwd())
"""
    (course / "source" / "09_small.py").write_text(SMALL + cells)
    stored = course / "solutions" / "09_small.ipynb"
    build.main()
    first = stored.read_bytes()
    assert str(course) not in first.decode()
    assert f'"model_id": "{1:032x}"' in first.decode()
    (slider,) = nbformat.reads(first.decode(), as_version=4).cells[-2].outputs
    assert slider.data["text/plain"] == "one"  # the still; a stored widget shows nothing
    build.main()
    assert stored.read_bytes() == first


def test_it_is_run_as_somebody_offline_would(course, monkeypatch):
    monkeypatch.delenv("VITCOURSE_OFFLINE", raising=False)
    cell = '\n# %%\nimport os; print(os.environ.get("VITCOURSE_OFFLINE"))\n'
    (course / "source" / "09_small.py").write_text(SMALL + cell)
    build.main()
    solution = nbformat.read(course / "solutions" / "09_small.ipynb", as_version=4)
    assert solution.cells[-1].outputs[0].text == "1\n"
    assert "VITCOURSE_OFFLINE" not in os.environ


def test_the_two_states(course):
    build.main()
    student = from_source(course / "09_small.ipynb")
    assert student[1].source == (
        'def answer():\n    """What to do."""\n    raise NotImplementedError("exercise 9.1")'
    )
    assert len(student) == 3
    solution = from_source(course / "solutions" / "09_small.ipynb")
    assert "secret = 42" in solution[1].source
    assert "### " not in solution[1].source
    assert solution[2].outputs[0].data["text/plain"] == "42"
    assert solution[3].source == "The secret is 42."


@pytest.mark.parametrize("change", ["source", "student", "student output", "solution", "orphan"])
def test_check_sees_every_change(course, capsys, change):
    build.main()
    if change == "source":
        (course / "source" / "09_small.py").write_text(SMALL.replace("42", "43"))
    elif change == "orphan":
        (course / "10_left_over.ipynb").write_text((course / "09_small.ipynb").read_text())
    else:
        path = course / ("solutions" if change == "solution" else "") / "09_small.ipynb"
        notebook = json.loads(path.read_text())
        if change == "student output":
            output = {"output_type": "stream", "name": "stdout", "text": ["x"]}
            notebook["cells"][1]["outputs"] = [output]
        else:
            notebook["cells"][1]["source"] = ["def answer(): ..."]
        path.write_text(json.dumps(notebook, indent=1) + "\n")
    with pytest.raises(SystemExit):
        build.main(check=True)
    said = capsys.readouterr().out
    assert ("10_left_over" if change == "orphan" else "09_small") in said


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("import sys; print('x', file=sys.stderr)", "writes to stderr"),
        ("object()", "an address in memory"),
    ],
)
def test_what_would_be_red_elsewhere_is_refused(course, cell, complaint):
    (course / "source" / "09_small.py").write_text(f"{SMALL}\n# %%\n{cell}\n")
    with pytest.raises(ValueError, match=complaint):
        build.main()


def test_a_forgotten_region_is_refused(course):
    text = SMALL.replace("    ### BEGIN SOLUTION\n", "").replace("    ### END SOLUTION\n", "")
    (course / "source" / "09_small.py").write_text(text)
    with pytest.raises(ValueError, match="needs a SOLUTION region"):
        build.main()
