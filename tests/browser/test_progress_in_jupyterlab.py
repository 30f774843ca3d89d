"""Progress and reset in a real JupyterLab: what depends on the page, not on the kernel."""

import re

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.browser.test_in_jupyterlab import (
    Notebook,
    browser,  # noqa: F401
    passed,
    pytestmark,  # noqa: F401
    right,
    server,  # noqa: F401
    text_of,
)
from vitcourse.exercises.cells import stub


@pytest.fixture
def tour(browser, server):  # noqa: F811
    notebook = Notebook(browser, server[0], "00_tour.ipynb")
    first = next(i for i, c in enumerate(notebook.cells()) if "versions()" in c["source"])
    notebook.run_cell(first)
    yield notebook
    notebook.page.close()


def test_solved_reset_and_looked_up(tour):
    answer, check = tour.index("exercise", "0.1"), tour.index("check", "0.1")
    tour.write(answer, right("0.1"))
    tour.run_cell(answer)
    assert passed(tour.run_cell(check)) == "0.1 count_values: solved"
    tour.show_cell(check)
    tour.screenshot("00_solved")

    tour.write(answer, 'reset("0.1")')
    assert "this cell is now the stub" in text_of(tour.run_cell(answer))
    tour.page.wait_for_function(
        "i => jupyterapp.shell.currentWidget.content.widgets[i].model.sharedModel.getSource()"
        ".includes('NotImplementedError')",
        arg=answer,
    )
    cell = tour.cells()[answer]
    assert cell["source"] == stub("0.1")
    assert cell["metadata"]["exercise"] == "0.1"
    assert "not defined yet" in text_of(tour.run_cell(check))


def test_the_table_leads_to_a_chapter_and_back(tour):
    progress = next(i for i, c in enumerate(tour.cells()) if c["source"] == "my_progress()")
    tour.run_cell(progress)
    tour.show_cell(progress)
    tour.screenshot("00_progress")
    label = "jupyterapp.shell.currentWidget.title.label"
    tour.page.locator(".jp-OutputArea a[aria-label^='3.2 ']").click()
    tour.page.wait_for_function(f"{label} == '03_positions.ipynb'")
    opened = tour.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    opened.get_by_role("link", name=re.compile("^Contents")).first.click()
    tour.page.wait_for_function(f"{label} == '00_tour.ipynb'")
