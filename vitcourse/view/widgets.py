"""Widgets that are never an empty place: where none can run, their still picture is shown."""

from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from vitcourse.view.figure import Still
from vitcourse.view.words import Words

if TYPE_CHECKING:
    from ipywidgets import DOMWidget

VIEW = "application/vnd.jupyter.widget-view+json"
STYLE = (Path(__file__).parent / "still.css").read_text(encoding="utf-8").replace("\n", " ").strip()


class WithStill:
    """A widget and its still: two outputs of a cell, of which one is seen. See `with_still`."""

    def __init__(self, widget: "DOMWidget", still: Still | Words) -> None:
        self.widget = widget
        self.still = still

    def outputs(self) -> list[dict]:
        """What the cell shows: the data of each output, by their types."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        return [self.still._repr_mimebundle_(), {VIEW: view}]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for data in self.outputs():
            display(data, raw=True)


def with_still(widget: "DOMWidget", still: Still | Words, invitation: str) -> WithStill:
    """The widget where one can run, and elsewhere the still with an `invitation` to run the cell.

    In one output, a notebook that is opened again would try the widget, whose model has gone with
    the kernel, and show an error. So the still is an output of its own, before the widget's. A
    style, which comes with the still, hides it while the widget lives, and hides the widget's
    output where there is no model. The widget says that it lives: when it has been drawn, its
    element has the class `vitcourse-living`. In JupyterLab the two outputs are neighbours; in
    Colab each cell has a page of its own, with `#output-area`.

    Exports, other people's pages and untrusted notebooks know nothing of the widget, and show the
    still.
    """
    page = (
        f'<div class="vitcourse-still"><style>{STYLE}</style>{still.html}'
        f"<p>{escape(invitation)}</p></div>"
    )
    return WithStill(widget, replace(still, html=page))
