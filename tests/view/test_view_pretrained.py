"""Figures of chapter 9: what they show, read off the drawn axes."""

import pytest
import torch
from matplotlib import pyplot as plt

from vitcourse.view.pretrained import draw_best, draw_preprocessing, draw_sizes


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def drawn_text(figure) -> str:
    figure.canvas.draw()
    return "\n".join(text.get_text() for text in figure.findobj(plt.Text))


@pytest.mark.parametrize(("height", "width"), [(600, 512), (300, 700), (256, 256)])
def test_the_frame_is_what_the_crop_cuts_out(height, width):
    """Marked pixels at the frame's corners stand at the corners of the crop."""
    picture, seen = torch.zeros(3, height, width), torch.zeros(3, 224, 224)
    figure = draw_preprocessing(picture, seen, resize=256, crop=224)
    frame = figure.axes[0].patches[-1]
    side = min(height, width) * 224 / 256
    assert frame.get_width() == frame.get_height() == pytest.approx(side)
    middle = frame.get_x() + side / 2, frame.get_y() + side / 2
    assert middle == pytest.approx((width / 2 - 0.5, height / 2 - 0.5))
    assert f"{height} x {width} pixels" in drawn_text(figure)


def test_bars_have_the_lengths_and_names_of_the_answers():
    answers = [[("cat", 0.75), ("dog", 0.2)], [("a very long name of a class indeed", 1.0)]]
    figure = draw_best([torch.rand(3, 8, 12)] * 2, answers)
    bars = [[bar.get_width() for bar in ax.patches] for ax in figure.axes[1::2]]
    assert bars == [[75.0, 20.0], [100.0]]
    text = drawn_text(figure)
    for part in ("cat", "75.0 %", "dog", "20.0 %", "a very long name of a c…"):
        assert part in text


def test_sizes_are_true_to_scale_with_their_patches():
    pictures = {"small": torch.rand(3, 16, 16), "large": torch.rand(3, 24, 32)}
    answers = {"small": [("cat", 0.5)], "large": [("dog", 0.25)]}
    figure = draw_sizes(pictures, 8, answers)
    text = drawn_text(figure)
    for part in ("16 x 16", "5 tokens", "24 x 32", "13 tokens", "cat 50%", "dog 25%"):
        assert part in text
    small, large = (ax.get_window_extent() for ax in figure.axes)
    assert large.width / small.width == pytest.approx(2, rel=0.02)
    assert large.height / small.height == pytest.approx(1.5, rel=0.02)
    assert [len(ax.lines) for ax in figure.axes] == [2, 5]  # between 2 x 2 and 3 x 4 patches
