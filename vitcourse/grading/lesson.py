"""What a class has not understood, computed: mistakes, difficulty as met, who is stuck.

This is what the class page shows, and what its JSON holds. No student's name is in it, except in
`stuck`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from vitcourse.contents import chapters
from vitcourse.exercises.engine import IT_CHANGES_ITS_INPUT, WrongUse, find_exercise
from vitcourse.grading.names import Names
from vitcourse.grading.passages import Passage, passage_about
from vitcourse.grading.report import chapter_title, exercises_of
from vitcourse.grading.results import NOT_JUDGED, NOT_YET, SOLVED, WRONG, Answer, Graded
from vitcourse.grading.shown_answers import Shown, two_that_differ

# How hard an exercise was: solved by at least this share of the class means 1 of 5, 2 of 5, ...
SHARES = (0.9, 0.75, 0.6, 0.4)
OTHERWISE = 2  # so many steps from the course's own number are worth a word
TOP = 5  # mistakes that are shown first
NOT_BEGUN = 0.25  # of the class: the exercise is begun together
# Mistakes that the check sees in any exercise; the chapter has no paragraph about them.
ANYWHERE = ("it raised ", "it returns None", "it never", "it takes", "right ", IT_CHANGES_ITS_INPUT)


@dataclass(frozen=True)
class Met:
    """An exercise, and how the class fared with it."""

    exercise: str
    name: str
    title: str
    difficulty: int | None  # the course's own, 1 to 5
    met: int  # the same scale, by the share that solved it
    solved: int
    wrong: int
    not_yet: int
    not_judged: int
    unnamed: int  # wrong in a way that has no name

    @property
    def asked(self) -> int:
        return self.solved + self.wrong + self.not_yet + self.not_judged

    @property
    def share(self) -> float:
        return self.solved / self.asked if self.asked else 0.0


@dataclass(frozen=True)
class Mistake:
    exercise: str
    name: str  # of what is defined: "attention"
    mistake: str
    count: int
    message: str  # what the check says; of several messages the most frequent
    messages_differ: bool
    answers: tuple[Shown, ...]  # two that differ, if there are
    passage: Passage | None


@dataclass(frozen=True)
class Stuck:
    """Whom to look after, by name."""

    nothing_solved: tuple[str, ...]
    nothing_judged: tuple[str, ...]
    no_hand_in: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A step of tomorrow's lesson."""

    exercise: str
    name: str
    mistakes: tuple[str, ...]
    students: int  # who made them
    not_begun: int  # who have not begun the exercise, if these are many


@dataclass(frozen=True)
class Lesson:
    chapters: tuple[str, ...]  # their titles
    handed_in: int
    exercises: tuple[Met, ...]  # in the order of the chapter
    mistakes: tuple[Mistake, ...]  # the most frequent first
    steps: tuple[Step, ...]
    stuck: Stuck

    def to_json(self) -> dict:
        def met(its: Met) -> dict:
            return asdict(its) | {"share_solved": round(its.share, 3)}

        return asdict(self) | {"exercises": [met(its) for its in self.exercises]}


def lesson(results: Sequence[Graded], absent: Iterable[str] = ()) -> Lesson:
    """What the hand-ins say. `absent` are the names of those who handed in nothing."""
    mistakes = tuple(_mistakes(results))
    exercises = tuple(_met(results))
    return Lesson(
        tuple(chapter_title(number) for number in sorted({g.chapter for g in results})),
        len(results),
        exercises,
        mistakes,
        tuple(_steps(mistakes[:TOP], exercises)),
        _stuck(results, absent),
    )


def _met(results: Sequence[Graded]) -> Iterable[Met]:
    titles = {entry.id: entry.title for chapter in chapters() for entry in chapter.exercises}
    for number, name in exercises_of(results).items():
        answers = [answer for answer in _answers(results) if answer.exercise == number]
        counts = Counter(answer.verdict for answer in answers)
        share = counts[SOLVED] / len(answers)
        yield Met(
            number,
            name,
            titles.get(number, ""),
            _difficulty(number),
            1 + sum(share < limit for limit in SHARES),
            counts[SOLVED],
            counts[WRONG],
            counts[NOT_YET],
            counts[NOT_JUDGED],
            sum(answer.verdict == WRONG and not answer.mistake for answer in answers),
        )


def _mistakes(results: Sequence[Graded]) -> Iterable[Mistake]:
    groups: dict[tuple[str, str], list[Answer]] = {}
    for answer in _answers(results):
        if answer.verdict == WRONG and answer.mistake:
            groups.setdefault((answer.exercise, answer.mistake), []).append(answer)
    names = Names(results)
    for (exercise, mistake), answers in sorted(groups.items(), key=lambda g: (-len(g[1]), g[0])):
        messages = Counter(_message(answer) for answer in answers)
        message = max(messages, key=lambda text: (messages[text], text))
        yield Mistake(
            exercise,
            answers[0].name,
            mistake,
            len(answers),
            names.taken_out(message),
            len(messages) > 1,
            tuple(two_that_differ(exercise, answers[0].name, (a.source for a in answers), names)),
            passage_about(exercise, mistake, _advice(mistake, message)),
        )


def _message(answer: Answer) -> str:
    """Without the verdict above it, and the line about hints below."""
    lines = answer.message.splitlines()[1:]
    return "\n".join(line for line in lines if line.strip() and not line.startswith("Stuck?"))


def _advice(mistake: str, message: str) -> str:
    """What follows the evidence, if it is about this mistake alone."""
    return "" if mistake.startswith(ANYWHERE) else " ".join(message.splitlines()[1:])


def _steps(top: Sequence[Mistake], exercises: Sequence[Met]) -> Iterable[Step]:
    """In the order of the chapter, because later exercises use what earlier ones ask for."""
    for met in exercises:
        its = [mistake for mistake in top if mistake.exercise == met.exercise]
        not_begun = met.not_yet if met.not_yet >= NOT_BEGUN * met.asked else 0
        if its or not_begun:
            names = tuple(mistake.mistake for mistake in its)
            students = sum(mistake.count for mistake in its)
            yield Step(met.exercise, met.name, names, students, not_begun)


def _stuck(results: Sequence[Graded], absent: Iterable[str]) -> Stuck:
    def names(those: Iterable[Graded]) -> tuple[str, ...]:
        return tuple(sorted({graded.name or graded.student for graded in those}, key=str.casefold))

    judged = [g for g in results if any(a.verdict != NOT_JUDGED for a in g.answers)]
    return Stuck(
        names(graded for graded in judged if not graded.points),
        names(graded for graded in results if graded not in judged),
        tuple(sorted(absent, key=str.casefold)),
    )


def _answers(results: Sequence[Graded]) -> Iterable[Answer]:
    return (answer for graded in results for answer in graded.answers)


def _difficulty(exercise: str) -> int | None:
    try:
        return find_exercise(exercise).difficulty
    except WrongUse:
        return None  # a teacher's own
