"""Position widget and stepper in a stored notebook: stills until trusted, then alive."""

import nbformat
import pytest
import torch

from tests.browser.test_explorer import faults_of
from tests.browser.test_in_jupyterlab import (  # noqa: F401
    Notebook,
    browser,
    playwright,
    pytestmark,
    server,
)
from vitcourse import view

POSITIONS, STEPPER = 1, 2  # which of the cells


def shown() -> list:
    q, k, v = torch.randn(3, 3, 4, generator=torch.Generator().manual_seed(0))
    return [
        view.position_explorer({"waves": torch.eye(12)}, (3, 4)),
        view.attention_stepper(q, k, v, ["sky", "cloud", "roof"]),
    ]


@pytest.fixture
def stored(browser, server):  # noqa: F811
    """Outputs in a file that JupyterLab has not written: it does not trust them."""
    outputs = [
        nbformat.v4.new_output("display_data", data=one._repr_mimebundle_()) for one in shown()
    ]
    cells = [nbformat.v4.new_code_cell("pass") for _ in range(6)]
    for cell, output in zip(cells[POSITIONS:], outputs, strict=False):
        cell.outputs = [output]
        cell.execution_count = 1
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    server[1].mkdir(exist_ok=True)
    nbformat.write(notebook, server[1] / "stored.ipynb")
    opened = Notebook(browser, server[0], "stored.ipynb")
    yield opened
    opened.page.close()


def test_a_still_until_it_is_trusted_then_alive_without_a_kernel(stored):
    page = stored.page
    stored.show_cell(POSITIONS)
    output = page.locator(".jp-Cell.jp-mod-active .jp-OutputArea")
    image = output.locator("img")
    image.wait_for()
    assert image.evaluate("image => image.naturalWidth") > 200
    assert "3 x 4 grid to the place in row 1, column 2" in image.get_attribute("alt")
    assert output.inner_text().strip() == "Run this cell to point at places yourself."
    stored.screenshot("positions_untrusted")
    stored.show_cell(STEPPER)
    assert "Run this cell to follow one weight step by step." in output.inner_text()
    assert output.locator("td").count() == 9 + 3 * 12  # weights, and q, k, v
    stored.screenshot("stepper_untrusted")

    page.evaluate("void jupyterapp.commands.execute('notebook:trust')")
    page.get_by_role("button", name="Confirm Trusting this notebook").click()
    stored.show_cell(POSITIONS)
    cell = output.get_by_role("gridcell").nth(5)
    cell.hover()
    assert "Chosen: row 1, column 1." in output.inner_text()
    assert output.locator("img").count() == 0
    stored.show_cell(STEPPER)
    output.get_by_label("5 softmax over the row").check()
    assert "Step 5 of 7" in output.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_page_they_have_the_systems_colours(browser, tmp_path, scheme):  # noqa: F811
    path = tmp_path / "page.html"
    path.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><title>both</title><main><h1>Both</h1>"
        + "".join(one.html for one in shown()),
        encoding="utf-8",
    )
    page = browser.new_page(color_scheme=scheme)
    page.goto(path.as_uri())
    for widget in (".vitcourse-positions", ".vit-stepper"):
        ground = page.locator(widget).evaluate(
            "widget => getComputedStyle(widget).backgroundColor.match(/\\d+/g).map(Number)"
        )
        assert (max(ground) < 64) == (scheme == "dark")
        assert faults_of(page, widget) == []
    page.close()
