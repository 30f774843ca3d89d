"""The widget of chapter 12 in a real browser: its scores are torch's, its keys and buttons work.

Needs Chromium and playwright, as the other tests of this folder; a plain page is enough here.
"""

import math
import re

import pytest
import torch

from tests.browser.test_in_jupyterlab import browser, playwright, pytestmark  # noqa: F401
from vitcourse.model import turn
from vitcourse.view import turning_explorer

Q, K, PERIOD = (0.9, 0.3), (0.35, 0.85), 3.0


def score(q_place: float | None, k_place: float) -> float:
    """By the course's own `turn`; a place of None is a class token's."""

    def placed(arrow, place):
        x = torch.tensor([arrow])
        return x if place is None else turn(x, torch.tensor([[2 * math.pi * place / PERIOD]]))

    return (placed(Q, q_place) @ placed(K, k_place).T).item()


def read(page) -> tuple[str, float]:
    """What is said, and the score in it."""
    said = page.locator(".readout").inner_text().replace("\u2212", "-")
    return said, float(re.search(r"= (-?[\d.]+)$", said)[1])


def test_scores_keys_and_the_class_token(browser, tmp_path):  # noqa: F811
    file = tmp_path / "widget.html"
    still = turning_explorer(Q, K, PERIOD, at=(-0.6, 0.2))
    file.write_text(f"<!doctype html><meta charset=utf-8>{still.html}", encoding="utf-8")
    page = browser.new_page()
    errors, reached = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.expose_function("reached", lambda key: reached.append(key))
    page.goto(file.as_uri())
    page.evaluate("document.addEventListener('keydown', e => reached(e.key))")
    said, first = read(page)
    assert "q at -0.60. k at 0.20, 0.80 further on." in said
    assert first == pytest.approx(score(-0.6, 0.2), abs=0.00501)

    page.get_by_role("button", name="both +0.1").click()
    assert "q at -0.50. k at 0.30, 0.80 further on." in read(page)[0]
    assert read(page)[1] == first

    page.get_by_label("place of k").focus()
    page.keyboard.press("ArrowRight")
    assert "k at 0.40, 0.90 further on." in read(page)[0]
    assert read(page)[1] == pytest.approx(score(-0.5, 0.4), abs=0.00501) != first
    page.keyboard.press("End")
    page.get_by_role("button", name="both +0.1").click()
    assert "q at -0.50. k at 1.00" in read(page)[0], "none leaves its range"

    page.get_by_label("place of q").press("End")
    page.get_by_label("place of k").press("ArrowLeft")
    page.get_by_label("place of k").press("ArrowLeft")
    assert "q at 1.00. k at 0.80, 0.20 further back." in read(page)[0]
    assert read(page)[1] == pytest.approx(score(1, 0.8), abs=0.00501)

    page.get_by_label("q is a class token").check()
    page.get_by_role("button", name="both +0.1").click()  # q has no place that could be in the way
    assert "k at 0.90. Score" in read(page)[0]
    assert read(page)[1] == pytest.approx(score(None, 0.9), abs=0.00501)
    assert reached == [], "JupyterLab would take keys for commands"
    assert page.locator(".readout").get_attribute("aria-live") == "polite"
    assert not errors
    page.close()
