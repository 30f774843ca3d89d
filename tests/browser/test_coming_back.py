"""A notebook that is opened again shows the widget or its still in every state, never an error.

Exports are in test_exports.py.
"""

import json

import nbformat
import pytest

from tests.browser.test_in_jupyterlab import (  # noqa: F401
    MINUTE,
    Notebook,
    browser,
    playwright,
    pytestmark,
    server,
)

CELLS = [
    """import matplotlib.pyplot as plt, torch
from vitcourse import show
from vitcourse.view import picture_slider
from vitcourse.view.explorer import explorer
from vitcourse.view.figure import still
def drawn(title):
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.set_title(title)
    return figure
pictures = {v: still(drawn(v), f"A figure that says {v}.", v) for v in ("16", "8")}
attention = torch.rand(1, 2, 5, 5).softmax(-1)""",
    'show(drawn("a figure"), alt="An empty figure.")',
    'picture_slider(pictures, "patch size", "8")',
    "explorer(torch.zeros(3, 8, 8, dtype=torch.uint8), attention, (2, 2))",
    'from IPython.display import display\ndisplay(picture_slider(pictures, "again", "8"))\n'
    'print("printed after it")\ndisplay(picture_slider(pictures, "twice", "16"))',
    """from vitcourse.view import position_explorer
position_explorer({"one": torch.eye(4)}, (2, 2))""",
    """from vitcourse.view import attention_stepper
attention_stepper(*torch.ones(3, 2, 2), ["a", "b"])""",
]
SLIDER, EXPLORER, TWICE, POSITIONS, STEPPER = 2, 3, 4, 5, 6  # which of them
LIVES, STILL = ["lives"], ["still"]

# What can be seen below a cell: "still" and "lives", once for each, and whatever should not be.
SEEN = """i => {
    const output = jupyterapp.shell.currentWidget.content.widgets[i].outputArea.node;
    const seen = [];
    for (const [name, what] of [
        ["still", ".vitcourse-still, .vitcourse-positions img"],
        ["lives", ".vitcourse-living, .vitcourse-positions [role=grid], .vit-steps"],
    ])
        for (const node of output.querySelectorAll(what))
            if (node.checkVisibility() && node.getBoundingClientRect().height > 20) seen.push(name);
    const text = output.innerText;
    if (/error|loading|not found/i.test(text)) seen.push(text);
    return seen.sort();
}"""


def stored(folder, name: str, **metadata) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}, **metadata},
    )
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / name)


def comes(notebook: Notebook, cell: int, seen: list[str]) -> None:
    """Wait until exactly this can be seen below a cell, and a moment longer."""
    notebook.show_cell(cell)
    wait = f"([i, seen]) => JSON.stringify(({SEEN})(i)) === seen"
    text = json.dumps(seen, separators=(",", ":"))
    try:
        notebook.page.wait_for_function(wait, arg=[cell, text], timeout=MINUTE / 3)
        notebook.page.wait_for_timeout(300)
    finally:
        assert notebook.page.evaluate(SEEN, cell) == seen


def everywhere(notebook: Notebook, seen: list[str], scripts: bool = True) -> None:
    """The same below all widgets; those of chapters 3 and 4 need only `scripts`, no kernel."""
    comes(notebook, SLIDER, seen)
    comes(notebook, EXPLORER, seen)
    comes(notebook, TWICE, 2 * seen)
    assert "printed after it" in notebook.page.evaluate(
        "i => jupyterapp.shell.currentWidget.content.widgets[i].outputArea.node.innerText", TWICE
    )
    comes(notebook, POSITIONS, LIVES if scripts else STILL)
    comes(notebook, STEPPER, LIVES if scripts else [])  # its still is the same table


def saved(notebook: Notebook) -> None:
    notebook.run("docmanager:save")
    notebook.page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")


def shut_down(notebook: Notebook) -> None:
    notebook.page.evaluate("jupyterapp.serviceManager.sessions.shutdownAll()")


@pytest.fixture(scope="module")
def run_and_saved(browser, server):  # noqa: F811
    """The file of a notebook that was run and saved, its kernel still alive."""
    stored(server[1], "again.ipynb")
    notebook = Notebook(browser, server[0], "again.ipynb")
    notebook.run("notebook:run-all-cells")
    everywhere(notebook, LIVES)
    saved(notebook)
    notebook.screenshot("coming_back_lives")
    notebook.page.close()
    return server[1] / "again.ipynb"


def test_opened_again_while_the_kernel_lives_and_after_its_restart(browser, server, run_and_saved):  # noqa: F811
    notebook = Notebook(browser, server[0], "again.ipynb")
    everywhere(notebook, LIVES)
    notebook.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    notebook.page.wait_for_timeout(3000)
    everywhere(notebook, LIVES)
    saved(notebook)
    notebook.page.close()
    notebook = Notebook(browser, server[0], "again.ipynb")
    everywhere(notebook, STILL)
    notebook.page.close()


def test_opened_again_after_a_shut_down_it_can_be_run_again(browser, server, run_and_saved):  # noqa: F811
    notebook = Notebook(browser, server[0], "again.ipynb")
    shut_down(notebook)
    notebook.page.close()
    notebook = Notebook(browser, server[0], "again.ipynb")
    everywhere(notebook, STILL)
    notebook.screenshot("coming_back_still")
    notebook.run("notebook:run-all-cells")
    everywhere(notebook, LIVES)
    notebook.page.close()


def test_an_untrusted_copy_and_when_it_is_trusted(browser, server, run_and_saved):  # noqa: F811
    copy = nbformat.read(run_and_saved, as_version=4)
    copy.metadata["copied"] = True  # its signature is another one
    nbformat.write(copy, run_and_saved.with_name("copy.ipynb"))
    notebook = Notebook(browser, server[0], "copy.ipynb")
    trusted = "jupyterapp.shell.currentWidget.content.widgets[2].model.trusted"
    assert not notebook.page.evaluate(trusted)
    everywhere(notebook, STILL, scripts=False)
    notebook.page.evaluate("void jupyterapp.commands.execute('notebook:trust')")
    notebook.page.locator(".jp-Dialog button.jp-mod-accept").click()
    notebook.page.wait_for_function(trusted)
    everywhere(notebook, STILL)
    notebook.page.close()


def test_opened_without_a_kernel(browser, server, run_and_saved):  # noqa: F811
    notebook = Notebook(browser, server[0], "again.ipynb")
    shut_down(notebook)
    notebook.page.evaluate("jupyterapp.shell.currentWidget.close()")
    notebook.page.evaluate(
        """() => jupyterapp.commands.execute("docmanager:open", {
            path: "again.ipynb", factory: "Notebook",
            kernelPreference: { shouldStart: false, canStart: false, autoStartDefault: false } })"""
    )
    notebook.page.wait_for_function(
        "jupyterapp.shell.currentWidget?.content?.widgets?.length > 5", timeout=MINUTE
    )
    assert not notebook.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session")
    everywhere(notebook, STILL)
    notebook.page.close()
