"""Chapter 11's figures show what they are given: what is hidden, painted, grouped, measured."""

import math

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from vitcourse.training import History
from vitcourse.view import (
    draw_entropies,
    draw_groups,
    draw_loss,
    draw_loss_runs,
    draw_painted,
    draw_patch_colours,
    tell_entropies,
)

ENTROPIES = {"both": [(1.0, 4.0), (0.5, 3.5)], "no centring": [(2.0, 2.0), (0.0, 0.1)]}


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def titles(figure) -> list[str]:
    return [ax.get_title() for ax in figure.axes]


def hatched(ax) -> list[tuple[float, float]]:
    return [p.get_xy() for p in ax.patches if isinstance(p, Rectangle) and p.get_hatch()]


def picture(ax) -> torch.Tensor:
    return torch.as_tensor(np.asarray(ax.images[0].get_array()), dtype=torch.float32)


def test_a_patch_of_nan_is_hatched_and_no_other():
    shown = torch.zeros(1, 3, 4, 6)
    shown[:, :, 2:, 4:] = torch.nan
    (ax,) = draw_painted({"seen": shown}, patch_size=2).axes
    assert hatched(ax) == [(3.5, 1.5)]


def test_columns_are_named_and_rows_are_images():
    bytes_ = torch.full((2, 3, 4, 4), 51, dtype=torch.uint8)
    floats = torch.full((2, 3, 4, 4), 0.4)
    figure = draw_painted({"bytes": bytes_, "floats": floats}, patch_size=2)
    assert titles(figure) == ["bytes", "floats", "", ""]
    assert [picture(ax).mean().item() for ax in figure.axes] == pytest.approx([0.2, 0.4] * 2)


def test_outlines_are_drawn_in_each_column():
    mask = torch.zeros(1, 4, 4, dtype=torch.bool)
    mask[:, :2, :2] = True
    images = {name: torch.zeros(1, 3, 4, 4) for name in "ab"}
    plain, outlined = (
        [len(ax.get_children()) for ax in draw_painted(images, 2, masks).axes]
        for masks in ((), [mask])
    )
    assert [more - few for few, more in zip(plain, outlined, strict=True)] == [1, 1]


def test_the_loss_and_the_named_lines_to_compare_with():
    history = History(100, loss=[1.0] * 30, seconds=[0.1] * 30)
    (ax,) = draw_loss(history, {"nothing": 0.98, "the place": 0.91}).axes
    assert [t.get_text() for t in ax.texts] == ["nothing: 0.98", "the place: 0.91"]
    heights = [line.get_ydata()[0] for line in ax.lines[2:]]
    assert heights == [0.98, 0.91]
    assert [line.is_dashed() for line in ax.lines] == [False, False, True, True]
    assert ax.get_xlim() == (0, 100)
    assert list(ax.lines[0].get_xdata()) == list(range(1, 31))


def test_stored_runs_are_told_apart_by_line_and_name():
    (ax,) = draw_loss_runs({"seed 0": [1.0, 0.9], "seed 1": [1.1, 0.8]}, every=25).axes
    assert ax.lines[1].get_xydata().tolist() == [[25, 1.1], [50, 0.8]]
    assert len({str(line.get_linestyle()) for line in ax.lines}) == 2
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["seed 0", "seed 1"]


def test_patch_colours_below_their_images():
    colours = {name: torch.full((2, 3, 3, 3), value) for name, value in (("a", 0.2), ("b", 0.6))}
    firsts = {name: torch.arange(18.0).view(2, 3, 3) for name in "ab"}
    axes = draw_patch_colours(torch.zeros(2, 3, 6, 6), colours, firsts).axes
    labels = [ax.get_ylabel().replace("\n", " ") for ax in axes[::2]]
    assert labels[1:4] == ["a: three as colours", "a: the first alone", "b: three as colours"]
    assert picture(axes[2]).mean().item() == pytest.approx(0.2)
    assert picture(axes[6]).mean().item() == pytest.approx(0.6)
    # one scale for all images of a model
    assert {(ax.images[0].norm.vmin, ax.images[0].norm.vmax) for ax in axes[4:6]} == {(0, 17)}


def test_groups_are_numbers_that_can_be_read():
    groups = torch.arange(8).view(1, 2, 4)
    ax = draw_groups(torch.zeros(1, 3, 4, 8), groups, count=8).axes[1]
    assert [t.get_text() for t in ax.texts] == [str(n) for n in range(8)]
    assert [t.get_position() for t in ax.texts][:5] == [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1)]
    for number, text in enumerate(ax.texts):
        ground = ax.images[0].to_rgba(np.array(number))[:3]
        light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in ground]
        luminance = float(np.dot(light, [0.2126, 0.7152, 0.0722]))
        ink = 1.0 if text.get_color() == "white" else 0.0
        bright, dark = max(ink, luminance), min(ink, luminance)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5, number


def test_both_entropies_in_a_panel_for_each_run():
    figure = draw_entropies(ENTROPIES, every=10, most=math.log(64))
    assert titles(figure) == ["both", "no centring"]
    most, mean, each = figure.axes[1].lines
    assert mean.get_xydata().tolist() == [[10, 2.0], [20, 0.1]]
    assert each.get_xydata().tolist() == [[10, 2.0], [20, 0.0]]
    assert most.get_ydata()[0] == math.log(64)
    assert len({line.get_marker() for line in (mean, each)}) == 2  # told apart without colour
    assert len(figure.legends[0].get_texts()) == 3


def test_entropies_in_words():
    told = tell_entropies(ENTROPIES, most=4.16)
    assert "at most 4.2" in told
    assert "both: 0.5 of each answer, 3.5 of the mean answer" in told
    assert "no centring: 0.0 of each answer, 0.1 of the mean answer" in told
