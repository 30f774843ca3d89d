"""Widgets that answer at once: every picture is drawn beforehand, moving the slider only swaps."""

from collections.abc import Mapping

import ipywidgets as widgets


def picture_slider(pictures: Mapping[str, str], label: str, start: str) -> widgets.VBox:
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
    return widgets.VBox([slider, stack])
