"""Pages for teachers, made from the course: `python -m vitcourse.workshop.teaching [--check]`.

In `docs/teaching`, `objectives.md` comes from `objectives.yaml`, `timetables.md` from
`timetables.yaml` and the minutes of chapters and exercises, and `mistakes/NN.md` from the names and
messages of the checks. So none of them can differ from the course without a red `--check`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from vitcourse.contents import Chapter, chapters
from vitcourse.exercises import find_exercise
from vitcourse.exercises.bank import ANSWERS, read_answers
from vitcourse.files import written_whole

ROOT = Path(__file__).resolve().parents[2]
TEACHING = ROOT / "docs" / "teaching"
SOURCES = ROOT / "notebooks" / "source"
MADE = "<!-- Made by `python -m vitcourse.workshop.teaching`; edit {source} instead. -->"
OPEN = 6  # messages of an exercise that are shown; the others are folded
MINUTES_A_SLIDE = 1.5  # in the guest lecture
LECTURE_MARK = re.compile(r"^# %% .*\blecture=true\b", re.MULTILINE)
HOUR = 60


# Objectives ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Objective:
    can: str  # what a learner can do: "compute the number of patches of an image"
    shown_by: tuple[str, ...]  # exercises ("1.2") and questions ("01-reshape")

    @property
    def exercises(self) -> list[str]:
        return [number for number in self.shown_by if "." in number]

    @property
    def questions(self) -> list[str]:
        return [number for number in self.shown_by if "." not in number]


def objectives() -> dict[str, list[Objective]]:
    """The objectives of each chapter: {"04": [...]}."""
    return {
        number: [Objective(entry["can"], tuple(entry["shown_by"])) for entry in entries]
        for number, entries in _read("objectives.yaml").items()
    }


def objectives_page() -> str:
    titles = {chapter.number: chapter.title for chapter in chapters()}
    lines = [
        MADE.format(source="objectives.yaml"),
        "# What learners can do afterwards",
        "Each objective says by which exercise or question it is shown. Exercises are in the "
        "notebooks; questions, by their names, in the [question bank](questions.md).",
    ]
    for number, entries in objectives().items():
        lines.append(f"## {titles[number]}")
        lines.append("You can")
        lines.append("\n".join(f"- {entry.can} ({_shown_by(entry)})" for entry in entries))
    return "\n\n".join(lines) + "\n"


def _shown_by(entry: Objective) -> str:
    parts = []
    if entry.exercises:
        parts.append(f"{_plural('exercise', entry.exercises)} {', '.join(entry.exercises)}")
    if entry.questions:
        names = ", ".join(f"`{name}`" for name in entry.questions)
        parts.append(f"{_plural('question', entry.questions)} {names}")
    return "; ".join(parts)


def _plural(noun: str, things: list) -> str:
    return noun if len(things) == 1 else f"{noun}s"


# Common mistakes ----------------------------------------------------------------------------------


def common_mistakes(chapter: str) -> str:
    """Markdown: what the checks of a chapter know, by exercise, and what they tell the learner.

    Raises KeyError for a chapter, such as "04", that does not exist.
    """
    found = {c.number: c for c in chapters()}[chapter]
    lines = [
        MADE.format(source="the answers in vitcourse/exercises/answers"),
        f"# Mistakes in chapter {found.title}",
        "A name in bold is what the check says after `wrong`; below it is what the learner reads. "
        "The question is the first hint, good for asking aloud before you explain anything.",
    ]
    for entry in found.exercises:
        lines += _mistakes_of(entry.id)
    return "\n\n".join(lines) + "\n"


def _mistakes_of(exercise_id: str) -> Iterator[str]:
    exercise = find_exercise(exercise_id)
    by_message = _names_by_message(exercise_id)
    points = [f"- **{'; '.join(names)}**  \n  {says}" for says, names in by_message.items()]
    yield f"## {exercise.id} {exercise.title}: `{exercise.name}`"
    yield f"*Ask:* {exercise.hints[0]}"
    yield "\n".join(points[:OPEN])
    if more := points[OPEN:]:
        yield f"<details><summary>{len(more)} more</summary>"
        yield "\n".join(more)
        yield "</details>"


def _names_by_message(exercise_id: str) -> dict[str, list[str]]:
    """{"Divide the scores by ...": ["no scale"], ...}, in the order in which they are written."""
    found: dict[str, list[str]] = {}
    path = ANSWERS / f"ex_{exercise_id.replace('.', '_')}.py"
    for answer in read_answers(path):
        names = found.setdefault(answer.says, []) if answer.kind == "wrong" else []
        if answer.name not in names:
            names.append(answer.name)
    return found


# Timetables ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    minutes: int
    what: str


@dataclass(frozen=True)
class Session:
    """A stretch without a long break; its rows fill it exactly."""

    name: str
    minutes: int
    rows: tuple[Row, ...]


def sessions(plan: dict) -> list[Session]:
    """The sessions of a plan of `timetables.yaml`, every row with its minutes.

    Raises ValueError for rows that take longer than their session.
    """
    return [_session(entry) for entry in plan["sessions"]]


def _session(entry: dict) -> Session:
    rows = [_row(row) for row in entry["rows"]]
    left = entry["minutes"] - sum(row.minutes for row in rows)
    if left < 0:
        raise ValueError(f"{entry['name']}: {-left} minutes more than its {entry['minutes']}")
    if left:
        rows.append(Row(left, entry.get("rest", "questions, and whoever is stuck")))
    return Session(entry["name"], entry["minutes"], tuple(rows))


def _row(row: dict) -> Row:
    """`talk`, `read`, `solve` and `chapter` have the course's minutes; `what` has its own."""
    note = f": {row['note']}" if "note" in row else ""
    if "talk" in row:
        slides = sum(slides_of_lecture(number) for number in row["talk"])
        return Row(
            round(slides * MINUTES_A_SLIDE), f"{slides} slides, {_chapters(row['talk'])}{note}"
        )
    if "read" in row:
        return Row(reading(_chapter(row["read"])), f"read {_chapters([row['read']])}{note}")
    if "solve" in row:
        minutes = sum(find_exercise(number).minutes for number in row["solve"])
        return Row(minutes, f"{_plural('exercise', row['solve'])} {', '.join(row['solve'])}{note}")
    if "chapter" in row:
        chapter = _chapter(row["chapter"])
        return Row(chapter.minutes, f"the whole of {_chapters([row['chapter']])}{note}")
    return Row(row["minutes"], row["what"])


def reading(chapter: Chapter) -> int:
    """Minutes of a chapter without its exercises."""
    return chapter.minutes - sum(entry.minutes for entry in chapter.exercises)


def slides_of_lecture(number: str) -> int:
    """How many slides of a chapter are in the guest lecture."""
    (source,) = SOURCES.glob(f"{number}_*.py")
    return len(LECTURE_MARK.findall(source.read_text(encoding="utf-8")))


def _chapter(number: str) -> Chapter:
    return {chapter.number: chapter for chapter in chapters()}[number]


def _chapters(numbers: list[str]) -> str:
    shown = [str(int(number)) for number in numbers]
    return f"{_plural('chapter', shown)} {', '.join(shown)}"


def timetables_page() -> str:
    content = _read("timetables.yaml")
    lines = [MADE.format(source="timetables.yaml"), "# Timetables", content["opening"].strip()]
    for plan in content["plans"]:
        lines += _plan(plan)
    lines += ["## The course in numbers", _numbers()]
    lines += ["## What goes wrong in the room", _points(content["in_the_room"])]
    return "\n\n".join(lines) + "\n"


def _plan(plan: dict) -> Iterator[str]:
    parts = sessions(plan)
    yield f"## {plan['name']}"
    yield plan["for"].strip()
    yield "**Prepare.**"
    yield _points(plan["prepare"])
    for part in parts:
        if len(parts) > 1:
            yield f"### {part.name}"
        yield _table(part)
    if home := plan.get("home"):
        yield "### At home"
        yield _homework(plan, home)
    yield f"**Skip, if time is short.** {plan['skip'].strip()}"


def _points(points: list[str]) -> str:
    return "\n".join(f"- {point.strip()}" for point in points)


def _table(session: Session) -> str:
    lines = ["| minutes | |", "| ---: | --- |"]
    lines += [f"| {row.minutes} | {row.what} |" for row in session.rows]
    lines.append(f"| **{session.minutes}** | **together** |")
    return "\n".join(lines)


def at_home(plan: dict, week: int) -> int:
    """Minutes of the week's chapters that its session does not take."""
    done = plan["sessions"][week]["rows"]
    in_class = sum(_row(row).minutes for row in done if {"read", "solve", "chapter"} & set(row))
    return sum(_chapter(number).minutes for number in plan["home"][week]) - in_class


def _homework(plan: dict, home: list[list[str]]) -> str:
    lines = ["| week | finish | minutes |", "| --- | --- | ---: |"]
    minutes = [at_home(plan, week) for week in range(len(home))]
    for week, numbers in enumerate(home):
        lines.append(f"| {week + 1} | {_chapters(numbers)} | {minutes[week]} |")
    lines.append(f"| | **together** | **{sum(minutes)}** |")
    return "\n".join(lines)


def _numbers() -> str:
    lines = ["| chapter | reading | exercises | together |", "| --- | ---: | ---: | ---: |"]
    for chapter in chapters():
        solving = chapter.minutes - reading(chapter)
        number = len(chapter.exercises)
        solved = f"{solving} min ({number})" if number else "none"
        lines.append(
            f"| {chapter.title} | {reading(chapter)} min | {solved} | {chapter.minutes} min |"
        )
    total = sum(chapter.minutes for chapter in chapters())
    lines.append(f"| **all** | | | **{total} min, {total / HOUR:.0f} hours** |")
    return "\n".join(lines)


# The pages ----------------------------------------------------------------------------------------


def _read(name: str) -> Any:
    return yaml.safe_load((TEACHING / name).read_text(encoding="utf-8"))


def pages() -> dict[Path, str]:
    """Every page with its text."""
    made = {
        TEACHING / "objectives.md": objectives_page(),
        TEACHING / "timetables.md": timetables_page(),
    }
    for chapter in chapters():
        if chapter.exercises:
            made[TEACHING / "mistakes" / f"{chapter.number}.md"] = common_mistakes(chapter.number)
    return made


def main(
    check: Annotated[bool, typer.Option(help="Only say whether the pages are up to date")] = False,
) -> None:
    """Make the pages for teachers in docs/teaching."""
    stale = {
        path: text
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    names = [path.relative_to(ROOT).as_posix() for path in stale]
    if check and stale:
        print("Not what the course gives:", *names, sep="\n  ")
        print("Run: python -m vitcourse.workshop.teaching")
        raise SystemExit(1)
    for path, text in stale.items():
        path.parent.mkdir(exist_ok=True)
        with written_whole(path) as beside:
            beside.write_text(text, encoding="utf-8")
    print(
        *names, f"{len(names)} pages written." if names else "All pages are up to date.", sep="\n"
    )


if __name__ == "__main__":
    typer.run(main)
