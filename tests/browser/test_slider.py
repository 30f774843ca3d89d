"""The slider in JupyterLab: keys, what it says, what it sends, and how it looks."""

import nbformat
import pytest

from tests.browser.test_explorer import faults_of
from tests.browser.test_in_jupyterlab import (  # noqa: F401
    Notebook,
    browser,
    playwright,
    pytestmark,
    server,
)

CELLS = [
    "# %% a cell above\npass",
    """import torch
from vitcourse.view import patch_size_slider
photo = torch.rand(3, 56, 56)
patch_size_slider(photo, {p: photo for p in (4, 7, 8, 14, 28)}, embed_dim=192, start=8)""",
    "pass",
    "pass",
    "pass",
    "pass",
]
SLIDER = 1
# The notebook as its author knows it: nothing of it may change.
STATE = """() => {
    const { content } = jupyterapp.shell.currentWidget;
    return JSON.stringify([content.activeCellIndex, content.mode, content.widgets.map(cell =>
        [cell.model.type, cell.model.sharedModel.getSource(), cell.inputHidden])]);
}"""
# All single keys that mean something to JupyterLab anywhere, with Shift or without.
KEYS = """() => [...new Set(jupyterapp.commands.keyBindings
    .filter(binding => binding.keys.length <= 2 && !/Accel|Ctrl|Alt|Cmd/.test(binding.keys.join()))
    .flatMap(binding => binding.keys).map(key => key.replace(" ", "+")))]"""
NATIVE = {"ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"}


@pytest.fixture(scope="module")
def slider(browser, server):  # noqa: F811
    """A notebook with a slider, run, in sight; and its input."""
    address, folder, _ = server
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / "slider.ipynb")
    opened = Notebook(browser, address, "slider.ipynb")
    opened.run_cell(SLIDER)
    opened.show_cell(SLIDER)
    opened.slider = opened.page.get_by_role("slider", name="patch size P")
    opened.slider.wait_for()
    yield opened
    opened.page.close()


def shown(page) -> str:
    """The alternative text of the one picture that can be seen."""
    (picture,) = page.locator(".vitcourse-slider img:visible").all()
    return picture.get_attribute("alt")


def test_it_says_the_value_and_shows_its_picture_without_the_kernel(slider):
    page = slider.page
    page.evaluate(
        """() => { window.sent = 0; const kernel =
            jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            kernel.anyMessage.connect((_, m) => { window.sent += m.direction === "send" }) }"""
    )
    slider.slider.focus()
    value = page.locator(".vitcourse-slider-value")
    for key, said in (
        ("Home", "4"),
        ("ArrowRight", "7"),
        ("ArrowUp", "8"),
        ("ArrowLeft", "7"),
        ("ArrowDown", "4"),
        ("ArrowDown", "4"),  # the end
        ("End", "28"),
    ):
        page.keyboard.press(key)
        assert slider.slider.get_attribute("aria-valuetext") == said
        assert value.inner_text() == said
        assert f"P = {said}: " in shown(page)
    assert page.evaluate("window.sent") == 0


def test_its_height_stays_so_that_nothing_below_jumps(slider):
    slider.slider.focus()
    heights = set()
    for _ in range(5):
        slider.page.keyboard.press("ArrowLeft")
        heights.add(slider.page.locator(".vitcourse-slider").bounding_box()["height"])
    assert len(heights) == 1


def test_all_of_jupyterlabs_keys_stay_in_it(slider):
    page = slider.page
    keys = [key for key in page.evaluate(KEYS) if key not in ("Tab", "Shift+Tab")]
    assert {"A", "B", "C", "D", "M", "R", "X", "Y", "Z", "J", "K"} <= set(keys)
    slider.run("notebook:enter-command-mode")
    slider.slider.focus()
    before = page.evaluate(STATE)
    for key in [*keys, *(key.lower() for key in keys if len(key) == 1), *NATIVE]:
        page.keyboard.press(key)
        page.keyboard.press(key)  # dd deletes a cell, 00 restarts the kernel
        assert page.evaluate(STATE) == before, key
        assert page.locator(".jp-Dialog").count() == 0, key
        assert page.evaluate("document.activeElement.type") == "range", key


def test_tab_leaves_it_both_ways(slider):
    for key in ("Tab", "Shift+Tab"):
        slider.slider.focus()
        slider.page.keyboard.press(key)
        assert slider.page.evaluate("!document.activeElement.closest('.vitcourse-slider')")


@pytest.mark.parametrize(
    "theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"]
)
def test_every_theme_has_contrast_and_names(slider, theme):
    slider.run("apputils:change-theme", theme=theme)
    light = str(theme.endswith("Light")).lower()
    slider.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
    slider.show_cell(SLIDER)
    slider.slider.focus()
    slider.page.keyboard.press("ArrowRight")
    slider.screenshot(f"slider_{theme.removeprefix('JupyterLab ').replace(' ', '_')}")
    assert faults_of(slider.page, ".vitcourse-slider") == []


def test_at_twice_the_size_nothing_is_cut_off(browser, server):  # noqa: F811
    notebook = Notebook(browser, server[0], "slider.ipynb", zoom=2.0)
    notebook.run_cell(SLIDER)
    notebook.show_cell(SLIDER)
    page = notebook.page
    page.get_by_role("slider").wait_for()
    notebook.screenshot("slider_twice")
    wide = """([inner, outer]) => document.querySelector(inner).scrollWidth
        <= document.querySelector(outer).clientWidth"""
    assert page.evaluate(wide, [".vitcourse-slider", ".vitcourse-living"])
    page.close()
