"""What goes back to the students: for each one page with their own verdicts, and nobody else's.

feedback/ada/feedback.html          a folder a student, as nbgrader lays it out
feedback/moodle_feedback.zip        what Moodle takes at "Upload multiple feedback files in a
                                    zip": its own folders' names, with the page in each
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

from vitcourse.contents import Chapter, Entry, chapters
from vitcourse.files import written_whole
from vitcourse.grading.hand_ins import TOO_DEEP
from vitcourse.grading.page import badge, counted, escaped, head_and_text, with_code, write_page
from vitcourse.grading.report import chapter_title
from vitcourse.grading.results import NOT_YET, SOLVED, WRONG, Answer, Graded

FILE, MOODLE_ZIP = "feedback.html", "moodle_feedback.zip"
MOODLE_FOLDER = re.compile(r"[^/\\]+_\d+_assignsubmission_[^/\\]*")
# Remarks that ask the teacher to look, and accuse nobody yet.
FOR_THE_TEACHER = (
    "look at this hand-in yourself",
    "changes the check",
    "not on the roster",
    TOO_DEEP,
)
NOT_IN_A_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # on Windows
LONGEST = 80
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same archive for the same pages


def write_feedback(results: Iterable[Graded], folder: Path) -> list[Path]:
    """Write a page for each student; return where they are."""
    by_student: dict[str, list[Graded]] = {}
    for graded in results:
        by_student.setdefault(graded.student, []).append(graded)
    folder.mkdir(parents=True, exist_ok=True)
    pages, taken = {}, set[str]()
    for student, handed_in in by_student.items():
        name = folder_name(student, taken)
        (folder / name).mkdir(exist_ok=True)
        pages[student] = folder / name / FILE
        _write(sorted(handed_in, key=lambda graded: graded.chapter), pages[student])
    _zip_for_moodle(by_student, pages, folder / MOODLE_ZIP)
    return list(pages.values())


def folder_name(student: str, taken: set[str]) -> str:
    """The student as the name of a folder that every system allows, and that nobody else has."""
    name = NOT_IN_A_NAME.sub("_", student)[:LONGEST].strip(" .") or "student"
    name = f"_{name}" if RESERVED.fullmatch(name) else name
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free.casefold())
    return free


def as_html(graded: Graded, level: int = 3) -> str:
    """The verdicts of one hand-in, as a piece of a page that needs no styles."""
    notes = "".join(f"<p>Remark: {escaped(remark)}.</p>" for remark in remarks_for(graded))
    return notes + "".join(_answer(answer, level) for answer in graded.answers)


def remarks_for(graded: Graded) -> list[str]:
    """The remarks that are for the student."""
    return [remark for remark in graded.remarks if not remark.startswith(FOR_THE_TEACHER)]


def as_text(answer: Answer) -> str:
    """A verdict and what to do next, as plain text."""
    head, text = head_and_text(answer)
    return "\n".join([head, *_lines(answer, text)])


def _write(handed_in: list[Graded], path: Path) -> None:
    titles = ", ".join(chapter_title(graded.chapter) for graded in handed_in)
    parts = [f"<main><h1>{escaped(titles)}: your answers</h1>"]
    parts += [f'<p class="soft">For {escaped(handed_in[0].name or handed_in[0].student)}.</p>']
    several = len(handed_in) > 1
    for graded in handed_in:
        if several:
            parts.append(f"<h2>{escaped(chapter_title(graded.chapter))}</h2>")
        level = 3 if several else 2
        parts += [f'<p class="sum">{escaped(_in_short(graded))}</p>', as_html(graded, level)]
    write_page(path, f"{titles}: your answers", "\n".join([*parts, "</main>"]), "feedback")


def _in_short(graded: Graded) -> str:
    if not graded.answers:
        return "Nothing of this hand-in could be judged. Hand it in again, or ask your teacher."
    solved = f"{graded.points} of {counted(len(graded.answers), 'exercise')} solved."
    open_ones = [answer for answer in graded.answers if answer.verdict != SOLVED]
    if not open_ones:
        return f"{solved} That is all of them."
    begin = next((answer for answer in open_ones if answer.verdict == WRONG), open_ones[0])
    entry = _entry(begin.exercise)
    title = f", {entry[1].title}" if entry else ""
    return f"{solved} Go on with {begin.exercise}{title}."


def _answer(answer: Answer, level: int) -> str:
    head, text = head_and_text(answer)
    said = "".join(f"<p>{with_code(line)}</p>" for line in _lines(answer, text))
    return f"<h{level}>{badge(answer.verdict)} {escaped(head)}</h{level}>{said}\n"


def _lines(answer: Answer, text: str) -> list[str]:
    """What the notebook says, and what comes next; "Stuck? ..." is about the running notebook."""
    said = [line for line in text.splitlines() if line.strip() and not line.startswith("Stuck?")]
    return said + _next_steps(answer)


def _next_steps(answer: Answer) -> list[str]:
    entry = _entry(answer.exercise)
    if answer.verdict == SOLVED or entry is None:
        return []
    chapter, exercise = entry
    place = f"below “{exercise.heading}” in {chapter.notebook}"
    hints = f'Hints: check("{exercise.id}", hint=1), then 2 and 3.'
    if answer.verdict == NOT_YET:
        return [f"Next: begin {place}. It takes about {exercise.minutes} minutes.", hints]
    if answer.verdict == WRONG:
        return [f"Next: change the cell {place}, run it, and run its check again.", hints]
    return [f"Next: run everything down to the check {place}, save, and hand it in again."]


def _entry(exercise: str) -> tuple[Chapter, Entry] | None:
    return next(((c, e) for c in chapters() for e in c.exercises if e.id == exercise), None)


def _zip_for_moodle(
    by_student: dict[str, list[Graded]], pages: dict[str, Path], path: Path
) -> None:
    """Only if the hand-ins come from Moodle: it finds the student by the name of the folder."""
    folders = {
        found[0]: pages[student]
        for student, handed_in in by_student.items()
        for graded in handed_in
        if (found := MOODLE_FOLDER.search(graded.file))
    }
    if not folders:
        return
    with written_whole(path) as beside, zipfile.ZipFile(beside, "w") as archive:
        for name, page in folders.items():
            member = zipfile.ZipInfo(f"{name}/{FILE}", ZIP_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            with page.open("rb") as source, archive.open(member, "w") as target:
                shutil.copyfileobj(source, target)
