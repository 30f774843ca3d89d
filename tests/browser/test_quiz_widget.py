"""Predictions and quizzes in a real browser: by keyboard, by mouse, and in JupyterLab.

Needs Chromium and playwright, as the other tests of this folder. How keys, themes and 200 % do in
JupyterLab is in test_keys.py.
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
from vitcourse.questions.widget import VIEW

# The widget without Jupyter: a model that remembers, and no kernel behind it.
PAGE = """<!doctype html><html lang="en"{attributes}><meta charset="utf-8"><title>Questions</title>
<style>{css}</style><main><div id="host"></div></main>
<script type="module">
{script}
const values = {values}, listeners = [];
const model = {{
  get: (name) => values[name],
  set: (name, value) => {{ values[name] = value; }},
  save_changes: () => listeners.forEach((listener) => listener()),
  on: (names, listener) => listeners.push(listener),
  off: () => {{}},
}};
globalThis.values = values;
globalThis.changed = model.save_changes;
render({{ model, el: document.getElementById("host") }});
</script>"""


def choice(text: str) -> dict:
    return {"text": [["", text]], "picture": None, "because": [["", f"because of {text}"]]}


def question(asks: str, right: int, **more) -> dict:
    choices = [choice(f"{asks} {letter}") for letter in "abc"]
    known = {"asks": [["", asks], ["code", "<b>x</b>"]], "origin": "", "about": ["3.1"]}
    return known | {"picture": None, "choices": choices, "right": right} | more


QUIZ = {
    "questions": [
        question("one", 1),
        question("two", 0, origin="chapter 2", about=["Read it off"]),
    ],
    "last": [1, 2],
}


@pytest.fixture
def opened(browser, tmp_path):  # noqa: F811
    """A page with one widget; afterwards no script has failed."""
    pages, errors = [], []

    def open_page(form: str, given: dict, said=None, compared=False, attributes=""):
        values = {"form": form, "given": given, "said": said, "compared": compared}
        file = tmp_path / f"{form}.html"
        script = (VIEW / "questions.js").read_text(encoding="utf-8")
        text = PAGE.format(
            css=(VIEW / "questions.css").read_text(encoding="utf-8"),
            script=script.replace("export default { render };", ""),
            values=json.dumps(values),
            attributes=attributes,
        )
        file.write_text(text, encoding="utf-8")
        page = browser.new_page(viewport={"width": 900, "height": 700}, offline=True)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not errors


def said(page):
    return page.evaluate("values.said")


def status(page) -> str:
    return page.get_by_role("status").inner_text()


# The quiz ---------------------------------------------------------------------------------------


def test_a_quiz_by_keyboard_alone(opened):
    page = opened("quiz", QUIZ)
    assert "Question 1 of 2. Last time: 1 of 2 right." in page.inner_text("main")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert status(page) == "Choose an answer first."
    page.keyboard.press("3")
    assert page.get_by_role("radio", checked=True).count() == 1
    page.keyboard.press("ArrowUp")  # to the second
    assert status(page) == "Choose an answer first."  # choosing is not answering
    page.keyboard.press("Enter")
    assert status(page) == "✓ Right. because of one b"
    assert said(page) is None
    page.keyboard.press("Enter")
    assert "Question 2 of 2, from chapter 2." in page.inner_text("main")
    assert status(page) == ""
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    assert status(page).split("\n\n") == [
        "✗ Not 2. because of two b",
        "The answer is 1. because of two a",
    ]
    assert page.locator(".vq-mark").all_inner_texts() == ["✓ right", "✗ your answer", ""]
    assert said(page) == [1, 1]
    page.keyboard.press("Enter")
    assert "1 of 2 right." in status(page)
    assert "Look again at: “Read it off” (chapter 2)." in status(page)
    page.keyboard.press("Enter")  # once more
    for key in ("2", "Enter", "Enter", "1", "Enter"):  # the second Enter goes to the next question
        page.keyboard.press(key)
    assert said(page) == [1, 0]


def test_a_quiz_by_mouse(opened):
    page = opened("quiz", QUIZ)
    page.get_by_text("one a").click()
    page.get_by_role("button", name="Answer").click()
    assert status(page).startswith("✗ Not 1.")
    assert page.get_by_role("radio", disabled=True).count() == 3
    page.get_by_role("button", name="Next question").click()
    assert page.get_by_role("radio", disabled=False).count() == 3


def test_texts_are_text(opened):
    page = opened("quiz", QUIZ)
    assert page.locator("code").inner_text() == "<b>x</b>"
    assert page.locator("#host b").count() == 0


# Predictions --------------------------------------------------------------------------------------

CHOICES = {
    "asks": [["", "How different?"]],
    "choices": [[["", text]] for text in ("same", "a little", "completely")],
}
NUMBERS = {
    "asks": [["", "How many?"]],
    "rows": ["no positions", "one <i>head"],
    "columns": ["what", "where"],
    "unit": "%",
    "highest": 100,
}


def test_a_choice_is_sent_at_once_and_can_be_changed_until_it_is_compared(opened):
    page = opened("choices", CHOICES)
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    assert said(page) == 1
    assert status(page).startswith("Noted: 2.")
    page.keyboard.press("ArrowDown")
    assert said(page) == 2
    page.evaluate("values.compared = true; changed()")
    assert page.get_by_role("radio", disabled=True).count() == 3
    assert "compared" in status(page)
    assert page.locator(".vq-mark").all_inner_texts() == ["", "", "your prediction"]


def test_what_was_said_before_is_shown(opened):
    page = opened("choices", CHOICES, said=1)
    assert page.get_by_role("radio").nth(1).is_checked()


def test_numbers_by_keyboard(opened):
    page = opened("numbers", NUMBERS, said=[[None, None], [None, None]])
    page.keyboard.press("Tab")
    page.keyboard.type("99")
    page.keyboard.press("Enter")
    page.keyboard.type("12.5")
    page.keyboard.press("Tab")
    assert said(page) == [[99, 12.5], [None, None]]
    assert status(page).startswith("Noted: 2 of 4.")
    field = page.get_by_label("one <i>head: what")
    field.fill("120")
    field.press("Enter")
    assert status(page) == "Numbers from 0 to 100."
    assert field.get_attribute("aria-invalid") == "true"
    assert said(page)[1] == [None, None]
    field.fill("20")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "false"
    assert said(page)[1] == [20, None]
    page.evaluate("values.compared = true; changed()")
    assert all(not one.is_enabled() for one in page.get_by_role("spinbutton").all())


@pytest.mark.parametrize("attributes", ["", ' data-jp-theme-light="false"'])
@pytest.mark.parametrize(("form", "given"), [("choices", CHOICES), ("quiz", QUIZ)])
def test_axe_finds_nothing_before_and_after_the_answer(opened, form, given, attributes):
    page = opened(form, given, attributes=attributes)
    page.add_style_tag(content="[data-jp-theme-light] body { background: #111 }")
    assert faults_of(page, "#host") == []
    page.keyboard.press("Tab")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.evaluate("values.compared = true; changed()")
    assert faults_of(page, "#host") == []


# With a kernel ------------------------------------------------------------------------------------


def test_in_jupyterlab_it_is_kept_and_there_again(browser, server):  # noqa: F811
    address, folder, _ = server
    sources = [
        "from vitcourse import outcome, predict",
        'predict("03-shuffled", "How different?", ["the same", "a little", "completely"])',
        'outcome("03-shuffled", "the same")',
        *["pass"] * 3,
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / "predictions.ipynb")

    first = Notebook(browser, address, "predictions.ipynb")
    first.run_cell(0)
    first.run_cell(1)
    first.page.get_by_role("radio").first.focus()
    first.page.keyboard.press("3")
    first.page.get_by_text("Noted: 3.").wait_for()
    cell = first.run_cell(2)
    shown = [output["data"]["text/plain"] for output in cell["outputs"]]
    assert shown == ["Outcome: the same. You predicted: completely."]
    record = json.loads((folder / "my_progress.json").read_text(encoding="utf-8"))
    assert record["predictions"]["03-shuffled"]["said"] == "completely"
    first.page.close()

    again = Notebook(browser, address, "predictions.ipynb")
    again.run_cell(0)
    again.run_cell(1)
    kept = again.page.get_by_role("radio").nth(2)
    assert kept.is_checked()
    assert not kept.is_enabled()
    again.page.close()
