"""How far a learner has come: chapter by chapter, how long is left, and what comes next."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from vitcourse.contents import Chapter, Entry, chapters
from vitcourse.learner import progress
from vitcourse.learner.kept import kept_exercises


@dataclass(frozen=True)
class Row:
    """A chapter: its exercises, each "solved", "tried" or "open", and what else is known of it."""

    chapter: Chapter
    states: dict[str, str]  # by the exercise's number
    quiz: str = ""  # "4 of 5"
    predictions: int = 0  # made and compared with what came out

    def numbers(self, state: str) -> list[str]:
        return [number for number, its in self.states.items() if its == state]

    @property
    def minutes_left(self) -> int:
        """The time that the course states, reading included, as far as exercises are unsolved.

        Nobody knows what has been read, so a chapter without exercises leaves nothing.
        """
        minutes = {entry.id: entry.minutes for entry in self.chapter.exercises}
        unsolved = sum(minutes[number] for number in minutes if self.states[number] != "solved")
        return round(self.chapter.minutes * unsolved / sum(minutes.values())) if minutes else 0


@dataclass(frozen=True)
class Overview:
    rows: list[Row]
    next: tuple[Chapter, Entry] | None  # None: all exercises are solved

    @property
    def summary(self) -> str:
        states = [state for row in self.rows for state in row.states.values()]
        minutes = sum(row.minutes_left for row in self.rows)
        left = f", about {duration(minutes)} left" if minutes else ""
        return f"{states.count('solved')} of {len(states)} exercises solved{left}."


def overview(folder: Path | None) -> Overview:
    """What the files of a learner's folder say; without a folder, everything is open."""
    record = progress.read(folder) if folder else {}
    kept = kept_exercises(folder) if folder else []
    tried = record.get("exercises", {})

    def state(number: str) -> str:
        if number in kept:
            return "solved"
        its = tried.get(number, {}).get("state")
        return its if its in ("solved", "tried") else "open"

    rows = [
        Row(
            chapter,
            {entry.id: state(entry.id) for entry in chapter.exercises},
            _quiz(record.get("quiz", {}).get(chapter.number, {})),
            _compared(record.get("predictions", {}), chapter.number),
        )
        for chapter in chapters()
    ]
    return Overview(rows, _next(rows, _last(tried, kept)))


def duration(minutes: int) -> str:
    """In steps of five minutes, and of a quarter of an hour from one hour on."""
    if minutes < 58:
        return f"{max(5, 5 * round(minutes / 5))} min"
    hours, quarters = divmod(round(minutes / 15), 4)
    return f"{hours} h" + (f" {15 * quarters} min" if quarters else "")


def link(chapter: Chapter, entry: Entry | None = None) -> str:
    """The address of a chapter or of an exercise in it, from a notebook beside it."""
    place = "#" + re.sub(" ", "-", entry.heading) if entry else ""
    return chapter.notebook + quote(place, safe="#:")


def _next(rows: list[Row], last: str | None) -> tuple[Chapter, Entry] | None:
    """The first unsolved exercise from the last one on, or else of all."""
    steps = [(row, entry) for row in rows for entry in row.chapter.exercises]
    numbers = [entry.id for _, entry in steps]
    start = numbers.index(last) if last in numbers else 0
    for row, entry in steps[start:] + steps[:start]:
        if row.states[entry.id] != "solved":
            return row.chapter, entry
    return None


def _last(tried: dict[str, dict], kept: list[str]) -> str | None:
    """The exercise that was worked on last, as far as is known."""
    times = {number: str(known["last"]) for number, known in tried.items() if "last" in known}
    if times:
        return max(times, key=lambda number: times[number])
    return kept[-1] if kept else None


def _quiz(known: dict[str, Any]) -> str:
    right, of = known.get("right"), known.get("of")
    return f"{right} of {of}" if isinstance(right, int) and isinstance(of, int) else ""


def _compared(predictions: dict[str, dict], chapter: str) -> int:
    mine = [known for key, known in predictions.items() if key.startswith(f"{chapter}-")]
    return sum(bool(known.get("compared")) for known in mine)
