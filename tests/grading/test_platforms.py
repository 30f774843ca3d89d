"""Files for Canvas, Moodle and Gradescope: read back as the platforms' own code reads them."""

import csv
import json
import os
import re
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.grading.test_tables import graded
from vitcourse.grading.platforms import write_canvas, write_gradescope, write_moodle
from vitcourse.grading.platforms.gradescope import SCRIPTS, for_gradescope, write_autograder
from vitcourse.grading.results import NOT_JUDGED, SOLVED, WRONG, Answer, Graded

FOUR_OF_FIVE = (SOLVED, SOLVED, SOLVED, SOLVED, WRONG)
ADA = graded("ada", name="Ada Lovelace", identifier="101", verdicts=FOUR_OF_FIVE)
GRACE = graded("grace", name="Grace Hopper", identifier="102")
EXPORT = """Student,ID,SIS User ID,SIS Login ID,Section,Essay (5),Current Score
,,,,,Manual Posting,
    Points Possible,,,,,10,(read only)
"Lovelace, Ada",101,s101,ada@x,A,7,70
"=cmd|x, Grace",102,s102,grace@x,A,8,80
"Student, Test",103,,,A,,
"""
WORKSHEET = """Identifier,Full name,Email address,Status,Grade,Maximum grade,\
Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 101,Ada Lovelace,ada@x,Submitted for grading,,100.00,Yes,"Monday, 1 June",-,
Participant 102,=cmd|x,grace@x,Submitted for grading,,100.00,Yes,-,-,<p>Well; -1 for style</p>
Participant 103,Somebody Else,else@x,No submission,55.00,100.00,Yes,-,-,<p>Good; =1</p>
"""


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


def rows(path: Path, separator: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=separator))


# Canvas -------------------------------------------------------------------------------------------


@pytest.fixture
def export(tmp_path):
    return write(tmp_path / "export.csv", EXPORT, "utf-8-sig")


def test_canvas_gets_the_columns_that_it_asks_for(export, tmp_path):
    (said,) = write_canvas([ADA, GRACE], export, tmp_path / "canvas.csv")
    assert "new column 'vitcourse 1 Patch embedding'" in said
    head, possible, *students = rows(tmp_path / "canvas.csv")
    assert head[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert head[5:] == ["vitcourse 1 Patch embedding"]
    assert "Points Possible" in possible[0]
    assert possible[5] == "5"
    assert [(row[1], row[5]) for row in students] == [("101", "4"), ("102", "1")]
    assert students[1][0].startswith("'=")  # Canvas finds her by ID
    assert all(len(row) == 6 for row in students)


def test_canvas_assignment_that_exists(export, tmp_path):
    """Its number stays, and the points are scaled to what it is worth."""
    assert write_canvas([ADA], export, tmp_path / "canvas.csv", "Essay") == []
    head, possible, ada = rows(tmp_path / "canvas.csv")
    assert (head[5], possible[5], ada[5]) == ("Essay (5)", "10", "8")


def test_canvas_with_semicolons_and_its_mark(tmp_path):
    """As Canvas writes them for countries with a decimal comma."""
    export = write(tmp_path / "export.csv", EXPORT.replace(",", ";"), "utf-8-sig")
    write_canvas([ADA], export, tmp_path / "canvas.csv")
    assert rows(tmp_path / "canvas.csv", ";")[2][1] == "101"
    assert (tmp_path / "canvas.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_canvas_several_chapters(export, tmp_path):
    second = graded("grace", "02", name="Grace Hopper", identifier="102")
    write_canvas([ADA, second], export, tmp_path / "canvas.csv")
    head, possible, ada, grace = rows(tmp_path / "canvas.csv")
    assert head[5:] == ["vitcourse 1 Patch embedding", "vitcourse 2 CLS token"]
    assert possible[5:] == ["5", "4"]
    assert (ada[5:], grace[5:]) == (["4", ""], ["", "1"])


def test_canvas_students_are_found_by_other_numbers_and_by_name(export, tmp_path):
    by_login = graded("grace@x", identifier="")
    by_name = graded("x", name="ada lovelace", identifier="")
    write_canvas([by_login, by_name], export, tmp_path / "canvas.csv")
    assert [row[1] for row in rows(tmp_path / "canvas.csv")[2:]] == ["101", "102"]


def test_canvas_strangers_are_named_and_get_nothing(export, tmp_path):
    stranger = graded("eve", name="Eve Nobody", identifier="999", file="eve/x.ipynb")
    _, said = write_canvas([ADA, stranger], export, tmp_path / "canvas.csv")
    assert "Eve Nobody (eve/x.ipynb)" in said
    assert len(rows(tmp_path / "canvas.csv")) == 3


def test_canvas_nobody_gets_0_for_a_hand_in_that_broke(export, tmp_path):
    broken = graded("x", name="Ada Lovelace", identifier="101", verdicts=())
    stopped = graded("y", name="Grace Hopper", identifier="102", verdicts=(NOT_JUDGED,) * 5)
    _, said = write_canvas([broken, stopped], export, tmp_path / "canvas.csv")
    assert "Ada Lovelace" in said
    assert "Grace Hopper" in said
    assert len(rows(tmp_path / "canvas.csv")) == 2


def test_canvas_one_row_is_not_for_two_hand_ins(export, tmp_path):
    other = graded("ada2", name="Ada Again", identifier="101")
    _, said = write_canvas([ADA, other], export, tmp_path / "canvas.csv")
    assert "Ada Again" in said
    assert rows(tmp_path / "canvas.csv")[2][5] == "4"


def test_canvas_two_with_the_same_name_are_not_guessed(tmp_path):
    twins = EXPORT + '"Lovelace, Ada",104,s104,ada2@x,B,,\n'
    export = write(tmp_path / "export.csv", twins)
    ada = graded("ada", name="Ada Lovelace", identifier="")
    assert len(write_canvas([ada], export, tmp_path / "canvas.csv")) == 2
    assert len(rows(tmp_path / "canvas.csv")) == 2


@pytest.mark.parametrize("text", ["name,grade\nada,1\n", "", "\x00"])
def test_no_gradebook(tmp_path, text):
    file = write(tmp_path / "other.csv", text)
    with pytest.raises(ValueError, match=r"--canvas .*other\.csv: .*no column"):
        write_canvas([ADA], file, tmp_path / "canvas.csv")
    assert not (tmp_path / "canvas.csv").exists()


def test_a_file_that_excel_has_saved_again(tmp_path):
    file = write(tmp_path / "export.csv", EXPORT.replace("Ada", "Zoë"), "latin-1")
    with pytest.raises(ValueError, match="as it was downloaded"):
        write_canvas([ADA], file, tmp_path / "canvas.csv")


# Moodle -------------------------------------------------------------------------------------------


@pytest.fixture
def worksheet(tmp_path):
    return write(tmp_path / "worksheet.csv", WORKSHEET)


def test_moodle_gets_grades_of_its_own_scale(worksheet, tmp_path):
    assert write_moodle([ADA, GRACE], worksheet, tmp_path / "moodle.csv") == []
    head, ada, grace, other = rows(tmp_path / "moodle.csv")
    assert head == WORKSHEET.splitlines()[0].split(",")
    assert [row[4] for row in (ada, grace, other)] == ["80", "20", "55.00"]
    assert ada[8] == "-"  # Moodle compares the time of the last change


def test_moodle_nobody_else_is_touched(worksheet, tmp_path):
    """A changed cell would be a new comment, and a message to the student."""
    write_moodle([ADA], worksheet, tmp_path / "moodle.csv")
    before, after = rows(worksheet), rows(tmp_path / "moodle.csv")
    assert after[3] == before[3]
    assert after[2][2:] == before[2][2:]
    assert after[2][1] == "'=cmd|x"  # a column that Moodle does not read


def test_moodle_feedback_is_html_below_what_the_teacher_wrote(worksheet, tmp_path):
    said = "1.2 patchify: wrong (x)\n<script>alert(1)</script>;=cmd|x"
    answer = Answer("1.2", "patchify", WRONG, "x", said)
    evil = Graded("102", "=cmd|x", "102", "01", "x.ipynb", (answer,))
    write_moodle([evil], worksheet, tmp_path / "moodle.csv")
    feedback = rows(tmp_path / "moodle.csv")[2][9]
    assert feedback.startswith("<p>Well; -1 for style</p><p>vitcourse, 1 Patch embedding:</p>")
    assert "<script" not in feedback
    assert ";&#61;cmd" in feedback  # the same for a browser, and no formula
    assert "check(&quot;1.2&quot;, hint=1)" in feedback


def test_moodle_twice_gives_the_same(worksheet, tmp_path):
    write_moodle([GRACE], worksheet, tmp_path / "once.csv")
    write_moodle([GRACE], tmp_path / "once.csv", tmp_path / "twice.csv")
    once, twice = rows(tmp_path / "once.csv"), rows(tmp_path / "twice.csv")
    assert once[2][9] == twice[2][9]


def test_moodle_with_a_decimal_comma(tmp_path):
    file = write(tmp_path / "w.csv", WORKSHEET.replace("100.00", '"10,00"'))
    three = graded("ada", identifier="101", verdicts=(SOLVED, WRONG, WRONG, WRONG))
    write_moodle([three], file, tmp_path / "moodle.csv")
    assert rows(tmp_path / "moodle.csv")[1][4] == "2"
    eighths = write(tmp_path / "v.csv", WORKSHEET.replace("100.00", '"12,00"'))
    write_moodle([three], eighths, tmp_path / "moodle.csv")
    assert rows(tmp_path / "moodle.csv")[1][4] == "2,4"


def test_moodle_locked_grades_and_strangers_are_named(tmp_path):
    file = write(tmp_path / "w.csv", WORKSHEET.replace("Yes,-,-,<p>Well", "No,-,-,<p>Well"))
    stranger = graded("eve", name="Eve", identifier="999")
    said = write_moodle([ADA, GRACE, stranger], file, tmp_path / "moodle.csv")
    assert any("Eve" in line for line in said)
    assert any("Grace Hopper" in line and "No" in line for line in said)
    assert rows(tmp_path / "moodle.csv")[2] == ["Participant 102", "'=cmd|x", *rows(file)[2][2:]]


def test_moodle_of_many_left_out_five_are_named(worksheet, tmp_path):
    strangers = [graded(f"eve{n}", name=f"Eve {n}", identifier=f"99{n}") for n in range(8)]
    (said,) = write_moodle(strangers, worksheet, tmp_path / "moodle.csv")
    assert "Eve 4" in said
    assert "Eve 5" not in said
    assert said.endswith(" and 3 more")


def test_moodle_in_another_language_or_for_two_chapters(worksheet, tmp_path):
    german = write(tmp_path / "w.csv", WORKSHEET.replace("Grade,", "Bewertung,", 1))
    with pytest.raises(ValueError, match="in English: it has no column Grade"):
        write_moodle([ADA], german, tmp_path / "moodle.csv")
    with pytest.raises(ValueError, match="chapters 01, 02"):
        write_moodle([ADA, graded("b", "02")], worksheet, tmp_path / "moodle.csv")


# Gradescope ---------------------------------------------------------------------------------------


def test_gradescope(tmp_path):
    (path,) = write_gradescope([ADA], tmp_path)
    assert path == tmp_path / "ada" / "results.json"
    read = json.loads(path.read_text(encoding="utf-8"))
    assert read["score"] == sum(test["score"] for test in read["tests"]) == 4
    assert sum(test["max_score"] for test in read["tests"]) == 5
    assert read["tests"][4]["status"] == "failed"
    assert "hint=1" in read["tests"][4]["output"]
    assert {test["output_format"] for test in read["tests"]} == {"text"}  # never HTML


def test_gradescope_says_why_nothing_was_judged():
    broken = graded(verdicts=(), remarks=("it is empty", "look at this hand-in yourself: x"))
    assert for_gradescope([broken])["output"] == "it is empty"
    assert for_gradescope([broken])["score"] == 0


def test_gradescope_archive_has_the_scripts_at_its_root(tmp_path):
    wheel = tmp_path / "vitcourse-1-py3-none-any.whl"
    wheel.write_bytes(b"PK")
    write_autograder(wheel, tmp_path / "autograder.zip")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        names = archive.namelist()
        mode = archive.getinfo("run_autograder").external_attr >> 16
    assert set(names) == {"setup.sh", "run_autograder", wheel.name}
    assert mode & stat.S_IXUSR
    with pytest.raises(ValueError, match=r"no such \.whl"):
        write_autograder(tmp_path / "none.whl", tmp_path / "b.zip")


@pytest.mark.skipif(os.name == "nt", reason="Gradescope runs Linux")
@pytest.mark.parametrize("works", [True, False])
def test_gradescope_script_always_leaves_results(tmp_path, works):
    """With a `grade` that works, and with one that breaks down."""
    submission = tmp_path / "submission"
    submission.mkdir()
    (submission / "01.ipynb").write_text("{}", encoding="utf-8")
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        'test -f "$4/submitted/student/01.ipynb" || exit 3\n'
        + ('mkdir -p "$6/gradescope/student"\n' if works else "exit 1\n")
        + 'echo \'{"score": 5}\' > "$6/gradescope/student/results.json"\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    environment = os.environ | {"AUTOGRADER": str(tmp_path), "PYTHON": str(python)}
    bash = shutil.which("bash")
    done = subprocess.run(
        [bash, str(SCRIPTS / "run_autograder")], env=environment, capture_output=True, text=True
    )
    read = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert read["score"] == (5 if works else 0), done.stderr
    assert ("output" in read) is not works


def test_scripts_end_their_lines_as_linux_does():
    for script in SCRIPTS.iterdir():
        assert b"\r" not in script.read_bytes()
        assert re.match(rb"#!/usr/bin/env bash\n", script.read_bytes())
