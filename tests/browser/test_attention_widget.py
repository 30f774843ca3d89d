"""The step-through of one cell of attention, in a real browser, by keyboard and by mouse.

Needs Chromium (Debian: `apt-get install chromium`) and playwright; skipped where they are missing.
"""

import re
import shutil

import pytest
import torch

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from vitcourse.model import attention  # noqa: E402
from vitcourse.view import attention_stepper  # noqa: E402

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium on the PATH (Debian: apt-get install chromium)"
)
NAMES = ["sky", "cloud", "roof", "door"]


@pytest.fixture(scope="module")
def qkv():
    return torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(0)).unbind()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as p:
        chromium = p.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, qkv, tmp_path):
    """The widget twice on one page: the first must not move the second."""
    path = tmp_path / "stepper.html"
    path.write_text(
        f"<!doctype html><meta charset=utf-8>{attention_stepper(*qkv, NAMES).html * 2}",
        encoding="utf-8",
    )
    page = browser.new_page(viewport={"width": 1000, "height": 900}, offline=True)
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(path.as_uri())
    yield page
    assert not errors
    page.close()


def readout(page, number: int = 0) -> str:
    return page.locator(".vit-readout").nth(number).inner_text()


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def table(page) -> torch.Tensor:
    cells = page.locator(".vit-grid").first.locator("td").all_inner_texts()
    return torch.tensor([float(cell) for cell in cells]).reshape(4, 4)


def test_by_keyboard_alone_all_numbers_are_torchs(page, qkv):
    q, k, v = qkv
    output, weights = attention(q, k, v)
    page.keyboard.press("Tab")  # into the table: one stop for all its cells
    for key in ("Down", "Right", "Down", "Right", "Left", "Up", "Right", "Right"):
        page.keyboard.press(f"Arrow{key}")
    i, j = 1, 3
    assert "Step 1 of 7. Query “cloud”, key “door”." in readout(page)
    last = lambda: numbers(readout(page).splitlines()[-1].split("=")[-1])  # noqa: E731

    expected = [q[i], k[j], q[i] @ k[j], q[i] @ k[j] / 2, weights[i, j]]
    expected += [weights[i, j] * v[j], output[i]]
    shown = {3: q @ k.T, 4: q @ k.T / 2, 5: weights}
    for step, right in enumerate(expected, 1):
        assert f"Step {step} of 7" in readout(page)
        torch.testing.assert_close(torch.tensor(last()), right.reshape(-1), atol=6e-4, rtol=0)
        if step == 3:
            products = readout(page).splitlines()[-1].split("=")[1].replace("×", "*")
            assert eval(products) == pytest.approx(float(right), abs=0.01)
        if step in shown:
            torch.testing.assert_close(table(page), shown[step], atol=6e-4, rtol=0)
        page.keyboard.press("Enter")
    assert "Step 1 of 7" in readout(page)  # round again

    page.keyboard.press("Tab")  # to the steps
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert "Step 3 of 7. Query “cloud”, key “door”." in readout(page)
    assert "Step 1 of 7. Query “sky”, key “sky”." in readout(page, 1)  # the other stays
    assert page.locator(".vit-steps").nth(1).locator("input").first.is_checked()


def test_by_mouse_and_for_screen_readers(page):
    page.locator(".vit-grid").first.locator("td").nth(7).click()
    page.get_by_label("5 softmax over the row").first.check()
    assert "Query “cloud”, key “door”" in readout(page)
    chosen = page.locator('.vit-grid td[aria-selected="true"]').first
    text = chosen.inner_text()
    assert chosen.get_attribute("aria-label") == f"query cloud, key door: {text}"
    assert readout(page).splitlines()[-1].endswith(f"= {text}")
    assert page.locator(".vit-readout").first.get_attribute("aria-live") == "polite"
    assert page.locator(".vit-grid").first.locator('td[tabindex="0"]').count() == 1


def test_it_fits_a_narrow_window(page):
    page.set_viewport_size({"width": 640, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
