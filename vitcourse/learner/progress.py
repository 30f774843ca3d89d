"""What a learner has done, in `my_progress.json` beside `my_vit.py`.

The file has sections ("exercises", "predictions", "quiz", ...), each a table: key -> what is known.
It is a memory, not the work: whoever deletes it loses tries, hints and results, and no answer.
"""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from vitcourse.files import written_whole
from vitcourse.learner.kernel import workplace

FILE = "my_progress.json"
SECONDS_TO_WAIT = 5  # for another notebook that is writing


def note(section: str, key: str, value: dict) -> None:
    """Keep `value` under `key`; what was kept there under other names stays.

    Keeps only where a person works (see `kernel.workplace`), and never raises: a note that cannot
    be written must not disturb whoever is learning.
    """

    if folder := workplace():
        change(folder, section, key, lambda known: known.update(value))


def noted(section: str, key: str) -> dict | None:
    """What was kept under `key`, or None."""
    folder = workplace()
    return read(folder).get(section, {}).get(key) if folder else None


def read(folder: Path) -> dict:
    """All sections of a folder's record; {} if there is none. A damaged file is set aside."""
    with contextlib.suppress(OSError):
        return _load(Path(folder) / FILE)
    return {}


def change(folder: Path, section: str, key: str, how: Callable[[dict], None]) -> None:
    """Let `how` change what is kept under `key`, while no other notebook writes. Never raises."""
    path = folder / FILE
    with (
        contextlib.suppress(Exception),
        FileLock(path.with_name(f".{FILE}.lock"), timeout=SECONDS_TO_WAIT),
    ):
        record = _load(path)
        how(record.setdefault(section, {}).setdefault(key, {}))
        text = json.dumps(record, indent=1, ensure_ascii=False)
        with written_whole(path) as beside:
            beside.write_text(text + "\n", encoding="utf-8", newline="\n")


def _load(path: Path) -> dict:
    """The record. Raises OSError if there is a file that can be neither read nor set aside."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        text = ""
    with contextlib.suppress(ValueError, RecursionError):
        record = json.loads(text)
        if _is_whole(record):
            return record
    path.rename(_free_name(path))
    return {}


def _is_whole(record) -> bool:
    """Tables of tables, as `note` writes them?"""
    if not isinstance(record, dict) or not all(isinstance(s, dict) for s in record.values()):
        return False
    return all(isinstance(value, dict) for table in record.values() for value in table.values())


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"my_progress_broken_{number}.json")).exists():
        number += 1
    return aside
