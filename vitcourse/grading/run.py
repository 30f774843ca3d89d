"""Grade a folder: several hand-ins at a time, each result written down as soon as it is known.

The results are lines of JSON in the output folder. A run that was interrupted, in whatever way,
goes on with what is not there yet; what has changed since, the hand-in or the course, is graded
anew.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from tqdm import tqdm

from vitcourse.contents import has_solutions
from vitcourse.exercises.cells import chapter_of
from vitcourse.files import written_whole
from vitcourse.grading import processes
from vitcourse.grading.hand_ins import TOO_DEEP, HandIn, hand_ins
from vitcourse.grading.results import Graded
from vitcourse.grading.roster import Roster
from vitcourse.grading.sandbox import Limits
from vitcourse.machine import cpu_limit

if TYPE_CHECKING:
    from vitcourse.grading.watch import Job, Watched

RESULTS = "results.jsonl"
CLASS_COPY = (
    "This is a class's copy of the course. The verdicts are the same, but class.html can show less "
    "to teach with, for want of the solutions: better grade with the full course."
)
Say = Callable[[str], None]


def grade(
    folder: Path,
    out: Path,
    *,
    chapter: str = "",
    roster: Roster | None = None,
    workers: int | None = None,
    exercises: Path | None = None,
    limits: Limits | None = None,
    say: Say = print,
) -> list[Graded]:
    """Grade all hand-ins of a folder; sorted by student and chapter.

    Raises ValueError if there is none, or if another run writes into `out`.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder")
    out.mkdir(parents=True, exist_ok=True)
    found = hand_ins(folder, roster, chapter, out, _own_chapter(exercises))
    if not any(one.file for one in found):
        of_it = f" for chapter {chapter}" if chapter else ""
        raise ValueError(
            f"no hand-ins{of_it} in {folder}: it should hold notebooks (.ipynb), folders of "
            "notebooks, or .zip files as the learning platforms make them"
        )
    _say_notes(found, say)
    try:
        with FileLock(out / f".{RESULTS}.lock", timeout=0):
            rules = Rules(exercises, (folder.resolve(), out.resolve()), limits or Limits())
            return _grade(found, out, workers or cpu_limit(), rules, say)
    except Timeout:
        raise ValueError(f"{out}: another `vitcourse grade` is writing there") from None


def _say_notes(found: list[HandIn], say: Say) -> None:
    """What a teacher may want to change before anything is graded."""
    if not has_solutions():
        say(CLASS_COPY)
    for one in found:
        for remark in one.remarks:
            if remark.startswith(TOO_DEEP):
                say(f"{one.student}: {remark}")


def _own_chapter(exercises: Path | None) -> str:
    """What stands for the chapter of a teacher's own exercises: "0A" for A.1, A.2, ..."""
    if exercises is None:
        return ""
    from vitcourse.exercises.engine import exercises_in

    return chapter_of(exercises_in(exercises)[0].id)


@dataclass(frozen=True)
class Rules:
    """What is the same for all hand-ins."""

    exercises: Path | None  # a teacher's own
    secret: tuple[Path, ...]  # folders that no hand-in may read
    limits: Limits


def _grade(found: list[HandIn], out: Path, workers: int, rules: Rules, say: Say) -> list[Graded]:
    from vitcourse.grading.course import version  # imports torch
    from vitcourse.grading.watch import not_graded

    current = version(rules.exercises)
    known = Known(out / RESULTS, current)
    results = {one: not_graded(one) for one in found if one.problem}
    results |= {
        one: known.results[key] for one in found if (key := one.fingerprint) in known.results
    }
    todo = [one for one in found if one not in results]
    if len(known.results) and todo and len(results):
        say(f"{len(found) - len(todo)} of {len(found)} are graded already; going on.")
    for one, graded in _judged(todo, workers, rules, say):
        known.add(one.fingerprint, graded)
        results[one] = graded
    return [results[one] for one in found]


class Known:
    """The results file: what is in it, and more lines."""

    def __init__(self, path: Path, version: str) -> None:
        self._path, self._version = path, version
        self.results: dict[str, Graded] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                with contextlib.suppress(ValueError, KeyError, TypeError):  # cut off in the middle
                    entry = json.loads(line)
                    if entry["version"] == version:
                        self.results[entry["hand_in"]] = Graded.from_json(entry["graded"])
        with written_whole(path) as beside:
            lines = (self._line(key, graded) for key, graded in self.results.items())
            beside.write_text("".join(lines), encoding="utf-8")

    def add(self, key: str, graded: Graded) -> None:
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(self._line(key, graded))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OSError(
                f"{self._path} cannot be written: {error.strerror}. What was graded before is "
                "there; make room, and the same command goes on"
            ) from None
        self.results[key] = graded

    def _line(self, key: str, graded: Graded) -> str:
        entry = {"version": self._version, "hand_in": key, "graded": graded.to_json()}
        return json.dumps(entry, ensure_ascii=True) + "\n"


def _judged(
    todo: list[HandIn], workers: int, rules: Rules, say: Say
) -> Iterator[tuple[HandIn, Graded]]:
    """Each hand-in with its result, as they become known."""
    if not todo:
        return
    from vitcourse.grading.watch import Watched, stop_all

    jobs: dict[str, Job] = {}
    waiting: list[HandIn] = list(reversed(todo))
    running: list[Watched] = []
    tqdm.monitor_interval = 0  # it would be a thread, and threads do not survive a fork
    bar = tqdm(total=len(todo), desc="hand-ins", unit="", leave=False, disable=None)
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                one = waiting.pop()
                if one.chapter not in jobs:
                    jobs[one.chapter] = _job(one.chapter, rules)
                running.append(Watched(one, jobs[one.chapter]))
            processes.wait_for_any([watched.process for watched in running], 0.1)
            for watched in list(running):
                if (graded := watched.step()) is not None:
                    running.remove(watched)
                    bar.update()
                    _say_if_broken(graded, say if bar.disable else bar.write)
                    yield watched.hand_in, graded
    finally:
        stop_all(running)
        bar.close()


def _job(chapter: str, rules: Rules) -> Job:
    from vitcourse.grading.course import prepare
    from vitcourse.grading.watch import Job

    fork = processes.CAN_FORK
    course = prepare(chapter, rules.exercises, ask_all=fork)
    return Job(course, rules.limits, rules.exercises, rules.secret, fork)


def _say_if_broken(graded: Graded, say: Say) -> None:
    broken = [answer.exercise for answer in graded.answers if answer.verdict == "not judged"]
    if broken:
        why = next((r for r in graded.remarks if "code cell" in r or "check" in r), "")
        message = next(a.message for a in graded.answers if a.exercise == broken[0])
        said = why or message.partition("\n")[2]
        say(f"{graded.file}: not judged: {', '.join(broken)} ({said})")
