"""The figures of chapter 8 show the numbers they are given, at their places, and can be stopped."""

import base64
import html
import io
import re
import time

import numpy as np
import pytest
import torch
from matplotlib import colormaps
from matplotlib import pyplot as plt
from PIL import Image

from vitcourse.view.figure import still
from vitcourse.view.maps import (
    FILM_ROUNDS,
    FILM_SECONDS,
    OPAQUE,
    draw_heads_by_depth,
    draw_lines,
    draw_look_and_matter,
    draw_map_scores,
    draw_map_sheet,
    draw_mosaic,
    draw_overlays,
    draw_removal,
    layer_film,
    layer_gif,
)

ALT = "Two maps over a noisy picture: one patch is bright."


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.fixture
def picture():
    """16 rows, 30 columns of pixels: for maps of 2 x 3 patches, which are not square either."""
    return torch.randint(256, (3, 16, 30), generator=torch.Generator().manual_seed(0)).byte()


@pytest.fixture
def heat():
    return torch.tensor([[0.0, 0.1, 0.2], [0.3, 0.4, 0.5]])


def image_of(ax) -> np.ndarray:
    return np.ma.filled(ax.images[0].get_array(), np.nan)


def with_titles(figure, *titles) -> list:
    axes = [ax for ax in figure.axes if ax.get_title() in titles]
    assert [ax.get_title() for ax in axes] == list(titles)
    return axes


def markers(ax) -> list[tuple[str, float, float]]:
    return [(str(line.get_marker()), *line.get_xydata()[0].tolist()) for line in ax.lines]


def colour_bar(figure):
    (bar,) = [ax for ax in figure.axes if ax.get_label() == "<colorbar>"]
    return bar


def test_an_overlay_has_one_colour_a_patch_and_the_image_below(picture, heat):
    figure = draw_overlays(picture, {"a": heat})
    (ax,) = with_titles(figure, "a")
    grey = picture.numpy().mean(axis=0)[..., None] / 255
    for row in range(2):
        for column in range(3):
            part = (slice(8 * row, 8 * row + 8), slice(10 * column, 10 * column + 10))
            colour = colormaps["viridis"](float(heat[row, column]) / 0.5)[:3]
            right = OPAQUE * np.array(colour) + (1 - OPAQUE) * grey[part]
            np.testing.assert_allclose(image_of(ax)[part], right, atol=1e-6)
    assert ax.images[0].get_interpolation() == "nearest"
    assert len(ax.lines) == 1 + 2  # borders between the patches


def test_overlays_share_one_scale_with_unit(picture, heat):
    maps = {"a": heat, "b": heat / 5}  # the last of b is the second of a
    figure = draw_overlays(torch.zeros_like(picture), maps, label="weight in %")
    a, b = with_titles(figure, "a", "b")
    np.testing.assert_allclose(image_of(b)[8:, 20:], image_of(a)[:8, 10:20], atol=1e-6)
    assert not np.allclose(image_of(a)[8:, 20:], image_of(b)[8:, 20:])
    bar = colour_bar(figure)
    assert bar.get_ylim() == pytest.approx((0, 50))
    assert bar.get_ylabel() == "weight in %"
    assert colour_bar(draw_overlays(picture, {"a": heat}, highest=0.1)).get_ylim()[1] == 10


def test_outlines_lie_on_every_panel(picture, heat):
    mask = torch.zeros(16, 30, dtype=torch.bool)
    mask[2:6, 3:9] = True
    figure = draw_overlays(picture, {"a": heat}, [mask])
    for ax in with_titles(figure, "the image", "a"):
        (outline,) = ax.collections
        corners = np.concatenate([path.vertices for path in outline.get_paths()])
        np.testing.assert_allclose(corners.min(axis=0), [2.5, 1.5], atol=0.1)
        np.testing.assert_allclose(corners.max(axis=0), [8.5, 5.5], atol=0.1)


def test_a_map_with_more_patches_than_pixels_is_refused(picture):
    with pytest.raises(ValueError, match=r"17 x 3 patches has more .* an image of 16 x 30"):
        draw_overlays(picture, {"a": torch.rand(17, 3)})


def test_a_mosaic_puts_each_map_in_its_place():
    maps = torch.rand(3, 2, 4, 5, generator=torch.Generator().manual_seed(0))
    canvas = image_of(draw_mosaic(maps).axes[0])
    assert canvas.shape == (3 * 5 - 1, 2 * 6 - 1)
    for layer in range(3):
        for head in range(2):
            part = canvas[5 * layer : 5 * layer + 4, 6 * head : 6 * head + 5]
            np.testing.assert_allclose(part, 100 * maps[layer, head], rtol=1e-6)
    assert np.isnan(canvas[4]).all()  # the gap


def test_a_mosaic_says_which_scale_it_has():
    maps = torch.tensor([0.2, 0.4, 0.01, 0.02]).view(1, 2, 1, 2)
    shared, own = draw_mosaic(maps), draw_mosaic(maps, per_map=True)
    assert shared.axes[0].images[0].get_clim() == pytest.approx((0, 40))
    assert colour_bar(shared).get_ylabel() == "weight in %"
    row = image_of(own.axes[0])[0]
    np.testing.assert_allclose(row, [0, 100, np.nan, 0, 100])  # nan is the gap
    assert "each map's lowest" in colour_bar(own).get_ylabel()
    even = image_of(draw_mosaic(torch.full((1, 1, 2, 2), 0.25), per_map=True).axes[0])
    assert (even == 0).all()  # no division by zero


def test_a_mosaic_of_144_maps_is_quick():
    """One image, not 144 axes; the bound is for a machine that does other things, too."""
    maps = torch.rand(12, 12, 14, 14, generator=torch.Generator().manual_seed(0)) ** 4
    seconds = []
    for _ in range(4):
        start = time.process_time()
        still(draw_mosaic(maps), ALT)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.6
    assert len(draw_mosaic(maps).axes) == 2


def test_a_sheet_marks_hits_and_misses_by_shape():
    pictures = torch.zeros(2, 3, 8, 12, dtype=torch.uint8)
    masks = torch.zeros(2, 8, 12, dtype=torch.bool)
    masks[:, :4, :4] = True
    maps = torch.zeros(2, 2, 3)
    maps[0, 0, 0], maps[1, 1, 2] = 5, 0.1
    figure = draw_map_sheet(pictures, masks, {"m": maps}, {"m": torch.tensor([1.0, 0.0])})
    shown = [ax for ax in figure.axes if ax.lines]
    assert [markers(ax) for ax in shown] == [[("o", 1.5, 1.5)], [("x", 9.5, 5.5)]]
    # Scales of their own: the highest patch of both has the same colour.
    first, second = (image_of(ax) for ax in shown)
    np.testing.assert_allclose(first[0, 0], second[-1, -1], atol=1e-6)
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["highest patch: a hit", "highest patch: a miss"]


def test_a_sheet_shows_negative_values_as_zero():
    pictures = torch.zeros(1, 3, 8, 12, dtype=torch.uint8)
    masks = torch.zeros(1, 8, 12, dtype=torch.bool)
    values = torch.tensor([[[-3.0, 0, 1], [0, 0, 0]]])
    figure = draw_map_sheet(pictures, masks, {"m": values}, {"m": torch.zeros(1)})
    (ax,) = [ax for ax in figure.axes if ax.lines]
    np.testing.assert_allclose(image_of(ax)[0, 0], image_of(ax)[-1, 0], atol=1e-6)
    assert markers(ax) == [("x", 9.5, 1.5)]


def test_a_sheet_marks_the_highest_of_negative_values():
    pictures = torch.zeros(1, 3, 8, 12, dtype=torch.uint8)
    masks = torch.zeros(1, 8, 12, dtype=torch.bool)
    values = torch.tensor([[[-3.0, -2, -4], [-5, -1, -6]]])
    figure = draw_map_sheet(pictures, masks, {"m": values}, {"m": torch.ones(1)})
    (ax,) = [ax for ax in figure.axes if ax.lines]
    assert markers(ax) == [("o", 5.5, 5.5)]


def test_a_film_ends_and_is_closed_at_first(picture, heat):
    maps = torch.stack([heat, 1 - heat, heat / 2])
    page = layer_film(picture, maps, 'a "map" & more, twenty letters').html
    still, moving = re.findall(r'<img alt="([^"]*)"', page)
    assert html.unescape(still) == 'a "map" & more, twenty letters'
    assert html.unescape(moving).endswith(html.unescape(still))
    before, after = page.split("<details>")  # without `open`: nobody is shown it unasked
    assert "image/gif" in after
    assert "image/gif" not in before
    assert f"{FILM_ROUNDS * FILM_SECONDS * 3:.1f} seconds" in after
    film = Image.open(io.BytesIO(base64.b64decode(re.search(r"gif;base64,([^\"]+)", page)[1])))
    assert film.n_frames == 3
    assert film.info["loop"] == FILM_ROUNDS - 1  # a GIF counts the rounds after the first
    assert film.info["duration"] == 1000 * FILM_SECONDS


def test_a_film_of_four_layers_is_over_in_five_seconds():
    """Longer ones would need a way to pause (WCAG 2.2.2)."""
    assert FILM_ROUNDS * FILM_SECONDS * 4 <= 5


def test_the_frames_of_a_film_differ_and_come_out_the_same_twice(picture, heat):
    maps = torch.stack([heat, 0.5 - heat])
    assert layer_gif(picture, maps) == layer_gif(picture, maps)
    film = Image.open(io.BytesIO(layer_gif(picture, maps)))
    frames = []
    for number in range(2):
        film.seek(number)
        frames.append(np.asarray(film.convert("RGB")).astype(int)[145:])  # below the title
    assert np.abs(frames[0] - frames[1]).max() > 50


def test_a_film_keeps_its_colours():
    """One bright patch of many: a palette chosen by how often colours occur would lose it."""
    noise = torch.randint(256, (1, 96, 96), generator=torch.Generator().manual_seed(0)).byte()
    maps = torch.rand(2, 12, 12, generator=torch.Generator().manual_seed(1)) / 10
    maps[:, 5, 5] = 1
    film = Image.open(io.BytesIO(layer_gif(noise.expand(3, -1, -1), maps)))
    bright = OPAQUE * np.array(colormaps["viridis"](1.0)[:3]) + (1 - OPAQUE) * 0.5
    for number in range(2):
        film.seek(number)
        pixels = np.asarray(film.convert("RGB")).astype(float)
        pixels = pixels[:, : pixels.shape[1] * 3 // 4]  # without the colour bar
        # On any grey: the difference is the same in red, green and blue.
        difference = pixels - 255 * bright
        alike = np.ptp(difference, axis=-1) < 10
        assert alike.sum() > 100


def test_a_film_without_a_text_is_refused(picture, heat):
    with pytest.raises(ValueError, match="alt=''"):
        layer_film(picture, heat[None], "")


def test_heads_by_depth():
    figure = draw_heads_by_depth(torch.tensor([[1.0, 2], [3, 4]]), "pixels", {"even": 3.5})
    ax = figure.axes[0]
    rings = [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "o"]
    assert rings == [[[0, 1], [0, 2]], [[1, 3], [1, 4]]]
    assert [text.get_text() for text in ax.texts] == ["even: 3.5"]
    assert ax.get_ylabel() == "pixels"


def test_lines_differ_in_marker_and_dashes():
    names = [f"line {number}" for number in range(9)]
    figure = draw_lines({name: [0.5, 1.0] for name in names}, ["a", "b"], "x", "y")
    lines = figure.axes[0].lines[:9]
    assert len({line.get_marker() for line in lines[:7]}) == 7
    assert len({str(line.get_linestyle()) for line in lines[:7]}) >= 3
    assert [text.get_text() for text in figure.legends[0].get_texts()] == names
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()] == ["a", "b"]


def test_removal_curves_are_in_their_panels():
    shares = torch.tensor([0, 0.5, 1])
    deletion = {"m": torch.tensor([1, 0.2, 0.1]), "random": torch.tensor([1, 0.6, 0.1])}
    insertion = {"m": torch.tensor([0.1, 0.9, 1]), "random": torch.tensor([0.1, 0.4, 1])}
    figure = draw_removal(shares, deletion, insertion)
    panels = ((deletion, "lower"), (insertion, "higher"))
    for ax, (curves, word) in zip(figure.axes, panels, strict=True):
        assert word in ax.get_title()
        for line, scores in zip(ax.lines, curves.values(), strict=True):
            np.testing.assert_allclose(line.get_xdata(), 100 * shares)
            np.testing.assert_allclose(line.get_ydata(), 100 * scores)
    mine, random = figure.axes[0].lines
    assert (mine.get_marker(), random.get_marker()) == ("o", "None")


def test_bars_and_their_baseline():
    scores = {"pointing": {"a": 0.25, "b": 0.5}, "deletion": {"a": 0.125, "b": 1.0}}
    figure = draw_map_scores(scores, {"pointing": ("chance", 0.1), "deletion": ("random", 0.4)})
    left, right = figure.axes
    assert [bar.get_width() for bar in left.patches] == [0.25, 0.5]
    assert [bar.get_width() for bar in right.patches] == [0.125, 1.0]
    assert left.lines[0].get_xdata()[0] == 0.1
    assert right.get_xlabel() == "dashed: random, 0.40"
    assert [text.get_text() for text in left.get_yticklabels()] == ["a", "b"]


def test_no_number_lies_on_the_baseline():
    scores = {"pointing": {"a": 0.05, "b": 0.5, "c": 0.1}}
    figure = draw_map_scores(scores, {"pointing": ("chance", 0.1)})
    figure.canvas.draw()
    (ax,) = figure.axes
    line = ax.transData.transform((0.1, 0))[0]
    assert [text.get_text() for text in ax.texts] == ["0.05", "0.50", "0.10"]
    for text in ax.texts:
        assert text.get_window_extent().x0 > line


def test_names_of_neighbours_on_the_ground_line_do_not_overlap():
    look = torch.tensor([[0.43, 0.1], [0.51, 0.02]])
    lost = torch.tensor([[0.0, 0.7], [0.0, 0.0]])
    figure = draw_look_and_matter(look, {"what": lost, "where": lost}, "weight, %")
    figure.canvas.draw()
    for ax in figure.axes:
        first, highest, second = (text.get_window_extent() for text in ax.texts)
        assert first.x1 < second.x0
        assert first.y0 > ax.transData.transform((43, 0))[1]
        assert highest.y1 < ax.get_window_extent().y1


def test_look_and_matter_names_the_heads_that_stand_apart():
    look = torch.tensor([[0.9, 0.1], [0.05, 0.02]])
    lost = torch.tensor([[0.0, 0.0], [0.3, 0.01]])
    figure = draw_look_and_matter(look, {"what": lost}, "weight, %")
    ax = figure.axes[0]
    assert [text.get_text() for text in ax.texts] == ["0.0", "1.0"]
    np.testing.assert_allclose(ax.lines[1].get_xydata(), [[5, 30], [2, 1]], rtol=1e-5)
    assert [line.get_marker() for line in ax.lines[:2]] == ["o", "s"]
