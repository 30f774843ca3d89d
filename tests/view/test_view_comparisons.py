"""The figures of learning from few scenes and from many show the numbers they are given."""

import pytest
from matplotlib import pyplot as plt

from vitcourse.view import draw_by_amount, tell_by_amount

PANELS = {
    "what": {
        "ViT": {"500": [0.1, 0.3], "endless": [1.0, 0.8]},
        "CNN": {"500": [0.2, 0.2], "endless": [0.9, 0.9]},
    },
    "where": {
        "ViT": {"500": [0.5, 0.5], "endless": [0.6, 0.6]},
        "CNN": {"500": [0.7, 0.7], "endless": [0.8, 0.8]},
    },
}
GUESSING = {"what": 0.125, "where": 0.25}


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def heights(ax, name: str) -> list[float]:
    line = next(line for line in ax.lines if line.get_label() == name)
    return [float(round(y, 6)) for y in line.get_ydata()]


def test_lines_go_through_the_means_and_every_run_has_its_dot():
    what, where = draw_by_amount(PANELS, GUESSING).axes
    assert heights(what, "ViT") == [20, 90]
    assert heights(where, "CNN") == [70, 80]
    dots = [y for line in what.lines if line.get_linestyle() == "None" for y in line.get_ydata()]
    assert sorted(round(float(y)) for y in dots) == [10, 20, 20, 30, 80, 90, 90, 100]


def test_panels_say_what_they_show():
    figure = draw_by_amount(PANELS, GUESSING)
    what, where = figure.axes
    assert (what.get_title(), where.get_title()) == ("what", "where")
    assert [label.get_text() for label in what.get_xticklabels()] == ["500", "endless"]
    assert heights(what, "guessing") == [12.5, 12.5]
    assert heights(where, "guessing") == [25, 25]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["guessing", "ViT", "CNN"]


def test_lines_are_told_apart_without_colour():
    lines = draw_by_amount(PANELS, GUESSING).axes[0].lines
    named = [line for line in lines if line.get_label() in ("ViT", "CNN")]
    assert len({line.get_marker() for line in named}) == 2
    assert len({str(line.get_linestyle()) for line in named}) == 2


def test_an_odd_panel_leaves_an_empty_place():
    figure = draw_by_amount({**PANELS, "both": PANELS["what"]}, {**GUESSING, "both": 0.5})
    assert [ax.axison for ax in figure.axes] == [True, True, True, False]


def test_in_words_the_numbers_are_the_same():
    told = tell_by_amount(PANELS, GUESSING)
    assert "Panel what. ViT: 500 scenes 20%, endless scenes 90%; CNN: 500 scenes 20%" in told
    assert "where. ViT: 500 scenes 50%" in told
    assert "guessing: 12.5%. Panel where." in told
    assert told.endswith("guessing: 25.0%.")
