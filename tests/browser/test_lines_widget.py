"""Lines to be put in order, in a real browser: by keyboard, by mouse, and with a kernel.

How keys, themes and 200 % do in JupyterLab is in test_keys.py.
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
from vitcourse.exercises.lines import puzzle_of
from vitcourse.view.lines import HERE

# The widget without Jupyter: a model that remembers, and notes what is sent to the kernel.
PAGE = """<!doctype html><html lang="en"{attributes}><meta charset="utf-8"><title>Lines</title>
<style>{css}</style><main><div id="host"></div></main>
<script type="module">
{script}
const values = {values}, listeners = [];
globalThis.values = values;
globalThis.sent = [];
globalThis.verdict = (value) => {{
  values.verdict = value;
  listeners.forEach((listener) => listener());
}};
const model = {{
  get: (name) => values[name],
  set: (name, value) => {{ values[name] = value; }},
  save_changes: () => sent.push("saved"),
  send: (content) => sent.push(structuredClone(content)),
  on: (names, listener) => listeners.push(listener),
  off: () => {{}},
}};
render({{ model, el: document.getElementById("host") }});
</script>"""

ONE = {"label": "0.0 f", "fixed": ["def f(a):", ""], "lines": ["    xa", "    <b>b</b>", "    xc"]}
TWO = {"label": "0.0 F", "fixed": ["def one():", "def two():", ""], "lines": ["    xa", "    xb"]}


@pytest.fixture
def opened(browser, tmp_path):  # noqa: F811
    """A page with one widget; afterwards no script has failed."""
    pages, errors = [], []

    def open_page(given: dict, placed=None, verdict=None, attributes=""):
        gaps = len(given["fixed"]) - 1
        values = {"given": given, "placed": placed or [[]] * gaps, "verdict": verdict or {}}
        file = tmp_path / "lines.html"
        script = (HERE / "lines.js").read_text(encoding="utf-8")
        text = PAGE.format(
            css=(HERE / "lines.css").read_text(encoding="utf-8"),
            script=script.replace("export default { render };", ""),
            values=json.dumps(values),
            attributes=attributes,
        )
        file.write_text(text, encoding="utf-8")
        page = browser.new_page(viewport={"width": 900, "height": 900}, offline=True)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not errors


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def placed(page) -> list:
    return page.evaluate("values.placed")


def status(page) -> str:
    return page.locator("[role=status]").first.inner_text()


def focused(page) -> str:
    return page.evaluate("document.activeElement.textContent")


# By keyboard --------------------------------------------------------------------------------------


def test_by_keyboard_alone(opened):
    page = opened(ONE)
    press(page, "Tab", "ArrowDown", "ArrowDown", "Enter")
    assert placed(page) == [[2]]
    assert status(page) == "xc: line 1 of 1. 2 left."
    assert focused(page) == "    <b>b</b>"  # the next one to choose
    press(page, "ArrowUp", "Space")
    assert placed(page) == [[2, 0]]
    press(page, "ArrowDown", "ArrowDown", "Enter")
    assert status(page) == "xa: line 2 of 2, picked up."
    press(page, "ArrowUp", "ArrowUp")
    assert placed(page) == [[0, 2]]
    assert status(page) == "xa: line 1 of 2."
    press(page, "Enter", "ArrowDown")
    assert focused(page) == "    xc"
    press(page, "Delete")
    assert placed(page) == [[0]]
    assert status(page) == "xc: put back."
    press(page, "ArrowRight", "ArrowDown", "ArrowLeft")
    assert placed(page) == [[2]]
    press(page, "Tab", "Tab", "Enter")
    assert page.evaluate("sent") == [{"placed": [[2]]}]  # and nothing before
    assert status(page) == "Being checked …"
    press(page, "Enter")
    assert len(page.evaluate("sent")) == 1


def test_lines_go_from_one_function_of_a_class_to_the_next(opened):
    page = opened(TWO)
    press(page, "Tab", "Enter", "Enter")
    assert placed(page) == [[0, 1], []]
    press(page, "Enter", "ArrowDown")
    assert placed(page) == [[0], [1]]
    assert status(page) == "xb: line 1 of 1 in two."
    press(page, "ArrowUp", "ArrowUp", "ArrowUp")
    assert placed(page) == [[1, 0], []]
    press(page, "Enter", "Delete", "ArrowDown", "Delete")
    page.get_by_role("button", name="put the next line here, in two").press("Enter")
    press(page, "Shift+Tab", "Shift+Tab", "Enter")
    assert placed(page) == [[], [0]]


def test_what_is_picked_up_is_let_go_when_the_focus_leaves(opened):
    page = opened(ONE, placed=[[0, 1]])
    page.get_by_role("button", name="xa", exact=True).press("Enter")
    assert page.get_by_role("button", pressed=True).count() == 1
    press(page, "Tab")
    assert page.get_by_role("button", pressed=True).count() == 0
    page.get_by_role("button", name="xa", exact=True).click()
    page.get_by_role("button", name="<b>b</b>", exact=True).click()  # which is picked up instead
    assert page.get_by_role("button", pressed=True).text_content() == "    <b>b</b>"


# By mouse -----------------------------------------------------------------------------------------


def test_by_mouse(opened):
    page = opened(ONE)
    page.get_by_text("xa").click()
    page.get_by_text("xc").click()
    assert placed(page) == [[0, 2]]
    page.get_by_role("button", name="Move up").last.click()
    assert placed(page) == [[2, 0]]
    page.get_by_role("button", name="Put back").first.click()
    assert placed(page) == [[0]]


def test_by_dragging(opened):
    page = opened(ONE, placed=[[0, 1]])

    def drag(text: str, to: str, at: float) -> None:
        page.get_by_text(text).hover()
        page.mouse.down()
        box = page.get_by_text(to).bounding_box()
        y = box["y"] + at * box["height"]
        page.mouse.move(box["x"] + 50, y - 9)
        page.mouse.move(box["x"] + 50, y)
        page.mouse.up()

    drag("xc", "<b>b</b>", 0.2)
    assert placed(page) == [[0, 2, 1]]
    assert page.get_by_role("button", pressed=True).count() == 0  # it was no click
    drag("xa", "put the lines in order", 0.5)
    assert placed(page) == [[2, 1]]
    page.get_by_text("xc").click()
    assert page.get_by_role("button", pressed=True).count() == 1


# What is shown ------------------------------------------------------------------------------------


def test_code_is_text_and_what_was_placed_is_there_again(opened):
    verdict = {"number": 1, "state": "wrong", "text": "<i>no", "code": ""}
    page = opened(ONE, placed=[[1]], verdict=verdict)
    assert page.locator("#host b, #host i").count() == 0
    assert page.get_by_role("list", name="Your answer").inner_text().startswith("    <b>b</b>")
    assert "✗<i>no" in page.locator(".vl-verdict").inner_text()


def test_a_verdict_and_then_another(opened):
    page = opened(ONE)
    page.get_by_role("button", name="Try it").click()
    page.evaluate('verdict({number: 1, state: "wrong", text: "f: wrong\\nwhy", code: ""})')
    assert page.locator(".vl-verdict").inner_text().split() == ["✗f:", "wrong", "why"]
    page.get_by_role("button", name="Try it").click()
    assert page.locator(".vl-verdict").inner_text() == ""
    page.evaluate('verdict({number: 2, state: "solved", text: "f: solved", code: "def f"})')
    assert page.locator(".vl-verdict").inner_text().startswith("✓f: solved")
    assert page.locator("details pre").text_content() == "def f"


def test_where_no_verdict_comes_it_says_what_to_do(opened):
    page = opened(ONE)
    page.clock.install()
    page.get_by_role("button", name="Try it").click()
    page.clock.fast_forward(11_000)
    assert status(page).startswith("Not checked yet.")
    page.evaluate('verdict({number: 1, state: "wrong", text: "f: wrong", code: ""})')
    assert status(page) == ""


@pytest.mark.parametrize("attributes", ["", ' data-jp-theme-light="false"'])
@pytest.mark.parametrize("state", ["solved", "wrong", "not run"])
def test_axe_finds_nothing(opened, state, attributes):
    page = opened(TWO, placed=[[0], []], attributes=attributes)
    page.add_style_tag(content="[data-jp-theme-light] body { background: #111 }")
    assert faults_of(page, "#host") == []
    page.get_by_text("xa").click()
    page.get_by_role("button", name="Try it").click()
    assert faults_of(page, "#host") == []
    verdict = {"number": 1, "state": state, "text": "F: so\nand why", "code": "def f"}
    page.evaluate("value => verdict(value)", verdict)
    assert faults_of(page, "#host") == []


# With a kernel ------------------------------------------------------------------------------------


def test_in_jupyterlab_an_exercise_is_solved_by_keyboard_alone(browser, server):  # noqa: F811
    address, folder, _ = server
    sources = [
        "import torch\nfrom torch import nn\nfrom vitcourse import lines",
        'lines("5.5")',
        "print(mixes_images.__module__, _ih[-2][:16])",
        *["pass"] * 4,
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / "lines.ipynb")
    opened = Notebook(browser, address, "lines.ipynb")
    opened.run_cell(0)
    opened.run_cell(1)
    opened.show_cell(1)
    page = opened.page
    puzzle = puzzle_of("5.5")
    page.locator(".vl-line").first.focus()
    swapped = dict([puzzle.wrong["abs is missing"]])
    for line in puzzle.right[0]:
        choose(page, swapped.get(line, line))
    page.get_by_role("button", name="Try it").press("Enter")
    page.get_by_text("5.5 mixes_images: wrong (abs is missing)").wait_for()
    opened.screenshot("lines_wrong")
    press(page, "Shift+Tab")  # to the answer, and to its last line
    press(page, *["ArrowDown"] * 9, "Delete")
    choose(page, puzzle.right[0][-1])
    page.get_by_role("button", name="Try it").press("Enter")
    page.get_by_text("5.5 mixes_images: solved").wait_for()
    opened.screenshot("lines_solved")
    assert "def mixes_images" in (folder / "my_vit.py").read_text(encoding="utf-8")
    record = json.loads((folder / "my_progress.json").read_text(encoding="utf-8"))
    assert record["lines"]["5.5"] == {"tries": 2, "solved": True}
    assert record["exercises"]["5.5"]["state"] == "solved"
    cell = opened.run_cell(2)
    assert cell["outputs"][0]["text"] == "__main__ def mixes_images\n"
    page.close()


def choose(page, line: str) -> None:
    """Go to this line among those to choose from, and put it into the answer."""
    for _ in range(20):
        press(page, "ArrowUp")
    for _ in range(20):
        if focused(page) == line:
            press(page, "Enter")
            return
        press(page, "ArrowDown")
    raise AssertionError(line)
