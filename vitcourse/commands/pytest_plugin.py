"""Makes `pytest --nbval` speak to learners: their message, no banner, and a table at the end.

The verdicts are nbval's own, and are the same without this plugin. It is loaded in every pytest run
of the environment, so it imports nothing heavy.
"""

import os
import re
from pathlib import Path

import pytest

CHECK = re.compile(r"""^check\(\s*["'](?P<id>[\w.]+)["']""", re.MULTILINE)
BADGE = re.compile(r"\x1b\[[\d;]*m . \x1b\[0m ")  # the sign in front of a verdict
EMBEDDED_IMAGE = re.compile(r"base64,[A-Za-z0-9+/=\s]+")
CELL_SECONDS = 120.0  # nbval waits 2000 s for a dead kernel
RESULTS = pytest.StashKey[dict]()
ANSWERS = Path(__file__).parents[1] / "exercises" / "answers"
MISSING = "missing: no cell checks it"


def _is_cell(item) -> bool:
    return type(item).__name__ == "IPyNbCell"


def _exercise(item) -> str | None:
    found = CHECK.search(item.cell.source)
    return found["id"] if found else None


def pytest_configure(config) -> None:
    config.stash[RESULTS] = {}
    if getattr(config.option, "nbval", False) or getattr(config.option, "nbval_lax", False):
        # The stored outputs come from offline runs, and a test should not download hundreds of MB.
        os.environ.setdefault("VITCOURSE_OFFLINE", "1")
    if getattr(config.option, "nbval_cell_timeout", None) == 2000:
        config.option.nbval_cell_timeout = CELL_SECONDS


def pytest_collection_modifyitems(items) -> None:
    for item in filter(_is_cell, items):
        item.sanitize = _without_images(item.sanitize)
        if item.cell.execution_count is None:
            item.cell.outputs = []  # saved in the middle of a run: nothing to compare with


def _without_images(sanitize):
    """Compare what a figure says (its alt text), not how this machine drew it."""
    return lambda text: (
        EMBEDDED_IMAGE.sub("base64,", sanitize(text)) if isinstance(text, str) else text
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if not _is_cell(item) or call.when != "call":
        return
    report = outcome.get_result()
    exercise = _exercise(item)
    raised = _raised(item) if report.failed else None
    if raised:
        report.longrepr = raised["message"]
    results = item.config.stash[RESULTS].setdefault(item.path, {})
    if exercise:
        results[exercise] = _verdict(report, raised)
    elif marked := item.cell.metadata.get("exercise"):
        results.setdefault(marked, MISSING)  # until its check comes


def _raised(item) -> dict | None:
    """The error that the cell ended with: its type, and the lines to show."""
    for output in item.test_outputs or []:
        if output.output_type != "error":
            continue
        kind = output["ename"]
        if kind in ("NotYet", "Wrong"):
            return {"kind": kind, "message": BADGE.sub("", "\n".join(output["traceback"]))}
        first = output["evalue"].splitlines()[0] if output["evalue"] else ""
        return {
            "kind": kind,
            "message": f"This cell raised {kind}: {first}\n\n{item.cell.source}",
        }
    return None


def _verdict(report, raised) -> str:
    if report.passed:
        return "solved"
    if raised and raised["kind"] in ("NotYet", "Wrong"):
        return raised["message"].splitlines()[0].partition(": ")[2]
    return "not judged"


def _with_missing(results: dict[str, str]) -> dict[str, str]:
    """The verdicts on all exercises of the chapters that a notebook checks, in order."""
    chapters = {exercise.split(".")[0] for exercise in results}
    files = [path for chapter in chapters for path in ANSWERS.glob(f"ex_{chapter}_*.py")]
    known = {path.stem.removeprefix("ex_").replace("_", "."): MISSING for path in files}
    return dict(sorted((known | results).items(), key=_place))


def _place(item: tuple[str, str]) -> list[tuple[bool, int, str]]:
    """1.10 comes after 1.9; a teacher's own "A.1" after the course's."""
    return [(not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in item[0].split(".")]


def pytest_sessionfinish(session, exitstatus) -> None:
    """`vitcourse check` says "solved" only of whole chapters."""
    whole = os.environ.get("VITCOURSE_WHOLE_CHAPTERS") == "1"
    verdicts = [_with_missing(results) for results in session.config.stash[RESULTS].values()]
    if whole and exitstatus == 0 and any(MISSING in found.values() for found in verdicts):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config) -> None:
    for path, results in config.stash[RESULTS].items():
        if not (results := _with_missing(results)):
            continue
        terminalreporter.section(path.name)
        width = max(map(len, results))
        for exercise, verdict in results.items():
            colour = {"solved": "green", "not solved yet": "yellow"}.get(verdict, "red")
            terminalreporter.write(f"  {exercise:<{width}}  ")
            terminalreporter.write_line(verdict, **{colour: True})
        solved = sum(verdict == "solved" for verdict in results.values())
        terminalreporter.write_line(f"  {solved} of {len(results)} solved")
