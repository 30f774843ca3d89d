"""Figures carry their text, and show what they are given."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from PIL import Image

from vitcourse.model import patchify
from vitcourse.view import draw_exploded, draw_grid, patch_size_slider, to_picture
from vitcourse.view.figure import still


@pytest.fixture
def photo():
    return torch.rand(3, 224, 224, generator=torch.Generator().manual_seed(0))


def test_a_figure_is_html_with_its_text_and_is_closed():
    figure, _ = plt.subplots(figsize=(3, 2))
    html = still(figure, alt='A "line" with 2 < 3 points & more').html
    assert 'alt="A &quot;line&quot; with 2 &lt; 3 points &amp; more"' in html
    assert "width: 216px" in html
    picture = Image.open(io.BytesIO(base64.b64decode(re.search(r'base64,([^"]+)"', html)[1])))
    assert picture.size == (432, 288)  # twice as many pixels as shown
    assert not plt.fignum_exists(figure.number)


@pytest.mark.parametrize("alt", ["", "   "])
def test_a_figure_without_text_is_refused(alt):
    figure = plt.figure()
    with pytest.raises(ValueError, match="say in a sentence what the figure shows"):
        still(figure, alt=alt)
    plt.close(figure)


def test_to_picture_clips():
    picture = to_picture(torch.tensor([[[-1.0, 0.5]], [[2.0, 0.25]]]))
    assert picture.shape == (1, 2, 2)
    np.testing.assert_allclose(picture[0], [[0, 1], [0.5, 0.25]])


def test_draw_grid_draws_the_inner_borders():
    figure, ax = plt.subplots()
    draw_grid(ax, torch.zeros(3, 8, 12), patch_size=4)
    xs = sorted(line.get_xdata()[0] for line in ax.lines if line.get_xdata()[0] != 0)
    ys = sorted(line.get_ydata()[0] for line in ax.lines if line.get_ydata()[0] != 0)
    assert (xs, ys) == ([3.5, 7.5], [3.5])
    plt.close(figure)


def test_draw_exploded_keeps_raster_order():
    image = torch.arange(6.0).div(6).repeat_interleave(4).reshape(6, 2, 2)  # six grey patches
    patches = image.flatten(1)
    figure, ax = plt.subplots()
    draw_exploded(ax, patches, grid=(2, 3), patch_size=2)
    canvas = ax.images[0].get_array()
    assert canvas.shape == (6, 9)
    np.testing.assert_allclose(canvas[::3, ::3].ravel(), np.arange(6) / 6, atol=1e-6)
    plt.close(figure)


def test_the_patch_size_slider_says_the_numbers(photo):
    plt.close("all")
    squeezed = {16: photo, 32: photo}
    slider = patch_size_slider(photo, squeezed, embed_dim=192, start=16).widget
    assert slider.label == "patch size P"
    assert [value for value, _ in slider.pictures] == ["16", "32"]
    assert slider.start == 0
    n = patchify(photo[None], 32).shape[1]
    text = f"P = 32: 7 x 7 = {n} patches, {n * n:,} comparisons; 3,072 numbers a patch become 192."
    picture = slider.pictures[1][1]
    assert f"<p>{text}</p>" in picture
    assert f'what is left of it. {text}"' in picture  # the picture's text
    assert not plt.get_fignums()
