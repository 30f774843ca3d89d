"""What is noted of an exercise in `my_progress.json`: tries, hints read, solved or not."""

from datetime import UTC, datetime
from pathlib import Path

from vitcourse.exercises.engine import NotYet
from vitcourse.learner.kernel import workplace
from vitcourse.learner.progress import change, noted

SECTION = "exercises"
HINTS = (1, 2, 3)


def note_try(exercise_id: str, verdict: Exception | None = None, hint: int = 0) -> None:
    """After a check: what it said (None: solved), and the hint that was shown with it.

    A stub that is still a stub is no try, and neither is asking for a hint. What was solved once
    stays solved, until it is reset.
    """
    is_try = verdict is None or not (hint or isinstance(verdict, NotYet))
    folder = workplace()
    if folder is None or not (is_try or hint):
        return

    def add(known: dict) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        known.update(last=now, first=known.get("first", now))
        if verdict and hint:
            known["hints"] = sorted({hint, *known.get("hints", [])})
        if is_try:
            known["tries"] = known.get("tries", 0) + 1
            known["state"] = "solved" if verdict is None else known.get("state", "tried")
            known["verdict"] = "solved" if verdict is None else _what_it_said(verdict)

    change(folder, SECTION, exercise_id, add)


def note_reset(exercise_id: str, folder: Path) -> None:
    """After a reset it is no longer solved; the hints stay read."""

    def take_back(known: dict) -> None:
        if known.get("state") == "solved":
            known["state"] = "tried"

    change(folder, SECTION, exercise_id, take_back)


def hints_to_read(exercise_id: str) -> list[int]:
    """The hints that were not shown yet, if a person works here; else all."""
    known = noted(SECTION, exercise_id) or {}
    return [hint for hint in HINTS if hint not in known.get("hints", [])]


def _what_it_said(verdict: Exception) -> str:
    """ "1.2 patchify: wrong (plain reshape)\\n..." -> "wrong (plain reshape)"."""
    return str(verdict).partition("\n")[0].partition(": ")[2]
