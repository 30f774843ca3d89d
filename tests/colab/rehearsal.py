"""Run a notebook as Colab does: alone in an empty folder, fetching the course by its first cell."""

import json
import os
import re
import subprocess
import time
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from vitcourse.view.widgets import VIEW
from vitcourse.workshop import build, colab_cell

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
SOURCES = build.NOTEBOOKS / "source"
SECONDS_PER_CELL = 900

PEAK = """
from pathlib import Path
status = Path("/proc/self/status")  # Linux alone has it
if status.exists():
    print("peak:", status.read_text().split("VmHWM:")[1].split()[0])
"""


@dataclass
class Result:
    """How a notebook went."""

    name: str
    seconds: float = 0.0
    set_up: float = 0.0  # how many of them the first cell takes
    peak: int = 0  # bytes of the kernel; 0 where the system does not tell
    errors: list[str] = field(default_factory=list)  # what cells other than checks raised
    refused: list[str] = field(default_factory=list)  # exercises that a check refused
    undrawn: int = 0  # widgets for which Colab would not load their manager
    warnings: list[str] = field(default_factory=list)  # what was written to stderr
    said: str = ""  # what the first cell printed
    kept: list[str] = field(default_factory=list)  # files that the learner has afterwards


class Colab(NotebookClient):
    """A client with a person at the keyboard: there, answers are kept."""

    async def async_start_new_kernel_client(self, **arguments):
        client = await super().async_start_new_kernel_client(**arguments)
        client.allow_stdin = True
        return client


def archive(out: Path) -> Path:
    """The repository as GitHub hands it out at a tag: everything in one folder of a zip file."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in filter(None, listed.split("\0")):
            if (REPOSITORY / name).is_file():
                zipped.write(REPOSITORY / name, f"vitcourse-0/{name}")
    return out


def notebook(number: str, *, solved: bool, course: str) -> nbformat.NotebookNode:
    """A chapter from its source, for a first cell that fetches `course`."""
    (source,) = SOURCES.glob(f"{number}_*.py")
    made = (build.solution_notebook if solved else build.student_notebook)(source)
    (cell,) = filter(_is_set_up, made.cells)
    cell.source = colab_cell.source(course)
    return made


def run(
    name: str,
    notebook: nbformat.NotebookNode,
    python: str,
    folder: Path,
    startup: str = "",
    **environment: str,
) -> Result:
    """Run a notebook with the kernel of `python` in `folder`/content, after the code `startup`."""
    content = folder / "content"
    content.mkdir(parents=True)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    manager = AsyncKernelManager(
        kernel_name="colab",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(_kernels(python, folder))]),
    )
    client = Colab(
        notebook,
        km=manager,
        timeout=SECONDS_PER_CELL,
        allow_errors=True,
        resources={"metadata": {"path": str(content)}},
    )
    began = time.perf_counter()
    client.execute(env={**os.environ, **_surroundings(python, folder, startup), **environment})
    result = _judge(name, notebook)
    result.seconds = time.perf_counter() - began
    result.kept = sorted(path.name for path in content.glob("my_*"))
    return result


def _kernels(python: str, folder: Path) -> Path:
    kernel = folder / "kernels" / "colab" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    argv = [python, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": argv, "display_name": "Colab", "language": "python"}))
    return folder / "kernels"


def _surroundings(python: str, folder: Path, startup: str) -> dict[str, str]:
    """The environment variables, and a kernel that has imported google.colab before all else."""
    script = folder / "ipython" / "profile_default" / "startup" / "00-colab.py"
    script.parent.mkdir(parents=True)
    script.write_text(f"import google.colab\n{startup}", encoding="utf-8")
    paths = [str(HERE / "played"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": os.pathsep.join(paths),
        "PATH": os.pathsep.join([str(Path(python).parent), os.environ["PATH"]]),
        "COLAB_RELEASE_TAG": "release-colab_20260801",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "VITCOURSE_OFFLINE": "1",
    }


def _judge(name: str, notebook: nbformat.NotebookNode) -> Result:
    result = Result(name)
    for cell in notebook.cells:
        if _is_set_up(cell):
            result.set_up = _seconds(cell)
        for output in cell.get("outputs", []):
            _note(result, cell, output)
    return result


def _note(result: Result, cell: nbformat.NotebookNode, output: nbformat.NotebookNode) -> None:
    if output.output_type == "error":
        if "check" in cell.metadata and output.ename in ("NotYet", "Wrong"):
            result.refused.append(cell.metadata["check"])
        else:
            first = cell.source.strip().splitlines()[0]
            result.errors.append(f"{output.ename}: {output.evalue[:300]} (in: {first})")
    elif output.output_type == "stream" and output.name == "stderr":
        result.warnings.append(output.text)
    elif output.output_type == "stream":
        if _is_set_up(cell):
            result.said += output.text
        elif found := re.fullmatch(r"peak: (\d+)\n", output.text):
            result.peak = 1024 * int(found[1])
    elif VIEW in output.data and "colab" not in output.metadata.get(VIEW, {}):
        result.undrawn += 1


def _is_set_up(cell: nbformat.NotebookNode) -> bool:
    return colab_cell.TAG in cell.metadata.get("tags", [])


def _seconds(cell: nbformat.NotebookNode) -> float:
    """How long the cell ran, as nbclient has noted it."""
    noted = cell.metadata.execution
    began, ended = noted["iopub.execute_input"], noted["shell.execute_reply"]
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()
