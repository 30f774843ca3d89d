"""Several ways to learn, each with few examples and with many: chapters 7 and 9."""

from collections.abc import Mapping, Sequence
from statistics import mean

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vitcourse.view.training import LINES

Panel = Mapping[str, Mapping[str, Sequence[float]]]  # {line: {amount: [share of each run]}}
MARKERS = "osD^"
APART = 0.07  # of the distance between two amounts: lines side by side hide no dots


def draw_by_amount(
    panels: Mapping[str, Panel], guessing: Mapping[str, float], columns: int = 2
) -> Figure:
    """Draw right answers by the amount of examples: a dot for each run, lines through the means.

    panels[title][line][amount] are shares, 0 to 1; guessing[title] is what one gets right without
    looking. All panels have the same lines and amounts.
    """
    rows = -(-len(panels) // columns)
    columns = min(columns, len(panels))
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(4.2 * columns, 3.1 * rows + 0.6),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for ax, (title, panel) in zip(axes.flat, panels.items(), strict=False):
        ax.axhline(100 * guessing[title], color="0.4", linestyle=(0, (2, 2)), label="guessing")
        for number, (name, shares) in enumerate(panel.items()):
            _draw_line(ax, number, (number - (len(panel) - 1) / 2) * APART, name, shares)
        amounts = list(next(iter(panel.values())))
        ax.set_xticks(range(len(amounts)), amounts)
        ax.set(title=title, ylim=(0, 104), xlim=(-0.4, len(amounts) - 0.6))
        ax.grid(axis="y", alpha=0.3)
    for ax in axes[:, 0]:
        ax.set_ylabel("right answers, %")
    for ax in axes[-1]:
        ax.set_xlabel("scenes to learn from")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    return figure


def _draw_line(
    ax: Axes, number: int, shift: float, name: str, shares: Mapping[str, Sequence[float]]
) -> None:
    colour, marker = f"C{number}", MARKERS[number % len(MARKERS)]
    places = [place + shift for place in range(len(shares))]
    middles = [100 * mean(of_runs) for of_runs in shares.values()]
    line = LINES[number % len(LINES)]
    ax.plot(places, middles, color=colour, linestyle=line, marker=marker, label=name)
    for place, of_runs in zip(places, shares.values(), strict=True):
        heights = [100 * share for share in of_runs]
        ax.plot([place] * len(heights), heights, marker, color=colour, markersize=3.5, alpha=0.6)


def tell_by_amount(panels: Mapping[str, Panel], guessing: Mapping[str, float]) -> str:
    """The same numbers in words, as alternative text: means in per cent."""
    told = [
        f"Panel {title}. {'; '.join(_tell_line(name, shares) for name, shares in panel.items())}; "
        f"guessing: {guessing[title]:.1%}."
        for title, panel in panels.items()
    ]
    return f"Right answers by scenes to learn from. {' '.join(told)}"


def _tell_line(name: str, shares: Mapping[str, Sequence[float]]) -> str:
    told = (
        f"{amount} scene{'' if amount == '1' else 's'} {mean(of_runs):.0%}"
        for amount, of_runs in shares.items()
    )
    return f"{name}: {', '.join(told)}"
