"""What to teach tomorrow: right numbers, two answers that differ, no names, in one page."""

import json
from email.message import Message

import pytest

import vitcourse
from tests.grading.test_feedback import Text, page
from vitcourse.grading import class_page
from vitcourse.grading.class_page import without_what_is_alike, write_class_page
from vitcourse.grading.lesson import TOP, lesson
from vitcourse.grading.names import Names
from vitcourse.grading.passages import Passage, passage_about
from vitcourse.grading.results import NOT_JUDGED, NOT_YET, SOLVED, WRONG, Answer, Graded
from vitcourse.grading.shown_answers import two_that_differ, without_names

NO_SCALE = """4.1 attention: wrong (no scale)
The weights for 5 tokens: result[0] should be [0.8], yours is [0.9].
Divide the scores by the square root of d, the last size of q. Yours are not divided at all.
Stuck? check("4.1", hint=1). You can continue."""
PLAIN = "def attention(q, k, v):\n    w = (q @ k.mT).softmax(-1)\n    return w @ v, w"
RENAMED = PLAIN.replace("w ", "weights ").replace(", w", ", weights")
OTHER = "def attention(q, k, v):\n    return torch.einsum('ij,kj->ik', q, k).softmax(1)"


def student(n: int, verdict: str, mistake: str = "", source: str = "", **more) -> Graded:
    name = ("Ada Lovelace", "Grace Hopper", "Max Li", "Alan Turing", "Mary Shaw")[n]
    message = NO_SCALE.replace("no scale", mistake) if verdict == WRONG else ""
    answers = (Answer("4.1", "attention", verdict, mistake, message, source or PLAIN),)
    return Graded(f"id{n}", name, "", "04", f"{name}.ipynb", **({"answers": answers} | more))


CLASS = [
    student(0, WRONG, "no scale"),
    student(1, WRONG, "no scale", RENAMED),
    student(2, WRONG, "no scale", OTHER),
    student(3, SOLVED),
    student(4, NOT_YET),
]


def names() -> Names:
    return Names(CLASS)


# Numbers ------------------------------------------------------------------------------------------


def test_exercises_as_the_class_met_them():
    (met,) = lesson(CLASS).exercises
    assert (met.solved, met.wrong, met.not_yet, met.not_judged) == (1, 3, 1, 0)
    assert met.share == 0.2
    assert (met.difficulty, met.met) == (2, 5)


@pytest.mark.parametrize(("solved", "met"), [(10, 1), (9, 1), (8, 2), (7, 3), (5, 4), (3, 5)])
def test_difficulty_by_the_share_that_solved_it(solved, met):
    results = [student(3, SOLVED)] * solved + [student(4, NOT_YET)] * (10 - solved)
    assert lesson(results).exercises[0].met == met


def test_mistakes_are_counted_and_those_without_a_name_are_apart():
    found = lesson([*CLASS, student(0, WRONG, ""), student(1, WRONG, "q and k swapped")])
    assert [(m.mistake, m.count) for m in found.mistakes] == [
        ("no scale", 3),
        ("q and k swapped", 1),
    ]
    assert found.exercises[0].unnamed == 1


def test_the_message_is_what_the_notebook_says():
    (mistake,) = lesson(CLASS).mistakes
    assert mistake.message.splitlines() == NO_SCALE.splitlines()[1:3]
    assert not mistake.messages_differ


def test_no_name_in_a_message():
    """Errors may quote what the student wrote."""
    said = "4.1 attention: wrong (no scale)\nit raised ValueError: Ada Lovelace was here"
    answer = Answer("4.1", "attention", WRONG, "no scale", said, PLAIN)
    (mistake,) = lesson([student(0, WRONG, answers=(answer,))]).mistakes
    assert mistake.message == "it raised ValueError: … was here"


def test_who_is_stuck():
    broken = student(0, SOLVED, answers=())
    never = student(1, NOT_JUDGED)
    stuck = lesson([broken, never, student(3, SOLVED), student(4, NOT_YET)], ["Eve"]).stuck
    assert stuck.nothing_solved == ("Mary Shaw",)
    assert stuck.nothing_judged == ("Ada Lovelace", "Grace Hopper")
    assert stuck.no_hand_in == ("Eve",)


def test_steps_follow_the_chapter_and_say_what_to_begin_together():
    later = [Answer("4.2", "split_heads", NOT_YET)] * 4 + [Answer("4.2", "split_heads", SOLVED)]
    both = [
        student(n, SOLVED, answers=(*graded.answers, later[n])) for n, graded in enumerate(CLASS)
    ]
    first, second = lesson(both).steps
    assert (first.exercise, first.mistakes, first.students) == ("4.1", ("no scale",), 3)
    assert (second.exercise, second.mistakes, second.not_begun) == ("4.2", (), 4)


# Answers ------------------------------------------------------------------------------------------


def test_two_answers_that_really_differ():
    shown = two_that_differ("4.1", "attention", [PLAIN, RENAMED, OTHER, RENAMED], names())
    assert [answer.count for answer in shown] == [3, 1]
    assert "weights" in shown[0].code  # of three that are alike, the one that two wrote
    assert "einsum" in shown[1].code


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return x  # by Ada Lovelace",
        'def f(x):\n    """Ada Lovelace"""\n    return x',
        'AUTHOR = "Ada Lovelace"\ndef f(x):\n    return AUTHOR, x',
        'def f(x):\n    raise ValueError(f"Ada {x} Lovelace")',
        "import ada_lovelace\ndef f(x):\n    return x",
        "def ada_lovelace(x):\n    return x\ndef f(x):\n    return x",
        'def f(x):\n    return rearrange(x, "ada -> lovelace")',
        "def f(x):\n    return x, b'Ada Lovelace'",
    ],
)
def test_no_name_in_an_answer(source):
    shown = without_names("4.1", "f", source, names())
    assert "def f(x)" in shown
    assert "ada" not in shown.lower()
    assert "lovelace" not in shown.lower()


def test_an_answer_with_a_name_in_an_identifier_is_not_shown():
    assert without_names("4.1", "my_lovelace", "def my_lovelace(x):\n    return x", names()) == ""
    assert "max" in without_names(
        "4.1", "f", "def f(x):\n    return x.max()", names()
    )  # not Max Li


def test_patterns_stay_and_so_do_strings_of_known_answers():
    code = 'def f(x):\n    return rearrange(x, "b (h w) d -> b h w d", h=2)'
    assert "b (h w) d -> b h w d" in without_names("4.1", "f", code, names())


def test_answers_to_other_exercises_are_left_out():
    """Kept with what they use, 4.5 would come with all of 4.4."""
    code = (
        "def helper(x):\n    return x\n"
        "def split_heads(x):\n    return other(x)\n"
        "def other(x):\n    return x\n"
        "def merge_heads(x):\n    return helper(split_heads(x))"
    )
    shown = without_names("4.3", "merge_heads", code, names())
    assert "def helper" in shown
    assert "split_heads(x))" in shown
    assert "def split_heads" not in shown
    assert "def other" not in shown


def test_docstrings_and_comments_leave_nothing():
    code = 'def f(x):\n    """Of x."""\n    return x  # the same'
    assert without_names("4.1", "f", code, names()) == "def f(x):\n    return x"


def test_what_does_not_parse_is_not_shown():
    assert without_names("4.1", "f", "def f(:", names()) == ""


def test_of_a_second_answer_what_is_different():
    init = "    def __init__(self):\n        a()\n        b()\n"
    one = f"class A:\n\n{init}\n    def f(self):\n        c()"
    two = one.replace("c()", "d()")
    assert without_what_is_alike(two, one) == "class A:\n    …\n    def f(self):\n        d()"
    assert without_what_is_alike("x = 1\ny = 2", "x = 1\ny = 3") == "x = 1\ny = 2"


# The paragraph ------------------------------------------------------------------------------------


def test_the_paragraph_that_treats_it():
    advice = "In yours, the weight of a token's own key is 0. A token may listen to itself, too."
    passage = passage_about("4.1", "no token listens to itself", advice)
    assert passage.text.endswith("A token may even listen to itself.")
    assert passage.notebook == "04_attention.ipynb"


def test_without_advice_it_is_the_text_of_the_exercise():
    passage = passage_about("4.1", "it raised TypeError", "")
    assert passage.heading.startswith("Exercise 4.1")


def test_a_teachers_own_exercise_has_none():
    assert passage_about("A.1", "x", "y") is None


# The page -----------------------------------------------------------------------------------------


def written(tmp_path, results=CLASS, **more) -> tuple[Text, dict]:
    write_class_page(results, tmp_path / "class.html", tmp_path / "class.json", **more)
    data = json.loads((tmp_path / "class.json").read_text(encoding="utf-8"))
    return page(tmp_path / "class.html"), data


def test_page_and_json_say_the_same(tmp_path):
    text, data = written(tmp_path, absent=["Eve"])
    assert "no scale" in text.words
    assert "3 students" in text.words
    assert "Divide the scores by the square root of d" in text.words
    assert data["mistakes"][0]["count"] == 3
    assert data["exercises"][0]["share_solved"] == 0.2
    assert data["stuck"]["no_hand_in"] == ["Eve"]
    assert len(data["mistakes"][0]["answers"]) == 2


def test_names_are_nowhere_but_in_the_folded_part(tmp_path):
    said = [student(0, WRONG, "no scale", PLAIN + "  # Ada Lovelace")] * 3
    text, _ = written(tmp_path, [*said, student(4, NOT_YET)])
    before, _, names_part = text.words.partition("Names, for you alone")
    assert "Mary Shaw" in names_part
    assert "Ada" not in before
    assert "Mary" not in before


def test_the_first_five_are_open_and_the_rest_is_folded(tmp_path):
    many = [student(0, WRONG, f"mistake {n}") for n in range(TOP + 3)]
    text, _ = written(tmp_path, many)
    before, _, after = text.words.partition("3 more mistakes")
    assert before.count("mistake 4") == 2  # in the lesson, and where it is explained
    assert "mistake 6" not in before
    assert "mistake 6" in after


def test_formulas_are_code(tmp_path, monkeypatch):
    """Nothing on the page sets them."""
    said = Passage(
        "Divide $q k^T$ by $$\\sqrt d$$, as `price$` says.", "Scale", "04_attention.ipynb"
    )
    monkeypatch.setattr("vitcourse.grading.lesson.passage_about", lambda *about: said)
    written(tmp_path)
    html = (tmp_path / "class.html").read_text(encoding="utf-8")
    assert "<code>q k^T</code> by <code>\\sqrt d</code>, as <code>price$</code> says." in html


def test_all_text_is_text(tmp_path):
    evil = student(0, WRONG, "<script>alert(1)</script>", "x = '</pre><script>'")
    text, _ = written(tmp_path, [evil], absent=["<b>Eve</b>"])
    assert {"script", "b"}.isdisjoint(text.tags)
    assert "<b>Eve</b>" in text.words


def test_figure_has_a_text_and_a_table_beside_it(tmp_path):
    written(tmp_path)
    html = (tmp_path / "class.html").read_text(encoding="utf-8")
    assert 'role="img" aria-label="Bars, ' in html
    assert "4.1 attention: 1 solved, 3 wrong, 1 not solved yet." in html
    assert "<caption>Difficulty, of 5, and answers</caption>" in html


def test_links_only_where_the_notebooks_are_known(tmp_path):
    written(tmp_path, notebooks="")
    assert "ipynb#" not in (tmp_path / "class.html").read_text(encoding="utf-8")
    written(tmp_path, notebooks="../notebooks/")
    html = (tmp_path / "class.html").read_text(encoding="utf-8")
    assert 'href="../notebooks/04_attention.ipynb#Exercise-4.1' in html


def test_links_lead_to_where_the_course_is_published(monkeypatch):
    for owner, address in (
        ("OWNER", ""),
        ("ada", f"https://github.com/ada/vitcourse/blob/v{vitcourse.__version__}/notebooks"),
    ):
        known = Message()
        known["Project-URL"] = f"Repository, https://github.com/{owner}/vitcourse"
        monkeypatch.setattr(class_page, "metadata", lambda name, known=known: known)
        assert class_page.published_notebooks() == address


def test_a_class_without_hand_ins_and_one_without_mistakes(tmp_path):
    assert "no hand-ins" in written(tmp_path, [])[0].words
    assert "No mistake that has a name" in written(tmp_path, [student(3, SOLVED)])[0].words
