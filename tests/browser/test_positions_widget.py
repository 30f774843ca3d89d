"""The widget of chapter 3 in a real browser: its numbers are torch's, its keys and mouse work.

Needs Chromium and playwright, as the other tests of this folder; a plain page is enough here.
"""

import torch
import torch.nn.functional as F

from tests.browser.test_in_jupyterlab import browser, playwright, pytestmark  # noqa: F401
from vitcourse.model import sincos_2d
from vitcourse.view import position_explorer

ROWS, COLUMNS = 3, 5


def cosines(table: torch.Tensor) -> torch.Tensor:
    table = F.normalize(table.double(), dim=1)
    return table @ table.T


def cells(page):
    return page.locator(".vitcourse-positions [role=gridcell]")


def numbers(page) -> list[float]:
    """What stands in the cells."""
    texts = cells(page).all_inner_texts()
    return [float(text.replace("\u2212", "-")) for text in texts]


def same(page, row_of_matrix: torch.Tensor) -> bool:
    shown = torch.tensor(numbers(page), dtype=torch.float64)
    return bool(((shown - row_of_matrix).abs() < 0.00501).all())


def contrast(page) -> list[float]:
    """The contrast of text and ground in each cell, by the formula of WCAG 2."""
    return page.evaluate(
        """() => [...document.querySelectorAll('[role=gridcell]')].map(cell => {
            const style = getComputedStyle(cell);
            const [a, b] = [style.color, style.backgroundColor].map(colour =>
                colour.match(/\\d+/g).slice(0, 3).map(x => x / 255)
                    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0));
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        })"""
    )


def test_hover_keys_and_choice(browser, tmp_path):  # noqa: F811
    torch.manual_seed(0)
    waves, learned = sincos_2d((ROWS, COLUMNS), 16), torch.randn(ROWS * COLUMNS, 4)
    matrices = {"sin-cos": cosines(waves), "learned <b>": cosines(learned)}
    html = position_explorer(matrices, (ROWS, COLUMNS)).html
    file = tmp_path / "widget.html"  # twice on a page, as in a cell that is run again
    file.write_text(f"<!doctype html><meta charset=utf-8>{html}<hr><main>{html}</main>")
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    first = "sin-cos"
    readouts = page.locator(".readout")
    assert "Chosen: row 1, column 2." in readouts.nth(0).inner_text()
    assert readouts.nth(0).get_attribute("aria-live") == "polite"
    second_before = readouts.nth(1).inner_text()
    page.evaluate("document.querySelector('main').remove()")  # the second one, from here on

    for index in (0, 7, ROWS * COLUMNS - 1):  # every place is reached by pointing at it
        cells(page).nth(index).hover()
        assert same(page, matrices[first][index])
    assert min(contrast(page)) >= 4.5

    cells(page).nth(0).hover()
    page.keyboard.press("Tab")  # to the choice of table
    page.keyboard.press("Tab")  # to the grid: one stop, on the chosen place
    page.mouse.move(0, 0)
    for key, place in (
        ("ArrowRight", (0, 1)),
        ("ArrowDown", (1, 1)),
        ("ArrowUp", (0, 1)),
        ("ArrowUp", (0, 1)),  # the edge
        ("End", (0, 4)),
        ("PageDown", (2, 4)),
        ("Home", (2, 0)),
    ):
        page.keyboard.press(key)
        row, column = place
        assert f"Chosen: row {row}, column {column}." in readouts.inner_text()
        assert same(page, matrices[first][row * COLUMNS + column])
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert label == f"row {row}, column {column}: 1.00"

    page.locator("select").select_option(label="learned <b>")
    index = 2 * COLUMNS
    assert same(page, matrices["learned <b>"][index])
    assert min(contrast(page)) >= 4.5
    best = int(matrices["learned <b>"][index].index_fill(0, torch.tensor([index]), -2).argmax())
    row, column = divmod(best, COLUMNS)
    assert f"Most alike: row {row}, column {column} (" in readouts.inner_text()
    assert "Chosen: row 1, column 2." in second_before  # the second did not follow the first
    assert not errors
    page.close()
