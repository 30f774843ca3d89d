"""The figures of chapter 7 show what they are given: numbers, places, words."""

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt

from vitcourse.data import SHAPES, cell_names, scenes
from vitcourse.training import History
from vitcourse.view import (
    draw_confusion,
    draw_data_need,
    draw_learning,
    draw_variants,
    draw_wrong_answers,
)


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def points(ax, marker: str) -> list[tuple[float, float]]:
    lines = [line for line in ax.lines if line.get_marker() == marker]
    return [tuple(point.round(6).tolist()) for line in lines for point in line.get_xydata()]


def legend(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def history(what: float, steps: int = 3) -> History:
    return History(
        steps, "float32", [1.0] * steps, {"what": [what] * steps, "where": [0.5] * steps}
    )


def test_each_training_has_its_panel():
    figure = draw_learning({f"v{k}": history(k / 5) for k in range(5)}, columns=4)
    shown = [ax for ax in figure.axes if ax.lines]
    assert [ax.get_title() for ax in shown] == ["v0", "v1", "v2", "v3", "v4"]
    assert [ax.lines[0].get_ydata()[-1] for ax in shown] == pytest.approx([0, 20, 40, 60, 80])
    assert len({str(line.get_linestyle()) for line in shown[0].lines}) == 2
    assert legend(figure) == ["what", "where"]


def test_variants_and_guesses_in_their_rows():
    measured = {"base": {"what": 0.99, "where": 1.0}, "no": {"what": 0.9, "where": 0.13}}
    guesses = {"no": {"what": 50, "where": None}}
    figure = draw_variants(measured, guesses)
    what, where = figure.axes
    assert points(what, "o") == [(99, 0), (90, 1)]
    assert points(what, "D") == [(50, 1)]
    assert points(where, "o") == [(100, 0), (13, 1)]
    assert points(where, "D") == []
    assert texts(where) == ["100", "13"]
    assert [label.get_text() for label in what.get_yticklabels()] == ["base", "no"]
    assert what.get_ylim()[0] > what.get_ylim()[1]  # the first variant on top
    assert legend(figure) == ["chance", "measured", "your guess"]
    assert legend(draw_variants(measured)) == ["chance", "measured"]


def test_confusion_leaves_right_answers_uncoloured():
    counts = torch.tensor([[90, 3, 0], [0, 80, 1], [2, 0, 70]])
    figure = draw_confusion(counts, ["a", "b", "c"])
    ax, bar = figure.axes
    assert texts(ax) == [str(n) for n in counts.flatten().tolist()]
    picture = ax.images[0].get_array()
    assert picture.mask.tolist() == np.eye(3, dtype=bool).tolist()
    assert ax.images[0].norm.vmax == 3
    assert "scenes" in bar.get_ylabel()
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("what it was", "what the model said")


def test_numbers_in_the_confusion_matrix_can_be_read():
    figure = draw_confusion(torch.arange(9).reshape(3, 3), ["a", "b", "c"])
    ax = figure.axes[0]
    for text in ax.texts:
        column, row = map(int, text.get_position())
        ground = (
            [1, 1, 1] if row == column else ax.images[0].to_rgba(np.array(3 * row + column))[:3]
        )
        ink = 1.0 if text.get_color() == "white" else 0.0
        light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in ground]
        luminance = float(np.dot(light, [0.2126, 0.7152, 0.0722]))
        bright, dark = max(ink, luminance), min(ink, luminance)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5


def test_no_wrong_answer_at_all():
    draw_confusion(torch.eye(8, dtype=torch.int64), SHAPES)


def test_wrong_answers_in_words():
    few = scenes(3, seed=1)
    said = torch.stack([few.what, few.where], 1)
    said[1, 0] = (said[1, 0] + 1) % 8
    figure = draw_wrong_answers(few, said, columns=2)
    shown = [ax for ax in figure.axes if ax.images]
    assert len(shown) == 3
    for k, ax in enumerate(shown):
        truth, given = ax.get_xlabel().splitlines()
        assert SHAPES[few.what[k]] in truth
        assert cell_names(3)[few.where[k]] in truth
        assert SHAPES[said[k, 0]] in given
        assert (ax.xaxis.label.get_fontweight() == "bold") is (k == 1)


def test_endless_data_have_no_scenes_of_their_own():
    own = {"500": {"what": 1.0, "where": 1.0}}
    others = {"500": {"what": 0.3, "where": 0.8}, "endless": {"what": 0.99, "where": 1.0}}
    what, where = draw_data_need(own, others).axes
    assert points(what, "s") == [(0, 100)]
    assert points(what, "o") == [(0, 30), (1, 99)]
    assert points(where, "o") == [(0, 80), (1, 100)]
    assert [label.get_text() for label in what.get_xticklabels()] == ["500", "endless"]
    for number in [*what.texts, *where.texts]:  # readable on the line of chance, too
        assert number.get_bbox_patch().get_facecolor() == (1, 1, 1, 1)
