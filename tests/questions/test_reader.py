"""The questions on file are as they should be, and what is not is refused with its place."""

import copy
from collections import Counter

import pytest
import yaml

from vitcourse.questions import reader
from vitcourse.questions.reader import WrongQuestions

CHAPTERS = reader.chapters()
WITH_A_QUIZ = CHAPTERS[1:]


def test_each_chapter_has_questions_enough_for_a_bank():
    assert [int(number) for number in CHAPTERS] == [*range(10), 11, 12]
    for number in WITH_A_QUIZ:
        assert len(reader.read(number).questions) >= 10


def test_the_tour_has_questions_but_no_quiz():
    with pytest.raises(ValueError, match="'00': its notebook has no quiz"):
        reader.five("00")


@pytest.mark.parametrize("number", WITH_A_QUIZ)
def test_the_five_of_a_chapter(number):
    asked = reader.five(number)
    earlier = [question for question in asked if question.chapter < number]
    assert len(asked) == 5
    assert len(earlier) == (0 if number == "01" else 2)
    assert any(question.kind == "picture" for question in asked)


@pytest.mark.parametrize("number", CHAPTERS)
def test_every_choice_is_explained_and_one_is_right(number):
    for question in reader.read(number).questions.values():
        assert question.choices[question.right].right
        assert sum(choice.right for choice in question.choices) == 1
        assert all(choice.because for choice in question.choices)


def test_the_right_answer_has_no_favourite_place():
    right = Counter(q.right for n in CHAPTERS for q in reader.read(n).questions.values())
    assert max(right.values()) < 0.5 * sum(right.values())


# A small course of two chapters, to spoil -----------------------------------------------------


def question(id: str) -> dict:
    texts = ("yes", "no", "perhaps")
    choices = [{"text": text, "because": f"since `{id}`"} for text in texts]
    choices[0]["right"] = True
    return {"id": id, "kind": "why", "about": ["1.1"], "asks": f"{id}?\n", "choices": choices}


def chapter(number: str, quiz: list[str]) -> dict:
    ids = [f"{number}-{letter}" for letter in "abcde"]
    return {"chapter": number, "quiz": quiz, "questions": [question(id) for id in ids]}


FIRST = chapter("01", ["01-a", "01-b", "01-c", "01-d", "01-e"])
SECOND = chapter("02", ["02-a", "02-b", "02-c", "01-a", "01-b"])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "01.yaml").write_text(yaml.safe_dump(FIRST), encoding="utf-8")
    (tmp_path / "02.yaml").write_text(yaml.safe_dump(SECOND), encoding="utf-8")
    return tmp_path


def test_a_right_file_is_read(folder):
    found = reader.five("02", folder)
    assert [q.id for q in found] == SECOND["quiz"]
    assert found[0].asks == "02-a?"
    assert found[0].choices[found[0].right].text == "yes"


def test_choices_stand_in_an_order_that_the_file_does_not_decide(folder):
    before = reader.read("01", folder).questions["01-a"].choices
    turned = copy.deepcopy(FIRST)
    turned["questions"][0]["choices"].reverse()
    (folder / "01.yaml").write_text(yaml.safe_dump(turned), encoding="utf-8")
    assert reader.read("01", folder).questions["01-a"].choices == before
    orders = {
        tuple(choice.text for choice in q.choices)
        for n in ("01", "02")
        for q in reader.read(n, folder).questions.values()
    }
    assert len(orders) > 2


def first_choice(content: dict) -> dict:
    return content["questions"][0]["choices"][0]


SPOILED = {
    "two right": (
        lambda c: c["questions"][0]["choices"][1].update(right=True),
        r"02\.yaml: 02-a: choices: 2 have `right: true`; exactly one should",
    ),
    "none right": (lambda c: first_choice(c).pop("right"), "choices: 0 have `right: true`"),
    "right is a word": (lambda c: first_choice(c).update(right="maybe"), "right: 'maybe' should"),
    "no reason": (lambda c: first_choice(c).pop("because"), "`because` is missing in yes"),
    "an empty reason": (lambda c: first_choice(c).update(because=" "), "because: ' ' should be a"),
    "a number": (lambda c: first_choice(c).update(text=7), "text: 7 should be a text, in quotes"),
    "a typo": (lambda c: first_choice(c).update(becauze="so"), "`becauze` has no meaning in yes"),
    "a formula": (lambda c: first_choice(c).update(text="$d$"), r"text: no \$formulas\$"),
    "a lonely star": (lambda c: c["questions"][0].update(asks="2 * 3?"), "asks: .* no partner"),
    "the same twice": (lambda c: first_choice(c).update(text="no"), "choices: 'no' is there twice"),
    "two choices": (lambda c: c["questions"][0]["choices"].pop(), "choices: 2 of them"),
    "a mistake without its number": (
        lambda c: c["questions"][0]["choices"][1].update(mistake="plain reshape"),
        "mistake: 'plain reshape' should be a number and a name",
    ),
    "a mistake that is right": (
        lambda c: first_choice(c).update(mistake="1.2 plain reshape"),
        "at a wrong choice",
    ),
    "another kind": (lambda c: c["questions"][0].update(kind="joke"), "kind: 'joke' should be"),
    "texts as pictures": (lambda c: c["questions"][0].update(kind="picture"), "should be pictures"),
    "not a function": (lambda c: c["questions"][0].update(picture="a b"), "picture: 'a b' should"),
    "id of another chapter": (
        lambda c: c["questions"][0].update(id="03-a"),
        "id: '03-a' should be lower case and begin with 02-",
    ),
    "an id twice": (lambda c: c["questions"][0].update(id="02-b"), "the id '02-b' is used twice"),
    "four questions": (lambda c: c["quiz"].pop(), "quiz: 4 different questions; there should be 5"),
    "none of before": (
        lambda c: c.update(quiz=["02-a", "02-b", "02-c", "02-d", "01-a"]),
        "1 of ear",
    ),
    "of a later chapter": (lambda c: c["quiz"].__setitem__(0, "03-a"), "a later chapter"),
    "unknown": (lambda c: c["quiz"].__setitem__(0, "02-z"), "there is no question '02-z'"),
    "chapter without quotes": (lambda c: c.update(chapter=2), 'chapter: 2 should be "02"'),
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_wrong_is_named(folder, name):
    spoil, message = SPOILED[name]
    content = copy.deepcopy(SECOND)
    spoil(content)
    (folder / "02.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(WrongQuestions, match=message):
        reader.five("02", folder)


def test_no_yaml_at_all(folder):
    (folder / "02.yaml").write_text("quiz: [", encoding="utf-8")
    with pytest.raises(WrongQuestions, match=r"02\.yaml: "):
        reader.five("02", folder)


@pytest.mark.parametrize("number", ["3", "03", 2, "../01"])
def test_a_chapter_that_has_none(folder, number):
    with pytest.raises(ValueError, match="choose one of 01, 02"):
        reader.five(number, folder)
