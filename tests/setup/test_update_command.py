"""`vitcourse update`: files, backups and what is said. How cells are merged: tests/update."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from vitcourse.commands.update import run_update
from vitcourse.learner.notebook_files import copy_notebooks, handed_out
from vitcourse.learner.update.cells import digest
from vitcourse.learner.update.notebooks import behind, read, update

OLD = {"text": "# Tour\n\nA patch is a small square.", "code": "def area(a):\n    raise ValueError"}
NEW = OLD | {"text": "# Tour\n\nA patch is a very small square."}


def write_course(course: Path, text: dict[str, str], name: str = "00_tour") -> None:
    """One notebook of the course, as the build writes it."""
    cells = [
        nbformat.v4.new_markdown_cell(text["text"]),
        nbformat.v4.new_code_cell(text["code"], metadata={"exercise": "0.1"}),
    ]
    for cell in cells:
        cell.id = digest(cell.cell_type, cell.source)
    notebook = nbformat.v4.new_notebook(cells=cells)
    (course / f"{name}.ipynb").write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


@pytest.fixture
def mine(course, tmp_path) -> Path:
    """A learner's folder with the old version, of which they have changed the code."""
    write_course(course, OLD)
    copy_notebooks(tmp_path / "mine")
    copy = tmp_path / "mine" / "00_tour.ipynb"
    edit(copy, "raise ValueError", "return a * a  # ü")
    return copy.parent


def edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("has_base", [True, False])
def test_new_text_arrives_and_answers_stay(mine, course, capsys, has_base):
    before = (mine / "00_tour.ipynb").read_bytes()
    if not has_base:  # the notebooks are from before there was an update
        shutil.rmtree(mine / ".vitcourse")
    assert behind(mine) == []
    write_course(course, NEW)
    assert behind(mine) == [mine / "00_tour.ipynb"]

    assert run_update(mine) == 0
    text, code = read(mine / "00_tour.ipynb").cells
    assert text.source == NEW["text"]
    assert code.source == "def area(a):\n    return a * a  # ü"
    nbformat.validate(nbformat.read(mine / "00_tour.ipynb", as_version=4))
    (backup,) = (mine / "backups").iterdir()
    assert [p.name for p in backup.iterdir()] == ["00_tour.ipynb"]
    assert (backup / "00_tour.ipynb").read_bytes() == before
    assert behind(mine) == []
    said = capsys.readouterr().out
    assert "00_tour: cells: 1 with new text, 1 of yours kept" in said
    assert str(backup) in said
    assert "Reload Notebook from Disk" in said

    now = files(mine)
    assert run_update(mine) == 0
    assert files(mine) == now
    assert "Nothing was changed" in capsys.readouterr().out


def test_a_conflict_is_named(mine, course, capsys):
    write_course(course, NEW | {"code": "def area(a: int):\n    raise ValueError"})
    assert run_update(mine) == 0
    assert "Both you and the course have changed exercise 0.1." in capsys.readouterr().out
    shown = read(mine / "00_tour.ipynb").cells[2].source
    assert "def area(a: int):" in shown


def test_new_chapters_come_too(mine, course, capsys):
    write_course(course, NEW, "02_cls_token")
    run_update(mine)
    assert (mine / "02_cls_token.ipynb").is_file()
    assert "02_cls_token: new" in capsys.readouterr().out


def test_what_is_no_notebook_is_left_alone(mine, course, capsys):
    write_course(course, NEW)
    write_course(course, NEW, "01_patch_embedding")
    (mine / "00_tour.ipynb").write_text("<<<<<<< mine", encoding="utf-8")
    assert run_update(mine) == 1
    assert (mine / "00_tour.ipynb").read_text(encoding="utf-8") == "<<<<<<< mine"
    said = capsys.readouterr().out
    assert "00_tour: left as it is, since it cannot be read as a notebook" in said
    assert "01_patch_embedding: cells:" in said


def test_an_interrupted_update_loses_nothing(mine, course, monkeypatch):
    write_course(course, NEW)
    before = (mine / "00_tour.ipynb").read_bytes()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("nbformat.v4.writes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        update(mine)
    assert (mine / "00_tour.ipynb").read_bytes() == before
    monkeypatch.undo()


def test_old_notebook_formats_are_read(mine, course):
    old = json.loads((mine / "00_tour.ipynb").read_text(encoding="utf-8"))
    old["nbformat_minor"] = 4
    for cell in old["cells"]:
        del cell["id"]
    (mine / "00_tour.ipynb").write_text(json.dumps(old), encoding="utf-8")
    write_course(course, NEW)
    update(mine)
    updated = nbformat.read(mine / "00_tour.ipynb", as_version=4)
    nbformat.validate(updated)
    assert updated.nbformat_minor == 5
    assert [c.source for c in updated.cells] == [
        NEW["text"],
        "def area(a):\n    return a * a  # ü",
    ]


@pytest.mark.parametrize("trusted", [True, False])
def test_trust_is_neither_lost_nor_given(mine, course, trusted):
    """Or the pictures of a notebook would go, or come from anywhere."""
    if trusted:
        NotebookNotary().sign(read(mine / "00_tour.ipynb"))
    write_course(course, NEW)
    update(mine)
    assert NotebookNotary().check_signature(read(mine / "00_tour.ipynb")) == trusted


def test_what_was_handed_out_may_be_damaged(mine, course):
    write_course(course, NEW)
    handed_out(mine / "00_tour.ipynb").write_text("", encoding="utf-8")
    update(mine)
    assert read(mine / "00_tour.ipynb").cells[0].source == NEW["text"]


def test_a_folder_without_notebooks_is_one_message(vitcourse, clone, tmp_path):
    done = vitcourse("update", tmp_path)
    assert done.returncode == 2
    assert "None of the course's notebooks is in" in done.stderr
    assert "python -m vitcourse lab" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_finds_the_learners_folder(vitcourse, clone, mine, course, tmp_path):
    write_course(course, NEW)
    done = vitcourse("update", cwd=mine)
    assert done.returncode == 0, done.stderr
    assert f"Your notebooks are in {mine.resolve()}." in done.stdout
    assert "1 with new text" in done.stdout
