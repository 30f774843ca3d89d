"""What students get back: their own verdicts, what to do next, and nothing of anybody else."""

import zipfile
from html.parser import HTMLParser

import pytest

from tests.grading.test_tables import graded
from vitcourse.grading.feedback import MOODLE_ZIP, as_text, folder_name, write_feedback
from vitcourse.grading.results import NOT_JUDGED, NOT_YET, SOLVED, WRONG, Answer

SAID = """1.2 patchify: wrong (channels last)
The patches of one image: result[0] should be [0, 1], yours is [0, 16].
It should be (C, P, P): see `rearrange`.
Stuck? check("1.2", hint=1). You can continue: from here patchify is the course's."""


class Text(HTMLParser):
    """The text of a page, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.tags = "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words += data


def page(path) -> Text:
    return Text(path.read_text(encoding="utf-8"))


def answer(verdict: str = WRONG, message: str = SAID) -> Answer:
    return Answer("1.2", "patchify", verdict, "", message, "secret = 1")


def test_a_page_a_student_with_their_own_messages(tmp_path):
    ada = graded("ada", name="Ada Lovelace", answers=(answer(),))
    bob = graded("bob", name="Bob", answers=(answer(SOLVED, "1.2 patchify: solved"),))
    one, two = write_feedback([ada, bob], tmp_path)
    assert one == tmp_path / "ada" / "feedback.html"
    text = page(one).words
    assert "Ada Lovelace" in text
    assert "1.2 patchify: wrong (channels last)" in text
    assert "yours is [0, 16]" in text
    assert "Bob" not in text
    assert "wrong" not in page(two).words.partition("Your")[2]


def test_what_to_do_next():
    wrong = as_text(answer())
    assert "Exercise 1.2: Cut an image into patches" in wrong
    assert 'check("1.2", hint=1)' in wrong
    assert "solution(" not in wrong  # a class's copy has none
    assert "You can continue" not in wrong  # there is no running notebook
    assert "15 minutes" in as_text(answer(NOT_YET, "1.2 patchify: not solved yet"))
    assert "hand it in again" in as_text(answer(NOT_JUDGED, ""))
    assert as_text(answer(SOLVED, "1.2 patchify: solved")) == "1.2 patchify: solved"


def test_the_first_wrong_answer_is_where_to_go_on(tmp_path):
    (path,) = write_feedback([graded(verdicts=(SOLVED, NOT_YET, WRONG))], tmp_path)
    assert "1 of 3 exercises solved. Go on with 1.3, Put the patches back." in page(path).words


def test_a_hand_in_that_broke(tmp_path):
    remarks = ("it is empty", "look at this hand-in yourself: it mentions os.fork")
    (path,) = write_feedback([graded(verdicts=(), remarks=remarks)], tmp_path)
    assert "it is empty" in page(path).words
    assert "os.fork" not in page(path).words  # that is for the teacher


def test_all_text_is_text(tmp_path):
    evil = "1.2 patchify: wrong (<b>)\n<script>alert(1)</script> <img src=x>"
    student = graded("<b>ada</b>", name="<i>Ada</i>", answers=(answer(message=evil),))
    (path,) = write_feedback([student], tmp_path)
    assert {"script", "img", "b", "i"}.isdisjoint(page(path).tags)
    assert "<script>alert(1)</script>" in page(path).words


def test_several_chapters_on_one_page(tmp_path):
    (path,) = write_feedback([graded("ada", "02"), graded("ada", "01")], tmp_path)
    text = page(path).words
    assert text.index("1 of 2 exercises solved. Go on with 1.2") < text.index("2.1 patchify")


@pytest.mark.parametrize("name", ["../../etc", "con", "a/b", "a:b", "x" * 300, "", " .", "NUL.txt"])
def test_folders_that_every_system_allows(name, tmp_path):
    made = folder_name(name, set())
    assert (tmp_path / made).parent == tmp_path
    assert made.strip(" .") == made
    assert 0 < len(made) <= 81
    assert made.casefold() not in ("con", "nul.txt")
    assert not set(made) & set('/\\:*?"<>|')


def test_two_students_never_share_a_folder(tmp_path):
    pages = write_feedback([graded("a/b"), graded("a:b"), graded("A_B")], tmp_path)
    assert len({path.parent.name.casefold() for path in pages}) == 3


def test_moodle_finds_its_own_folders_in_the_archive(tmp_path):
    """In Moodle's importer: name_number_plugintype_pluginname_, cut at underscores."""
    folder = "Ada Lovelace_1234567_assignsubmission_file_"
    ada = graded("1234567", file=f"all.zip/{folder}/01.ipynb")
    write_feedback([ada, graded("bob")], tmp_path)
    with zipfile.ZipFile(tmp_path / MOODLE_ZIP) as archive:
        assert archive.namelist() == [f"{folder}/feedback.html"]
        written = (tmp_path / "1234567" / "feedback.html").read_bytes()
        assert archive.read(f"{folder}/feedback.html") == written
    assert folder.split("_")[1:4] == ["1234567", "assignsubmission", "file"]


def test_no_archive_where_moodle_is_not_used(tmp_path):
    write_feedback([graded()], tmp_path)
    assert not (tmp_path / MOODLE_ZIP).exists()
