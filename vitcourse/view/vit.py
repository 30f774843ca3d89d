"""Chapter 6 in pictures: the whole machine, where its parameters are, and what it answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import Tensor

from vitcourse.view.patches import to_picture

BOX_WIDTH, BOX_HEIGHT, STEP = 3.2, 0.62, 1.12  # inches
LIGHT, DARK = "#fde725", "#31688e"  # from viridis, light and dark also without colours


def draw_machine(stages: Sequence[tuple[str, str, str, str]], start: str) -> Figure:
    """Draw a model from top to bottom; what flows stands beside the arrows.

    `start` says what goes in. A stage is (name, whose, what it does, what comes out); a box is
    hatched unless whose is "yours".
    """
    height = STEP * len(stages) + 0.75
    figure = plt.figure(figsize=(7.6, height))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 7.6), ylim=(height, 0))
    ax.set_axis_off()
    middle = 0.3 + BOX_WIDTH / 2
    ax.text(middle, 0.25, start, ha="center", va="center", fontsize=11, family="monospace")
    for number, (name, whose, does, out) in enumerate(stages):
        top = 0.72 + STEP * number
        arrow = {"arrowstyle": "-|>", "color": "0.2", "linewidth": 1.5, "mutation_scale": 13}
        ax.annotate("", (middle, top), (middle, top - 0.32), arrowprops=arrow)
        yours = whose == "yours"
        box: dict[str, Any] = {"xy": (0.3, top), "width": BOX_WIDTH, "height": BOX_HEIGHT}
        box |= {"boxstyle": "round,pad=0,rounding_size=0.1"}
        hatched = {"facecolor": "white", "hatch": "//"}
        inside: dict[str, Any] = {"facecolor": LIGHT} if yours else hatched
        ax.add_patch(FancyBboxPatch(**box, **inside, edgecolor="0.75", linewidth=0))
        ax.add_patch(FancyBboxPatch(**box, fill=False, edgecolor="black", linewidth=1.4))
        plain = {"facecolor": LIGHT if yours else "white", "edgecolor": "none", "pad": 1.5}
        text: dict[str, Any] = {"ha": "center", "va": "center", "bbox": plain}
        ax.text(middle, top + 0.21, name, fontsize=12, fontweight="bold", **text)
        ax.text(middle, top + 0.44, whose, fontsize=9.5, **text)
        ax.text(3.8, top + BOX_HEIGHT / 2, does, va="center", fontsize=11, linespacing=1.25)
        ax.text(
            middle + 0.2, top + BOX_HEIGHT + 0.19, out, va="center", fontsize=10, family="monospace"
        )
    return figure


def draw_parameter_shares(shares: Mapping[str, int], title: str) -> Figure:
    """Draw how a total splits up: one bar for each piece, with its number and its share."""
    total = sum(shares.values())
    figure, ax = plt.subplots(figsize=(8, 0.42 * len(shares) + 0.8), layout="constrained")
    names, values = list(shares), list(shares.values())
    ax.barh(names, values, color=DARK, edgecolor="black", linewidth=0.5)
    for y, value in enumerate(values):
        ax.text(value + total * 0.008, y, f"{value:,}  ({value / total:.2%})", va="center")
    ax.invert_yaxis()
    ax.set(title=title, xlim=(0, 1.35 * max(values)), xticks=[])
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.tick_params(left=False, labelsize=10)
    return figure


def draw_what_it_says(images: Tensor, said: Sequence[str], right: Sequence[bool]) -> Figure:
    """Draw images (n, C, H, W) in a row, below each what a model said, and whether it is right."""
    count = len(images)
    figure, axes = plt.subplots(
        1, count, figsize=(1.9 * count, 2.55), layout="constrained", squeeze=False
    )
    for ax, image, words, is_right in zip(axes.flat, images, said, right, strict=True):
        ax.imshow(to_picture(image), interpolation="nearest")
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_xlabel(f"{words}\n{'right' if is_right else 'WRONG'}", fontsize=10)
    return figure
