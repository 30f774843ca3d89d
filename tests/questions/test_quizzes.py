"""`quiz`: what goes to the page, what is kept, and what is on paper where nothing runs."""

import re

import pytest

from vitcourse.questions import reader
from vitcourse.questions.quizzes import quiz


@pytest.fixture
def third(record, shown):
    quiz("03")
    return shown[-1]


def test_what_the_page_gets(third):
    asked, given = reader.five("03"), third.widget.given
    assert given["last"] is None
    assert [q["right"] for q in given["questions"]] == [q.right for q in asked]
    assert [q["origin"] for q in given["questions"]] == ["", "", "", "chapter 2", "chapter 1"]
    pictures = [c["picture"] for q in given["questions"] for c in q["choices"] if c["picture"]]
    assert pictures
    assert all(p["src"].startswith("data:image/webp;base64,") and p["alt"] for p in pictures)


def test_the_result_is_kept_and_shown_the_next_time(third, record, shown):
    asked = reader.five("03")
    places = [q.right for q in asked]
    places[1] = (places[1] + 1) % len(asked[1].choices)
    third.widget.said = places
    assert record["quiz"]["03"] == {
        "right": 4,
        "of": 5,
        "answers": {q.id: i != 1 for i, q in enumerate(asked)},
    }
    quiz("03")
    assert shown[-1].widget.given["last"] == [4, 5]


@pytest.mark.parametrize("junk", [None, [0, 1], "01234", 5])
def test_what_is_no_result_is_not_kept(third, record, junk):
    third.widget.said = junk
    assert record == {}


def test_the_still_has_all_questions_and_folds_the_answers_away(third):
    page = third.outputs()[0]["text/html"]
    assert page.count("<details><summary>Answer</summary>") == 5
    before = re.split("<details>.*?</details>", page)  # what is seen before a click
    for question in reader.five("03"):
        assert question.choices[question.right].because[:20] not in "".join(before)
    images = re.findall("<img [^>]*>", page)
    assert images
    assert all(re.search('alt="[^"]+"', image) for image in images)


def test_a_pdf_gets_the_answers_at_the_end(third):
    questions, answers = third.outputs()[0]["text/markdown"].split("Answers:")
    for number, question in enumerate(reader.five("03"), 1):
        right = question.choices[question.right]
        assert f"{number} {'abcde'[question.right]}: {right.because}" in answers
        assert f"**{number}.** {question.asks}" in questions


def test_every_still_is_the_same_each_time(third, shown):
    quiz("03")
    assert third.outputs()[0] == shown[-1].outputs()[0]


def test_a_chapter_without_questions(record, shown):
    with pytest.raises(ValueError, match=r"chapter '3': choose one of 00, 01"):
        quiz("3")
