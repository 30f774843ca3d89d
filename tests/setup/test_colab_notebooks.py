"""Notebooks on the kernel and the widgets that Colab has, which are older than what we ask for.

They lie in a folder in front of this environment. `python -m tests.colab` rehearses the rest, too:
Colab's Python and torch, all notebooks, and fetching the course.
"""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.colab import rehearsal
from vitcourse.view.widgets import VIEW

COLABS = ("ipykernel", "ipywidgets", "anywidget", "ipython", "traitlets")
WHAT_ITS_IPYTHON_NEEDS = ("backcall", "decorator", "ipython-genutils", "pickleshare")
UNREACHABLE = ("Failed to fetch", "error sending request", "dns error")
# The course is here already: what the first cell would type is only shown.
STARTUP = """
import sys
for absent in ("nbval", "jupyterlab"):
    sys.modules[absent] = None
get_ipython().system = print
"""
COURSE = "https://github.com/ada/vitcourse/archive/refs/tags/v0.1.0.zip"

pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="Colab's IPython is too old for this Python"
)


@pytest.fixture(scope="module")
def overlay(tmp_path_factory) -> Path:
    pytest.importorskip("uv", reason='needs uv: python -m pip install -e ".[authors]"')
    folder = tmp_path_factory.mktemp("overlay")
    lines = (rehearsal.HERE / "versions.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line.startswith(tuple(f"{name}==" for name in COLABS))]
    assert len(pins) == len(COLABS)
    command = [sys.executable, "-m", "uv", "pip", "install", "--no-deps", "--target", str(folder)]
    command += ["--python", sys.executable, *pins, *WHAT_ITS_IPYTHON_NEEDS]
    done = subprocess.run(command, capture_output=True, text=True)
    if any(sign in done.stderr for sign in UNREACHABLE):
        pytest.skip(f"the package index cannot be reached: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def run(overlay, tmp_path, monkeypatch):
    def run(notebook: nbformat.NotebookNode) -> rehearsal.Result:
        monkeypatch.setenv("PYTHONPATH", str(overlay))
        return rehearsal.run("", notebook, sys.executable, tmp_path, STARTUP, VITCOURSE_QUICK="1")

    return run


def assert_all_went_well(result: rehearsal.Result) -> None:
    assert result.errors == []
    assert result.undrawn == 0
    assert result.warnings == []


def test_it_is_colabs_kernel(run):
    code = "import ipykernel, ipywidgets; print(ipykernel.__version__, ipywidgets.__version__)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    assert_all_went_well(run(notebook))
    assert notebook.cells[0].outputs[0].text == "6.17.1 7.7.1\n"


def test_a_solved_chapter(run):
    """With a slider. Its answers are kept, and it is said for how long."""
    result = run(rehearsal.notebook("01", solved=True, course=COURSE))
    assert_all_went_well(result)
    assert result.refused == []
    assert f"pip install -q --no-deps {COURSE}" in result.said
    assert "until this session ends" in result.said
    assert "my_vit.py" in result.kept


def test_a_chapter_as_handed_out(run):
    """With a widget of its own. Whatever is not solved yet, no other cell fails."""
    notebook = rehearsal.notebook("04", solved=False, course=COURSE)
    checks = [cell.metadata["check"] for cell in notebook.cells if "check" in cell.metadata]
    result = run(notebook)
    assert_all_went_well(result)
    assert result.refused == checks


def test_the_explorer(run):
    code = "import vitcourse\nvitcourse.explain()"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    assert_all_went_well(run(notebook))
    views = [out for out in notebook.cells[0].outputs if VIEW in out.get("data", {})]
    assert len(views) == 1
