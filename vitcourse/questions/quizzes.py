"""`quiz("03")`: five questions at the end of a chapter, one at a time, each answer explained."""

import html
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from vitcourse.learner.progress import note, noted
from vitcourse.questions import markup, reader
from vitcourse.questions.pictures import Picture, draw
from vitcourse.questions.reader import Choice, Question
from vitcourse.questions.widget import QuestionWidget
from vitcourse.view.widgets import with_still
from vitcourse.view.words import Words

SECTION = "quiz"  # of the learner's record
LETTERS = "abcde"
RUN = "Run this cell to answer the questions one by one."


def quiz(chapter: str) -> None:
    """Ask the five questions of a chapter, such as "03"; two of them are about earlier chapters.

    The page asks and explains by itself; the result is kept beside `my_vit.py`. Raises ValueError
    for a chapter that has no questions.
    """
    from IPython.display import display

    asked = reader.five(chapter)
    pictures = _drawn(asked)
    questions = given(chapter) | {"last": _last(chapter)}
    widget = QuestionWidget("quiz", questions, None, lambda said: _keep(chapter, asked, said))
    page, paper = _html(asked, chapter, pictures), _markdown(asked, chapter, pictures)
    plain = "\n".join(markup.as_text(f"{i}. {q.asks}") for i, q in enumerate(asked, 1))
    display(with_still(widget, Words(page, paper, plain), RUN))


def given(chapter: str) -> dict:
    """What the browser has to know of a chapter's five questions, before anybody answers."""
    asked = reader.five(chapter)
    pictures = _drawn(asked)
    return {"questions": [_given(q, chapter, pictures) for q in asked], "last": None}


def _drawn(asked: Sequence[Question]) -> dict[str, Picture]:
    return {name: draw(name) for question in asked for name in _pictures(question)}


def _pictures(question: Question) -> list[str]:
    return [name for name in (question.picture, *(c.picture for c in question.choices)) if name]


def _given(question: Question, chapter: str, pictures: dict[str, Picture]) -> dict:
    """What the browser has to know of a question."""

    def picture(name: str) -> dict | None:
        return asdict(pictures[name]) if name else None

    return {
        "asks": markup.runs(question.asks),
        "origin": _origin(question, chapter),
        "about": list(question.about),
        "picture": picture(question.picture),
        "choices": [
            {
                "text": markup.runs(choice.text),
                "picture": picture(choice.picture),
                "because": markup.runs(choice.because),
            }
            for choice in question.choices
        ],
        "right": question.right,
    }


def _origin(question: Question, chapter: str) -> str:
    return "" if question.chapter == chapter else f"chapter {int(question.chapter)}"


def _last(chapter: str) -> list[int] | None:
    """Right answers and questions of the last time, [4, 5]."""
    record = noted(SECTION, chapter) or {}
    right, of = record.get("right"), record.get("of")
    return [right, of] if isinstance(right, int) and isinstance(of, int) else None


def _keep(chapter: str, asked: Sequence[Question], said: Any) -> None:
    """The page reports the places that were chosen, one for each question: keep the result."""
    if not isinstance(said, list) or len(said) != len(asked):
        return
    answers = {q.id: place == q.right for q, place in zip(asked, said, strict=True)}
    note(SECTION, chapter, {"right": sum(answers.values()), "of": len(asked), "answers": answers})


# On paper: the questions, and the answers below or folded away ------------------------------------


def _html(asked: Sequence[Question], chapter: str, pictures: dict[str, Picture]) -> str:
    items = "".join(f"<li>{_question_html(q, chapter, pictures)}</li>" for q in asked)
    return f"<ol>{items}</ol>"


def _question_html(question: Question, chapter: str, pictures: dict[str, Picture]) -> str:
    origin = _origin(question, chapter)
    shown = "".join(f"<li>{_choice_html(choice, pictures)}</li>" for choice in question.choices)
    reasons = "".join(
        f"<p><strong>{letter}</strong>{', right' if choice.right else ''}: "
        f"{markup.as_html(choice.because)}</p>"
        for letter, choice in zip(LETTERS, question.choices, strict=False)
    )
    return (
        f"<p>{markup.as_html(question.asks)}{f' <em>({origin})</em>' if origin else ''}</p>"
        f"{_img(pictures[question.picture]) if question.picture else ''}"
        f'<ol type="a">{shown}</ol><details><summary>Answer</summary>{reasons}</details>'
    )


def _choice_html(choice: Choice, pictures: dict[str, Picture]) -> str:
    return _img(pictures[choice.picture]) if choice.picture else markup.as_html(choice.text)


def _img(picture: Picture) -> str:
    return (
        f'<img alt="{html.escape(picture.alt)}" src="{picture.src}" '
        f'style="width: {picture.width}px; max-width: 100%; height: auto">'
    )


def _markdown(asked: Sequence[Question], chapter: str, pictures: dict[str, Picture]) -> str:
    blocks = []
    for number, question in enumerate(asked, 1):
        origin = _origin(question, chapter)
        lines = [f"**{number}.** {question.asks}{f' ({origin})' if origin else ''}\n"]
        if question.picture:
            lines.append(f"*Picture: {pictures[question.picture].alt}*\n")
        for letter, choice in zip(LETTERS, question.choices, strict=False):
            lines.append(f"- {letter}: {choice.text or pictures[choice.picture].alt}")
        blocks.append("\n".join(lines))
    answers = [
        f"{number} {LETTERS[question.right]}: {question.choices[question.right].because}"
        for number, question in enumerate(asked, 1)
    ]
    return "\n\n".join([*blocks, "Answers:", *answers])
