"""Begin an exercise again: the stub comes back, the answer is kept as an older one.

In a notebook it is `reset("4.2")`, in a terminal `python -m vitcourse reset 4.2`.
"""

import contextlib
import json
import re
import sys
from pathlib import Path

from vitcourse.exercises.cells import chapter_of, exercise_cells, read_notebook, source_of, stub
from vitcourse.exercises.engine import Exercise, all_exercises, find_exercise
from vitcourse.exercises.keep import cells_that_were_run, take_out
from vitcourse.exercises.tries import note_reset
from vitcourse.files import written_whole
from vitcourse.learner.kept import OLDER, kept_exercises
from vitcourse.learner.kernel import shell, workplace
from vitcourse.learner.notebook_files import back_up, learners_notebook

# In a notebook -----------------------------------------------------------------------------------


def reset(exercise_id: str) -> None:
    """Begin an exercise again: this cell becomes the stub. Your answer stays in `my_vit_older.py`.

    Raises WrongUse for a number that does not exist.
    """
    exercise = find_exercise(exercise_id)
    folder = workplace()
    if folder is None:
        print(f"{exercise.label}: not reset, because nobody is at the keyboard.")
        return
    namespace = sys._getframe(1).f_globals
    answers = [*_saved_answers(exercise, folder), *_answer_that_was_run(exercise)]
    is_kept = bool(answers) or exercise_id in kept_exercises(folder)
    problem = take_out(exercise, folder, answers)
    note_reset(exercise_id, folder)
    mine = namespace.pop(exercise.name, exercise.reference)
    if mine is not exercise.reference:
        namespace[f"my_{exercise.name}"] = mine
    shell().set_next_input(stub(exercise_id), replace=True)
    said = f"{exercise.label}: this cell is now the stub."
    print(said + (f" What you had is in {OLDER}." if is_kept else ""))
    if problem:
        print(problem)


def _saved_answers(exercise: Exercise, folder: Path) -> list[str]:
    """What the saved notebook has as an answer, if it is more than the stub."""
    with contextlib.suppress(ValueError, OSError):
        notebook = read_notebook(learners_notebook(chapter_of(exercise.id), folder))
        return _answers(notebook, exercise.id)
    return []


def _answer_that_was_run(exercise: Exercise) -> list[str]:
    """The cell that defined the answer last, if it was more than the stub."""
    defines = re.compile(rf"^(?:def|class)\s+{exercise.name}\b|^{exercise.name}\s*=", re.MULTILINE)
    cells = [cell for cell in cells_that_were_run() if defines.search(cell)]
    return [cell for cell in cells[-1:] if cell.strip() != stub(exercise.id).strip()]


def _answers(notebook: dict, exercise_id: str) -> list[str]:
    sources = [source_of(cell).strip() for cell in exercise_cells(notebook, exercise_id)]
    call = re.compile(r"^(vitcourse\.)?reset\([^)]*\)$")
    untouched = stub(exercise_id).strip()
    return [s for s in sources if s and s != untouched and not call.match(s)]


# In a terminal -----------------------------------------------------------------------------------


def exercises_meant(wanted: str) -> list[Exercise]:
    """ "4.2" means one exercise, "04" all of a chapter.

    Raises ValueError for a number that does not exist.
    """
    if not wanted.isdecimal():
        return [find_exercise(wanted)]
    chapter = f"{int(wanted)}."
    found = [exercise for exercise in all_exercises() if exercise.id.startswith(chapter)]
    if not found:
        raise ValueError(f"{wanted!r}: there are no exercises in such a chapter")
    return found


def reset_in_file(wanted: str, folder: Path) -> str:
    """Put the stubs back into the learner's notebook; returns what there is to say.

    Raises ValueError if there is no such exercise, notebook or cell.
    """
    exercises = exercises_meant(wanted)
    path = learners_notebook(chapter_of(exercises[0].id), folder)
    notebook = read_notebook(path)
    kept = kept_exercises(path.parent)
    changed = [e for e in exercises if _answers(notebook, e.id) or e.id in kept]
    for exercise in exercises:
        if not exercise_cells(notebook, exercise.id):
            raise ValueError(
                f"{path} has no cell of exercise {exercise.id}: it was deleted, or another editor "
                "removed its metadata. A fresh copy of the notebook: rename yours, then "
                "python -m vitcourse lab"
            )
    if not changed:
        return f"{wanted}: nothing to reset, {path.name} has the stub."
    backup = back_up(path)
    answers = {exercise: _answers(notebook, exercise.id) for exercise in changed}
    for exercise in changed:
        _put_stub_back(notebook, exercise.id)
    with written_whole(path) as beside:
        text = json.dumps(notebook, indent=1, ensure_ascii=False)
        beside.write_text(text + "\n", encoding="utf-8", newline="\n")
    problems = [take_out(exercise, path.parent, answers[exercise]) for exercise in changed]
    for exercise in changed:
        note_reset(exercise.id, path.parent)
    lines = [f"{exercise.label}: the stub is back in {path.name}." for exercise in changed]
    lines += [
        f"What you had is in {OLDER}, and the notebook as it was in {backup}.",
        "If the notebook is open in JupyterLab, choose Reload Notebook from Disk in the File menu.",
    ]
    return "\n".join([*lines, *filter(None, problems)])


def _put_stub_back(notebook: dict, exercise_id: str) -> None:
    """The first of its cells becomes the stub; the others were split off it, and go."""
    first, *others = exercise_cells(notebook, exercise_id)
    source = stub(exercise_id)
    is_text = isinstance(first.get("source"), str)
    first["source"] = source if is_text else source.splitlines(keepends=True)
    first |= {"cell_type": "code", "outputs": [], "execution_count": None}
    first.pop("attachments", None)
    notebook["cells"] = [c for c in notebook["cells"] if not any(c is other for other in others)]
