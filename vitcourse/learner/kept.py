"""`my_vit.py` from outside: what its files are called, and which exercises are in it.

`vitcourse.exercises.keep` writes it. This needs no torch, so that commands may ask quickly.
"""

import contextlib
import re
from pathlib import Path

from vitcourse.contents import number_of

FILE, OLDER = "my_vit.py", "my_vit_older.py"
BEGIN = re.compile(r"^# -{4} (\d+\.\d+) (\w*).*$")
END = re.compile(r"^# -{4} end of (\d+\.\d+) -{4}$")


def section(line: str) -> str | None:
    """The number of the exercise whose section begins in this line, if one does.

    Names count more than numbers, which change when the course gets an exercise before others.
    """
    found = BEGIN.match(line)
    return found and (number_of(found[2]) or found[1])


def kept_exercises(folder: Path) -> list[str]:
    """The numbers of the exercises that are solved in a folder's `my_vit.py`, in its order."""
    with contextlib.suppress(OSError):
        lines = (folder / FILE).read_text(encoding="utf-8", errors="replace").splitlines()
        return [number for line in lines if (number := section(line))]
    return []
