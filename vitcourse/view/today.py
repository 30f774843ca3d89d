"""Chapter 12 in pictures: what each change is worth, run by run."""

import math
from collections.abc import Mapping, Sequence
from statistics import mean

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.training import LINES

MARKERS = "osD^v"
Shares = Mapping[str, Sequence[float]]  # {variant: [a share for each run]}


def draw_runs(panels: Mapping[str, Shares], guessing: float = 1 / 8) -> Figure:
    """Draw right answers of every run as a dot: a panel for each question, a row for each variant.

    The means are vertical strokes. All panels have the same variants.
    """
    names = list(next(iter(panels.values())))
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(4.1 * len(panels) + 0.8, 0.42 * len(names) + 1.2),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    for ax, (title, shares) in zip(axes.flat, panels.items(), strict=True):
        ax.axvline(100 * guessing, color="0.4", linestyle=(0, (2, 2)))
        for row, name in enumerate(names):
            found = [100 * share for share in shares[name]]
            ax.plot(found, [row] * len(found), "o", color="C0", alpha=0.65)
            ax.plot(mean(found), row, "|", color="black", markersize=16, markeredgewidth=2)
        ax.set(title=title, xlim=(-3, 103), xlabel="right answers, %")
        ax.grid(axis="x", alpha=0.3)
    axes[0, 0].set_yticks(range(len(names)), names)
    axes[0, 0].set_ylim(len(names) - 0.5, -0.5)
    return figure


def tell_runs(panels: Mapping[str, Shares]) -> str:
    """The same numbers in words, as alternative text: lowest to highest, in per cent."""
    told = [
        f"{title}: {', '.join(f'{name} {_span(found)}' for name, found in shares.items())}"
        for title, shares in panels.items()
    ]
    return f"Right answers of three runs each. {'; '.join(told)}."


def _span(shares: Sequence[float]) -> str:
    low, high = (f"{100 * share:.0f}" for share in (min(shares), max(shares)))
    return f"{low} %" if low == high else f"{low} to {high} %"


def draw_shifts(lines: Mapping[str, Mapping[float, float]], guessing: float = 1 / 8) -> Figure:
    """Draw right answers by how far all coordinates have been shifted: {name: {shift: share}}."""
    figure, ax = plt.subplots(figsize=(6.4, 3), layout="constrained")
    ax.axhline(100 * guessing, color="0.4", linestyle=(0, (2, 2)), label="guessing")
    for number, (name, shares) in enumerate(lines.items()):
        ax.plot(
            list(shares),
            [100 * share for share in shares.values()],
            color=f"C{number}",
            linestyle=LINES[number % len(LINES)],
            marker=MARKERS[number % len(MARKERS)],
            label=name,
        )
    ax.set(xlabel="shift of all coordinates, in patches", ylabel="right answers, %", ylim=(-3, 104))
    ax.grid(axis="y", alpha=0.3)
    ax.legend()
    return figure


def draw_angles(angles: Tensor, grid: tuple[int, int]) -> Figure:
    """Draw by how much each patch turns each pair: angles (N, d / 2), a map of the grid for each.

    Colours run round once from -pi to pi, as the hands of a clock do.
    """
    pairs = angles.shape[1]
    figure, axes = plt.subplots(
        2, pairs // 2, figsize=(1.75 * pairs / 2 + 1.4, 4), layout="constrained", squeeze=False
    )
    for pair, ax in enumerate(axes.flat):
        turned = (angles[:, pair] + math.pi) % (2 * math.pi) - math.pi
        shown = ax.imshow(
            turned.reshape(grid).numpy(), cmap="twilight", vmin=-math.pi, vmax=math.pi
        )
        ax.set_title(f"pair {pair}", fontsize=10)
        ax.set(xticks=[], yticks=[])
    axes[0, 0].set_ylabel("rows")
    axes[1, 0].set_ylabel("columns")
    bar = figure.colorbar(shown, ax=axes, label="angle", ticks=[-math.pi, 0, math.pi])
    bar.set_ticklabels(["\u2212π", "0", "π"])
    return figure
