"""One hand-in from outside: its process is started, heard, stopped if it must be, started again.

What has been found before a process ends stays. The rest is judged in a new one that leaves out
the exercise, or the cell, at which the old one ended.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from vitcourse.grading.confirm import is_right
from vitcourse.grading.course import Course
from vitcourse.grading.hand_ins import HandIn
from vitcourse.grading.judge import LONGEST_SOURCE, Known, judge_and_exit
from vitcourse.grading.processes import Floods, Forked, Process, Spawned
from vitcourse.grading.results import NOT_JUDGED, SOLVED, WRONG, Answer, Graded
from vitcourse.grading.sandbox import Limits

MOST_STARTS = 12
LOOK_AT_SCRATCH = 0.5  # seconds
READY_SECONDS = 120.0  # for a process that has to import torch itself
CHANGES_THE_CHECK = "changes the check"
SPEAKS_ITSELF = "it speaks in place of the check"
LOOK_YOURSELF = "look at this hand-in yourself: it mentions"


@dataclass(frozen=True)
class Job:
    """What a process needs to know besides the hand-in."""

    course: Course
    limits: Limits
    exercises: Path | None  # a teacher's own
    secret: tuple[Path, ...]  # folders that no hand-in may read
    fork: bool


@dataclass
class Stage:
    """Where a process is."""

    what: str = "start"  # start, cell, asking, end
    number: str = ""
    since: float = 0.0
    cpu_since: float = 0.0


class Watched:
    """A hand-in while it is judged."""

    def __init__(self, hand_in: HandIn, job: Job) -> None:
        self.hand_in, self.job = hand_in, job
        self.known = Known()
        self.answers: dict[str, Answer] = {}
        self.remarks: dict[str, None] = {}
        self.cpu_before, self.starts, self.began = 0.0, 0, time.monotonic()
        self._labels = {e.id: e for e in job.course.exercises}
        self._start()

    def _start(self) -> None:
        self.starts += 1
        self.scratch = Path(tempfile.mkdtemp(prefix="vitcourse-"))
        self._word = secrets.token_hex(16)
        self._looked, self._why = 0.0, ""
        self.stage = Stage(since=time.monotonic())
        self._memory_before = psutil.Process().memory_info().rss if self.job.fork else 0
        known = Known(dict(self.known.verdicts), list(self.known.broken))
        rest = (self._word, self.scratch, self.job.limits, self.job.secret, known)
        self.process: Process
        if self.job.fork:
            self.process = Forked(
                lambda send, pipe: judge_and_exit(send, pipe, self.hand_in, self.job.course, *rest)
            )
        else:
            chapter = self.job.course.chapter
            self.process = Spawned((self.hand_in, chapter, self.job.exercises, *rest))

    def stop(self) -> None:
        self.process.kill()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def step(self) -> Graded | None:
        """Look what has happened; the result, once all is known."""
        try:
            for line in self.process.lines():
                self._hear(line)
        except Floods:
            self._why = "it floods grading with output"
        if not self._why and not self.process.is_closed:
            self._why = self._over_limit()
        if not (self._why or self.process.is_closed):
            return None
        self.cpu_before += self.process.cpu_seconds()
        self.stop()
        if self.stage.what != "end":
            self._learn_from_the_end()
            if not self._is_hopeless():
                self._start()
                return None
        return self._result()

    # What it says

    def _hear(self, line: bytes) -> None:
        try:
            said = json.loads(line)
            if said.pop("word") != self._word:
                raise ValueError("somebody else")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._why = SPEAKS_ITSELF
            return
        if self._why:
            return
        kind = said["kind"]
        if kind == "answer":
            self._note_answer(said)
        elif kind == "tampered":
            self._why = CHANGES_THE_CHECK
        elif kind == "words":
            self.remarks[f"{LOOK_YOURSELF} {said['words']}"] = None
        elif kind == "end":
            self.remarks.update(dict.fromkeys(said["remarks"]))
            self._enter("end", "")
        elif kind == "failed":
            self.remarks[f"grading itself failed: {said['why']}"] = None
            self._enter("failed", "")
        else:
            self._enter(kind, str(said.get("exercise", said.get("cell", ""))))

    def _note_answer(self, said: dict) -> None:
        number = said["exercise"]
        if said["verdict"] == SOLVED and not is_right(self._labels[number], said["notes"]):
            self._why = CHANGES_THE_CHECK
            return
        parts = (said[part] for part in ("verdict", "mistake", "message", "source"))
        self.answers[number] = Answer(number, self._labels[number].name, *parts)
        self.known.verdicts[number] = said["verdict"]
        self._enter("between", "")

    def _enter(self, what: str, number: str) -> None:
        if (what, number) != (self.stage.what, self.stage.number):
            self.stage = Stage(what, number, time.monotonic(), self.process.cpu_seconds())

    # What it uses

    def _over_limit(self) -> str:
        limits, now = self.job.limits, time.monotonic()
        cpu = self.process.cpu_seconds()
        if self.stage.what == "start" and not self.job.fork:
            return "it does not start" if now - self.stage.since > READY_SECONDS else ""
        if cpu - self.stage.cpu_since > limits.step_seconds:
            return "cpu"
        if cpu + self.cpu_before > limits.cpu_seconds:
            return "all the time is used up"
        if now - self.stage.since > limits.step_clock:
            return "clock"
        if self.process.memory() > self._memory_before + limits.memory:
            return "memory"
        if now - self._looked > LOOK_AT_SCRATCH:
            self._looked = now
            if _size(self.scratch) > limits.scratch:
                return "disk"
        return ""

    # What its end means

    def _learn_from_the_end(self) -> None:
        """Write down the exercise or the cell at which it ended, so that it is left out."""
        words = self._in_words()
        if self._why in (CHANGES_THE_CHECK, SPEAKS_ITSELF):
            self.remarks[CHANGES_THE_CHECK] = None
        elif self.stage.what == "asking" and self.stage.number in self._labels:
            number = self.stage.number
            exercise = self._labels[number]
            never = self._why in ("cpu", "clock")
            mistake = {"cpu": "it never finishes", "clock": "it takes too long"}.get(self._why, "")
            verdict = WRONG if never else NOT_JUDGED
            said = f"{verdict} ({mistake})" if mistake else verdict
            message = f"{exercise.label}: {said}\n{words}"
            source = self._source(number)
            self.answers[number] = Answer(number, exercise.name, verdict, mistake, message, source)
            self.known.verdicts[number] = verdict
        elif self.stage.what == "cell":
            self.known.broken.append(int(self.stage.number))
            self.remarks[f"code cell {int(self.stage.number) + 1}: {words}"] = None
        elif self.stage.what != "failed":
            self.remarks[f"not judged to the end: {words}"] = None

    def _in_words(self) -> str:
        limits = self.job.limits
        return {
            "": "Your code ended Python itself.",
            CHANGES_THE_CHECK: "Your code changes what checks it. Nothing after that was judged.",
            SPEAKS_ITSELF: "Your code speaks in place of the check. Nothing after that was judged.",
            "cpu": f"After {limits.step_seconds:.0f} seconds your code was still computing; it was "
            "stopped.",
            "clock": f"After {limits.step_clock:.0f} seconds your code had not finished; it was "
            "stopped.",
            "memory": f"Your code asked for more than {limits.memory / 1e9:.0f} GB of memory; it "
            "was stopped.",
            "disk": f"Your code wrote more than {limits.scratch / 1e6:.0f} MB; it was stopped.",
        }.get(self._why, f"Your code was stopped: {self._why}.")

    def _is_hopeless(self) -> bool:
        if self._why in (CHANGES_THE_CHECK, SPEAKS_ITSELF):
            return True
        ended_early = self.stage.what in ("start", "between", "failed")
        return ended_early or self.starts >= MOST_STARTS or self._why.startswith("all the time")

    def _source(self, number: str) -> str:
        """The cells of an exercise, where nothing else is known of it."""
        cells = [cell.source for cell in self.hand_in.cells if cell.exercise == number]
        return "\n\n".join(cells)[:LONGEST_SOURCE]

    def _result(self) -> Graded:
        answers = []
        for exercise in self.job.course.exercises:
            missing = Answer(
                exercise.id,
                exercise.name,
                NOT_JUDGED,
                message=f"{exercise.label}: not judged\n{self._in_words()}",
                source=self._source(exercise.id),
            )
            answers.append(self.answers.get(exercise.id, missing))
        one = self.hand_in
        return Graded(
            *(one.student, one.name, one.identifier, one.chapter, one.file, tuple(answers)),
            remarks=(*one.remarks, *self.remarks),
            seconds=round(time.monotonic() - self.began, 2),
        )


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += (
                path.lstat().st_blocks * 512
                if hasattr(path.lstat(), "st_blocks")
                else (path.lstat().st_size)
            )
    return total


def not_graded(one: HandIn) -> Graded:
    """The row of a hand-in that cannot be judged, which says why."""
    return Graded(
        *(one.student, one.name, one.identifier, one.chapter, one.file),
        remarks=(*one.remarks, one.problem),
    )


def stop_all(running: Sequence[Watched]) -> None:
    for one in running:
        with contextlib.suppress(OSError):
            one.stop()
