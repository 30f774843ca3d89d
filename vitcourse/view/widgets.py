"""Widgets that answer at once: every picture is drawn beforehand, the slider only swaps them."""

from collections.abc import Mapping

import ipywidgets as widgets

STILL = "<p>Run this cell to get the slider.</p>"


class PictureSlider(widgets.VBox):
    """A slider above its pictures. Where no widget can run, a stored notebook shows `still`."""

    def __init__(self, slider: widgets.SelectionSlider, stack: widgets.Stack, still: str) -> None:
        super().__init__([slider, stack])
        self._still = still + STILL

    def _repr_mimebundle_(self, **options) -> dict:
        return {**super()._repr_mimebundle_(**options), "text/html": self._still}


def picture_slider(pictures: Mapping[str, str], label: str, start: str) -> PictureSlider:
    """A slider over ready-made pictures: `{value: html}`; arrow keys move it.

    The browser swaps the pictures itself, so it works without the kernel, too. `label` names the
    slider; `start` is the value to begin with. Raises ValueError if `start` is not a value.
    """
    values = list(pictures)
    if start not in values:
        raise ValueError(f"start={start!r}: choose one of {', '.join(values)}")
    slider = widgets.SelectionSlider(
        options=values,
        value=start,
        description=label,
        style={"description_width": "initial"},
        layout=widgets.Layout(width="min(100%, 480px)"),
    )
    stack = widgets.Stack([widgets.HTML(picture) for picture in pictures.values()])
    stack.selected_index = slider.index
    widgets.jslink((slider, "index"), (stack, "selected_index"))
    return PictureSlider(slider, stack, pictures[start])
