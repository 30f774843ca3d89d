"""Figures that a screen reader can read."""

import base64
import html
import io

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

DOTS_PER_INCH = 144  # drawn at twice the size shown, so that it is sharp when zoomed
WEBP = {"quality": 90, "method": 4}  # photographs as PNG would make notebooks five times as large
PIXELS_PER_INCH = 72


def show(figure: Figure, alt: str) -> None:
    """Show a matplotlib figure in the notebook, with `alt` as its text for screen readers.

    JupyterLab drops alternative texts of ordinary figures, so this one goes out as HTML. Returns
    nothing, so that it can end a cell.
    """
    from IPython.display import HTML, display

    display(HTML(as_html(figure, alt)))


def as_html(figure: Figure, alt: str) -> str:
    """The figure as an HTML `<figure>` with its picture inside. Closes the figure.

    Raises ValueError for an empty `alt`.
    """
    if not alt.strip():
        raise ValueError("alt='': say in a sentence what the figure shows")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="webp", dpi=DOTS_PER_INCH, pil_kwargs=WEBP)
    plt.close(figure)
    width = round(figure.get_figwidth() * PIXELS_PER_INCH)
    picture = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<figure style="margin: 0"><img alt="{html.escape(alt)}" '
        f'style="width: {width}px; max-width: 100%; height: auto" '
        f'src="data:image/webp;base64,{picture}"></figure>'
    )
