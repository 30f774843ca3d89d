"""`vitcourse grade` as a teacher types it."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.grading.notebooks import notebook, write
from vitcourse.__main__ import app
from vitcourse.grading import processes, run

TOUR = "def count_values(image):\n    return image.numel()"


def vitcourse(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["grade", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.fixture
def folder(tmp_path) -> Path:
    """Three students, one of whom handed in nothing that can be read; names that mean harm."""
    answers = {"Ada <b>Bee</b>": TOUR, "=cmd|' -C calc'!A0": TOUR.replace("numel()", "dim()")}
    for i, (name, answer) in enumerate(answers.items()):
        place = f"{name}_12{i}_assignsubmission_file_".replace("/", "∕")
        write(tmp_path / "in" / place / "00_tour.ipynb", notebook(chapter="00", ex_0_1=answer))
    (tmp_path / "in" / "broken_00_tour.ipynb").write_text("{", encoding="utf-8")
    return tmp_path / "in"


def test_the_tables_and_pages_are_there_and_the_end_says_what_happened(folder, tmp_path):
    out = tmp_path / "out"

    code, said = vitcourse(folder, "--out", out, "--feedback", "--gradescope")

    assert code == 0, said
    assert "2 hand-ins graded, 1 could not be." in said
    assert "0.1 count_values     1 of 2 solved   50%" in said
    assert "broken_00_tour.ipynb: it is not a notebook" in said
    assert said.startswith("Isolation of the hand-ins: ")
    names = {"grades.csv", "totals.csv", "report.html", "class.html", "class.json"}
    assert names | {"feedback", "gradescope"} <= {path.name for path in out.iterdir()}
    for path in out.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<b>Bee</b>" not in text
    assert "Isolation of the hand-ins" in (out / "report.html").read_text(encoding="utf-8")
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [cell for row in csv.reader(file) for cell in row if cell.startswith("=")] == []


def test_anonymous_hides_names_everywhere(folder, tmp_path):
    code, said = vitcourse(folder, "--out", tmp_path / "out", "--anonymous", "--feedback")

    assert code == 0, said
    for path in (tmp_path / "out").rglob("*.*"):
        if path.is_file() and path.suffix in (".csv", ".html", ".json"):
            assert "Bee" not in path.read_text(encoding="utf-8-sig"), path


def test_a_platform_cannot_be_anonymous(folder, tmp_path):
    code, said = vitcourse(folder, "--out", tmp_path / "out", "--anonymous", "--gradescope")

    assert code == 2
    assert "--anonymous" in said


def test_what_is_missing_is_said_in_one_line(tmp_path):
    for arguments in ([tmp_path / "none"], [tmp_path], [tmp_path, "--roster", tmp_path / "x.csv"]):
        code, said = vitcourse(*arguments, "--out", tmp_path / "out")

        assert code == 2
        assert "Traceback" not in said
        assert str(tmp_path) in said


def test_a_roster_shows_who_is_missing(folder, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("name,identifier\nAda <b>Bee</b>,120\nEve Fox,999\n", encoding="utf-8")

    code, said = vitcourse(folder, "--out", tmp_path / "out", "--roster", roster)

    assert code == 0, said
    assert "1 on the roster without one" in said
    assert "Eve Fox" in (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8-sig")
    assert "not on the roster" in (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8-sig")


def test_the_command_line_needs_no_torch_until_it_grades():
    code = "import sys, vitcourse.__main__; sys.exit('torch' in sys.modules)"
    assert subprocess.call([sys.executable, "-c", code]) == 0


def test_what_to_change_before_grading_is_said_first(tmp_path, monkeypatch):
    for n in range(4):
        mine = notebook(f"print({n})", chapter="00")
        write(tmp_path / "in" / "monday" / f"student {n}" / "00_tour.ipynb", mine)
    write(tmp_path / "in" / "zoe" / "00_tour.ipynb", notebook(chapter="00"))
    monkeypatch.setattr(run, "has_solutions", lambda: False)
    monkeypatch.setattr(run, "_grade", lambda *given: [])
    said: list[str] = []

    run.grade(tmp_path / "in", tmp_path / "out", say=said.append)

    copy, deep = said
    assert "grade with the full course" in copy
    assert deep.endswith(f"one folder too deep: give {tmp_path / 'in' / 'monday'} instead")


def test_where_the_kernel_cannot_help_the_line_says_so(folder, tmp_path, monkeypatch):
    from vitcourse.grading import isolation

    monkeypatch.setattr(isolation, "CAN_FORK", False)

    assert "use a container" in isolation.isolation()
    assert (sys.platform == "linux") == processes.CAN_FORK
