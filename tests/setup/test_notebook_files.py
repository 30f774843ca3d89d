"""The course's notebooks, the learner's copies of them, and the folder that is found again."""

import os
from pathlib import Path

import pytest

from vitcourse.learner import remembered
from vitcourse.learner.notebook_files import (
    back_up,
    copy_notebooks,
    course_notebooks,
    find_notebook,
    folder_to_open,
    handed_out,
    learners_folder,
)

# --------------------------------------------------------------------------------------- finding


def test_course_notebooks_are_the_student_copies(course):
    names = ["00_tour.ipynb", "01_patch_embedding.ipynb"]
    (course / "draft.ipynb").write_text("{}")
    assert course_notebooks() == [course / name for name in names]


def test_in_an_installed_wheel_they_lie_inside_the_package(clone, course, tmp_path):
    (clone / "pyproject.toml").unlink()
    (clone / "notebooks").rename(clone / "vitcourse" / "notebooks")
    assert [n.parent for n in course_notebooks()] == [clone / "vitcourse" / "notebooks"] * 2


def test_no_notebooks_says_what_to_do(course):
    for file in course.glob("*.ipynb"):
        file.unlink()
    with pytest.raises(FileNotFoundError, match=r"vitcourse\.workshop\.build"):
        course_notebooks()


@pytest.mark.parametrize("wanted", ["1", "01", "01_patch_embedding", "01_patch_embedding.ipynb"])
def test_find_notebook(course, wanted):
    assert find_notebook(wanted, course_notebooks()).name == "01_patch_embedding.ipynb"


@pytest.mark.parametrize("wanted", ["7", "patch", "", "../00_tour", "-1", "01_patch"])
def test_find_notebook_lists_what_there_is(course, wanted):
    with pytest.raises(ValueError, match=r"There are: 00_tour.ipynb, 01_patch_embedding.ipynb"):
        find_notebook(wanted, course_notebooks())


# --------------------------------------------------------------------------------------- copying


def test_copies_once_and_never_overwrites(course, tmp_path):
    mine = tmp_path / "deep" / "mine"
    assert [c.name for c in copy_notebooks(mine)] == ["00_tour.ipynb", "01_patch_embedding.ipynb"]
    assert (mine / "00_tour.ipynb").read_bytes() == (course / "00_tour.ipynb").read_bytes()

    (mine / "00_tour.ipynb").write_text("my work")
    (mine / "01_patch_embedding.ipynb").unlink()
    assert [c.name for c in copy_notebooks(mine)] == ["01_patch_embedding.ipynb"]
    assert (mine / "00_tour.ipynb").read_text() == "my work"
    assert sorted(p.name for p in mine.glob("[!.]*")) == [
        "00_tour.ipynb",
        "01_patch_embedding.ipynb",
    ]


def test_an_interrupted_copy_leaves_nothing_behind(course, tmp_path, monkeypatch):
    def interrupted(source, target):
        Path(target).write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.copyfile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        copy_notebooks(tmp_path / "mine")
    assert not [path for path in (tmp_path / "mine").rglob("*") if path.is_file()]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_dangling_link_is_something_a_learner_has(course, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "00_tour.ipynb").symlink_to(tmp_path / "unplugged" / "00_tour.ipynb")
    copy_notebooks(mine)
    assert (mine / "00_tour.ipynb").is_symlink()


def test_the_originals_folder_is_refused(course):
    with pytest.raises(ValueError, match="originals"):
        copy_notebooks(course)


def test_a_file_is_not_a_folder(course, tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(NotADirectoryError, match="is not a folder"):
            copy_notebooks(folder)


def test_an_unwritable_folder(course, tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(13, "Permission denied", target)

    monkeypatch.setattr("shutil.copyfile", refuse)  # root may write everywhere
    with pytest.raises(PermissionError, match="Name a folder of your own"):
        copy_notebooks(tmp_path / "mine")


def test_what_was_handed_out_is_kept_for_the_update(course, tmp_path):
    for copy in copy_notebooks(tmp_path / "mine"):
        assert handed_out(copy).read_bytes() == (course / copy.name).read_bytes()
        assert handed_out(copy).parent.parent.name.startswith(".")  # not in JupyterLab's list


def test_each_backup_is_a_folder_of_its_own(tmp_path):
    notebook = tmp_path / "00_tour.ipynb"
    notebook.write_text("one")
    first = back_up(notebook)
    notebook.write_text("two")
    second = back_up(notebook)
    assert first != second
    assert [(folder / notebook.name).read_text() for folder in (first, second)] == ["one", "two"]
    assert first.parent == second.parent == tmp_path / "backups"


# ------------------------------------------------------------------------------------ the folder


@pytest.fixture
def here(course, tmp_path, monkeypatch) -> Path:
    """Somewhere else than in the clone."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    return elsewhere


@pytest.fixture
def this(course) -> Path:
    """This copy of the course, as it is remembered."""
    return course.parent / "vitcourse"


def with_notebooks(folder: Path) -> Path:
    copy_notebooks(folder)
    return folder


def test_the_first_time_it_is_here(here):
    assert learners_folder() == here / "my_notebooks"
    assert folder_to_open() == (here / "my_notebooks", [])


def test_later_it_is_found_from_anywhere(here, this, tmp_path):
    mine = with_notebooks(tmp_path / "mine")
    remembered.remember(this, with_notebooks(tmp_path / "the one before"))
    remembered.remember(this, mine)
    assert folder_to_open() == (mine, [])
    with_notebooks(here / "my_notebooks")  # an older one, in the way
    assert folder_to_open() == (mine, [])


def test_in_a_folder_of_notebooks_it_is_this_one(here, this, tmp_path, monkeypatch):
    remembered.remember(this, with_notebooks(tmp_path / "mine"))
    other = with_notebooks(tmp_path / "other")
    monkeypatch.chdir(other)
    assert learners_folder() == other


@pytest.mark.parametrize("place", [".", "solutions"])
def test_the_originals_are_nobodys_work(course, this, monkeypatch, place):
    monkeypatch.chdir(course / place)
    assert learners_folder() == course / place / "my_notebooks"


def test_a_backup_is_no_place_to_work_in(here, this, tmp_path, monkeypatch):
    mine = with_notebooks(tmp_path / "mine")
    remembered.remember(this, mine)
    monkeypatch.chdir(back_up(mine / "00_tour.ipynb"))
    assert learners_folder() == mine


def test_learners_from_before_it_was_remembered_find_theirs_in_the_clone(course, here):
    mine = with_notebooks(course.parent / "my_notebooks")
    assert folder_to_open() == (mine, [])


def test_one_that_is_gone_is_named(here, this, tmp_path):
    remembered.remember(this, tmp_path / "gone")
    folder, said = folder_to_open()
    assert folder == here / "my_notebooks"
    assert said == [f"The folder of your notebooks is no longer there: {tmp_path / 'gone'}"]


def test_one_that_cannot_be_written_to_is_named(here, this, tmp_path, monkeypatch):
    mine = with_notebooks(tmp_path / "mine")
    remembered.remember(this, mine)
    monkeypatch.setattr("vitcourse.learner.notebook_files.is_writable", lambda folder: False)
    folder, (said,) = folder_to_open()
    assert folder == here / "my_notebooks"
    assert str(mine) in said
    assert "cannot be written to" in said


def test_two_clones_keep_a_folder_each_and_say_so(here, this, tmp_path):
    other = tmp_path / "other clone" / "vitcourse"
    other.mkdir(parents=True)
    theirs = with_notebooks(tmp_path / "theirs")
    remembered.remember(other, theirs)
    folder, (said,) = folder_to_open()
    assert folder == here / "my_notebooks"
    assert f'python -m vitcourse lab "{theirs}"' in said

    remembered.remember(this, with_notebooks(tmp_path / "mine"))
    assert folder_to_open() == (tmp_path / "mine", [])
    assert remembered.folders() == {this: tmp_path / "mine", other: theirs}


def test_the_folder_of_a_clone_that_is_gone_is_taken_over(here, tmp_path):
    """Cloned again, or the environment made anew: yesterday's work is where it was."""
    mine = with_notebooks(tmp_path / "mine")
    remembered.remember(tmp_path / "gone clone", tmp_path / "gone, too")
    remembered.remember(tmp_path / "another gone clone", mine)
    assert folder_to_open() == (mine, [])


@pytest.mark.parametrize("text", ["", "{", "[[1]]", '{"a": "b"}', "null"])
def test_a_damaged_note_is_written_anew(here, this, tmp_path, text):
    remembered.path().parent.mkdir(parents=True)
    remembered.path().write_text(text, encoding="utf-8")
    assert learners_folder() == here / "my_notebooks"
    remembered.remember(this, with_notebooks(tmp_path / "mü"))
    assert learners_folder() == tmp_path / "mü"
