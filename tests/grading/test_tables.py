"""grades.csv and totals.csv: what a spreadsheet makes of them, and that it computes nothing."""

import csv

import pytest

from vitcourse.grading.results import NOT_YET, SOLVED, WRONG, Answer, Graded
from vitcourse.grading.tables import defused, write_grades, write_totals


def graded(student: str = "ada", chapter: str = "01", verdicts=(SOLVED, WRONG), **more) -> Graded:
    answers = tuple(
        Answer(f"{int(chapter)}.{n}", "patchify", verdict, "channels last" * (verdict == WRONG))
        for n, verdict in enumerate(verdicts, 1)
    )
    known = {"name": student, "identifier": "", "file": "x.ipynb", "answers": answers} | more
    return Graded(student=student, chapter=chapter, **known)


def rows(path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_row_for_each_answer(tmp_path):
    write_grades([graded(name="Ada Lovelace", remarks=("late",))], tmp_path / "grades.csv")
    assert rows(tmp_path / "grades.csv") == [
        ["student", "name", "chapter", "exercise", "verdict", "mistake", "points", "remarks"],
        ["ada", "Ada Lovelace", "01", "1.1", "solved", "", "1", "late"],
        ["ada", "Ada Lovelace", "01", "1.2", "wrong", "channels last", "0", "late"],
    ]


def test_a_broken_hand_in_has_a_row_as_well(tmp_path):
    write_grades([graded(verdicts=(), remarks=("it is empty",))], tmp_path / "grades.csv")
    assert rows(tmp_path / "grades.csv")[1] == ["ada", "ada", "01", "", "", "", "0", "it is empty"]


def test_excel_knows_the_letters(tmp_path):
    """Without the mark, Excel reads `Ødegård` as `Ã˜degÃ¥rd`."""
    write_grades([graded("Zoë Ødegård")], tmp_path / "grades.csv")
    assert (tmp_path / "grades.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert rows(tmp_path / "grades.csv")[1][0] == "Zoë Ødegård"


def test_a_name_that_utf8_cannot_write(tmp_path):
    write_grades([graded("ad\udce4")], tmp_path / "grades.csv")
    assert rows(tmp_path / "grades.csv")[1][0] == "ad?"


def test_totals(tmp_path):
    results = [graded("ada"), graded("ada", "02", (SOLVED, SOLVED, NOT_YET)), graded("bob", "02")]
    write_totals(results, tmp_path / "totals.csv")
    assert rows(tmp_path / "totals.csv") == [
        ["student", "name", "chapter 01 (of 5)", "chapter 02 (of 4)", "total (of 9)"],
        ["ada", "ada", "1", "2", "3"],
        ["bob", "bob", "", "1", "1"],
    ]


def test_a_teachers_own_exercises(tmp_path):
    """Their chapter goes by its letter, and is worth as many points as it has tasks."""
    answers = tuple(Answer(f"A.{n}", "double", SOLVED) for n in (1, 2))
    results = [graded("ada", "0A", (), answers=answers), graded("eve", "0A", ())]
    write_totals(results, tmp_path / "totals.csv")
    write_grades(results, tmp_path / "grades.csv")
    heads, ada, _ = rows(tmp_path / "totals.csv")
    assert heads == ["student", "name", "chapter A (of 2)", "total (of 2)"]
    assert ada == ["ada", "ada", "2", "2"]
    assert rows(tmp_path / "grades.csv")[1][2] == "A"


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        '"=1',
        "＝1",
        "\n=1",
    ],
)
def test_no_cell_is_a_formula(text):
    assert defused(text).startswith("'")


def test_nor_where_excel_cuts_at_semicolons():
    assert defused("Ada;=cmd|x") == "Ada;'=cmd|x"


@pytest.mark.parametrize("text", ["Ada", "O'Neil", "-", "-3.5", "+49", "1,5", "a=b", "x - y", ""])
def test_all_else_stays_as_it_is(text):
    assert defused(text) == text


def test_formulas_in_names_and_mistakes(tmp_path):
    evil = graded("=cmd|x", remarks=("+cmd|x",))
    write_grades([evil], tmp_path / "grades.csv")
    write_totals([evil], tmp_path / "totals.csv")
    for file in ("grades.csv", "totals.csv"):
        for row in rows(tmp_path / file):
            assert not [cell for cell in row if cell.startswith(("=", "+", "@"))]
