"""The questions of the chapters, from `chapters/NN.yaml`: read, checked, and put in order.

CONTRIBUTING.md shows the form of a file. What does not fit is refused with the place and the
reason, so that a question with two right answers never reaches a learner.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from vitcourse.questions import markup

FOLDER = Path(__file__).parent / "chapters"
KINDS = ("why", "what-if", "arithmetic", "picture")
ID = re.compile(r"(?P<chapter>\d\d)-[a-z0-9]+(-[a-z0-9]+)*")
MISTAKE = re.compile(r"\d+\.\d+ \S.*")
COUNT = 5  # questions of a quiz
EARLIER = 2  # of them about earlier chapters, except in chapter 1


class WrongQuestions(ValueError):
    """A file of questions that does not have the form it should have."""


@dataclass(frozen=True)
class Choice:
    """One answer: a text or the name of a picture, and why it is right or wrong."""

    text: str
    picture: str
    right: bool
    because: str
    mistake: str  # the number of an exercise, and the name that its check has for this mistake


@dataclass(frozen=True)
class Question:
    """One question; its choices are in the order in which they are shown."""

    id: str
    kind: str
    about: tuple[str, ...]
    asks: str
    picture: str
    choices: tuple[Choice, ...]

    @property
    def chapter(self) -> str:
        return self.id[:2]

    @property
    def right(self) -> int:
        """The place of the right choice."""
        return next(i for i, choice in enumerate(self.choices) if choice.right)


@dataclass(frozen=True)
class Chapter:
    """A file: all its questions, and which five are asked at the end of the chapter.

    The others are for the teacher's question bank (`vitcourse.questions.banks`).
    """

    number: str
    quiz: tuple[str, ...]  # none where the notebook has no quiz
    questions: dict[str, Question]


def chapters(folder: Path = FOLDER) -> list[str]:
    """The chapters that have questions: ["01", "02", ...]."""
    return sorted(path.stem for path in folder.glob("[0-9][0-9].yaml"))


def read(number: str, folder: Path = FOLDER) -> Chapter:
    """The questions of a chapter. Raises WrongQuestions, naming the place, if a file is not right.

    Raises ValueError for a chapter that has none.
    """
    if number not in chapters(folder):
        raise ValueError(f"chapter {number!r}: choose one of {', '.join(chapters(folder))}")
    path = folder / f"{number}.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise WrongQuestions(f"{path.name}: {error}") from None
    try:
        return _chapter(content, number)
    except WrongQuestions as error:
        raise WrongQuestions(f"{path.name}: {error}") from None


def five(number: str, folder: Path = FOLDER) -> list[Question]:
    """The questions that are asked at the end of a chapter, those of earlier chapters included.

    Raises ValueError for a chapter that has no quiz.
    """
    asked = read(number, folder).quiz
    if not asked:
        raise ValueError(f"chapter {number!r}: its notebook has no quiz")
    sources = {id[:2]: read(id[:2], folder) for id in asked}
    missing = [id for id in asked if id not in sources[id[:2]].questions]
    if missing:
        raise WrongQuestions(f"{number}.yaml: quiz: there is no question {missing[0]!r}")
    return [sources[id[:2]].questions[id] for id in asked]


# From YAML, with every complaint in words -----------------------------------------------------


def _chapter(content: Any, number: str) -> Chapter:
    _has_only(content, needed=("chapter", "questions"), allowed=("quiz",))
    if content["chapter"] != number:
        raise WrongQuestions(f'chapter: {content["chapter"]!r} should be "{number}", in quotes')
    questions = [_question(entry, number) for entry in _list(content["questions"], "questions")]
    ids = [question.id for question in questions]
    if len(set(ids)) != len(ids):
        raise WrongQuestions(f"the id {max(ids, key=ids.count)!r} is used twice")
    quiz = _list(content["quiz"], "quiz") if "quiz" in content else []
    if quiz:
        _check_quiz(quiz, number)
    return Chapter(number, tuple(quiz), dict(zip(ids, questions, strict=True)))


def _check_quiz(quiz: list, number: str) -> None:
    if not all(isinstance(id, str) and ID.fullmatch(id) for id in quiz):
        raise WrongQuestions(f"quiz: {quiz!r} should be ids of questions, such as 03-shuffle")
    if len(quiz) != COUNT or len(set(quiz)) != COUNT:
        raise WrongQuestions(f"quiz: {len(set(quiz))} different questions; there should be {COUNT}")
    earlier = [id for id in quiz if id[:2] < number]
    if any(id[:2] > number for id in quiz):
        raise WrongQuestions("quiz: a question of a later chapter cannot be answered yet")
    if len(earlier) != (0 if number == "01" else EARLIER):
        raise WrongQuestions(f"quiz: {len(earlier)} of earlier chapters; should be {EARLIER}")


def _question(entry: Any, number: str) -> Question:
    _has_only(entry, needed=("id", "kind", "about", "asks", "choices"), allowed=("picture",))
    name = entry["id"]
    found = ID.fullmatch(name) if isinstance(name, str) else None
    if not found or found["chapter"] != number:
        raise WrongQuestions(f"id: {name!r} should be lower case and begin with {number}-")
    try:
        choices = [_choice(choice) for choice in _list(entry["choices"], "choices")]
        _check_choices(choices, entry["kind"])
        return Question(
            id=name,
            kind=entry["kind"],
            about=tuple(_text(part, "about") for part in _list(entry["about"], "about")),
            asks=_text(entry["asks"], "asks"),
            picture=_name(entry.get("picture", "")),
            choices=tuple(sorted(choices, key=lambda choice: _place(name, choice))),
        )
    except WrongQuestions as error:
        raise WrongQuestions(f"{name}: {error}") from None


def _choice(entry: Any) -> Choice:
    shows = "picture" if isinstance(entry, dict) and "picture" in entry else "text"
    _has_only(entry, needed=(shows, "because"), allowed=("right", "mistake"))
    right = entry.get("right", False)
    if not isinstance(right, bool):
        raise WrongQuestions(f"right: {right!r} should be true or left out")
    return Choice(
        text=_text(entry["text"], "text") if shows == "text" else "",
        picture=_name(entry["picture"]) if shows == "picture" else "",
        right=right,
        because=_text(entry["because"], "because"),
        mistake=_mistake(entry.get("mistake", ""), right),
    )


def _mistake(value: Any, right: bool) -> str:
    if value and (right or not isinstance(value, str) or not MISTAKE.fullmatch(value)):
        raise WrongQuestions(
            f"mistake: {value!r} should be a number and a name, such as 1.1 the CLS token is "
            "counted, at a wrong choice"
        )
    return value


def _check_choices(choices: list[Choice], kind: str) -> None:
    if kind not in KINDS:
        raise WrongQuestions(f"kind: {kind!r} should be one of {', '.join(KINDS)}")
    if not 3 <= len(choices) <= 5:
        raise WrongQuestions(f"choices: {len(choices)} of them; there should be 3 to 5")
    right = sum(choice.right for choice in choices)
    if right != 1:
        raise WrongQuestions(f"choices: {right} have `right: true`; exactly one should")
    shown = [choice.text or choice.picture for choice in choices]
    if len(set(shown)) != len(shown):
        raise WrongQuestions(f"choices: {max(shown, key=shown.count)!r} is there twice")
    if [bool(choice.picture) for choice in choices] != [kind == "picture"] * len(choices):
        raise WrongQuestions(
            "choices: all should be pictures for kind picture, and texts otherwise"
        )


def _place(question: str, choice: Choice) -> bytes:
    """Where a choice stands: by chance, but the same in every run and on every machine."""
    return hashlib.sha256(f"{question} {choice.text or choice.picture}".encode()).digest()


def _has_only(entry: Any, needed: tuple[str, ...], allowed: tuple[str, ...] = ()) -> None:
    if not isinstance(entry, dict):
        raise WrongQuestions(f"{entry!r} should have the names {', '.join(needed)}")
    for name in needed:
        if name not in entry:
            raise WrongQuestions(f"`{name}` is missing in {_short(entry)}")
    for name in entry:
        if name not in (*needed, *allowed):
            raise WrongQuestions(f"`{name}` has no meaning in {_short(entry)}")


def _short(entry: dict) -> str:
    return str(entry.get("id") or entry.get("text") or entry.get("picture") or "the file")


def _list(value: Any, name: str) -> list:
    if not isinstance(value, list) or not value:
        raise WrongQuestions(f"{name}: {value!r} should be a list")
    return value


def _text(value: Any, name: str) -> str:
    """One paragraph, its line breaks removed."""
    if not isinstance(value, str) or not value.strip():
        raise WrongQuestions(f"{name}: {value!r} should be a text, in quotes if need be")
    if "$" in value:
        raise WrongQuestions(f"{name}: no $formulas$: write √d, D² or `code`")
    text = " ".join(value.split())
    try:
        markup.runs(text)
    except ValueError as error:
        raise WrongQuestions(f"{name}: {error}") from None
    return text


def _name(value: Any) -> str:
    if not isinstance(value, str) or (value and not value.isidentifier()):
        raise WrongQuestions(f"picture: {value!r} should be the name of a function")
    return value
