"""Which folder a learner works in: a small file in the user's data directory."""

from __future__ import annotations

import json
from pathlib import Path

from vitcourse.files import written_whole


def path() -> Path:
    """Beside Jupyter's own files, so JUPYTER_DATA_DIR moves this one, too."""
    from jupyter_core.paths import jupyter_data_dir  # comes with jupyterlab

    return Path(jupyter_data_dir()) / "vitcourse" / "folders.json"


def folders() -> dict[Path, Path]:
    """The folder of each copy of the course, the one used last first; {} if nothing is known."""
    try:
        noted = json.loads(path().read_text(encoding="utf-8"))
        return {Path(course): Path(folder) for course, folder in reversed(noted)}
    except (OSError, ValueError, TypeError):  # missing or damaged: it is written anew
        return {}


def remember(course: Path, folder: Path) -> None:
    """Note that this copy of the course was used with `folder`. Raises OSError if it cannot."""
    known = {c: f for c, f in folders().items() if c != course}
    noted = [*reversed(known.items()), (course, folder)]
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as beside:
        text = json.dumps([[str(c), str(f)] for c, f in noted], indent=1, ensure_ascii=False)
        beside.write_text(text + "\n", encoding="utf-8")
