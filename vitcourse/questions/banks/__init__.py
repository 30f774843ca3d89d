"""The questions as files for learning platforms: Moodle XML, and a QTI 2.1 package.

Both are made from `questions/chapters/*.yaml`, so a correction there reaches every platform with
the next import. Identifiers are those of the YAML, and stay when words change.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cache

from vitcourse import contents
from vitcourse.questions import reader
from vitcourse.questions.pictures import PictureFile, as_png
from vitcourse.questions.reader import Choice, Question

COURSE = "vitcourse"
LETTERS = "ABCDE"  # identifiers of choices, in the order in which the course shows them


def questions(chapter: str) -> list[Question]:
    """All questions of a chapter, in the order of its file."""
    return list(reader.read(chapter).questions.values())


@cache
def asked_in_notebooks() -> frozenset[str]:
    """The questions that some chapter's quiz asks: learners have seen these with their answers."""
    return frozenset(id for chapter in reader.chapters() for id in reader.read(chapter).quiz)


def title(chapter: str) -> str:
    """ "03 Positions", the name of a chapter's category, section or quiz."""
    (found,) = [c for c in contents.chapters() if c.number == chapter]
    return f"{chapter} {found.title.split(maxsplit=1)[1]}"


def identifier(question: Question) -> str:
    return f"{COURSE}-{question.id}"


def feedback(choice: Choice) -> str:
    """What somebody who chose it is told, in the questions' markup."""
    if not choice.mistake:
        return choice.because
    exercise, name = choice.mistake.split(maxsplit=1)
    return f"{choice.because} The check of exercise {exercise} calls this mistake “{name}”."


def source(question: Question) -> str:
    """Where the course treats it: "chapter 3, exercise 3.1"."""
    places = [f"exercise {a}" if a[0].isdigit() else f"“{a}”" for a in question.about]
    return f"chapter {int(question.chapter)}, {' and '.join(places)}"


def picture_files(question: Question) -> dict[str, PictureFile]:
    """The pictures of a question and its choices, by the names of their functions."""
    names = [question.picture, *(choice.picture for choice in question.choices)]
    return {name: as_png(name) for name in names if name}


def table(chapters: Iterable[str]) -> str:
    """How many questions of each kind there are, as a Markdown table."""
    rows = [(title(chapter), Counter(q.kind for q in questions(chapter))) for chapter in chapters]
    rows.append(("all", sum((kinds for _, kinds in rows), Counter())))
    lines = [f"| chapter | {' | '.join(reader.KINDS)} | questions |"]
    lines.append("| --- |" + " ---: |" * (len(reader.KINDS) + 1))
    for name, kinds in rows:
        numbers = [*(kinds[kind] for kind in reader.KINDS), kinds.total()]
        lines.append(f"| {name} | {' | '.join(map(str, numbers))} |")
    return "\n".join(lines)
