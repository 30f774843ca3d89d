"""Chapter 4 in pictures: one query, saturation, heads, and the cost."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.figure import still
from vitcourse.view.patches import draw_grid
from vitcourse.view.slider import picture_slider
from vitcourse.view.widgets import WithStill

HEAD_COLOURS = ("#fde7a8", "#a9d9e8", "#d8c3e6", "#c8e0b4")  # pale, so that numbers stay readable


def draw_one_query(stages: Mapping[str, Tensor], names: Sequence[str]) -> Figure:
    """Draw what happens to one query's scores (N,): bars for each key, a panel for each stage."""
    figure, axes = plt.subplots(
        1,
        len(stages),
        figsize=(3.3 * len(stages), 2.9),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    for ax, (title, values) in zip(axes[0], stages.items(), strict=True):
        bars = ax.barh(range(len(names)), values, color="0.75", edgecolor="black")
        ax.bar_label(bars, labels=[f"{value:.3g}" for value in values.tolist()], padding=3)
        ax.set_xlim(0, 1.25 * float(values.max()))
        ax.set_title(title, fontsize=11)
        ax.set_xticks([])
        ax.spines[["top", "right", "bottom"]].set_visible(False)
    axes[0, 0].set_yticks(range(len(names)), names)
    axes[0, 0].set_ylabel("key")
    axes[0, 0].invert_yaxis()
    return figure


def draw_spread(sizes: Sequence[int], spreads: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the standard deviation of the scores over the size d, a line for each rule."""
    figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
    for (label, values), marker in zip(spreads.items(), "osD^", strict=False):
        ax.loglog(sizes, values, color="black", marker=marker, linestyle="none", label=label)
    ax.loglog(sizes, [math.sqrt(d) for d in sizes], color="0.5", label="the root of d")
    ax.loglog(sizes, [1] * len(sizes), color="0.5", linestyle="--", label="one")
    ax.set_xticks(sizes, [str(d) for d in sizes])
    ax.set_yticks([1, 3, 10, 30], ["1", "3", "10", "30"])
    ax.minorticks_off()
    ax.set(xlabel="numbers in a query, d", ylabel="standard deviation")
    ax.legend(frameon=False)
    ax.grid(alpha=0.3)
    return figure


def saturation_slider(weights: Mapping[int, tuple[Tensor, Tensor]], start: int) -> WithStill:
    """A slider for d: one row of attention weights (N,), without the scale and with it."""
    pictures = {}
    for d, (raw, scaled) in weights.items():
        text = (
            f"d = {d}: the largest of {len(raw)} weights is {float(raw.max()):.2f} without the "
            f"scale and {float(scaled.max()):.2f} with it."
        )
        figure, axes = plt.subplots(1, 2, figsize=(9, 2.9), layout="constrained", sharey=True)
        for ax, values, title in (
            (axes[0], raw, "softmax(q · k)"),
            (axes[1], scaled, "softmax(q · k / √d)"),
        ):
            bars = ax.bar(range(len(values)), values, color="0.75", edgecolor="black")
            ax.bar_label(bars, labels=[f"{v:.2f}" for v in values.tolist()], fontsize=9)
            ax.set(ylim=(0, 1.1), title=title, xlabel="key", xticks=range(len(values)))
            ax.spines[["top", "right"]].set_visible(False)
        axes[0].set_ylabel("weight")
        pictures[str(d)] = still(figure, f"Two bar charts. {text}", caption=text)
    return picture_slider(pictures, label="size of a query, d", start=str(start))


def draw_weight_maps(
    image: Tensor, patch_size: int, number: int, maps: Mapping[str, Tensor]
) -> Figure:
    """Draw an image (C, H, W) with patch `number` framed, and its weights (rows, columns)."""
    panels = 1 + len(maps)
    figure, axes = plt.subplots(1, panels, figsize=(2.9 * panels, 3.3), layout="constrained")
    columns = image.shape[2] // patch_size
    x, y = number % columns, number // columns
    draw_grid(axes[0], image, patch_size)
    corner = (x * patch_size - 0.5, y * patch_size - 0.5)
    frame: dict[str, Any] = {"fill": False, "edgecolor": "black", "linewidth": 3}
    axes[0].add_patch(plt.Rectangle(corner, patch_size, patch_size, **frame))
    axes[0].set_title(f"patch {number} asks", fontsize=11)
    for ax, (title, values) in zip(axes[1:], maps.items(), strict=True):
        shown = ax.imshow(100 * values, cmap="cividis", vmin=0)
        ax.add_patch(plt.Rectangle((x - 0.5, y - 0.5), 1, 1, **frame | {"edgecolor": "white"}))
        ax.set_title(title, fontsize=11)
        ax.set_axis_off()
        figure.colorbar(shown, ax=ax, location="bottom", label="weight in %", shrink=0.8)
    return figure


def draw_heads(x: Tensor, heads: Tensor) -> Figure:
    """Draw one image's tokens (N, D) and what each head got of them (h, N, d), as numbers.

    The shade of a number is that of the head it should belong to. All numbers must differ.
    """
    (tokens, channels), count = x.shape, len(heads)
    owner = {
        float(value): c * count // channels for row in x.tolist() for c, value in enumerate(row)
    }
    figure, axes = plt.subplots(
        1,
        1 + count,
        figsize=(0.42 * 2 * channels + 1.6, 0.42 * tokens + 1),
        width_ratios=[channels] + [channels // count] * count,
        layout="constrained",
    )
    for ax, values, title in zip(
        axes,
        (x, *heads),
        ("tokens (N, D)", *(f"head {head}" for head in range(count))),
        strict=True,
    ):
        _draw_shaded(ax, values, owner, title)
    for c in range(0, channels + 1, channels // count):
        axes[0].axvline(c - 0.5, color="black", linewidth=2.5)
    return figure


def _draw_shaded(ax: Axes, values: Tensor, owner: Mapping[float, int], title: str) -> None:
    rows, columns = values.shape
    for y in range(rows):
        for x in range(columns):
            value = float(values[y, x])
            colour = HEAD_COLOURS[owner[value] % len(HEAD_COLOURS)]
            ax.add_patch(plt.Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="0.5"))
            ax.text(x, y, f"{value:g}", ha="center", va="center", fontsize=11)
    ax.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6), aspect="equal")
    ax.set_title(title, fontsize=11)
    ax.set_axis_off()


def draw_cost(
    sizes: Sequence[int],
    seconds: Mapping[str, Sequence[float]],
    megabytes: Mapping[str, Sequence[float]],
) -> Figure:
    """Draw time and memory over the number of tokens N, both axes logarithmic."""
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
    for ax, lines, unit, title in (
        (axes[0], {k: [1000 * s for s in v] for k, v in seconds.items()}, "ms", "time"),
        (axes[1], megabytes, "MB", "memory kept for the backward pass"),
    ):
        for (label, values), (marker, style) in zip(
            lines.items(), (("o", "-"), ("s", "--")), strict=True
        ):
            ax.loglog(sizes, values, color="black", marker=marker, linestyle=style, label=label)
        first = next(iter(lines.values()))
        guide = [first[-1] * (n / sizes[-1]) ** 2 for n in sizes]
        ax.loglog(sizes, guide, color="0.6", linewidth=4, alpha=0.5, zorder=0, label="grows as N²")
        ax.set_xticks(sizes, [f"{n:,}" for n in sizes])
        ax.minorticks_off()
        ax.set(xlabel="tokens N", ylabel=unit, title=title)
        ax.grid(alpha=0.3)
        ax.legend(frameon=False)
    return figure
