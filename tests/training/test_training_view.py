"""What a notebook keeps: one picture and one line, renewed in place."""

import gc

import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.artist import Artist

from tests.training.test_training_task import run
from vitcourse.training import History
from vitcourse.view import draw_curves, live_curves


@pytest.fixture(autouse=True)
def no_figures():
    plt.close("all")
    yield
    plt.close("all")


HISTORY = History(
    10, "float32", [2.0, 1.0], {"what": [0.25, 0.75], "where": [0.5, 1.0]}, [0.1, 0.2]
)


def test_curves_show_the_values_and_the_whole_way_to_go():
    figure = draw_curves(HISTORY)
    left, right = figure.axes
    assert list(left.lines[0].get_ydata()) == [2.0, 1.0]
    assert list(left.lines[1].get_ydata()) == [2.0, 1.5]
    assert left.get_xlim() == right.get_xlim() == (0, 10)
    labels = [text.get_text() for text in right.get_legend().get_texts()]
    assert labels == ["what", "where"]
    assert right.lines[1].get_linestyle() != right.lines[3].get_linestyle()
    plt.close(figure)


def test_outside_a_notebook_the_live_curves_do_nothing(capsys):
    live_curves()(HISTORY)
    assert capsys.readouterr().out == ""
    assert not plt.get_fignums()
    with pytest.raises(ValueError, match="seconds must be more than 0, got 0"):
        live_curves(0)


@pytest.fixture
def notebook(monkeypatch):
    """The outputs a notebook would keep: {display_id: [every version]}."""
    import IPython
    import IPython.display as shown

    kept: dict[int, list[str]] = {}

    class Place:
        def __init__(self, picture):
            kept[id(self)] = [html_of(picture)]

        def update(self, picture):
            kept[id(self)].append(html_of(picture))

    def html_of(thing):
        return thing.data if isinstance(thing, shown.HTML) else thing.html

    places = []

    def display(picture, display_id=False):
        assert display_id is True, "this would pile up"
        places.append(Place(picture))
        return places[-1]

    class Shell:
        kernel = object()

    plt.switch_backend("agg")  # now, since matplotlib would ask more of the shell than it has
    monkeypatch.setattr(IPython, "get_ipython", Shell)
    monkeypatch.setattr(shown, "display", display)
    return kept


def test_the_notebook_keeps_one_line_and_one_picture(notebook, capfd):
    torch.manual_seed(0)
    run(progress=True, on_step=live_curves(seconds=1e-9), steps=3)
    line, picture = notebook.values()
    assert "<progress" in line[1]
    assert "step 1 of 3: loss" in line[1]
    assert "s left" in line[1]
    assert line[-1] == "Trained for 3 steps."  # nothing that differs from run to run
    assert len(picture) == 3
    assert "Learning curves up to step 3 of 3: loss" in picture[-1]
    assert capfd.readouterr() == ("", "")
    assert not plt.get_fignums()


def test_drawn_figures_do_not_pile_up_in_memory(notebook):
    """A closed figure is a ring: without a sweep it stays until Python's collector comes by."""

    def artists() -> int:
        return sum(issubclass(type(thing), Artist) for thing in gc.get_objects())

    curves = live_curves(seconds=1e-9)
    gc.collect()
    gc.disable()
    try:
        before = artists()
        curves(HISTORY)
        assert artists() == before
    finally:
        gc.enable()


def test_an_interrupted_run_says_so(notebook):
    def on_step(history):
        if len(history) == 3:
            raise KeyboardInterrupt

    run(progress=True, on_step=on_step)
    (line,) = notebook.values()
    assert line[-1] == "Interrupted after 3 of 12 steps."
