"""Chapter 11 in pictures: what is hidden, what is painted, and what the patches have become."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from vitcourse.training import History, smooth
from vitcourse.view.maps import _as_picture, _outline
from vitcourse.view.training import LINES

HIDDEN = 0.85  # a light grey
HATCHED: dict[str, Any] = {"facecolor": str(HIDDEN), "edgecolor": "0.6", "hatch": "///"}


def draw_painted(
    columns: Mapping[str, Tensor], patch_size: int, outlines: Sequence[Tensor] = ()
) -> Figure:
    """Draw images (n, 3, H, W) side by side, a column for each name; one column becomes a row.

    Pictures are uint8, or floats from 0 to 1. A patch whose numbers are nan is hatched: nothing is
    shown there. `outlines` are masks (n, H, W) bool whose borders are drawn in all columns.
    """
    count = len(next(iter(columns.values())))
    alone = len(columns) == 1
    shape = (1, count) if alone else (count, len(columns))
    size = (1.75 * shape[1] + 0.2, 1.75 * shape[0] + 0.45)
    figure, axes = plt.subplots(*shape, figsize=size, layout="constrained", squeeze=False)
    for column, (name, pictures) in enumerate(columns.items()):
        axes[0, column].set_title(name, fontsize=10)
        for row, picture in enumerate(pictures):
            ax = axes[0, row] if alone else axes[row, column]
            _draw_known(ax, picture, patch_size)
            _outline(ax, [masks[row] for masks in outlines])
    return figure


def _draw_known(ax: Axes, picture: Tensor, patch_size: int) -> None:
    """The picture; patches of nan are hatched."""
    known = picture.float() / (255 if not picture.is_floating_point() else 1)
    ax.imshow(_as_picture(known.nan_to_num(nan=HIDDEN).clamp(0, 1)), interpolation="nearest")
    for top in range(0, picture.shape[1], patch_size):
        for left in range(0, picture.shape[2], patch_size):
            if known[0, top, left].isnan():
                corner = left - 0.5, top - 0.5
                ax.add_patch(Rectangle(corner, patch_size, patch_size, linewidth=0, **HATCHED))
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def draw_loss(history: History, lines: Mapping[str, float]) -> Figure:
    """Draw the loss over the steps, pale for each batch and bold for the mean of 25; `lines` are
    values to compare with, drawn across and named at their right end."""
    figure, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
    steps = range(1, len(history) + 1)
    ax.plot(steps, history.loss, color="C0", alpha=0.25, linewidth=0.8)
    ax.plot(steps, smooth(history.loss), color="C0")
    for (name, height), style in zip(lines.items(), LINES[1:], strict=False):
        ax.axhline(height, color="0.3", linestyle=style, linewidth=1.2)
        ax.annotate(
            f"{name}: {height:.2f}",
            (1, height),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            annotation_clip=False,
        )
    top = max(1.2, *(1.05 * height for height in lines.values()))
    ax.set(xlabel="step", ylabel="loss of hidden patches", xlim=(0, history.steps))
    ax.set_ylim(0.6, top)
    ax.grid(alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    return figure


def draw_loss_runs(runs: Mapping[str, Sequence[float]], every: int) -> Figure:
    """Draw the loss of several runs, a number for each `every` steps."""
    figure, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
    for number, (name, losses) in enumerate(runs.items()):
        steps = [every * (part + 1) for part in range(len(losses))]
        ax.plot(steps, losses, color=f"C{number}", linestyle=LINES[number], label=name)
    ax.set(xlabel="step", ylabel="loss of hidden patches")
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return figure


def draw_patch_colours(
    pictures: Tensor, colours: Mapping[str, Tensor], firsts: Mapping[str, Tensor]
) -> Figure:
    """Draw images (n, 3, H, W), and below them, for each model, its patches' three components as
    colours (n, rows, columns, 3), and the first alone (n, rows, columns) in viridis."""
    count, lines = len(pictures), 1 + 2 * len(colours)
    size = (1.5 * count + 1.6, 1.5 * lines + 0.2)
    figure, axes = plt.subplots(lines, count, figsize=size, layout="constrained", squeeze=False)
    for ax, picture in zip(axes[0], pictures, strict=True):
        ax.imshow(_as_picture(picture), interpolation="nearest")
    names = ["the image"]
    for number, name in enumerate(colours):
        values = firsts[name].numpy()
        scale = Normalize(values.min(), values.max())
        for column in range(count):
            coloured, alone = axes[1 + 2 * number, column], axes[2 + 2 * number, column]
            coloured.imshow(colours[name][column].numpy(), interpolation="nearest")
            alone.imshow(values[column], cmap="viridis", norm=scale, interpolation="nearest")
        names += [f"{name}:\nthree as colours", f"{name}:\nthe first alone"]
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    for ax, name in zip(axes[:, 0], names, strict=True):
        ax.set_ylabel(name, fontsize=9.5)
    return figure


def draw_groups(pictures: Tensor, groups: Tensor, count: int) -> Figure:
    """Draw images (n, 3, H, W) and below each the group of its patches (n, rows, columns), from 0
    to count - 1, as numbers on cividis: the numbers tell them apart, the colours help."""
    figure, axes = plt.subplots(
        2, len(pictures), figsize=(1.9 * len(pictures), 3.9), layout="constrained", squeeze=False
    )
    colours = colormaps["cividis"]
    for column, (picture, group) in enumerate(zip(pictures, groups, strict=True)):
        axes[0, column].imshow(_as_picture(picture), interpolation="nearest")
        axes[1, column].imshow(group.numpy(), cmap=colours, vmin=0, vmax=count - 1)
        for (row, place), number in np.ndenumerate(group.numpy()):
            ink = "white" if number < count / 2 else "black"
            text: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 10}
            axes[1, column].text(place, row, str(number), color=ink, **text)
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    axes[0, 0].set_ylabel("the image", fontsize=10)
    axes[1, 0].set_ylabel("group of each patch", fontsize=10)
    return figure


def draw_entropies(
    runs: Mapping[str, Sequence[tuple[float, float]]], every: int, most: float
) -> Figure:
    """Draw both entropies of a teacher's answers over the steps, a panel for each run.

    runs[name] holds (mean entropy of each answer, entropy of the mean answer) for each `every`
    steps; `most` is the largest that they can be.
    """
    figure, axes = plt.subplots(
        1, len(runs), figsize=(3.1 * len(runs), 3.3), layout="constrained", sharey=True
    )
    for ax, (name, pairs) in zip(np.atleast_1d(axes), runs.items(), strict=True):
        steps = [every * (number + 1) for number in range(len(pairs))]
        each, mean = zip(*pairs, strict=True)
        ax.axhline(most, color="0.4", linestyle=(0, (2, 2)), label="the most there can be")
        ax.plot(steps, mean, color="C1", linestyle=LINES[1], marker="s", label="of the mean answer")
        ax.plot(steps, each, color="C0", marker="o", label="of each answer, on average")
        ax.set(title=name, xlabel="step", ylim=(0, 1.08 * most))
        ax.grid(alpha=0.3)
    first = np.atleast_1d(axes)[0]
    first.set_ylabel("entropy")
    handles, labels = first.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return figure


def tell_entropies(runs: Mapping[str, Sequence[tuple[float, float]]], most: float) -> str:
    """The text of `draw_entropies` for a screen reader: where each run ended."""
    ends = "; ".join(
        f"{name}: {pairs[-1][0]:.1f} of each answer, {pairs[-1][1]:.1f} of the mean answer"
        for name, pairs in runs.items()
    )
    return (
        f"Entropies of a teacher's answers over the steps, at most {most:.1f}. At the end: {ends}."
    )
