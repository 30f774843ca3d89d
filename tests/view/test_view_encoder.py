"""The figures of chapter 5 show the numbers that they are given, and say which is which."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib import pyplot as plt

from vitcourse.view import (
    draw_accuracy,
    draw_activations,
    draw_gradients,
    draw_neighbours,
    draw_stream,
    draw_tokens,
)


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def texts(figure):
    return [text.get_text() for text in figure.findobj(plt.Text) if text.get_text()]


def data(line):
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)


def test_tokens_are_bars_with_their_mean_and_spread():
    token = torch.tensor([1.0, 2.0, 3.0, 6.0])
    figure = draw_tokens({"before": {"one": token}, "after": {"one": token - 3}})
    above, below = figure.axes
    assert [bar.get_height() for bar in above.patches[:4]] == [1, 2, 3, 6]
    spread = token.std(correction=0)
    assert above.get_title() == f"before, one\nmean 3.00, std {spread:.2f}"
    assert below.get_title() == f"after, one\nmean 0.00, std {spread:.2f}"
    assert not above.texts  # nothing lies on the bars
    assert above.get_ylim()[1] > 6 > below.get_ylim()[1]


def test_a_tiny_negative_mean_is_written_without_its_sign():
    figure = draw_tokens({"after": {"one": torch.tensor([1.0, -1.001])}})
    assert figure.axes[0].get_title() == "after, one\nmean 0.00, std 1.00"  # never -0.00


def test_tokens_in_one_row_share_their_scale():
    figure = draw_tokens({"before": {"loud": torch.tensor([5.0, -5.0]), "quiet": torch.zeros(2)}})
    loud, quiet = figure.axes
    assert loud.get_ylim() == quiet.get_ylim()


def test_activations_and_their_errors():
    x = torch.linspace(-1, 1, 5)
    curves = {"GELU": x * 2, "ReLU": x.relu()}
    figure = draw_activations(x, curves, {"tanh": torch.full((5,), 1e-4), "none": torch.zeros(5)})
    left, right = figure.axes
    np.testing.assert_allclose(data(left.lines[0])[1], 2 * x)
    np.testing.assert_allclose(data(left.lines[1])[1], x.relu())
    assert right.get_yscale() == "log"
    np.testing.assert_allclose(data(right.lines[0])[1], 1e-4)
    assert (data(right.lines[1])[1] > 0).all()  # zero has no logarithm
    for ax, names in ((left, ["GELU", "ReLU"]), (right, ["tanh", "none"])):
        assert [text.get_text() for text in ax.get_legend().get_texts()] == names
        assert len({str(line.get_linestyle()) for line in ax.lines[:2]}) == 2


def test_the_legends_of_the_activations_lie_on_no_curve():
    x = torch.linspace(-4, 4, 401, dtype=torch.float64)
    exact = F.gelu(x)
    errors = {
        "tanh approximation": (F.gelu(x, approximate="tanh") - exact).abs(),
        "QuickGELU": (x * torch.sigmoid(1.702 * x) - exact).abs(),
    }
    figure = draw_activations(x, {"GELU": exact, "ReLU": x.relu()}, errors)
    figure.canvas.draw()
    for ax in figure.axes:
        legend = ax.get_legend().get_window_extent()
        for line in ax.lines:
            points = ax.transData.transform(np.stack(data(line), axis=1))
            if len(points) > 2:  # the axes' own lines may pass below
                assert not any(legend.contains(*point) for point in points)


def test_the_stream_and_what_is_added():
    figure = draw_stream([3.0, 4.0, 5.0, 4.0, 6.0], [1.0, 2.0], [0.5, 3.0])
    (ax,) = figure.axes
    places, lengths = data(ax.lines[0])
    assert list(places) == [0, 0.5, 1, 1.5, 2]
    assert list(lengths) == [3, 4, 5, 4, 6]
    assert [bar.get_height() for bar in ax.patches] == [1, 2, 0.5, 3]
    # each bar stands between the two points that it connects
    assert [bar.get_x() + bar.get_width() / 2 for bar in ax.patches] == [0.25, 1.25, 0.75, 1.75]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["block 0", "block 1"]


def test_gradients_by_block_and_by_depth():
    by_block = {
        "pre-norm": torch.tensor([3.0, 2.0, 1.5]),
        "post-norm": torch.tensor([3.0, 3.5, 4.0]),
    }
    by_depth = {"pre-norm": {1: 3.0, 12: 1.5}, "post-norm": {1: 3.0, 12: 4.5}}
    left, right = draw_gradients(by_block, by_depth).axes
    assert list(data(left.lines[0])[0]) == [1, 2, 3]
    np.testing.assert_allclose(data(left.lines[1])[1], [3, 3.5, 4])
    assert list(data(right.lines[0])[0]) == [1, 12]
    assert list(data(right.lines[1])[1]) == [3, 4.5]
    low, high = left.get_ylim()
    assert low < 1.5 < 4.5 < high
    assert left.get_ylim() == right.get_ylim()
    assert len({line.get_marker() for line in left.lines}) == 2  # not by colour alone
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["pre-norm", "post-norm"]


def test_accuracy_is_drawn_in_per_cent_over_the_batch_size():
    figure = draw_accuracy({"one": {1: 0.5, 8: 1.0}, "other": {1: 0.25, 8: 0.25}})
    (ax,) = figure.axes
    assert [list(values) for values in data(ax.lines[0])] == [[1, 8], [50, 100]]
    assert list(data(ax.lines[1])[1]) == [25, 25]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "8"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "other"]


def test_neighbours_stand_beside_the_image_and_the_verdict_is_in_words():
    image, neighbours = (
        torch.zeros(3, 4, 4),
        torch.stack([torch.full((3, 4, 4), 0.25 * i) for i in (1, 2)]),
    )
    scores = torch.tensor([[0.7, 0.3], [0.1, 0.9]])
    figure = draw_neighbours(image, [neighbours, 1 - neighbours], scores, ("red", "blue"), truth=0)
    shown = [float(ax.images[0].get_array().mean()) for ax in figure.axes if ax.images]
    assert shown == [0, 0.25, 0.5, 0, 0.75, 0.5]
    assert "red, 70% (right)" in texts(figure)
    assert "blue, 90% (wrong)" in texts(figure)
    first, second = (ax for ax in figure.axes if not ax.images)
    np.testing.assert_allclose([bar.get_width() for bar in second.patches], [10, 90])
    for ax in (first, second):  # the right class can be told without colour
        assert [bool(bar.get_hatch()) for bar in ax.patches] == [True, False]
