"""Figures that a screen reader can read, in a form for each place that may show them."""

import base64
import html
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

DOTS_PER_INCH = 144  # drawn at twice the size shown, so that it is sharp when zoomed
PIXELS_PER_INCH = 72
WEBP = {"quality": 90, "method": 4}  # photographs as PNG would make notebooks five times as large
PNG_COLOURS = 128
LARGEST_SHARP_PNG = 20_000  # bytes


@dataclass(frozen=True)
class Still:
    """A picture with its text, as HTML, as PNG and as plain text: each place takes what it can.

    JupyterLab and web pages take the HTML, since it carries `alt`, the text for screen readers.
    LaTeX and PDF need the PNG, a terminal the text. `png` is called when the picture is shown: of
    a slider's many pictures, only one is.
    """

    html: str
    alt: str
    png: Callable[[], bytes]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {
            "text/html": self.html,
            "image/png": base64.b64encode(self.png()).decode(),
            "text/plain": self.alt,
        }


def show(figure: Figure, alt: str) -> None:
    """Show a matplotlib figure in the notebook, with `alt` as its text for screen readers.

    JupyterLab drops alternative texts of ordinary figures, so this one goes out as HTML, too.
    Returns nothing, so that it can end a cell.
    """
    from IPython.display import display

    display(still(figure, alt))


def still(figure: Figure, alt: str, caption: str = "") -> Still:
    """The figure as a `Still`, below its caption if there is one. Closes the figure.

    Raises ValueError for an empty `alt`.
    """
    if not alt.strip():
        raise ValueError("alt='': say in a sentence what the figure shows")
    image = _drawn(figure)
    above = f"<p>{html.escape(caption)}</p>" if caption else ""
    return Still(above + _as_html(image, alt), alt, partial(_figure_png, image))


def as_png(image: Image.Image, dots_per_inch: int) -> bytes:
    """A small PNG of few colours, since it is stored beside the finer picture of the HTML."""
    few = image.quantize(PNG_COLOURS, method=Image.Quantize.FASTOCTREE)
    buffer = io.BytesIO()
    few.save(buffer, "PNG", compress_level=9, dpi=(dots_per_inch, dots_per_inch))
    return buffer.getvalue()


def _drawn(figure: Figure) -> Image.Image:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, pil_kwargs={"compress_level": 1})
    plt.close(figure)
    return Image.open(buffer).convert("RGB")


def _as_html(image: Image.Image, alt: str) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", **WEBP)
    width = round(image.width * PIXELS_PER_INCH / DOTS_PER_INCH)
    picture = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<figure style="margin: 0"><img alt="{html.escape(alt)}" '
        f'style="width: {width}px; max-width: 100%; height: auto" '
        f'src="data:image/webp;base64,{picture}"></figure>'
    )


def _figure_png(image: Image.Image) -> bytes:
    """A drawing stays as sharp as it is, for print; one with photographs is as small as shown."""
    sharp = as_png(image, DOTS_PER_INCH)
    if len(sharp) <= LARGEST_SHARP_PNG:
        return sharp
    return as_png(image.reduce(DOTS_PER_INCH // PIXELS_PER_INCH), PIXELS_PER_INCH)
