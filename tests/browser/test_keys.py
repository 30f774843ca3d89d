"""Keys pressed in a widget stay there: JupyterLab's command mode would delete or change cells.

And the look of the same widgets: themes, zoom, focus. Needs Chromium, as the other tests here.
"""

import json

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

SETUP = """import torch
from vitcourse import lines, predict, quiz, view
from vitcourse.view.explorer import explorer
draw = torch.Generator().manual_seed(0)
photo = torch.rand(3, 24, 24, generator=draw)
table = torch.nn.functional.normalize(torch.randn(144, 4, generator=draw).double(), dim=1)
q, k, v = torch.randint(-2, 3, (3, 5, 4), generator=draw).float()
attention = torch.randn(2, 2, 17, 17, generator=draw).softmax(-1)
names = ["sky", "cloud", "roof", "door", "tree"]"""

WIDGETS = {  # the last line of a cell, and where the widget is
    "slider": (
        "view.patch_size_slider(photo, {4: photo, 6: photo, 8: photo}, 48, 6)",
        ".vitcourse-slider",
    ),
    "positions": (
        "view.position_explorer({'one': table @ table.T, 'two': -table @ table.T}, (12, 12))",
        ".vitcourse-positions",
    ),
    "stepper": ("view.attention_stepper(q, k, v, names)", ".vit-stepper"),
    "explorer": (
        "explorer((255 * photo).byte(), attention, (4, 4), flows={'mean': attention[0].mean(0)},"
        " ablate=lambda heads, patches: [('', 'cat', 0.9989)], classes=[('', 'cat', 0.9987)])",
        ".vx",
    ),
    "prediction": ("predict('00-one', 'Which?', ['this', 'that'])", ".vq"),
    "numbers": ("predict('00-two', 'How many?', rows=['a', 'b'])", ".vq"),
    "quiz": ("quiz('01')", ".vq"),
    "lines": ("lines('4.4')", ".vl"),
    "turning": ("view.turning_explorer()", ".vitcourse-turning"),
}
CELL = {name: 2 + number for number, name in enumerate(WIDGETS)}
THEMES = ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"]

STATE = """() => {
    const notebook = jupyterapp.shell.currentWidget.content;
    const cells = notebook.widgets.map(({ model }) => [model.type, model.sharedModel.getSource()]);
    return JSON.stringify([notebook.activeCellIndex, notebook.mode, cells]);
}"""

MOVES = {"ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown", "Space"}

# Ctrl and Cmd stay JupyterLab's in a widget, too: people save with them.
KEYS = """() => jupyterapp.commands.keyBindings
    .map(({ keys }) => keys.join(" ").replaceAll("Shift ", "Shift+"))
    .filter(keys => !/Ctrl|Cmd|Accel|Alt|Meta|\\bTab\\b|F\\d|Escape/.test(keys))"""


def open_notebook(browser, server, name: str, zoom: float = 1.0) -> Notebook:  # noqa: F811
    address, folder, _ = server
    sources = [SETUP, "pass", *(source for source, _ in WIDGETS.values()), "pass", "pass"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / name)
    opened = Notebook(browser, address, name, zoom)
    opened.run_cell(0)
    return opened


def show(notebook: Notebook, name: str):
    """The widget of this name, in sight; its cell is run the first time."""
    if notebook.cells()[CELL[name]]["count"] is None:
        notebook.run_cell(CELL[name])
    notebook.show_cell(CELL[name])
    cell = notebook.page.locator(".jp-Cell.jp-mod-active").element_handle()
    return cell.wait_for_selector(WIDGETS[name][1])


@pytest.fixture(scope="module")
def lab(browser, server):  # noqa: F811
    opened = open_notebook(browser, server, "widgets.ipynb")
    yield opened
    opened.page.close()


def controls(widget) -> list:
    """All that Tab reaches in a widget, and a few more."""
    found = widget.query_selector_all("button, input, select, summary, [tabindex='0']")
    return [one for one in found if one.is_enabled()]


def has_focus(widget) -> bool:
    return widget.evaluate("widget => widget.contains(document.activeElement)")


@pytest.mark.parametrize("name", WIDGETS)
def test_no_key_reaches_the_notebook(lab, name):
    """In each control: all keys that are commands to JupyterLab, all letters and digits."""
    page = lab.page
    widget = show(lab, name)
    bound = {keys for keys in page.evaluate(KEYS) if " " not in keys}
    assert {"R", "X", "J", "ArrowDown", "Enter"} <= bound
    letters = {*"abcdefghijklmnopqrstuvwxyz0123456789"}
    keys = sorted(letters | {key for key in bound if len(key) > 1} | MOVES)
    for details in widget.query_selector_all("details"):
        details.evaluate("element => { element.open = true }")
    before = page.evaluate(STATE)
    for control in controls(widget):
        if not control.is_visible():  # a quiz goes on
            continue
        control.focus()
        for key in keys:
            page.keyboard.press(key)
            page.keyboard.press(key)  # "D D", "I I" and "0 0" are commands, too
        what = control.evaluate("element => element.outerHTML.slice(0, 150)")
        assert has_focus(widget), what
        assert json.loads(page.evaluate(STATE)) == json.loads(before), what
        page.keyboard.press("Escape")  # may leave
        assert json.loads(page.evaluate(STATE)) == json.loads(before), what


@pytest.mark.parametrize("name", WIDGETS)
def test_tab_leaves_the_widget_and_the_focus_is_seen(lab, name):
    page = lab.page
    widget = show(lab, name)
    stops = controls(widget)
    stops[0].focus()
    seen = """() => {
        const here = document.activeElement;
        const rings = [here, here.nextElementSibling, here.closest("label")];
        return rings.filter(Boolean).map(element => getComputedStyle(element))
            .some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
    }"""
    for _ in range(len(stops) + 1):
        if not has_focus(widget):
            return
        page.keyboard.press("Shift")  # the last input was the keyboard: focus-visible
        assert page.evaluate(seen), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not leave the widget")


def change_theme(notebook: Notebook, theme: str) -> None:
    notebook.run("apputils:change-theme", theme=theme)
    notebook.page.wait_for_function(
        "theme => document.body.dataset.jpThemeName === theme", arg=theme
    )


@pytest.mark.parametrize("theme", THEMES)
def test_all_themes(lab, theme):
    """axe-core finds no fault, and what has a ground of its own has the theme's."""
    change_theme(lab, theme)
    for name, (_, selector) in WIDGETS.items():
        widget = show(lab, name)
        lab.screenshot(f"{name}_{theme}")
        assert faults_of(lab.page, f".jp-Cell.jp-mod-active {selector}") == [], name
        ground, page = widget.evaluate(
            """widget => [widget, document.querySelector('.jp-Notebook')]
                .map(element => getComputedStyle(element).backgroundColor)"""
        )
        if name in ("positions", "stepper", "explorer"):
            assert ground == page


def test_nothing_is_cut_off_at_twice_the_size(browser, server):  # noqa: F811
    """At 1280 pixels and 200 % a cell's output is about 250 pixels wide."""
    notebook = open_notebook(browser, server, "twice.ipynb", zoom=2.0)
    for name in WIDGETS:
        page, panel, inside = show(notebook, name).evaluate(
            """widget => [document.documentElement,
                document.querySelector('.jp-WindowedPanel-outer'), widget]
                .map(element => element.scrollWidth - element.clientWidth)"""
        )
        notebook.screenshot(f"{name}_200")
        assert (page, panel) == (0, 0), name
        assert inside <= 1, name
    notebook.page.close()
