"""The widget of chapter 12: one pair of channels of a query and a key, turned by their places."""

import math
from dataclasses import replace

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from vitcourse.view.figure import Still, still
from vitcourse.view.living import living_html

INVITATION = "<p>Run this cell to turn the arrows yourself.</p>"

Point = tuple[float, float]


def turning_explorer(
    q: Point = (0.9, 0.3), k: Point = (0.35, 0.85), period: float = 3.0, at: Point = (-0.6, 0.2)
) -> Still:
    """Turn a query and a key by their places, `at` first, and read their score.

    To end a cell with. A place c, from -1 to 1, turns by 2 pi c / period. It works without the
    kernel; without scripts it is a picture. Raises ValueError if an arrow is longer than 1, or a
    place is not from -1 to 1.
    """
    for name, arrow in (("q", q), ("k", k)):
        if not 0 < math.hypot(*arrow) <= 1:
            raise ValueError(f"{name} must be an arrow of length 1 at most, and not 0, got {arrow}")
    if not all(-1 <= place <= 1 for place in at):
        raise ValueError(f"at must be two places from -1 to 1, got {at}")
    places = [at, (at[0] + 0.5, at[1] + 0.5)]
    scores = [score(q, k, period, pair) for pair in places]
    picture = still(
        draw_turned(q, k, period, places),
        alt="Two panels, each with an arrow q and a dashed arrow k in a circle. In the second both "
        f"are turned on by the same angle; their score is {scores[0]:.2f} in both.",
    )
    given = {"q": q, "k": k, "period": period, "at": at}
    page = living_html("turning", "vitcourse-turning", given, picture.html + INVITATION)
    return replace(picture, html=page)


def score(q: Point, k: Point, period: float, places: Point) -> float:
    """The product of both arrows, each turned by its place."""
    (a, b), (c, d) = (_turned(*pair, period) for pair in zip((q, k), places, strict=True))
    return a * c + b * d


def draw_turned(q: Point, k: Point, period: float, places: list[Point]) -> Figure:
    """Draw the turned arrows, a panel for each pair of places (of q, of k)."""
    figure, axes = plt.subplots(
        1, len(places), figsize=(3.1 * len(places), 3.3), layout="constrained", squeeze=False
    )
    for ax, pair in zip(axes.flat, places, strict=True):
        ax.add_patch(plt.Circle((0, 0), 1, fill=False, color="0.6"))
        kinds = (("q", q, "C3", "solid"), ("k", k, "C0", "dashed"))
        for (name, arrow, colour, line), place in zip(kinds, pair, strict=True):
            x, y = _turned(arrow, place, period)
            ax.plot([0, x], [0, y], color=colour, linestyle=line, linewidth=2.5)
            ax.plot(x, y, "o", color=colour, markersize=6)
            length = math.hypot(x, y)
            ax.text(x + 0.14 * x / length, y + 0.14 * y / length, name, ha="center", va="center")
        ax.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")
        ax.set_title(f"q at {pair[0]:g}, k at {pair[1]:g}: score {score(q, k, period, pair):.2f}")
        ax.title.set_fontsize(10)
        ax.set_axis_off()
    return figure


def _turned(arrow: Point, place: float, period: float) -> Point:
    (x, y), angle = arrow, 2 * math.pi * place / period
    return (
        x * math.cos(angle) - y * math.sin(angle),
        y * math.cos(angle) + x * math.sin(angle),
    )
