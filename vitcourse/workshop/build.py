"""One source, two notebooks: `python -m vitcourse.workshop.build`.

`notebooks/source/NN_name.py` (jupytext's py:percent) becomes
- `notebooks/solutions/NN_name.ipynb`, executed, with outputs, and
- `notebooks/NN_name.ipynb`, the student copy: no outputs, stubs instead of the solutions.

In the source, a code cell with `exercise="1.2"` holds an answer; the student copy leaves out its
lines between `### BEGIN SOLUTION` and `### END SOLUTION`. `check="1.2"` marks the cell that judges
it; a markdown cell tagged `solution` goes only to the solutions; what a code cell tagged
`this-machine` prints is not stored; the book leaves out cells tagged `notebook-only`. A line
`### Exercise 1.2` becomes a heading with the title, difficulty and minutes of the exercise. Above
and below each chapter come links to its neighbours; `minutes=75` on its first cell is how long it
takes. `vitcourse/contents.json` has all titles, answers and explanations.

Running a chapter can take minutes. Where only prose, comments or docstrings have changed,
`--keep-outputs` puts the stored outputs under the new text.

`--student` and `--nbgrader` build nothing in `notebooks`; see `release.py`.
"""

import ast
import base64
import json
import os
import re
from pathlib import Path
from typing import Annotated

import typer

try:
    import jupytext
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
except ImportError as missing:
    raise SystemExit(
        f'{missing}. Building the notebooks needs: python -m pip install -e ".[authors]"'
    ) from None

from vitcourse.exercises import find_exercise
from vitcourse.files import written_whole
from vitcourse.learner.update.cells import digest
from vitcourse.view.widgets import VIEW
from vitcourse.workshop import colab_cell, release
from vitcourse.workshop.contents import ANSWER_MARK, add_links, contents

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
README_PICTURE = NOTEBOOKS.parent / "docs" / "tour.webp"  # the first figure of the tour
SECONDS_PER_CELL = 300
FOR_SLIDES = ("slide", "slide_code", "lecture")  # marks of a source that no notebook needs
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
SOLUTION = re.compile(
    r"^(?P<indent>[ ]*)### BEGIN SOLUTION\n.*?^[ ]*### END SOLUTION\n?", re.MULTILINE | re.DOTALL
)
HEADING = re.compile(r"^### Exercise (\d+\.\d+)$", re.MULTILINE)
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def solution_notebook(source: Path) -> nbformat.NotebookNode:
    """The whole notebook, not executed."""
    notebook = _read(source)
    for cell in notebook.cells:
        cell.source = ANSWER_MARK.sub("", cell.source).rstrip()
    return _finish(notebook)


def student_notebook(source: Path) -> nbformat.NotebookNode:
    """The notebook as it is handed out: stubs for solutions, outputs never compared."""
    notebook = marked_notebook(source)
    for cell in notebook.cells:
        if exercise := cell.metadata.get("exercise"):
            stub = rf'\g<indent>raise NotImplementedError("exercise {exercise}")\n'
            cell.source = SOLUTION.sub(stub, cell.source)
        if cell.cell_type == "code":
            cell.source = cell.source.rstrip()
    return _finish(notebook)


def marked_notebook(source: Path) -> nbformat.NotebookNode:
    """The student's notebook with the solutions still in it, between their marks: for nbgrader."""
    notebook = _read(source)
    notebook.cells = [cell for cell in notebook.cells if "solution" not in _tags(cell)]
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        exercise = cell.metadata.get("exercise")
        if bool(exercise) != bool(SOLUTION.search(cell.source)):
            raise ValueError(
                f"{source.name}: a cell with exercise=... needs a SOLUTION region, and only such a "
                f"cell may have one:\n{cell.source[:200]}"
            )
        # Outputs stored below a student's cell are theirs; only what is raised counts.
        cell.metadata["tags"] = sorted({*_tags(cell), "nbval-ignore-output"})
    return _finish(notebook)


def execute(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """Run all cells in a fresh kernel of this environment; a hung kernel is tried once more."""
    # The same notebook whether this machine has published weights or not.
    environment = os.environ | {"VITCOURSE_OFFLINE": "1"}
    for attempt in (1, 2):
        run = nbformat.from_dict(notebook)
        client = NotebookClient(
            run,
            timeout=SECONDS_PER_CELL,
            kernel_name="python3",
            record_timing=False,
            store_widget_state=False,
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute(env=environment)
            return _normalise(run)
        except (CellTimeoutError, DeadKernelError):
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def _read(source: Path) -> nbformat.NotebookNode:
    notebook = jupytext.read(source)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = HEADING.sub(_heading, cell.source)
        check, exercise = cell.metadata.get("check"), cell.metadata.get("exercise")
        if exercise:
            cell.metadata["nbgrader"] = _nbgrader(f"exercise-{exercise}", solution=True)
        if check:
            cell.metadata["nbgrader"] = _nbgrader(f"check-{check}", grade=True, points=1)
    colab_cell.insert(notebook)
    add_links(notebook, source)
    return notebook


def _heading(found: re.Match) -> str:
    exercise = find_exercise(found[1])
    return (
        f"### Exercise {exercise.id}: {exercise.title}\n\n"
        f"*Difficulty {exercise.difficulty} of 5, about {exercise.minutes} minutes.*"
    )


def _nbgrader(grade_id: str, solution=False, grade=False, **points) -> dict:
    return {
        "schema_version": 3,
        "grade_id": grade_id.replace(".", "-"),
        "solution": solution,
        "grade": grade,
        "locked": grade,
        "task": False,
        **points,
    }


def with_stored_outputs(
    notebook: nbformat.NotebookNode, stored: nbformat.NotebookNode
) -> nbformat.NotebookNode:
    """The notebook with another's outputs. Raises ValueError unless both run the same code.

    The cell for Colab may differ: it does nothing here, so a new address needs no new run.
    """
    new, old = ([c for c in n.cells if c.cell_type == "code"] for n in (notebook, stored))
    if [_what_runs(cell) for cell in new] != [_what_runs(cell) for cell in old]:
        raise ValueError("code has changed, so the notebook must be run: build it as usual")
    for cell, before in zip(new, old, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return notebook


def _what_runs(cell: nbformat.NotebookNode) -> str:
    """What Python sees of a cell: no comments, no docstrings."""
    if colab_cell.TAG in _tags(cell):
        return colab_cell.TAG
    tree = ast.parse(cell.source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


def _finish(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same file for the same text: ids from contents, nothing of this machine in it."""
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        name = digest(cell.cell_type, cell.source)  # `vitcourse update` relies on it
        seen[name] = seen.get(name, 0) + 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
        kept = {name: value for name, value in cell.metadata.items() if name not in FOR_SLIDES}
        cell.metadata = nbformat.from_dict(dict(sorted(kept.items())))
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.v4.new_notebook(cells=notebook.cells, metadata=METADATA)


def _normalise(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Renumber widget ids, drop what depends on this machine; refuse stderr and addresses."""
    text = json.dumps(notebook.cells)
    widgets = dict.fromkeys(re.findall(r'"model_id": "([0-9a-f]{32})"', text))
    for number, model_id in enumerate(widgets, 1):
        text = text.replace(model_id, f"{number:032x}")
    cells = nbformat.from_dict(json.loads(text))
    for cell in cells:
        if "this-machine" in _tags(cell):
            cell.outputs = []
        if cell.cell_type == "code":  # a stored widget shows nothing, the still before it does
            cell.outputs = [o for o in cell.outputs if o.get("data", {}).keys() != {VIEW}]
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                raise ValueError(f"this cell writes to stderr: {output.text}\n{cell.source}")
            shown = output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
            if ADDRESS.search(shown):
                raise ValueError(f"this cell shows an address in memory: {shown}\n{cell.source}")
    return nbformat.v4.new_notebook(cells=cells, metadata=METADATA)


def _first_picture(notebook: nbformat.NotebookNode) -> bytes:
    found = next(re.finditer(r"base64,([^\"\\]+)", nbformat.writes(notebook)))
    return base64.b64decode(found[1])


def _tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def _without_outputs(path: Path) -> str:
    """The part of a stored notebook that the source decides."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.writes(notebook)


def _differences(source: Path) -> list[str]:
    """Names of the stored notebooks that differ from what `source` gives."""
    stale = []
    for path, make in (
        (NOTEBOOKS / "solutions" / f"{source.stem}.ipynb", solution_notebook),
        (NOTEBOOKS / f"{source.stem}.ipynb", student_notebook),
    ):
        made = nbformat.writes(make(source))
        if not path.exists() or _without_outputs(path) != made:
            stale.append(str(path.relative_to(NOTEBOOKS.parent)))
        elif make is student_notebook and path.read_text(encoding="utf-8") != made + "\n":
            stale.append(f"{path.relative_to(NOTEBOOKS.parent)} (it has outputs)")
    return stale


def _write(path: Path, notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    _write_text(path, nbformat.writes(notebook) + "\n")


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with written_whole(path) as beside:
        beside.write_text(text, encoding="utf-8")


def main(
    numbers: Annotated[
        list[str] | None, typer.Argument(help="Chapters, such as 01; else all")
    ] = None,
    check: Annotated[
        bool, typer.Option(help="Only say whether the notebooks are up to date")
    ] = False,
    keep_outputs: Annotated[
        bool, typer.Option(help="Do not run anything; refused where code has changed")
    ] = False,
    student: Annotated[
        Path | None,
        typer.Option(metavar="DIR|ZIP", help="Write a class's copy there, without solutions"),
    ] = None,
    nbgrader: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a course for nbgrader there")
    ] = None,
) -> None:
    """Build the student copies and the executed solutions from notebooks/source."""
    every = sorted((NOTEBOOKS / "source").glob("[0-9][0-9]_*.py"))
    sources = [source for source in every if not numbers or source.stem[:2] in numbers]
    if not sources:
        raise SystemExit(f"no chapter {numbers} in {NOTEBOOKS / 'source'}")
    if check:
        stale = [name for source in sources for name in _differences(source)]
        stale += _orphans()
        known = _contents_file()
        if not known.exists() or known.read_text(encoding="utf-8") != contents(every):
            stale.append(str(known.relative_to(NOTEBOOKS.parent)))
        if stale:
            print("Not what the source gives:", *stale, sep="\n  ")
            print("Run: python -m vitcourse.workshop.build")
            raise SystemExit(1)
        print(f"{len(sources)} chapters are what their source gives.")
        return
    try:
        if student or nbgrader:
            _hand_out(sources, student, nbgrader)
            return
        _write_text(_contents_file(), contents(every))  # some cells show it
        for source in sources:
            _build(source, keep_outputs)
    except OSError as error:
        why = f"{error.strerror or error} ({error.filename})"
        raise SystemExit(f"build: not finished: {why}. What was there is as it was.") from None


def _hand_out(sources: list[Path], student: Path | None, nbgrader: Path | None) -> None:
    """Write what a class gets, and what nbgrader releases."""
    if student:
        copies = {f"{source.stem}.ipynb": student_notebook(source) for source in sources}
        try:
            version, files = release.write_class_copy(student, NOTEBOOKS.parent, copies)
        except ValueError as error:
            raise SystemExit(f"build: {error}") from None
        print(f"{student}: version {version}, {files} files, {len(copies)} chapters, no solutions.")
    if nbgrader:
        marked = {f"{source.stem}.ipynb": marked_notebook(source) for source in sources}
        left = release.write_nbgrader_course(nbgrader, marked)
        print(f"{nbgrader}: {len(marked)} chapters for nbgrader.")
        if left:
            print("These differ and were left as they are:", *left, sep="\n  ")


def _contents_file() -> Path:
    return NOTEBOOKS.parent / "vitcourse" / "contents.json"


def _build(source: Path, keep_outputs: bool) -> None:
    """Write both notebooks of a chapter; the tour's first picture is also the README's."""
    solutions = NOTEBOOKS / "solutions"
    solutions.mkdir(exist_ok=True)
    if keep_outputs:
        stored = nbformat.read(solutions / f"{source.stem}.ipynb", as_version=4)
        try:
            executed = with_stored_outputs(solution_notebook(source), stored)
        except ValueError as error:
            raise SystemExit(f"{source.stem}: {error}") from None
    else:
        print(f"{source.stem}: running the solutions ...", flush=True)
        executed = execute(solution_notebook(source), solutions)
    _write(solutions / f"{source.stem}.ipynb", executed)
    if source.stem == "00_tour":
        README_PICTURE.parent.mkdir(exist_ok=True)
        with written_whole(README_PICTURE) as beside:
            beside.write_bytes(_first_picture(executed))
    _write(NOTEBOOKS / f"{source.stem}.ipynb", student_notebook(source))


def _orphans() -> list[str]:
    """Notebooks without a source."""
    sources = {path.stem for path in (NOTEBOOKS / "source").glob("*.py")}
    stored = [*NOTEBOOKS.glob("*.ipynb"), *(NOTEBOOKS / "solutions").glob("*.ipynb")]
    return [str(path.relative_to(NOTEBOOKS.parent)) for path in stored if path.stem not in sources]


if __name__ == "__main__":
    typer.run(main)
