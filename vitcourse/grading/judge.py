"""Judge one hand-in, inside of its own process: run what its answers need, and ask the checks.

What is found is sent piece by piece, as JSON with a secret word, so that what is known before the
code ends its process, or is stopped, is not lost. Nothing here is to be called in a process that is
needed afterwards.
"""

from __future__ import annotations
import __future__

import ast
import gc
import json
import linecache
import os
import random
import re
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any, NoReturn

import numpy
import torch

from vitcourse.contents import chapters
from vitcourse.exercises.engine import Exercise, NotYet, Wrong, find_exercise
from vitcourse.exercises.guard import TooLong, isolated, time_limit
from vitcourse.exercises.keep import MODULE
from vitcourse.exercises.notebook import check_in
from vitcourse.grading import sandbox
from vitcourse.grading.answers import Asked, Program, Reader
from vitcourse.grading.course import Course
from vitcourse.grading.hand_ins import HandIn
from vitcourse.grading.results import NOT_JUDGED, NOT_YET, SOLVED, WRONG
from vitcourse.grading.suspicious import suspicious
from vitcourse.learner.kept import FILE as MY_VIT

LONGEST_MESSAGE, LONGEST_SOURCE = 4_000, 40_000  # characters
CELL_CPU, CELL_CLOCK = 10.0, 60.0  # seconds for what an answer needs from one cell
MISTAKE = re.compile(r": wrong \((.*)\)$")

Say = Callable[[dict], None]


@dataclass
class Known:
    """What earlier processes have found out about this hand-in."""

    verdicts: dict[str, str] = field(default_factory=dict)  # exercise -> verdict
    broken: list[int] = field(default_factory=list)  # cells that ended or stopped a process


def judge_and_exit(
    send: Callable[[bytes], None],
    keep_open: int,
    hand_in: HandIn,
    course: Course,
    word: str,
    scratch: Path,
    limits: sandbox.Limits,
    secret: tuple[Path, ...],
    known: Known,
) -> NoReturn:
    """The whole life of a process that judges; it never returns."""

    gc.freeze()  # else Python would soon look through all of torch for what can be thrown away
    # Held here, whatever the student's code makes of the modules.
    encode, leave = json.JSONEncoder().encode, os._exit
    tampered = encode({"kind": "tampered", "word": word}).encode()

    def say(what: dict) -> None:
        send(encode(what | {"word": word}).encode("utf-8", "backslashreplace"))

    def give_up() -> NoReturn:
        send(tampered)  # in no words that could still be changed
        leave(0)

    try:
        libraries = ("<frozen", *map(str, sandbox.places_of_code()))

        def is_students(frame: FrameType) -> bool:
            return not frame.f_code.co_filename.startswith(libraries)

        sandbox.enter(scratch, limits, is_students, {keep_open}, secret)
        _Judge(hand_in, course, scratch, known, say, give_up).run()
    except BaseException as error:  # nothing may get out of here
        say({"kind": "failed", "why": f"{type(error).__name__}: {error}"[:500]})
    finally:
        leave(0)  # without `atexit`


class _Judge:
    def __init__(
        self,
        hand_in: HandIn,
        course: Course,
        scratch: Path,
        known: Known,
        say: Say,
        give_up: Callable[[], NoReturn],
    ) -> None:
        self.course, self.known, self.say, self.give_up = course, known, say, give_up
        self.own = Program(hand_in.cells)
        reader = Reader(self.own, course.program, (e.name for e in course.exercises))
        self.asked = {e.id: reader.asked(e.id, e.name) for e in course.exercises}
        self.what_changed = course.seal.broken
        self.remarks: list[str] = []
        self.failed: set[tuple[bool, int]] = set()  # cells that raised an error
        self.hand_in, self.scratch = hand_in, scratch
        self.module = ModuleType("__main__")
        self.stood_in: list[str] = []

    def run(self) -> None:
        self._remark_on_words()
        self._set_up()
        needed = {i for asked in self.asked.values() for i in asked.own}
        for i in sorted({i for asked in self.asked.values() for i in asked.course}):
            self._execute(self.course.program, i, in_course=True)
        for place in range(len(self.own.statements) + 1):
            for exercise in self.course.exercises:
                self._ask_if_here(exercise, place)
            if place in needed:
                self._execute(self.own, place)
        if names := self._stood_in(needed):
            self.remarks.append(
                f"{MY_VIT} was not handed in; the course's version stood in for {names}"
            )
        self.say({"kind": "end", "remarks": self.remarks})

    def _stood_in(self, needed: set[int]) -> str:
        """Of which kept answers the course's version was used."""
        used = any("kept_parts(" in self.own.statements[i].source for i in needed)
        names = self.stood_in + (["all parts"] if used and self.hand_in.my_vit is None else [])
        return ", ".join(dict.fromkeys(names))

    def _remark_on_words(self) -> None:
        sources = [cell.source for cell in self.hand_in.cells] + [self.hand_in.my_vit or ""]
        if words := suspicious(sources, (cell.source for cell in self.course.cells)):
            said = ", ".join(words[:5]) + (", ..." if len(words) > 5 else "")
            self.say({"kind": "words", "words": said})

    # The notebook's world

    def _set_up(self) -> None:
        random.seed(0)
        numpy.random.seed(0)  # noqa: NPY002
        torch.manual_seed(0)
        warnings.simplefilter("ignore")
        sys.modules["__main__"] = self.module
        names = vars(self.module)
        names.update(display=lambda *things, **options: None)
        sys.path.insert(0, str(self.scratch))
        sys.dont_write_bytecode = True
        sys.modules.pop(MODULE, None)  # a teacher's own, imported before the fork
        if self.hand_in.my_vit is not None:
            (self.scratch / MY_VIT).write_text(self.hand_in.my_vit, encoding="utf-8")
        else:
            sys.modules[MODULE] = self._stand_in()

    def _stand_in(self) -> ModuleType:
        """A `my_vit` with the course's versions, for a hand-in that came without the file."""
        module = ModuleType(MODULE)
        numbers = {entry.name: entry.id for c in chapters() for entry in c.exercises}

        def look_up(name: str):
            if name not in numbers:
                raise AttributeError(f"module {MODULE!r} has no attribute {name!r}")
            self.stood_in.append(name)
            return find_exercise(numbers[name]).reference

        module.__dict__["__getattr__"] = look_up
        return module

    def _code(self, program: Program, i: int, in_course: bool) -> CodeType:
        statement = program.statements[i]
        text = program.texts[statement.cell]
        filename = f"<{'course ' if in_course else ''}cell {statement.cell + 1}>"
        linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
        flags = 0
        for name in program.futures:
            flags |= getattr(getattr(__future__, name, None), "compiler_flag", 0)
        module = ast.Module([statement.node], [])
        return compile(module, filename, "exec", flags=flags, dont_inherit=True)

    def _execute(self, program: Program, i: int, in_course: bool = False) -> None:
        cell = program.statements[i].cell
        if (in_course, cell) in self.failed or (not in_course and cell in self.known.broken):
            return
        if not in_course:
            self.say({"kind": "cell", "cell": cell})
        try:
            code, names = self._code(program, i, in_course), vars(self.module)
            _apart(_run, code, names)
        except (Exception, SystemExit, KeyboardInterrupt, TooLong) as error:
            self.failed.add((in_course, cell))
            if not in_course and not isinstance(error, NotImplementedError):
                what = "took too long" if isinstance(error, TooLong) else f"raised {_brief(error)}"
                self.remarks.append(f"code cell {cell + 1} {what}")

    # Asking

    def _ask_if_here(self, exercise: Exercise, place: int) -> None:
        asked = self.asked[exercise.id]
        if asked.at == place:
            self._ask(exercise, asked, asked.again is None)
        elif asked.again == place and exercise.id not in self.known.verdicts:
            self._ask(exercise, asked, True)

    def _ask(self, exercise: Exercise, asked: Asked, is_last: bool) -> None:
        names = vars(self.module)
        if verdict := self.known.verdicts.get(exercise.id):
            if verdict != SOLVED and not exercise.is_exam:
                names[exercise.name] = exercise.reference
            return
        self.say({"kind": "asking", "exercise": exercise.id})
        cells = len(self.own.texts) if asked.again is not None and is_last else asked.cells
        names["_ih"] = ["", "", *self.own.texts[:cells]]  # IPython's history of cells
        verdict, message = _apart(_verdict, exercise, names)
        names.pop("_ih")
        if self.what_changed():
            self.give_up()
        if verdict == NOT_JUDGED and not exercise.is_exam:
            names[exercise.name] = exercise.reference
        if verdict == NOT_YET and not is_last:
            return
        if asked.again is not None and is_last:
            self.remarks.append(f"the answer to {exercise.id} stands below its check")
        self.known.verdicts[exercise.id] = verdict
        self._tell(exercise, asked, verdict, message)

    def _tell(self, exercise: Exercise, asked: Asked, verdict: str, message: str) -> None:
        mistake = MISTAKE.search(message.partition("\n")[0]) if verdict == WRONG else None
        self.say(
            {
                "kind": "answer",
                "exercise": exercise.id,
                "verdict": verdict,
                "mistake": mistake[1] if mistake else "",
                "message": self._clean(message)[:LONGEST_MESSAGE],
                "source": asked.source.strip("\n")[:LONGEST_SOURCE],
                "notes": self.course.notes[exercise.id] if verdict == SOLVED else [],
            }
        )

    def _clean(self, message: str) -> str:
        """Without what differs from run to run: where the scratch folder is, addresses."""
        message = message.replace(str(self.scratch), ".")
        return re.sub(r"\b0x[0-9a-f]{6,}\b", "0x...", message)


def _apart(work: Callable, *arguments: Any) -> Any:
    """work(*arguments) in a thread of its own: from there, no frame leads to who holds the word."""
    ended: list[tuple[Any, BaseException | None]] = []

    def run(work: Callable, *arguments: Any) -> None:
        try:
            ended.append((work(*arguments), None))
        except BaseException as error:
            ended.append((None, error))

    threading.settrace(None)  # type: ignore[arg-type]
    threading.setprofile(None)  # nobody looks on
    thread = threading.Thread(target=run, args=(work, *arguments))
    thread.start()
    thread.join()
    result, error = ended[0]
    if error is not None:
        raise error
    return result


def _run(code: CodeType, names: dict) -> None:
    with isolated():
        time_limit(CELL_CPU, CELL_CLOCK, lambda: exec(code, names))


def _verdict(exercise: Exercise, names: dict) -> tuple[str, str]:
    """What the notebook's check says: the verdict, and all its words."""
    try:
        check_in(names, exercise, folder=exercise.folder)
    except NotYet as said:
        return NOT_YET, str(said)
    except Wrong as said:
        return WRONG, str(said)
    except BaseException as error:
        why = f"{exercise.label}: not judged\nThe check ended with {_brief(error)}"
        return NOT_JUDGED, why
    return SOLVED, f"{exercise.label}: solved"


def _brief(error: BaseException) -> str:
    first = (str(error).splitlines() or [""])[0][:200]
    return type(error).__name__ + (f": {first}" if first else "")
