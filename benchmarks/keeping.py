"""Long experiments that write down each run as soon as it is done, and go on where they stopped."""

import json
from pathlib import Path
from typing import Any

import torch

from vitcourse.files import written_whole
from vitcourse.results import FOLDER


class Results:
    """A JSON file with settings and runs; without a path, nothing is written.

    Raises ValueError if the file holds runs under other settings.
    """

    def __init__(self, path: Path | None, made_by: str, settings: dict[str, Any]):
        self.path = path
        self.content: dict[str, Any] = {
            "made_by": made_by,
            "torch": torch.__version__,
            "settings": settings,
            "runs": [],
        }
        if path is None or not path.exists():
            return
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["settings"] != json.loads(json.dumps(settings)):
            raise ValueError(f"{path} holds runs with other settings; move it away to start afresh")
        self.content = found

    def has(self, **about: Any) -> bool:
        """Is there a run with all these entries?"""
        return any(about.items() <= run.items() for run in self.content["runs"])

    def add(self, run: dict[str, Any]) -> None:
        self.content["runs"].append(run)
        self.write()

    def write(self) -> None:
        if self.path is None:
            return
        with written_whole(self.path) as beside:
            beside.write_text(json.dumps(self.content, indent=1) + "\n", encoding="utf-8")


def stored_file(name: str) -> Path:
    """Where `vitcourse.results.stored(name)` finds it."""
    return FOLDER / f"{name}.json"
