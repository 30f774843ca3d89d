"""What long experiments have measured, stored so that notebooks can show it at once.

Each file here is written by the command that its entry "made_by" names.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def stored(name: str) -> dict[str, Any]:
    """What is stored under this name, as in stored("architectures").

    Raises ValueError, with the names that there are, if it is none of them.
    """
    names = sorted(path.stem for path in FOLDER.glob("*.json"))
    if name not in names:
        raise ValueError(f"name={name!r}: nothing is stored under it; give one of {names}")
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def by_amount(runs: Sequence[dict], line: str, question: str) -> dict[str, dict[str, list[float]]]:
    """The right answers of several runs, as `view.draw_by_amount` takes them: a share for each.

    The result is {line: {amount of scenes: [a share for each run]}}, from few scenes to endless
    ones. `line` is the entry of a run that says whose it is, such as "network".
    """
    found: dict[str, dict[str, list[float]]] = {}
    for run in sorted(runs, key=lambda run: run["scenes"] or float("inf")):
        amount = f"{run['scenes']:,}" if run["scenes"] else "endless"
        found.setdefault(run[line], {}).setdefault(amount, []).append(run["others"][question])
    return found
