"""Chapter 3's figures show what they are given, and the widget carries the numbers it was given."""

import base64
import html
import json
import re

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt

from vitcourse.view import (
    draw_by_distance,
    draw_channels,
    draw_clocks,
    draw_places,
    draw_table,
    draw_two_readings,
    position_explorer,
)


def similarities(count: int, seed: int = 0) -> torch.Tensor:
    table = torch.randn(count, 3, generator=torch.Generator().manual_seed(seed)).double()
    table = torch.nn.functional.normalize(table, dim=1)
    return table @ table.T


def given(page: str) -> dict:
    return json.loads(html.unescape(re.search(r'data-given="([^"]*)"', page)[1]))


def unpack(page: str, count: int) -> list[np.ndarray]:
    """The matrices that a page carries, in hundredths."""
    matrices = []
    for _name, packed in given(page)["tables"]:
        matrix = np.zeros((count, count), dtype=int)
        matrix[np.triu_indices(count)] = np.frombuffer(base64.b64decode(packed), np.uint8)
        matrix -= 100 * np.triu(np.ones_like(matrix))
        matrices.append(matrix + np.triu(matrix, 1).T)
    return matrices


def test_the_page_carries_the_numbers():
    one, two = similarities(6, seed=1), similarities(6, seed=2)
    page = position_explorer({"one": one, "two": two}, (2, 3)).html
    for matrix, packed in zip((one, two), unpack(page, 6), strict=True):
        np.testing.assert_allclose(packed / 100, matrix, atol=0.00501)
    assert (one < 0).any()  # a sign that is lost would have shown
    assert (given(page)["rows"], given(page)["columns"]) == (2, 3)


def test_the_page_is_small_the_same_each_time_and_needs_no_network():
    matrices = {f"table {i}": similarities(144, seed=i) for i in range(4)}
    page = position_explorer(matrices, (12, 12)).html
    assert len(page) < 100_000
    assert page == position_explorer(matrices, (12, 12)).html
    assert not re.search(r'https?:|src="(?!data:)|import\b', page)


def test_names_are_escaped():
    name = '<img onerror="x"></script> & {rows}'
    shown = position_explorer({name: similarities(6)}, (2, 3))
    assert given(shown.html)["tables"][0][0] == name
    assert "<img onerror" not in shown.html
    assert shown.html.count("</script>") == 1


def test_without_scripts_it_is_a_picture_with_a_text():
    shown = position_explorer({"waves": similarities(6)}, (2, 3))
    text = "each place of a 2 x 3 grid to the place in row 1, column 1: waves."
    assert text in shown.alt
    assert f'{text}" ' in shown.html  # the alt of the picture in it
    assert shown.png().startswith(b"\x89PNG")


def test_values_outside_are_clipped():
    matrix = torch.tensor([[1.0000002, -1.0000002], [-1.0000002, 1.0000002]])
    (packed,) = unpack(position_explorer({"a": matrix}, (1, 2)).html, 2)
    assert packed.tolist() == [[100, -100], [-100, 100]]


def test_a_matrix_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"similarities\['a'\] must have shape \(6, 6\)"):
        position_explorer({"a": similarities(4)}, (2, 3))


def test_draw_places_shows_the_row_of_the_matrix():
    matrix = similarities(6)
    figure = draw_places({"a": matrix}, (2, 3), [(0, 1), (1, 2)])
    maps = [ax for ax in figure.axes if ax.images and ax.lines]
    assert [tuple(ax.lines[0].get_xydata()[0]) for ax in maps] == [(1, 0), (2, 1)]
    for ax, place in zip(maps, (1, 5), strict=True):
        np.testing.assert_allclose(ax.images[0].get_array(), matrix[place].reshape(2, 3))
    assert [ax.get_title() for ax in maps] == ["row 0, column 1", "row 1, column 2"]
    plt.close(figure)


def test_clocks_point_where_the_angle_says():
    figure = draw_clocks(torch.tensor([[0.0], [torch.pi / 2]]), ["only"])
    tips = [ax.lines[1].get_xydata()[0] for ax in figure.axes]
    np.testing.assert_allclose(tips, [(1, 0), (0, 1)], atol=1e-6)
    plt.close(figure)


def test_the_other_figures_show_what_they_are_given():
    figure = draw_channels({"a": torch.ones(2, 3), "b": -2 * torch.ones(4, 1)})
    first, second = (ax.images[0] for ax in figure.axes[:2])
    assert first.get_array().shape == (2, 3)
    assert first.get_clim() == second.get_clim() == (-2, 2)
    plt.close(figure)

    figure = draw_by_distance({"a": (torch.tensor([1.0, 2.0]), torch.tensor([0.5, 0.25]))})
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), [0.5, 0.25])
    plt.close(figure)

    figure, ax = plt.subplots()
    draw_table(ax, torch.zeros(3, 4))  # all zeros: no division by the largest value
    assert ax.images[0].get_array().shape == (3, 4)
    plt.close(figure)

    pictures = {"a": torch.zeros(3, 4, 4), "b": torch.ones(3, 4, 4)}
    figure = draw_two_readings(pictures, [torch.tensor([1.0, -3.0]), torch.tensor([2.0, 0.0])])
    bars = [bar.get_height() for bar in figure.axes[2].patches]
    assert bars == [1, -3]
    assert figure.axes[2].get_ylim() == figure.axes[3].get_ylim()
    plt.close(figure)
