"""Notebook 01 in every state that learners save it in, judged by the real `pytest --nbval`.

Strict and lax, with the course's pytest plugin and without: the verdicts must be the same.
"""

import contextlib
import copy
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from benchmarks.notebooks import LIMIT, memory
from tests.answers import load
from vitcourse.exercises.bank import Answer
from vitcourse.exercises.engine import all_exercises

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NOTEBOOK = NOTEBOOKS / "01_patch_embedding.ipynb"
EXERCISES = [exercise for exercise in all_exercises() if exercise.id.startswith("1.")]
CHECKS = [exercise.id for exercise in EXERCISES]
FIRST, BAD, LOOPS = EXERCISES[:3]  # right, wrong by a known mistake, never finishing
MODES = {
    "strict": ["--nbval"],
    "lax": ["--nbval-lax"],
    "strict, no plugin": ["--nbval", "-p", "no:vitcourse"],
    "lax, no plugin": ["--nbval-lax", "-p", "no:vitcourse"],
}


def answers(kind: str) -> dict[str, Answer]:
    """One answer of this kind to each exercise: the last, so that it is not the course's own."""
    return {a.exercise: a for a in load("1") if a.kind == kind and a.name[0] not in "*i"}


RIGHT = {number: answer.code.strip() for number, answer in answers("right").items()}
WRONG = next(a for a in load(BAD.id) if a.kind == "wrong")  # the first known mistake
NAMED = {BAD.id: f"{BAD.label}: wrong ({WRONG.name})"}


def student_copy() -> nbformat.NotebookNode:
    """The notebook as handed out."""
    return nbformat.read(NOTEBOOK, as_version=4)


def solved(answers: dict[str, str]) -> nbformat.NotebookNode:
    """Without text and figures, which no verdict depends on, to save time."""
    notebook = student_copy()
    notebook.cells = [
        cell
        for cell in notebook.cells
        if {"exercise", "check"} & set(cell.metadata)
        or (cell.cell_type == "code" and "import " in cell.source)
    ]
    for cell in notebook.cells:
        if cell.metadata.get("exercise") in answers:
            cell.source = answers[cell.metadata["exercise"]]
    return notebook


def run_and_saved(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    notebook = copy.deepcopy(notebook)
    NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True).execute()
    return notebook


def saved_midway(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """As JupyterLab saves it during Run All: what still waits has no number and no output."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code[len(code) // 2 :]:
        cell.execution_count, cell.outputs = None, []
    return notebook


def with_kernel(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    notebook.metadata.kernelspec = {"name": name, "display_name": name, "language": "python"}
    return notebook


def states() -> dict[str, tuple[nbformat.NotebookNode, dict[str, str]]]:
    """Each state: the notebook, and the cells that must be red with a part of their message."""
    all_right = run_and_saved(solved(RIGHT))
    one_wrong = {**RIGHT, BAD.id: WRONG.code.strip()}
    wrong_saved = run_and_saved(solved(one_wrong))
    mended = copy.deepcopy(wrong_saved)
    for cell in mended.cells:
        if cell.metadata.get("exercise") == BAD.id:
            cell.source = RIGHT[BAD.id]
    loop = {**RIGHT, LOOPS.id: f"def {LOOPS.name}(*anything):\n    while True:\n        pass"}
    broken = {**RIGHT, BAD.id: f"def {BAD.name}(x:\n    return x"}
    deleted = solved(RIGHT)
    deleted.cells = [cell for cell in deleted.cells if cell.metadata.get("check") != BAD.id]
    return {
        "pristine": (student_copy(), dict.fromkeys(CHECKS, "not solved yet")),
        "one_right_one_wrong": (
            solved({FIRST.id: RIGHT[FIRST.id], BAD.id: WRONG.code.strip()}),
            {**dict.fromkeys(CHECKS[2:], "not solved yet"), **NAMED},
        ),
        "all_right": (solved(RIGHT), {}),
        "all_right_saved": (all_right, {}),
        "wrong_saved": (wrong_saved, NAMED),
        "mended_with_stale_outputs": (mended, {}),
        "saved_midway": (saved_midway(copy.deepcopy(wrong_saved)), NAMED),
        "syntax_error": (
            solved(broken),
            {
                f"cell of {BAD.id}": "SyntaxError",
                BAD.id: f"{BAD.label}: wrong (Python cannot read the cell)",
            },
        ),
        "endless_loop": (
            solved(loop),
            {LOOPS.id: f"{LOOPS.label}: wrong (it "},  # never finishes, or takes too long
        ),
        "check_deleted": (deleted, {}),
        "another_kernel": (with_kernel(solved(one_wrong), "somebody-elses-env"), NAMED),
    }


def judge(folder: Path, flags: list[str]) -> tuple[str, dict[str, dict[str, str]]]:
    """Run pytest on all notebooks of a folder: its output, and the red cells of each notebook."""
    report = folder / "-".join(["report", *flags]).replace(":", "-")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *flags, "--nbval-current-env", "-p", "no:cacheprovider"]
        + ["--rootdir", str(folder), "-c", "/dev/null", "--noconftest", "--color=no"]
        + [f"--junitxml={report}", *sorted(map(str, folder.glob("*.ipynb")))],
        capture_output=True,
        text=True,
        timeout=900,
    )
    red: dict[str, dict[str, str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        notebook = case.get("classname").removesuffix(".ipynb").rpartition(".")[2]
        cells = red.setdefault(notebook, {})
        for failure in [*case.iter("failure"), *case.iter("error")]:
            cells[case.get("name")] = f"{failure.get('message')}\n{failure.text}"
    return run.stdout + run.stderr, red


def label(notebook: nbformat.NotebookNode, cell_name: str) -> str:
    """'Cell 7' of nbval -> '1.2' for a check, 'cell of 1.2' for an answer, else 'Cell 7'."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    metadata = code[int(cell_name.removeprefix("Cell "))].metadata
    if "check" in metadata:
        return metadata["check"]
    return f"cell of {metadata['exercise']}" if "exercise" in metadata else cell_name


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("states")
    notebooks = states()
    for name, (notebook, _) in notebooks.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    with ThreadPoolExecutor(2) as pool:
        judged = dict(zip(MODES, pool.map(lambda f: judge(folder, f), MODES.values()), strict=True))
    return notebooks, judged


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "state",
    ["pristine", "one_right_one_wrong", "all_right", "all_right_saved", "wrong_saved"]
    + ["mended_with_stale_outputs", "saved_midway", "syntax_error", "endless_loop"]
    + ["check_deleted", "another_kernel"],
)
def test_verdict(verdicts, state, mode):
    notebooks, judged = verdicts
    output, red = judged[mode]
    assert state in red, output[-3000:]
    notebook, expected = notebooks[state]
    got = {label(notebook, cell): message for cell, message in red[state].items()}
    assert set(got) == set(expected), output[-5000:]
    for cell, part in expected.items():
        assert part in got[cell]


@pytest.mark.parametrize("mode", [mode for mode in MODES if "no plugin" not in mode])
def test_the_report_is_friendly(verdicts, mode):
    output, _ = verdicts[1][mode]
    assert "Notebook cell execution failed" not in output
    assert "Traceback" not in output
    table = output[output.index(" one_right_one_wrong.ipynb ") :]
    count = len(CHECKS)
    for line in (
        rf"{FIRST.id} +solved",
        rf"{BAD.id} +wrong \({re.escape(WRONG.name)}\)",
        rf"{LOOPS.id} +not solved yet",
        rf"1 of {count} solved",
    ):
        assert re.search(rf"^ *{line}$", table, re.MULTILINE), table
    assert f"{count} of {count} solved" in output
    table = output[output.index(" check_deleted.ipynb ") :]
    for line in (rf"{BAD.id} +missing: no cell checks it", rf"{count - 1} of {count} solved"):
        assert re.search(rf"^ *{line}$", table, re.MULTILINE), table


def test_stopped_midway_with_half_an_output(tmp_path):
    """nbval alone calls a cell with an output but no number an error; with the plugin it is run."""
    notebook = solved(RIGHT)
    cell = next(c for c in notebook.cells if c.metadata.get("check") == FIRST.id)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=FIRST.label[:7])]
    nbformat.write(notebook, tmp_path / "half.ipynb")
    assert judge(tmp_path, ["--nbval"])[1] == {"half": {}}


@pytest.mark.parametrize("mode", ["--nbval", "--nbval-lax"])
def test_nothing_large_is_downloaded(mode, tmp_path):
    cell = nbformat.v4.new_code_cell("import os; assert os.environ['VITCOURSE_OFFLINE'] == '1'")
    cell.execution_count = 1
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "small.ipynb")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", mode, "--nbval-current-env", "small.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        env={k: v for k, v in os.environ.items() if k != "VITCOURSE_OFFLINE"},
    )
    assert run.returncode == 0, run.stdout


def most_memory_of_a_kernel(run: subprocess.Popen) -> int:
    """Bytes of the largest kernel, with its helpers, that ran until the end."""
    runner, peak = psutil.Process(run.pid), 0
    while run.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            peak = max([peak, *map(memory, runner.children())])
        time.sleep(0.1)
    return peak


def test_the_solutions_are_green(tmp_path):
    """Plain and strict: what is stored in the solutions is what they print, in a quick run, too.

    No kernel takes more memory than leaves room for JupyterLab on Binder.
    """
    report = tmp_path / "report"
    with report.open("w", encoding="utf-8") as stream:
        run = subprocess.Popen(
            [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "--color=no"]
            + [str(NOTEBOOKS / "solutions")],
            stdout=stream,
            stderr=stream,
            env=os.environ | {"VITCOURSE_QUICK": "1"},
        )
        peak = most_memory_of_a_kernel(run)
    said = report.read_text(encoding="utf-8")
    assert run.returncode == 0, said[-5000:]
    assert 3e8 < peak <= LIMIT, f"{peak / 1e6:.0f} MB"  # torch alone takes more than 300
    exercises = [exercise.id for exercise in all_exercises()]
    counts = [tuple(map(int, two)) for two in re.findall(r"(\d+) of (\d+) solved", said)]
    assert all(solved == of for solved, of in counts)
    assert sum(solved for solved, _ in counts) == len(exercises)
