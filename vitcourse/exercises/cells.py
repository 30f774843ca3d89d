"""The cells of an exercise in a notebook file, and the stub that the course handed out."""

import json
from pathlib import Path

from vitcourse.learner.notebook_files import course_notebooks, find_notebook


def read_notebook(path: Path) -> dict:
    """Raises ValueError if the file is no notebook."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(cell.get("metadata"), dict) for cell in notebook["cells"]):
            return notebook
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise ValueError(f"{path} is not a notebook, or it is damaged") from None


def exercise_cells(notebook: dict, exercise_id: str) -> list[dict]:
    """The cells with the answer, by what the course wrote into their metadata.

    There are several if somebody has split the cell: JupyterLab gives both halves the metadata.
    """
    grade_id = f"exercise-{exercise_id.replace('.', '-')}"
    return [cell for cell in notebook["cells"] if _is_of(cell["metadata"], exercise_id, grade_id)]


def _is_of(metadata: dict, exercise_id: str, grade_id: str) -> bool:
    nbgrader = metadata.get("nbgrader")
    by_grade = isinstance(nbgrader, dict) and nbgrader.get("grade_id") == grade_id
    return metadata.get("exercise") == exercise_id or by_grade


def source_of(cell: dict) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def stub(exercise_id: str) -> str:
    """The cell as the course hands it out."""
    original = find_notebook(chapter_of(exercise_id), course_notebooks())
    (cell,) = exercise_cells(read_notebook(original), exercise_id)
    return source_of(cell)


def chapter_of(exercise_id: str) -> str:
    """ "4.2" -> "04" """
    return exercise_id.partition(".")[0].zfill(2)
