"""`vitcourse reset` in a terminal: the stub is back, and nothing is lost."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from tests.exercises.test_keep import COUNT, PATCHIFY, Notebook
from vitcourse.__main__ import app
from vitcourse.exercises.cells import exercise_cells, read_notebook, source_of, stub
from vitcourse.learner.notebook_files import course_notebooks, find_notebook
from vitcourse.learner.overview import overview

NAME = "01_patch_embedding.ipynb"
ORIGINAL = find_notebook("01", course_notebooks())


@pytest.fixture
def folder(tmp_path):
    """A learner's folder: 1.1 and 1.2 are solved and run, and there is a note."""
    notebook = read_notebook(ORIGINAL)
    for number, source in (("1.1", COUNT), ("1.2", PATCHIFY)):
        (cell,) = exercise_cells(notebook, number)
        cell["source"] = source.splitlines(keepends=True)
        cell |= {"execution_count": 3, "outputs": []}
    note = {"cell_type": "markdown", "metadata": {}, "id": "mine", "source": ["a note"]}
    notebook["cells"].insert(4, note)
    save(tmp_path, notebook)
    work = Notebook(tmp_path, COUNT, PATCHIFY)
    work.check("1.1")
    work.check("1.2")
    record = {"exercises": {"1.2": {"state": "solved", "tries": 3}}}
    (tmp_path / "my_progress.json").write_text(json.dumps(record), encoding="utf-8")
    return tmp_path


def save(folder, notebook: dict) -> None:
    (folder / NAME).write_text(json.dumps(notebook), encoding="utf-8")


def run(folder, wanted: str):
    return CliRunner().invoke(app, ["reset", wanted, "--folder", str(folder)])


def answer(folder, number: str) -> str:
    return "\n".join(map(source_of, exercise_cells(read_notebook(folder / NAME), number)))


def older(folder) -> str:
    return (folder / "my_vit_older.py").read_text(encoding="utf-8")


def test_the_stub_is_back_and_the_answer_kept(folder):
    before = (folder / NAME).read_bytes()
    done = run(folder, "1.2")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == f"1.2 patchify: the stub is back in {NAME}."
    assert lines[1].startswith("What you had is in my_vit_older.py, and the notebook as it was in ")
    assert "Reload Notebook from Disk" in lines[2]
    assert answer(folder, "1.2") == stub("1.2")
    assert PATCHIFY.strip() in older(folder)
    (backup,) = (folder / "backups").rglob(NAME)
    assert backup.read_bytes() == before
    states = overview(folder).rows[1].states
    assert (states["1.1"], states["1.2"]) == ("solved", "tried")


def test_all_else_stays(folder):
    before = read_notebook(folder / NAME)
    run(folder, "1.2")
    after = read_notebook(folder / NAME)
    (mine,), (theirs,) = exercise_cells(before, "1.2"), exercise_cells(after, "1.2")
    mine |= {"source": theirs["source"], "execution_count": None}
    assert after == before
    assert "def count_patches" in (folder / "my_vit.py").read_text()


def test_a_second_time_there_is_nothing_to_do(folder):
    run(folder, "1.2")
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run(folder, "1.2").output == f"1.2: nothing to reset, {NAME} has the stub.\n"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == files


def test_a_chapter(folder):
    done = run(folder, "01")
    assert done.output.count("the stub is back") == 2
    assert answer(folder, "1.1") == stub("1.1")
    assert answer(folder, "1.2") == stub("1.2")
    assert COUNT.strip() in older(folder)
    assert len(list((folder / "backups").rglob(NAME))) == 1


def test_what_was_never_right_is_kept_as_well(folder):
    notebook = read_notebook(folder / NAME)
    (cell,) = exercise_cells(notebook, "1.3")
    cell["source"] = "def unpatchify(:\n    # half an idea"
    save(folder, notebook)
    assert run(folder, "1.3").exit_code == 0
    assert "def unpatchify(:\n    # half an idea" in older(folder)


def test_solved_elsewhere_only(folder):
    """The notebook is a fresh copy, but my_vit.py has the answer."""
    shutil.copy(ORIGINAL, folder / NAME)
    assert "the stub is back" in run(folder, "1.1").output
    assert COUNT.strip() in older(folder)
    assert overview(folder).rows[1].states["1.1"] == "open"


def test_a_cell_that_was_split_or_became_text(folder):
    """JupyterLab gives both halves the metadata; a slip of the keyboard makes it raw."""
    notebook = read_notebook(folder / NAME)
    (cell,) = exercise_cells(notebook, "1.2")
    half = cell | {"source": ["# the other half\n"], "id": "half"}
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, half)
    cell["cell_type"] = "raw"
    del cell["execution_count"], cell["outputs"]
    save(folder, notebook)
    run(folder, "1.2")
    (cell,) = exercise_cells(read_notebook(folder / NAME), "1.2")
    assert (cell["cell_type"], source_of(cell)) == ("code", stub("1.2"))
    assert "# the other half" in older(folder)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("1.9", "chapter 1 has 1.1, 1.2, 1.3, 1.4, 1.5"),
        ("10", "'10': there are no exercises in such a chapter"),
        ("first", "the chapters are 0, 1, 2"),
        ("2.1", "no notebook '02'"),
    ],
)
def test_wrong_use(folder, wanted, says):
    done = run(folder, wanted)
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())


def test_a_notebook_without_the_cell_or_none_at_all(folder):
    notebook = read_notebook(folder / NAME)
    notebook["cells"] = [c for c in notebook["cells"] if c["metadata"].get("exercise") != "1.2"]
    save(folder, notebook)
    before = (folder / NAME).read_bytes()
    done = run(folder, "1.2")
    assert done.exit_code == 2
    assert "has no cell of exercise 1.2" in " ".join(done.output.split())
    assert (folder / NAME).read_bytes() == before
    (folder / NAME).write_text("{")
    done = run(folder, "1.2")
    assert done.exit_code == 2
    assert "is not a notebook, or it is damaged" in " ".join(done.output.split())
