"""A new exercise: its files, what is missing in it, and a teacher's own in a folder."""

import shutil
import subprocess
import sys

import pytest

from vitcourse.exercises import NotYet, WrongUse, check
from vitcourse.workshop.new import REPOSITORY, new_exercise


@pytest.fixture
def copy(tmp_path):
    """The parts of the repository that a new exercise touches."""
    without = shutil.ignore_patterns("__pycache__", "*.ipynb", "my_vit*")
    for part in ("vitcourse", "notebooks/source", "tests/answers"):
        shutil.copytree(REPOSITORY / part, tmp_path / part, ignore=without)
    return tmp_path


def run(folder, *command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, timeout=100
    )
    return done.returncode, done.stdout + done.stderr


def fill_in(*paths):
    for path in paths:
        text = path.read_text().replace("dim=-1 => dim=1", "dim=-1 => dim=0")
        text = text.replace("TODO: a question", "Which numbers should sum to one")
        text = text.replace("TODO: the idea", "A softmax goes over one axis, the last")
        text = text.replace("TODO: almost the line", "`softmax` takes the axis as `dim`")
        path.write_text(text.replace("TODO, ", "").replace("TODO: ", "").replace("TODO", "Rows"))


def test_a_new_exercise_of_the_course(copy):
    code, said = run(copy, "vitcourse.workshop.new", "4.6", "rows_to_one")
    assert code == 0, said
    checks, known, bank, source = (line.split()[-1] for line in said.splitlines()[:4])
    code, said = run(copy, "vitcourse.workshop.check_exercise", "4.6", "--no-mutants")
    assert code == 1
    assert "words instead of TODO" in said
    fill_in(copy / checks, copy / known, copy / bank)
    code, said = run(copy, "vitcourse.workshop.check_exercise", "4.6", "--no-mutants")
    assert code == 0, said
    assert "4.6 rows_to_one: complete" in said
    (copy / bank).unlink()
    text = (copy / source).read_text()
    (copy / source).write_text(text.replace('check="4.6"', 'check="4.5"'))
    code, said = run(copy, "vitcourse.workshop.check_exercise", "4.6", "--no-mutants")
    assert code == 1
    assert "an answer of the kind `# stub: ...`" in said
    assert "three right answers in different styles" in said
    assert "the cell with the check" in said


def test_a_mutant_that_lives_is_missing_a_trial(tmp_path):
    new_exercise("A.1", "rows_to_one", tmp_path)
    exercises = tmp_path / "exercises.py"
    blunt = exercises.read_text().replace("reshape(3, 4, 5)", "reshape(1, 60)")
    exercises.write_text(blunt.replace("    *battery", "    # *battery"))
    code, said = run(
        tmp_path, "vitcourse.workshop.check_exercise", "A.1", "--folder", str(tmp_path)
    )
    assert code == 1
    assert (
        "a trial that notices: return x.softmax(dim=-1) => return x.softmax(dim=-1).detach()"
        in said
    )


def test_a_teachers_own_exercise(tmp_path, capsys):
    new_exercise("A.1", "rows_to_one", tmp_path)
    new_exercise("A.2", "ColumnsToOne", tmp_path)
    stub = "def rows_to_one(x):\n    raise NotImplementedError\n"
    right = "def rows_to_one(x):\n    return x.softmax(-1)\n"
    wrong = "def rows_to_one(x):\n    return x.softmax(1)\n"
    ask = f"check('A.1', folder={str(tmp_path)!r})"
    with pytest.raises(NotYet):
        exec(stub + ask, {"check": check})
    with pytest.raises(AssertionError, match=r"^A\.1 rows_to_one: wrong \(TODO, the mistake"):
        exec(wrong + ask, {"check": check})
    capsys.readouterr()
    exec(right + ask, {"check": check})
    assert capsys.readouterr().out == "A.1 rows_to_one: solved\n"
    with pytest.raises(WrongUse, match=r"has A\.1, A\.2"):
        check("A.3", folder=tmp_path)
    with pytest.raises(WrongUse, match=r"there is no exercises\.py in it"):
        check("A.1", folder=tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("number", "name", "said"),
    [
        ("4.1", "new_name", "this exercise exists"),
        ("4.9", "attention", "another exercise has this name"),
        ("77.1", "new_name", "the chapters are 0, 1"),
        ("4", "new_name", "a chapter and a number"),
        ("4.9", "no name", "the name of a function or a class"),
    ],
)
def test_what_cannot_be(number, name, said):
    with pytest.raises(ValueError, match=said):
        new_exercise(number, name)
