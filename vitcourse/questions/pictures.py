"""The pictures of questions: drawn by the functions of `vitcourse.view.quiz_pictures`."""

import base64
import io
from dataclasses import dataclass
from functools import cache

from vitcourse.view import quiz_pictures
from vitcourse.view.figure import DOTS_PER_INCH, PIXELS_PER_INCH, WEBP


@dataclass(frozen=True)
class Picture:
    """An image as a page shows it."""

    src: str  # a data: URL
    alt: str
    width: int  # pixels


@cache
def draw(name: str) -> Picture:
    """The picture that the function `name` draws. Raises ValueError if there is none."""
    function = getattr(quiz_pictures, name, None)
    if function is None:
        raise ValueError(f"picture {name!r}: vitcourse.view.quiz_pictures has no such function")
    figure, alt = function()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="webp", dpi=DOTS_PER_INCH, pil_kwargs=WEBP)
    src = f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return Picture(src, alt, width=round(figure.get_figwidth() * PIXELS_PER_INCH))
