"""Chapter 4's pictures draw what they are given."""

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt

from vitcourse.view import (
    draw_cost,
    draw_heads,
    draw_one_query,
    draw_spread,
    draw_weight_maps,
    saturation_slider,
)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


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
    slider = saturation_slider(rows, start=16).widget
    assert ([value for value, _ in slider.pictures], slider.start) == (["4", "16"], 1)
    text = "d = 4: the largest of 2 weights is 0.90 without the scale and 0.70 with it."
    picture = slider.pictures[0][1]
    assert f"<p>{text}</p>" in picture
    assert f'{text}"' in picture  # the picture's text
