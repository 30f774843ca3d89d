"""A formula in TeX as a drawing: slides have it without MathJax, which is 2 MB and asks a network.

matplotlib sets it. Its text for screen readers is the TeX without dollar signs.
"""

import html
import re
from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
INLINE = re.compile(r"(?<![\\$`\w])\$([^$\n`]+?)\$(?!\w)")
# What matplotlib calls otherwise.
SPELLINGS = {r"\tfrac": r"\frac", r"\top": r"\mathsf{T}", r"\;": r"\ "}
COMMAND = re.compile(r"\\(?:[a-zA-Z]+|;)")
DRAWN_AT = 100.0  # points; paths of small letters would be coarse
LARGE, WIDEST = 1.8, 30.0  # in ems
STIX = FontProperties(family="STIXGeneral", math_fontfamily="stix")


def with_formulas_drawn(markdown: str) -> str:
    """Markdown in which each `$$formula$$` and `$formula$` is an SVG of the text's size."""
    markdown = DISPLAY.sub(lambda found: _displayed(found[1]), markdown)
    return INLINE.sub(lambda found: drawn(found[1], 1.0), markdown)


def _displayed(formula: str) -> str:
    """Each part of `a \\qquad b` on a line of its own, as large as a slide allows."""
    parts = [part for part in formula.split(r"\qquad") if part.strip()]
    return "".join(f'<p class="display">{drawn(part, LARGE)}</p>' for part in parts)


@cache
def drawn(formula: str, em: float) -> str:
    """The formula as an SVG, `em` times as large as the text around it.

    Raises ValueError, naming the formula, if matplotlib cannot set it.
    """
    formula = " ".join(formula.split())
    try:
        outline = TextPath((0, 0), f"${_respelled(formula)}$", DRAWN_AT, usetex=False, prop=STIX)
    except ValueError as error:
        raise ValueError(f"${formula}$ cannot be drawn: {error}") from None
    box = outline.get_extents()
    em = min(em, WIDEST * DRAWN_AT / box.width)
    place = Affine2D().translate(-box.x0, 0).scale(1, -1)
    size = f"width: {box.width / DRAWN_AT * em:.2f}em; height: {box.height / DRAWN_AT * em:.2f}em"
    below = f"vertical-align: {min(box.y0, 0) / DRAWN_AT * em:.2f}em"
    return (
        f'<svg class="formula" role="img" aria-label="{html.escape(formula)}" '
        f'viewBox="0 {-box.y1:.0f} {box.width:.0f} {box.height:.0f}" style="{size}; {below}">'
        f'<path d="{_path_data(outline.transformed(place))}"/></svg>'
    )


def _respelled(formula: str) -> str:
    formula = re.sub(r"\\text\{([^}]*)\}", lambda found: _words(found[1]), formula)
    formula = re.sub(r"\\tfrac(\d)(\d)", r"\\frac{\1}{\2}", formula)
    return COMMAND.sub(lambda found: SPELLINGS.get(found[0], found[0]), formula)


def _words(text: str) -> str:
    return rf"\mathrm{{{text}}}".replace(" ", r"\ ")


def _path_data(path: Path) -> str:
    """The `d` of an SVG path."""
    letters = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
    data = []
    for points, code in path.iter_segments(curves=True, simplify=False):
        numbers = " ".join(f"{number:.1f}" for number in points)
        data.append("Z" if code == Path.CLOSEPOLY else f"{letters[code]}{numbers}")
    return "".join(data)
