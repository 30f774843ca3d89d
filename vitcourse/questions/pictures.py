"""The pictures of questions: drawn by the functions of `vitcourse.view.quiz_pictures`."""

import base64
import io
from dataclasses import dataclass
from functools import cache

from matplotlib.figure import Figure
from PIL import Image

from vitcourse.view import figure as drawing
from vitcourse.view import quiz_pictures
from vitcourse.view.figure import DOTS_PER_INCH, PIXELS_PER_INCH, WEBP


@dataclass(frozen=True)
class Picture:
    """An image as a page shows it."""

    src: str  # a data: URL
    alt: str
    width: int  # pixels


@dataclass(frozen=True)
class PictureFile:
    """An image as learning platforms import it; all of them know PNG."""

    name: str  # "letter.png"
    content: bytes
    alt: str
    width: int  # pixels, as it is shown
    height: int


@cache
def draw(name: str) -> Picture:
    """The picture that the function `name` draws. Raises ValueError if there is none."""
    figure, alt = _figure(name)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="webp", dpi=DOTS_PER_INCH, pil_kwargs=WEBP)
    src = f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return Picture(src, alt, width=round(figure.get_figwidth() * PIXELS_PER_INCH))


@cache
def as_png(name: str) -> PictureFile:
    """The picture that the function `name` draws, as a file. Raises ValueError if there is none."""
    figure, alt = _figure(name)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    image = Image.open(buffer).convert("RGB")
    sharp = DOTS_PER_INCH // PIXELS_PER_INCH
    return PictureFile(
        name=f"{name}.png",
        content=drawing.as_png(image, DOTS_PER_INCH),
        alt=alt,
        width=image.width // sharp,
        height=image.height // sharp,
    )


def _figure(name: str) -> tuple[Figure, str]:
    function = getattr(quiz_pictures, name, None)
    if function is None:
        raise ValueError(f"picture {name!r}: vitcourse.view.quiz_pictures has no such function")
    return function()
