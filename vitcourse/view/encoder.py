"""Chapter 5 in pictures: norms, activations, the residual stream, gradients, and neighbours."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.patches import to_picture

STYLES: tuple[dict[str, Any], ...] = (  # told apart by line and marker, not by colour alone
    {"color": "black", "linestyle": "solid", "marker": "o"},
    {"color": "C0", "linestyle": (0, (5, 2)), "marker": "s"},
    {"color": "C1", "linestyle": (0, (1, 1)), "marker": "^"},
)


def draw_tokens(rows: Mapping[str, Mapping[str, Tensor]]) -> Figure:
    """Draw tokens (D,) as bars, one row of pictures for each entry, mean and spread marked.

    `rows[title][name]` is a token; pictures in one row share their scale.
    """
    columns = max(map(len, rows.values()))
    figure, axes = plt.subplots(
        len(rows),
        columns,
        figsize=(4.6 * columns, 2.5 * len(rows)),
        layout="constrained",
        squeeze=False,
        sharey="row",
    )
    for line, (title, tokens) in zip(axes, rows.items(), strict=True):
        for ax, (name, token) in zip(line, tokens.items(), strict=True):
            mean, spread = float(token.mean()), float(token.std(correction=0))
            ax.bar(np.arange(len(token)), token, width=1.0, color="0.45")
            ax.axhline(mean, color="black", linewidth=1.5)
            ax.axhspan(mean - spread, mean + spread, color="C0", alpha=0.25, linewidth=0)
            shown_mean = 0 if abs(mean) < 0.005 else mean  # not -0.00
            ax.set_title(f"{title}, {name}\nmean {shown_mean:.2f}, std {spread:.2f}", fontsize=10)
    for ax in axes[-1]:
        ax.set_xlabel("the numbers of the token")
    return figure


def draw_activations(
    x: Tensor, curves: Mapping[str, Tensor], errors: Mapping[str, Tensor]
) -> Figure:
    """Draw functions of x (n,), and beside them, on a log scale, distances from another one."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for (name, y), style in zip(curves.items(), STYLES, strict=False):
        left.plot(x, y, **(style | {"marker": ""}), label=name)
    left.axhline(0, color="0.7", linewidth=0.8, zorder=0)
    left.axvline(0, color="0.7", linewidth=0.8, zorder=0)
    left.set(xlabel="x", title="the functions")
    left.legend()
    for (name, y), style in zip(errors.items(), STYLES, strict=False):
        right.semilogy(x, y.clamp_min(1e-7), **(style | {"marker": ""}), label=name)
    # The curves end at 0.02: room for the legend above them.
    right.set(xlabel="x", ylim=(1e-6, 1), title="distance from the exact GELU (log scale)")
    right.legend(loc="upper center", ncols=2)
    right.grid(alpha=0.3)
    return figure


def draw_stream(stream: Tensor, attention: Tensor, mlp: Tensor) -> Figure:
    """Draw the length of the stream (2 L + 1,) and of what attention and MLP add, (L,) each."""
    blocks = np.arange(len(attention))
    figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
    ax.plot(
        np.arange(len(stream)) / 2, stream, **STYLES[0], markersize=4, label="the stream itself"
    )
    ax.bar(
        blocks + 0.25,
        attention,
        0.3,
        color="C0",
        hatch="//",
        edgecolor="white",
        label="attention adds",
    )
    ax.bar(blocks + 0.75, mlp, 0.3, color="0.6", edgecolor="white", label="the MLP adds")
    ax.set_xticks(blocks + 0.5, [f"block {i}" for i in blocks])
    ax.tick_params(axis="x", length=0)
    for i in range(len(blocks) + 1):
        ax.axvline(i, color="0.85", linewidth=0.8, zorder=0)
    ax.set(ylabel="length of the vector", ylim=(0, None), xlim=(-0.1, len(blocks) + 0.1))
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    return figure


def draw_gradients(
    by_block: Mapping[str, Tensor], by_depth: Mapping[str, Mapping[int, float]]
) -> Figure:
    """Draw gradient norms: left for each block, first to last; right for several depths."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(9.5, 3.6), layout="constrained", sharey=True
    )
    for (name, norms), style in zip(by_block.items(), STYLES, strict=False):
        left.semilogy(np.arange(1, len(norms) + 1), norms, **style, markersize=5, label=name)
    count = max(map(len, by_block.values()))
    left.set(
        xlabel="block, first to last",
        ylabel="gradient norm (log scale)",
        xticks=range(1, count + 1),
    )
    left.set_title(f"every block of {count}")
    for (name, last), style in zip(by_depth.items(), STYLES, strict=False):
        depths = list(last)
        right.loglog(depths, list(last.values()), **style, markersize=5, label=name)
    right.set_xticks(depths, [str(depth) for depth in depths])
    right.minorticks_off()
    right.set(
        xlabel="number of blocks (log scale)",
        title="the last block, in encoders of different depth",
    )
    values = [float(v) for norms in by_block.values() for v in norms]
    values += [v for last in by_depth.values() for v in last.values()]
    ticks = [
        t for t in (0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 10) if min(values) / 1.6 <= t <= max(values) * 1.6
    ]
    left.set_yticks(ticks, [f"{t:g}" for t in ticks])
    left.minorticks_off()
    left.set_ylim(min(values) / 1.3, max(values) * 1.3)
    for ax in (left, right):
        ax.grid(alpha=0.3)
    left.legend(loc="lower left")
    return figure


def draw_accuracy(accuracy: Mapping[str, Mapping[int, float]]) -> Figure:
    """Draw accuracies (0 to 1) against the size of the batch, a line for each model."""
    figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for (name, values), style in zip(accuracy.items(), STYLES, strict=False):
        ax.plot(list(values), [100 * v for v in values.values()], **style, label=name)
        sizes = list(values)
    ax.set_xscale("log")
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    ax.set(xlabel="images in a batch (log scale)", ylabel="right answers (%)", ylim=(0, 104))
    ax.grid(alpha=0.3)
    figure.legend(loc="outside upper center", ncols=1, frameon=False)
    return figure


def draw_neighbours(
    image: Tensor, batches: Sequence[Tensor], scores: Tensor, classes: Sequence[str], truth: int
) -> Figure:
    """Draw one image (C, H, W), several sets of neighbours (n, C, H, W), and the answers.

    scores (len(batches), classes) are probabilities; the bar of the right class is hatched.
    """
    rows, count = len(batches), max(len(neighbours) for neighbours in batches)
    figure = plt.figure(figsize=(9.5, 1.15 * rows + 0.5), layout="constrained")
    grid = figure.add_gridspec(rows, count + 4, width_ratios=[1] * (count + 1) + [1.3] * 3)
    for row, neighbours in enumerate(batches):
        for column in range(count + 1):
            ax = figure.add_subplot(grid[row, column])
            if column <= len(neighbours):
                ax.imshow(to_picture(image if column == 0 else neighbours[column - 1]))
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=column == 0, linewidth=2.5, color="black")
            if row == 0 and column == 0:
                ax.set_title("this image", fontsize=9, fontweight="bold")
            if row == 0 and column == (count + 1) // 2:
                ax.set_title("its neighbours in the batch", fontsize=9)
        ax = figure.add_subplot(grid[row, count + 1 :])
        best = int(scores[row].argmax())
        bars = ax.barh(range(len(classes)), 100 * scores[row], color="0.6")
        bars[truth].set(hatch="////", edgecolor="black")
        bars[best].set_facecolor("0.2" if best != truth else "0.75")
        ax.invert_yaxis()
        ax.set(xlim=(0, 190), xticks=[0, 50, 100] if row == rows - 1 else [], yticks=[])
        said = f"{classes[best]}, {100 * float(scores[row, best]):.0f}%"
        ax.text(
            0.98,
            0.5,
            said + (" (right)" if best == truth else " (wrong)"),
            transform=ax.transAxes,
            ha="right",
            va="center",
            fontsize=9,
        )
        if row == 0:
            ax.set_title("score of each colour (%)", fontsize=9)
    return figure
