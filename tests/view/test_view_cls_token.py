"""The figures of chapter 2 show the numbers that they are given, in the right places."""

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

from vitcourse.view import (
    draw_gradient_maps,
    draw_readouts,
    draw_registers,
    draw_scores,
    draw_sequences,
    draw_shares,
    gradient_slider,
)


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_each_readout_has_its_arrows():
    axes = draw_readouts(torch.rand(5, 3 * 4 * 4), patch_size=4).axes
    arrows = [[text for text in ax.texts if isinstance(text, Annotation)] for ax in axes]
    one, mean, cls = ([(arrow.xyann[0], arrow.xy[0]) for arrow in ax] for ax in arrows)
    assert one == [(0, 2)]  # from the first patch to the head
    assert mean == [(0, 2), (1, 2), (2, 2), (3, 2), (4, 2)]
    assert cls == [(4, -1), (-1, 2)]  # along all patches, and from CLS to the head
    assert [len(ax.images) for ax in axes] == [5, 5, 5]
    assert ["CLS" in texts(ax) for ax in axes] == [False, False, True]


def test_registers_go_in_and_come_out():
    (ax,) = draw_registers(torch.rand(3, 3 * 4 * 4), patch_size=4, registers=2).axes
    for label in ("CLS", "R1", "R2"):
        assert texts(ax).count(label) == 2
    assert "R3" not in texts(ax)
    assert len(ax.images) == 6


def test_sequences_are_tables_with_the_class_token_first():
    first, second = draw_sequences(torch.arange(12.0).reshape(2, 3, 2)).axes
    assert texts(first) == ["CLS", "0", "1", "patch 0", "2", "3", "patch 1", "4", "5"]
    assert texts(second)[:3] == ["CLS", "6", "7"]
    assert second.get_title() == "image 1"
    shaded = [box.get_facecolor()[0] < 1 for box in first.patches]
    assert shaded == [True, True, False, False, False, False]


def test_shares_are_bars_in_per_cent():
    share = torch.tensor([0.5, 0.2, 0.3], requires_grad=True)  # as torch.func leaves them
    (ax,) = draw_shares({"a title": share}).axes
    bars = [p for p in ax.patches if isinstance(p, Rectangle)]
    np.testing.assert_allclose([bar.get_height() for bar in bars], [50, 20, 30], rtol=1e-6)
    assert [bool(bar.get_hatch()) for bar in bars] == [True, False, False]
    assert ax.get_title() == "a title"


def test_scores_are_bars_with_their_numbers_and_the_line_of_guessing():
    scores = {"one": (0.25, 1.0), "two": (0.5, 0.75)}
    what, where = draw_scores(scores, ["what", "where"], chance=(0.125, 0.05)).axes
    assert [bar.get_width() for bar in what.patches] == [25, 50]
    assert texts(where) == ["100", "75"]
    assert what.lines[0].get_xdata()[0] == 12.5
    assert [label.get_text() for label in what.get_yticklabels()] == ["one", "two"]
    assert what.yaxis_inverted()  # the first on top
    assert where.get_title() == "where (dashed: guessing, 5)"


def test_a_gradient_map_has_the_patches_in_raster_order():
    share = torch.tensor([0.4, 0.0, 0.1, 0.2, 0.3, 0.0, 0.0])
    nothing = torch.tensor([1.0, 0, 0, 0, 0, 0, 0])
    image = torch.rand(3, 8, 12)
    axes = draw_gradient_maps(image, {"here": share, "there": nothing}, patch_size=4).axes
    scene, here, there = axes[:3]
    assert scene.images[0].get_array().shape == (8, 12, 3)
    np.testing.assert_allclose(
        here.images[0].get_array(), [[0, 10, 20], [30, 0, 0]], rtol=1e-6, atol=1e-6
    )
    assert here.images[0].get_clim() == pytest.approx((0, 30), rel=1e-6)
    assert here.get_title() == "here\nCLS gets 40 %"
    assert not there.images[0].get_array().any()
    assert "no patch gets anything" in [text for ax in axes for text in texts(ax)]


def test_the_slider_says_what_each_picture_shows():
    shares = {"here": torch.tensor([[0.5, 0.1, 0.4], [0.2, 0.8, 0.0]])}
    images = torch.rand(2, 3, 4, 8)
    slider = gradient_slider(images, shares, ["Scene A.", "Scene B."], 4).widget
    (one, first), (two, second) = slider.pictures
    assert (one, two) == ("1", "2")
    assert 'alt="Scene A. The largest share of a patch: here 40 %."' in first
    assert 'alt="Scene B. The largest share of a patch: here 80 %."' in second
    assert second.startswith("<p>Scene B.</p>")
    assert not plt.get_fignums()
