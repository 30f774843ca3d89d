"""A slider over ready-made pictures: it answers at once, since nothing is drawn or asked.

slider.js, slider.css    all that happens in the browser
widget.py                carries the pictures there
"""

from collections.abc import Mapping

from vitcourse.view.figure import Still
from vitcourse.view.widgets import WithStill, with_still

INVITATION = "Run this cell to get the slider."


def picture_slider(pictures: Mapping[str, Still], label: str, start: str) -> WithStill:
    """A slider over ready-made pictures: `{value: picture}`; arrow keys move it.

    The browser swaps the pictures itself, so it works without the kernel, too. `label` names the
    slider; `start` is the value to begin with, and its picture is what a stored notebook shows.
    Raises ValueError if `start` is not a value.
    """
    # Imported only where one is shown, as the explorer's: anywidget may be missing.
    from vitcourse.view.slider.widget import SliderWidget

    values = list(pictures)
    if start not in values:
        raise ValueError(f"start={start!r}: choose one of {', '.join(values)}")
    widget = SliderWidget(
        label=label,
        pictures=[(value, picture.html) for value, picture in pictures.items()],
        start=values.index(start),
    )
    return with_still(widget, pictures[start], INVITATION)
