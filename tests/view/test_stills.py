"""A figure in every form; a slider's pictures; and the still of each widget."""

import base64
import io
import json
from functools import partial

import ipywidgets
import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from vitcourse.view import picture_slider, show
from vitcourse.view.figure import PNG_COLOURS, Still, as_png, still
from vitcourse.view.widgets import VIEW, with_still


def drawn(title="", size=(3, 2)):
    figure, ax = plt.subplots(figsize=size)
    ax.set_title(title)
    return figure


def picture(text):
    image = Image.new("RGB", (4, 4))
    return Still(f'<p>{text}</p><img alt="{text}">', text, partial(as_png, image, 72))


@pytest.fixture
def shown(monkeypatch):
    """What `display` is given."""
    things = []
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: things.extend(a))
    return things


def test_a_figure_is_shown_as_html_as_png_and_as_its_text(shown):
    show(drawn(), alt="a < b")
    data = shown[0]._repr_mimebundle_()
    assert data.keys() == {"text/html", "image/png", "text/plain"}
    assert data["text/plain"] == "a < b"
    assert 'alt="a &lt; b"' in data["text/html"]
    json.dumps(data)  # goes into a message as it is
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.size == (432, 288)
    assert image.info["dpi"] == pytest.approx((144, 144), abs=0.1)  # three inches wide on paper
    assert len(image.getcolors()) <= PNG_COLOURS
    assert not plt.get_fignums()


def test_a_caption_is_text_not_html():
    assert still(drawn(), "alt", caption="1 < 2").html.startswith("<p>1 &lt; 2</p><figure")
    assert still(drawn(), "alt").html.startswith("<figure")


def test_the_png_of_a_photograph_is_smaller_and_like_it():
    figure = plt.figure(figsize=(3, 2))
    noise = np.random.default_rng(0).random((144, 216, 3))
    figure.add_axes((0, 0, 1, 1)).imshow(noise)
    image = Image.open(io.BytesIO(still(figure, "noise").png()))
    assert image.size == (216, 144)
    assert image.info["dpi"] == pytest.approx((72, 72), abs=0.1)  # as large on paper as a drawing
    off = np.asarray(image.convert("RGB")) / 255 - noise
    assert np.abs(off).mean() < 0.12  # three independent colours are the worst


def test_the_slider_has_its_pictures_in_order_and_once():
    given = {"16": picture("sixteen"), "8": picture("eight")}  # not the order of the numbers
    slider = picture_slider(given, label="patch size", start="8").widget
    assert slider.pictures == [("16", given["16"].html), ("8", given["8"].html)]
    assert (slider.label, slider.start) == ("patch size", 1)
    sent = json.dumps({k: v for k, v in slider.get_state().items() if not k.startswith("_")})
    assert sent.count("sixteen") == given["16"].html.count("sixteen")
    with pytest.raises(ValueError, match="start='4': choose one of 16, 8"):
        picture_slider(given, label="patch size", start="4")


def test_of_all_the_slider_s_pictures_only_the_still_becomes_a_png():
    def refuse():
        raise AssertionError("drawn for nothing")

    given = {"a": Still("", "", refuse), "b": picture("two")}
    assert picture_slider(given, "letter", "b").outputs()[0]["image/png"]


def test_a_widget_is_two_outputs_its_still_first():
    widget = ipywidgets.IntSlider()
    still_of_it, view = with_still(widget, picture("seven"), "Run <this> cell.").outputs()
    assert view == {VIEW: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}
    assert still_of_it.keys() == {"text/html", "image/png", "text/plain"}
    assert still_of_it["text/plain"] == "seven"
    html = still_of_it["text/html"]
    assert html.startswith('<div class="vitcourse-still">')
    assert "<p>seven</p>" in html
    assert html.endswith("<p>Run &lt;this&gt; cell.</p></div>")
    assert widget.model_id not in html  # the same in each run, so that outputs can be compared
    assert "\n\n" not in html  # Markdown would end the HTML there


def test_displaying_it_shows_both(shown):
    both = with_still(ipywidgets.IntSlider(), picture("seven"), "Run it.")
    both._ipython_display_()
    assert shown == both.outputs()
