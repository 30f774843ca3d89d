"""The slider as a Jupyter widget. Imported only where one is shown: anywidget may be missing."""

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class SliderWidget(anywidget.AnyWidget):
    """Carries the pictures to the browser, once. Nothing comes back."""

    _esm = (HERE / "slider.js").read_text(encoding="utf-8")
    _css = (HERE / "slider.css").read_text(encoding="utf-8")
    label = traitlets.Unicode().tag(sync=True)
    # Pairs (value, HTML), since JavaScript would sort the numbers among the keys of an object.
    pictures = traitlets.List(traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode())).tag(
        sync=True
    )
    start = traitlets.Int().tag(sync=True)  # an index of `pictures`
