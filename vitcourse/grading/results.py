"""What grading finds out: one `Graded` a hand-in, and how it is written down and read again."""

from __future__ import annotations

from dataclasses import asdict, dataclass

SOLVED, NOT_YET, WRONG, NOT_JUDGED = "solved", "not solved yet", "wrong", "not judged"


@dataclass(frozen=True)
class Answer:
    """One student's answer to one exercise, and what the check said of it."""

    exercise: str  # "1.2"
    name: str  # what the exercise has the student define: "patchify"
    verdict: str  # one of the four above; NOT_JUDGED: the hand-in broke before it could be asked
    mistake: str = ""  # its name, if the check knows one: "columns before rows"
    message: str = ""  # all that the notebook would have said
    source: str = ""  # the student's code for this exercise

    @property
    def points(self) -> int:
        return int(self.verdict == SOLVED)


@dataclass(frozen=True)
class Graded:
    """One notebook that was handed in, with its verdicts."""

    student: str  # what tells students apart, as found in the hand-in or the roster
    name: str  # how a teacher calls the student; the same as `student` if nothing else is known
    identifier: str  # the learning platform's own number for the student, or ""
    chapter: str  # "01"
    file: str  # the hand-in, relative to the graded folder; "a.zip/x.ipynb" inside an archive
    answers: tuple[Answer, ...] = ()
    remarks: tuple[str, ...] = ()  # "late", "the newest of 2 hand-ins", "no notebook: ..."
    seconds: float = 0.0

    @property
    def points(self) -> int:
        return sum(answer.points for answer in self.answers)

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> Graded:
        answers = tuple(Answer(**answer) for answer in data["answers"])
        return cls(**data | {"answers": answers, "remarks": tuple(data["remarks"])})
