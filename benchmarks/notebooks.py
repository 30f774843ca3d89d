"""How long each notebook runs, how much memory its kernel takes, and which cells keep you waiting.

    python -m benchmarks.notebooks [00 07 ...] [--quick]

Runs the solutions as `notebooks/source` gives them, as if somebody sat there, one kernel at a time,
on one thread. Time is processor time, which is what a quiet machine takes. Memory is the most that
a kernel had at any moment: its resident set, and what the processes that it starts have for
themselves. Listed are the cells that take more than two seconds, and whether they show a bar.

Writes benchmarks/results/notebooks.json, and docs/notebooks.md as a table; chapters that were not
run keep what is there. `--quick` is VITCOURSE_QUICK=1, under which chapter 7 trains for a few steps
only; it writes nothing.
"""

import argparse
import json
import os
import platform
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
import psutil
import torch
from nbclient import NotebookClient

from vitcourse.files import written_whole
from vitcourse.workshop.build import NOTEBOOKS, solution_notebook

RESULTS = Path(__file__).parent / "results" / "notebooks.json"
TABLE = NOTEBOOKS.parent / "docs" / "notebooks.md"
LIMIT = 1.2e9  # bytes that a kernel may take
SLOW = 2.0  # seconds; a cell that takes longer shows a bar
SECONDS_BETWEEN_LOOKS = 0.02


@dataclass
class Run:
    """One notebook, from its first cell to its last."""

    seconds: float = 0.0
    clock: float = 0.0  # seconds by the clock; far more than `seconds`: the machine was busy
    peak: int = 0  # bytes
    slow: list[dict] = field(default_factory=list)  # cells: begins, seconds, bar


class Watch(threading.Thread):
    """The highest memory of a kernel and those that it starts, looked at again and again."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.kernel, self.ended, self.highest = psutil.Process(pid), threading.Event(), 0

    def run(self) -> None:
        while not self.ended.wait(SECONDS_BETWEEN_LOOKS):
            self.highest = max(self.highest, memory(self.kernel))

    def __enter__(self) -> "Watch":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.ended.set()
        self.join()


class Client(NotebookClient):
    """Notes the cells that show a bar, which only those do that somebody waits for."""

    def __init__(self, *args, **settings) -> None:
        super().__init__(*args, **settings)
        self.with_bar: set[int] = set()

    def process_message(self, msg: dict, cell: nbformat.NotebookNode, cell_index: int):
        if "<progress" in str(msg["content"].get("data", {}).get("text/html")):
            self.with_bar.add(cell_index)
        return super().process_message(msg, cell, cell_index)


def all_sources() -> list[Path]:
    return sorted((NOTEBOOKS / "source").glob("[0-9][0-9]_*.py"))


def memory(process: psutil.Process) -> int:
    """Bytes that a process takes, with what those that it started have and do not share."""
    total = 0
    try:
        total = process.memory_info().rss
        for helper in process.children(recursive=True):
            total += helper.memory_full_info().uss
    except psutil.Error:  # a helper has just ended
        pass
    return total


def processor_time(process: psutil.Process) -> float:
    """Seconds, with those of helpers that have ended."""
    times = process.cpu_times()
    helpers = getattr(times, "children_user", 0) + getattr(times, "children_system", 0)
    return times.user + times.system + helpers


def run_notebook(source: Path, quick: bool = False) -> Run:
    """Run the solutions of a chapter in a fresh kernel. Raises CellExecutionError as nbclient."""
    notebook = solution_notebook(source)
    environment = os.environ | {"VITCOURSE_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    environment |= {"VITCOURSE_QUICK": "1"} if quick else {}
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "solutions"  # where no answers are kept
        folder.mkdir()
        place = {"metadata": {"path": str(folder)}}
        client = Client(notebook, timeout=None, kernel_name="python3", resources=place)
        with client.setup_kernel(env=environment):
            client.kc.allow_stdin = True  # somebody is there
            with Watch(client.km.provisioner.pid) as watch:
                run = Run()
                for index, cell in enumerate(notebook.cells):
                    if cell.cell_type == "code":
                        _run_cell(client, watch.kernel, index, run)
                run.peak = watch.highest
    return run


def _run_cell(client: Client, kernel: psutil.Process, index: int, run: Run) -> None:
    cell = client.nb.cells[index]
    before, began = processor_time(kernel), time.perf_counter()
    client.execute_cell(cell, index)
    run.clock = round(run.clock + time.perf_counter() - began, 1)
    seconds = processor_time(kernel) - before
    run.seconds = round(run.seconds + seconds, 1)
    if seconds > SLOW:
        begins = cell.source.partition("\n")[0]
        shown = {"begins": begins, "seconds": round(seconds, 1), "bar": index in client.with_bar}
        run.slow.append(shown)


def table(content: dict) -> str:
    """The results in Markdown."""
    lines = [
        "# How long the notebooks run, and what they take",
        "",
        "Written by `python -m benchmarks.notebooks`; see there how it is measured.",
        f"Here: {content['machine']}, torch {content['torch']}, one thread.",
        "",
        "| notebook | seconds | memory of its kernel | cells of more than two seconds |",
        "| --- | --- | --- | --- |",
    ]
    for name, run in sorted(content["notebooks"].items()):
        slow = run["slow"]
        bars = sum(cell["bar"] for cell in slow)
        waits = f"{len(slow)}, {bars} with a bar" if slow else "none"
        lines.append(f"| {name} | {run['seconds']:.0f} | {run['peak'] / 1e9:.2f} GB | {waits} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notebooks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("numbers", nargs="*", help="chapters, such as 07; else all")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    content = {"notebooks": {}}
    if RESULTS.exists():
        content = json.loads(RESULTS.read_text(encoding="utf-8"))
    content |= {"machine": f"{platform.machine()}, {platform.system()}", "torch": torch.__version__}
    for source in all_sources():
        if arguments.numbers and source.stem[:2] not in arguments.numbers:
            continue
        run = run_notebook(source, arguments.quick)
        content["notebooks"][source.stem] = asdict(run)
        print(f"{source.stem:22}{run.seconds:7.1f} s{run.peak / 1e6:8.0f} MB", flush=True)
        for cell in run.slow:
            bar = "bar" if cell["bar"] else "   "
            print(f"    {cell['seconds']:6.1f} s  {bar}  {cell['begins'][:80]}")
        if not arguments.quick:
            _write(content)


def _write(content: dict) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    for path, text in ((RESULTS, json.dumps(content, indent=1) + "\n"), (TABLE, table(content))):
        with written_whole(path) as beside:
            beside.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
