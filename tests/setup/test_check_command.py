"""`vitcourse check`: which notebook is meant, and the verdict whatever else lies in its folder."""

import pytest

from vitcourse.learner.notebook_files import learners_notebook

GOOD, BAD = "assert 1 + 1 == 2", "assert 1 + 1 == 3"


@pytest.fixture
def folder(clone, make_notebook):
    """A learner's folder: one notebook with stale outputs but all right, and one with a fault."""
    folder = clone / "my_notebooks"
    folder.mkdir()
    stale = make_notebook("print(1)", GOOD).replace(
        '"outputs": []', '"outputs": [{"output_type": "stream", "name": "stdout", "text": "2"}]', 1
    )
    stale = stale.replace('"execution_count": null', '"execution_count": 1', 1)  # it was run
    assert '"text": "2"' in stale
    assert '"execution_count": 1' in stale
    (folder / "01_good.ipynb").write_text(stale, encoding="utf-8")
    (folder / "02_bad.ipynb").write_text(make_notebook("x = 1", BAD, GOOD), encoding="utf-8")
    return folder


def test_the_exit_code_is_the_verdict(vitcourse, folder):
    good = vitcourse("check", "01")
    assert good.returncode == 0, good.stdout + good.stderr
    bad = vitcourse("check", "1", "my_notebooks/02_bad.ipynb")
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert "02_bad.ipynb::Cell 1" in bad.stdout
    assert "Traceback" not in bad.stderr


def test_the_surroundings_do_not_matter(vitcourse, folder):
    """Settings and plugins of the project that a notebook happens to lie in."""
    hostile = "[pytest]\naddopts = --collect-only --no-such-option\npython_files = *.nothing\n"
    for place in (folder, folder.parent):
        (place / "pytest.ini").write_text(hostile)
        (place / "conftest.py").write_text("raise RuntimeError('not ours')")
    settings = {"PYTEST_ADDOPTS": "--no-such-option", "PYTEST_PLUGINS": "not_there"}
    done = vitcourse("check", "01", **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(folder.rglob(".pytest_cache"))


def test_a_check_that_was_deleted_is_not_solved(vitcourse, folder, make_notebook):
    """Nor one that was replaced by the check of another exercise."""
    right = "from vitcourse import check\ndef count_values(image):\n    return image.numel()"
    whole = make_notebook(right, 'check("0.1")')
    (folder / "00_whole.ipynb").write_text(whole, encoding="utf-8")
    done = vitcourse("check", "00")
    assert done.returncode == 0, done.stdout
    assert "1 of 1 solved" in done.stdout
    right = "from vitcourse import check\ndef count_patches(h, w, p):\n"
    right += "    if h % p or w % p:\n        raise ValueError\n    return (h // p) * (w // p)"
    part = make_notebook(right, 'check("1.1")', 'check("1.1")')
    (folder / "03_part.ipynb").write_text(part, encoding="utf-8")
    done = vitcourse("check", "03")
    assert done.returncode == 1, done.stdout
    assert "1.2  missing: no cell checks it" in done.stdout
    assert "1 of 5 solved" in done.stdout


def test_numbers_and_paths(folder, tmp_path, monkeypatch):
    good = (folder / "01_good.ipynb").resolve()
    monkeypatch.chdir(folder.parent)
    for wanted in ("1", "01", "01_good", "01_good.ipynb", "my_notebooks/01_good.ipynb", str(good)):
        assert learners_notebook(wanted, folder) == good
    monkeypatch.chdir(folder)
    assert learners_notebook("01", tmp_path / "nowhere") == good


def test_the_learners_folder_comes_first(folder, make_notebook, monkeypatch):
    monkeypatch.chdir(folder.parent)
    (folder.parent / "01_other.ipynb").write_text(make_notebook(BAD), encoding="utf-8")
    assert learners_notebook("01", folder) == (folder / "01_good.ipynb").resolve()


@pytest.mark.parametrize("wanted", ["07", "gone.ipynb", "my_notebooks", ""])
def test_an_unknown_notebook_lists_what_there_is(folder, monkeypatch, wanted):
    monkeypatch.chdir(folder.parent)
    with pytest.raises(ValueError, match=r"01_good\.ipynb.*python -m vitcourse lab"):
        learners_notebook(wanted, folder)


def test_an_unknown_notebook_is_one_message(vitcourse, folder):
    done = vitcourse("check", "07")
    assert done.returncode == 2
    assert done.stderr.startswith(f"vitcourse: no notebook '07' in {folder} or here")
    assert "Traceback" not in done.stderr
