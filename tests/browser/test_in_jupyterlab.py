"""What a learner does, in a real browser: open, run all, solve, see the verdict, move a slider.

Needs Chromium (Debian: `apt-get install chromium`) and playwright; skipped where they are missing.
With VITCOURSE_SCREENSHOTS=FOLDER the pages are kept as pictures to look at.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.answers import load  # noqa: E402
from tests.memory import Together  # noqa: E402
from vitcourse.commands.pytest_plugin import BADGE  # noqa: E402

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium on the PATH (Debian: apt-get install chromium)"
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
MINUTE = 60_000  # playwright counts milliseconds
BINDER = 1.6e9  # bytes for JupyterLab and a notebook; Binder stops both at 2 GB

# Reads from the notebook's model: JupyterLab draws only the cells that are in sight.
CELLS = """() => jupyterapp.shell.currentWidget.content.widgets.map(cell => ({
    type: cell.model.type,
    source: cell.model.sharedModel.getSource(),
    metadata: cell.model.metadata,
    count: cell.model.executionCount ?? null,
    outputs: cell.model.type == 'code' ? cell.model.outputs.toJSON() : [],
}))"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab, started as the README says: its address with the token, and the notebooks."""
    home = tmp_path_factory.mktemp("learner")
    config = home / "config"
    config.mkdir()
    (config / "jupyter_lab_config.py").write_text("c.LabApp.expose_app_in_browser = True\n")
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "VITCOURSE_QUICK": "1",
        "VITCOURSE_OFFLINE": "1",
    }
    log = home / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "vitcourse", "lab", "--no-browser"],
            cwd=home,
            env=environment,
            stdout=stream,
            stderr=stream,
        )
    try:
        yield wait_for_address(log, process), home / "my_notebooks", process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_for_address(log: Path, process: subprocess.Popen) -> str:
    for _ in range(240):
        found = re.search(r"http://(127\.0\.0\.1|localhost):\d+/\S*token=\w+", log.read_text())
        if found:
            return found[0]
        assert process.poll() is None, log.read_text()
        time.sleep(0.25)
    raise AssertionError(f"JupyterLab did not start: {log.read_text()}")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


class Notebook:
    """One notebook open in JupyterLab."""

    def __init__(self, browser, address: str, name: str, zoom: float = 1.0):
        # Zooming in is a smaller window with more device pixels for each pixel of the page.
        size = {"width": round(1280 / zoom), "height": round(900 / zoom)}
        self.page = browser.new_page(viewport=size, device_scale_factor=zoom)
        address = re.sub(r"/lab.*\?", f"/lab/tree/{name}?reset&", address)
        self.page.goto(address, timeout=2 * MINUTE)
        self.page.wait_for_function(
            f"""() => globalThis.jupyterapp?.shell.currentWidget?.title.label == '{name}'
                && jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status == 'idle'
                && jupyterapp.shell.currentWidget.content.widgets.length > 5""",
            timeout=2 * MINUTE,
        )

    def run(self, command: str, **arguments) -> None:
        self.page.evaluate(
            "([c, a]) => jupyterapp.commands.execute(c, a).catch(() => 0)", [command, arguments]
        )

    def cells(self) -> list[dict]:
        return self.page.evaluate(CELLS)

    def index(self, kind: str, exercise: str) -> int:
        return next(i for i, c in enumerate(self.cells()) if c["metadata"].get(kind) == exercise)

    def run_cell(self, index: int) -> dict:
        """Run one cell and wait for it; returns the cell."""
        self.page.evaluate(
            "i => { jupyterapp.shell.currentWidget.content.activeCellIndex = i }", index
        )
        self.run("notebook:run-cell")
        self.page.wait_for_function(
            """i => jupyterapp.shell.currentWidget.content.widgets[i].model.executionState == 'idle'
               && jupyterapp.shell.currentWidget.sessionContext.session.kernel.status == 'idle'""",
            arg=index,
            timeout=2 * MINUTE,
        )
        return self.cells()[index]

    def solve_and_run(self) -> list[dict]:
        """Write a right answer into each exercise, run all cells; returns them, all green."""
        for cell in self.cells():
            if exercise := cell["metadata"].get("exercise"):
                self.write(self.index("exercise", exercise), right(exercise))
        self.run("notebook:run-all-cells")
        cells = self.cells()
        assert all(cell["count"] for cell in cells if cell["type"] == "code")
        errors = [o for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]
        assert not errors
        return cells

    def write(self, index: int, source: str) -> None:
        self.page.evaluate(
            "([i, s]) => jupyterapp.shell.currentWidget.content.widgets[i]"
            ".model.sharedModel.setSource(s)",
            [index, source],
        )

    def screenshot(self, name: str) -> None:
        if folder := os.environ.get("VITCOURSE_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{name}.png")

    def show_cell(self, index: int) -> None:
        self.page.evaluate(
            """async i => {
                const notebook = jupyterapp.shell.currentWidget.content;
                notebook.activeCellIndex = i;
                await notebook.scrollToItem(i, 'start');
            }""",
            index,
        )
        self.page.wait_for_timeout(500)


def text_of(cell: dict) -> str:
    lines = []
    for output in cell["outputs"]:
        lines += [*output.get("traceback", []), output.get("text", "")]
    return BADGE.sub("", "\n".join("".join(line) for line in lines))


def passed(cell: dict) -> str:
    """What a check that was passed shows, in plain text."""
    return cell["outputs"][0]["data"]["text/plain"]


def right(exercise: str) -> str:
    """The answer of the solutions: parts that fit together in chapter 6."""
    chapter = f"{int(exercise.split('.')[0]):02}"
    (path,) = (NOTEBOOKS / "solutions").glob(f"{chapter}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "".join(next(c["source"] for c in cells if c["metadata"].get("exercise") == exercise))


@pytest.fixture(params=sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def opened(request, browser, server) -> Notebook:
    with Together(server[2]) as together:
        notebook = Notebook(browser, server[0], request.param)
        notebook.together = together
        yield notebook
        notebook.page.close()


def test_run_all_and_solve(opened):
    """Unsolved, Run All stops at the first check with a friendly message; solved, all is green."""
    name = opened.page.evaluate("jupyterapp.shell.currentWidget.title.label")[:2]
    opened.screenshot(f"{name}_opened")
    opened.run("notebook:run-all-cells")
    cells = opened.cells()
    checks = [cell["metadata"]["check"] for cell in cells if "check" in cell["metadata"]]
    if checks:  # an appendix has none
        first = opened.index("check", checks[0])
        message = text_of(cells[first])
        assert message.startswith(f"{checks[0]} ")
        assert "not solved yet" in message
        assert "Traceback" not in message
        assert all(cell["count"] is None for cell in cells[first + 1 :] if cell["type"] == "code")
        opened.show_cell(first - 1)
        opened.screenshot(f"{name}_unsolved")

    cells = opened.solve_and_run()
    for exercise in checks:
        assert passed(cells[opened.index("check", exercise)]).endswith(": solved")
    # Under the cells of the explorer lies a photograph that the grid of cells names.
    pictures = opened.page.locator(".jp-OutputArea img:not([role=grid][aria-label] img)")
    assert all(image.get_attribute("alt") for image in pictures.all())
    print(f"{name} and JupyterLab: {opened.together.highest / 1e6:.0f} MB at most")
    assert 5e8 < opened.together.highest < BINDER  # torch alone takes more than the first


def test_what_was_solved_is_kept_and_can_be_imported(browser, server):
    """Beside the notebooks lies a file of plain Python with the answers."""
    notebook = Notebook(browser, server[0], "01_patch_embedding.ipynb")
    notebook.solve_and_run()
    notebook.page.close()
    code = "import my_vit; print(my_vit.patchify, my_vit.PatchEmbedding)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=server[1], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "<function patchify" in done.stdout
    assert "my_vit.PatchEmbedding" in done.stdout


def test_a_wrong_answer_is_named_and_can_be_mended(browser, server):
    notebook = Notebook(browser, server[0], "01_patch_embedding.ipynb")
    code = next(i for i, cell in enumerate(notebook.cells()) if "versions()" in cell["source"])
    notebook.run_cell(code)
    notebook.write(notebook.index("exercise", "1.1"), right("1.1"))
    notebook.run_cell(notebook.index("exercise", "1.1"))
    wrong = next(
        a.code.strip() for a in load() if a.exercise == "1.2" and a.name == "plain reshape"
    )
    answer, check = notebook.index("exercise", "1.2"), notebook.index("check", "1.2")
    notebook.write(answer, wrong)
    notebook.run_cell(answer)
    assert "wrong (plain reshape)" in text_of(notebook.run_cell(check))
    notebook.show_cell(answer)
    notebook.screenshot("01_wrong")
    notebook.write(answer, right("1.2"))
    notebook.run_cell(answer)
    assert passed(notebook.run_cell(check)) == "1.2 patchify: solved"
    notebook.page.close()


@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_the_slider_moves_with_the_arrow_keys(browser, server, zoom):
    notebook = Notebook(browser, server[0], "01_patch_embedding.ipynb", zoom)
    cells = notebook.solve_and_run()
    slider = next(i for i, cell in enumerate(cells) if "patch_size_slider" in cell["source"])
    notebook.show_cell(slider)
    page = notebook.page
    handle = page.get_by_role("slider", name="patch size P")
    handle.wait_for(timeout=MINUTE)
    shown = page.locator(".vitcourse-slider img:visible")
    before = shown.get_attribute("alt")
    assert "P = 16: 14 x 14 = 196 patches" in before
    notebook.screenshot(f"01_slider_{zoom:g}")
    handle.focus()
    page.keyboard.press("ArrowRight")
    assert "P = 28: 8 x 8 = 64 patches" in shown.get_attribute("alt")
    assert shown.count() == 1
    notebook.screenshot(f"01_slider_moved_{zoom:g}")
    page.close()
