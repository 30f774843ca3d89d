"""report.html as a file: what is in it, that it is whole, small and harmless."""

import re

from tests.grading.test_feedback import Text, page
from tests.grading.test_tables import graded
from vitcourse.grading.report import write_report
from vitcourse.grading.results import NOT_YET, SOLVED, WRONG, Answer, Graded

EVIL = (
    '</td></table></style><script>alert(1)</script><img src="//x.org" onerror=alert(1)>\x00\u202e'
)


def test_what_a_teacher_looks_for(tmp_path):
    said = "1.2 patchify: wrong (channels last)\nInside a patch you put the channels last."
    answer = Answer("1.2", "patchify", WRONG, "channels last", said, "def patchify(): 1 < 2")
    ada = graded("ada", name="Ada Lovelace", answers=(answer,), remarks=("late",))
    write_report([ada, graded("bob")], tmp_path / "report.html", ["Isolated by: Landlock."])
    text = page(tmp_path / "report.html").words
    for words in ("1 Patch embedding: 2 hand-ins", "Ada Lovelace", "late", "channels last (2)"):
        assert words in text
    assert "Inside a patch you put the channels last." in text
    assert "def patchify(): 1 < 2" in text
    assert "Isolated by: Landlock." in text


def test_all_text_is_text(tmp_path):
    answer = Answer("1.2", EVIL, WRONG, EVIL, EVIL, EVIL)
    evil = Graded(EVIL, EVIL, EVIL, EVIL, EVIL, (answer,), (EVIL,))
    write_report([evil], tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    tags = Text(html).tags
    assert tags.count("script") == tags.count("style") == 1
    assert "img" not in tags
    assert "\x00" not in html
    assert "\u202e" not in html  # would show the text behind it from right to left


def test_the_page_asks_nobody(tmp_path):
    write_report([graded()], tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in html
    assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//", html)


def test_students_are_in_order_and_chapters_apart(tmp_path):
    write_report([graded("zoe"), graded("Ada"), graded("Ada", "02")], tmp_path / "report.html")
    text = page(tmp_path / "report.html").words
    first, second = (
        text.index("1 Patch embedding: 2 hand-ins"),
        text.index("2 CLS token: 1 hand-in"),
    )
    assert first < text.index("Ada") < text.index("zoe") < second


def test_a_student_without_answers_is_there(tmp_path):
    broken = graded("eve", verdicts=(), remarks=("it is no notebook",))
    write_report([broken, graded("ada")], tmp_path / "report.html")
    assert "it is no notebook" in page(tmp_path / "report.html").words
    write_report([], tmp_path / "empty.html")
    assert "no hand-ins" in page(tmp_path / "empty.html").words


def test_who_handed_in_nothing_is_no_hand_in(tmp_path):
    absent = graded("eve", name="Eve Fox", file="", verdicts=(), remarks=("no hand-in",))
    write_report([graded("ada"), absent], tmp_path / "report.html")
    text = page(tmp_path / "report.html").words
    assert "1 Patch embedding: 1 hand-in\n" in text
    assert "No hand-in from Eve Fox." in text


def test_a_teachers_own_exercises_go_by_their_letter(tmp_path):
    write_report([graded(chapter="0A", verdicts=())], tmp_path / "report.html")
    assert "chapter A: 1 hand-in" in page(tmp_path / "report.html").words


def test_a_whole_class_fits(tmp_path):
    """300 students with 6 exercises; answers and messages as long as in chapter 4."""
    message = "4.1 attention: wrong (x)\n" + "so many words " * 25
    answers = tuple(
        Answer(f"8.{n}", "attention", (SOLVED, WRONG, NOT_YET)[n % 3], "", message, "x = 1\n" * 130)
        for n in range(1, 7)
    )
    results = [graded(f"student {n}", "08", answers=answers) for n in range(300)]
    write_report(results, tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size < 3_000_000
