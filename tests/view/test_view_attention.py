"""Chapter 4's pictures draw what they are given; the stepper's numbers are torch's."""

import html
import json
import re

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from torch.nn import functional as F

from vitcourse.view import (
    draw_cost,
    draw_heads,
    draw_one_query,
    draw_spread,
    draw_weight_maps,
    saturation_slider,
)
from vitcourse.view.attention import _shade, stepper_html


@pytest.fixture
def qkv():
    return torch.randn(3, 4, 6, generator=torch.Generator().manual_seed(0)).unbind()


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def numbers_of(page: str) -> dict:
    return json.loads(html.unescape(re.search(r'data-numbers="([^"]*)"', page)[1]))


def test_the_stepper_holds_torchs_numbers(qkv):
    q, k, v = qkv
    numbers = numbers_of(stepper_html(q, k, v, "ABCD"))
    assert (numbers["names"], numbers["d"]) == (list("ABCD"), 6)
    np.testing.assert_allclose(numbers["scores"], q @ k.T, atol=1e-5)
    np.testing.assert_allclose(numbers["scaled"], q @ k.T / 6**0.5, atol=1e-5)
    np.testing.assert_allclose(numbers["weights"], (q @ k.T / 6**0.5).softmax(-1), atol=1e-5)
    right = F.scaled_dot_product_attention(q[None], k[None], v[None])[0]
    np.testing.assert_allclose(numbers["output"], right, atol=1e-5)


def test_the_stepper_is_readable_without_javascript(qkv):
    q, k, v = qkv
    page = stepper_html(q, k, v, ["a<b", "B", "C", "D"])
    assert "a<b" not in page  # names are escaped
    shown = re.findall(r'role="gridcell"[^>]*>([\d.]+)<', page)
    right = (q @ k.T / 6**0.5).softmax(-1).flatten()
    np.testing.assert_allclose([float(number) for number in shown], right, atol=6e-4)
    assert page == stepper_html(q, k, v, ["a<b", "B", "C", "D"])


def test_the_stepper_refuses_sizes_that_differ(qkv):
    q, k, v = qkv
    with pytest.raises(ValueError, match="N entries each, got 4, 4, 4, 3"):
        stepper_html(q, k, v, "ABC")
    with pytest.raises(ValueError, match=r"got \(4, 6\) and \(4, 5\)"):
        stepper_html(q, k[:, :5], v, "ABCD")


@pytest.mark.parametrize("weight", np.linspace(0, 1, 41))
def test_weights_are_readable_on_their_shade(weight):
    """Contrast of text and background at least 4.5, the AA of WCAG."""

    def luminance(colour: str) -> float:
        rgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    lights = sorted(luminance(colour) for colour in _shade(weight))
    assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5


def test_draw_heads_shades_each_number_by_its_rightful_head():
    x = torch.arange(12.0).reshape(2, 6)
    torn = x.reshape(2, 2, 3)  # a bare view
    axes = draw_heads(x, torn).axes
    assert [ax.get_title() for ax in axes] == ["tokens (N, D)", "head 0", "head 1"]
    shades = [[tuple(patch.get_facecolor()) for patch in ax.patches] for ax in axes]
    left, right = shades[0][0], shades[0][3]
    assert left != right
    assert shades[0] == [left, left, left, right, right, right] * 2
    assert shades[1] == [left] * 3 + [right] * 3  # the view gives head 0 half of head 1's


def test_draw_one_query_labels_the_bars():
    axes = draw_one_query({"a": torch.tensor([1.0, 0.25])}, ["x", "y"]).axes
    assert [text.get_text() for text in axes[0].texts] == ["1", "0.25"]


def test_draw_spread_and_cost_plot_what_they_get():
    line = draw_spread([4, 16], {"raw": [2.1, 4.2], "scaled": [1.0, 1.1]}).axes[0].lines[0]
    np.testing.assert_allclose(line.get_ydata(), [2.1, 4.2])
    time, memory = draw_cost(
        [128, 256], {"a": [0.001, 0.004], "b": [1, 2]}, {"a": [1, 4], "b": [1, 2]}
    ).axes
    np.testing.assert_allclose(time.lines[0].get_ydata(), [1, 4])  # in ms
    np.testing.assert_allclose(memory.lines[1].get_ydata(), [1, 2])
    np.testing.assert_allclose(memory.lines[2].get_ydata(), [1, 4])  # the guide: N squared


def test_draw_weight_maps_frames_the_asking_patch():
    axes = draw_weight_maps(torch.rand(3, 6, 12), 3, 6, {"m": torch.rand(2, 4)}).axes
    frame = axes[0].patches[0]
    assert (frame.get_x(), frame.get_y(), frame.get_width()) == (5.5, 2.5, 3)
    inner = axes[1].patches[0]
    assert (inner.get_x(), inner.get_y()) == (1.5, 0.5)


def test_the_saturation_slider_says_the_largest_weights():
    rows = {
        4: (torch.tensor([0.1, 0.9]), torch.tensor([0.3, 0.7])),
        16: (torch.tensor([0.0, 1.0]), torch.tensor([0.4, 0.6])),
    }
    slider, stack = saturation_slider(rows, start=16).children
    assert (slider.options, slider.value) == (("4", "16"), "16")
    text = "d = 4: the largest of 2 weights is 0.90 without the scale and 0.70 with it."
    assert f"<p>{text}</p>" in stack.children[0].value
    assert f'{text}"' in stack.children[0].value  # the picture's text
