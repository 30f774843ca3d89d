"""Scenes as a gallery: the question, and the answer in outlines."""

from typing import Any

import numpy as np
from contourpy import contour_generator  # matplotlib's own
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from torch import Tensor

from vitcourse import require
from vitcourse.data.scenes import COLOURS, SHAPES, Scenes, cell_names

OUTLINES: dict[str, Any] = {  # told apart by their lines, not by colours
    "the dot": (0, (1, 1)),
    "the shape that has its colour": "solid",
    "other shapes": (0, (4, 2)),
}
FADED = 0.35  # how much is left of what is not the answer


def draw_scenes(scenes: Scenes, grid: int = 3, columns: int = 6, answers: bool = True) -> Figure:
    """Draw scenes in rows; with `answers`, each row again below with its masks as outlines.

    Above each scene stands what the dot asks, below it the answer in words. Raises ValueError if
    `columns` is not a positive int, or `grid` is not the one of the scenes.
    """
    require.positive_ints(columns=columns)
    names, side = cell_names(grid), scenes.images.shape[-1]
    if side % grid != 0 or int(scenes.where.max()) >= len(names):
        raise ValueError(
            f"grid={grid}: does not fit scenes of {side} x {side} pixels; "
            "give the grid they were made with"
        )
    count = len(scenes.images)
    columns = min(columns, count)
    rows, lines = -(-count // columns), 2 if answers else 1
    width = 1.75 if side < 64 else 2.2
    height = rows * lines * (width + 0.34) + 0.3
    figure, axes = plt.subplots(
        rows * lines,
        columns,
        figsize=(max(columns * width, 5), height),
        layout="constrained",
        squeeze=False,
    )
    for ax in axes.flat:
        ax.set_axis_off()
    for number in range(count):
        row, column = divmod(number, columns)
        ax = axes[lines * row, column]
        ax.imshow(_as_picture(scenes.images[number]), interpolation="nearest")
        ax.set_title(f"what is {COLOURS[scenes.colour[number]]}?", fontsize=9, pad=4)
        if answers:
            ax = axes[lines * row + 1, column]
            _draw_answer(ax, scenes, number)
            what, where = SHAPES[scenes.what[number]], names[scenes.where[number]]
            ax.set_title(f"{what}, {where}", fontsize=9, fontweight="bold", pad=4)
    if answers:
        _add_legend(figure)
    return figure


def _add_legend(figure: Figure) -> None:
    handles = [
        Line2D([], [], color="black", linestyle=style, linewidth=1.6, label=label)
        for label, style in OUTLINES.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=9)


def _draw_answer(ax: Axes, scenes: Scenes, number: int) -> None:
    target, dot = scenes.target_mask[number], scenes.dot_mask[number]
    picture = _as_picture(scenes.images[number]) / 255
    evidence = (target | dot).numpy()[..., None]
    white = 1 - FADED + FADED * picture
    ax.imshow(evidence * picture + (1 - evidence) * white, interpolation="nearest")
    masks = (dot, target, scenes.distractor_mask[number])
    for mask, style, width in zip(masks, OUTLINES.values(), (1.4, 2.2, 1.0), strict=True):
        _draw_outline(ax, mask, linestyles=[style], linewidths=width, colors="black")


def _draw_outline(ax: Axes, mask: Tensor, **line) -> None:
    """Draw the border of a mask along the edges of its pixels, also at the image's edge.

    Not with ax.contour, which keeps three large arrays for each border.
    """
    height, width = mask.shape
    fine = np.kron(np.pad(mask.numpy(), 1), np.ones((8, 8)))
    lines: Any = contour_generator(z=fine).lines(0.5)  # (n, 2) each, of its default line type
    borders = [(points + 0.5) / 8 - 1.5 for points in lines]
    ax.add_collection(LineCollection(borders, clip_on=False, **line))
    ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))


def _as_picture(image: Tensor) -> np.ndarray:
    return image.movedim(0, -1).numpy()
