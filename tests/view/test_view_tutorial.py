"""The appendix's figure: each picture in its own proportions, with its size."""

import matplotlib
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from vitcourse.view.figure import still
from vitcourse.view.tutorial import draw_inputs

matplotlib.use("agg")


def test_pictures_keep_their_proportions_and_have_one_height():
    pictures = {"wide": Image.new("RGB", (512, 384)), "square": Image.new("RGB", (224, 224))}
    figure = draw_inputs(pictures)
    figure.canvas.draw()
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["wide\n512 x 384 pixels", "square\n224 x 224 pixels"]
    wide, square = (ax.get_window_extent() for ax in figure.axes)
    assert wide.width / wide.height == pytest.approx(512 / 384, rel=0.02)
    assert square.width / square.height == pytest.approx(1, rel=0.02)
    assert wide.height == pytest.approx(square.height, rel=0.05)
    assert "<img" in still(figure, "two pictures").html
    assert not plt.get_fignums()
