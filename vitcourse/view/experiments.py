"""Chapter 7 in pictures: how variants learned, what they reached, and what still goes wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.data.scenes import COLOURS, SHAPES, Scenes, cell_names
from vitcourse.training import History, smooth
from vitcourse.view.training import LINES

Style = dict[str, Any]
GUESSED: Style = {
    "marker": "D",
    "markersize": 8,
    "markerfacecolor": "white",
    "markeredgecolor": "black",
}
MEASURED: Style = {"marker": "o", "markersize": 9, "color": "black"}
ON_OTHERS: Style = {"marker": "o", "markersize": 9, "color": "black", "linestyle": "none"}
ON_ITS_OWN: Style = {**GUESSED, "marker": "s", "linestyle": "none"}


def draw_learning(histories: Mapping[str, History], columns: int = 4) -> Figure:
    """Draw right answers over the steps (means of 25), a panel for each training."""
    rows = -(-len(histories) // columns)
    columns = min(columns, len(histories))
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(2.5 * columns, 2.1 * rows + 0.4),
        layout="constrained",
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    for ax in axes.flat[len(histories) :]:
        ax.set_axis_off()
    for ax, (title, history) in zip(axes.flat, histories.items(), strict=False):
        for number, (name, values) in enumerate(history.accuracy.items()):
            shown = smooth([100 * value for value in values])
            ax.plot(shown, color=f"C{number}", linestyle=LINES[number], label=name)
        ax.set_title(title, fontsize=10)
        ax.set(ylim=(0, 102))
        ax.grid(alpha=0.3)
        ax.xaxis.set_tick_params(labelbottom=True)
    for ax in axes[:, 0]:
        ax.set_ylabel("right, %")
    for ax in axes[-1]:
        ax.set_xlabel("step")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels), frameon=False)
    return figure


def draw_variants(
    measured: Mapping[str, Mapping[str, float]],
    guesses: Mapping[str, Mapping[str, float | None]] | None = None,
    chance: float = 1 / 8,
) -> Figure:
    """Draw the accuracies of variants as dots, and guesses as diamonds; a panel per question.

    measured[variant][question] is a share, 0 to 1; guesses[variant][question] are per cent, as
    people guess, and may be None or missing.
    """
    guesses = guesses or {}
    questions = list(next(iter(measured.values())))
    figure, axes = plt.subplots(
        1,
        len(questions),
        figsize=(4.8 * len(questions), 0.42 * len(measured) + 1.5),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    rows = range(len(measured))
    for ax, question in zip(axes.flat, questions, strict=True):
        line = ax.axvline(100 * chance, color="0.4", linestyle=(0, (2, 2)), label="chance")
        for row, (variant, shares) in enumerate(measured.items()):
            guess, share = guesses.get(variant, {}).get(question), 100 * shares[question]
            if guess is not None:
                ax.plot([guess, share], [row, row], color="0.6", linewidth=1, zorder=1)
                ax.plot([guess], [row], linestyle="none", **GUESSED)
            ax.plot([share], [row], linestyle="none", **MEASURED)
            _write_beside(ax, share, (share, row), left=share > 50)
        ax.set(title=f"{question}: right answers, %", xlim=(-2, 104), yticks=rows)
        ax.set_yticklabels(measured)
        ax.grid(axis="y", alpha=0.3)
    axes[0, 0].set_ylim(len(measured) - 0.4, -0.6)
    handles = [line, plt.Line2D([], [], linestyle="none", label="measured", **MEASURED)]
    if any(g is not None for guess in guesses.values() for g in guess.values()):
        handles.append(plt.Line2D([], [], linestyle="none", label="your guess", **GUESSED))
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    return figure


def _write_beside(ax: Axes, share: float, at: tuple[float, float], left: bool = False) -> None:
    """The number beside its dot, readable on every line that it crosses."""
    ax.annotate(
        f"{share:.0f}",
        at,
        (-10 if left else 10, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=9,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
    )


def draw_confusion(counts: Tensor, names: Sequence[str]) -> Figure:
    """Draw how often each answer (column) was given to each truth (row); right ones uncoloured."""
    table = np.asarray(counts)
    wrong = np.where(np.eye(len(table), dtype=bool), 0, table)
    figure, ax = plt.subplots(figsize=(6.4, 5.2), layout="constrained")
    colours = plt.get_cmap("cividis").with_extremes(bad="white")
    hidden = np.ma.masked_array(wrong, np.eye(len(table), dtype=bool))
    most = max(1, wrong.max())
    shown = ax.imshow(hidden, cmap=colours, vmin=0, vmax=most)
    for (row, column), count in np.ndenumerate(table):
        light = row == column or count > most / 2
        ax.text(
            column,
            row,
            f"{count}",
            ha="center",
            va="center",
            fontsize=10,
            fontweight="bold" if row == column else "normal",
            color="black" if light else "white",
        )
    places = range(len(names))
    ax.set_xticks(places, names, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(places, names)
    ax.set(xlabel="what the model said", ylabel="what it was")
    figure.colorbar(shown, ax=ax, label="wrong answers (scenes)")
    return figure


def draw_wrong_answers(scenes: Scenes, said: Tensor, columns: int = 4) -> Figure:
    """Draw scenes with the right answers and those that were given, said (n, 2); wrong ones bold.

    Scenes are of 3 x 3 cells.
    """
    count, cells = len(scenes.images), cell_names(3)
    columns = min(columns, count)
    rows = -(-count // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(max(2.4 * columns, 5), 3.0 * rows),
        layout="constrained",
        squeeze=False,
    )
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    for number, ax in zip(range(count), axes.flat, strict=False):
        ax.imshow(scenes.images[number].movedim(0, -1).numpy(), interpolation="nearest")
        ax.set_title(f"what is {COLOURS[scenes.colour[number]]}?", fontsize=10)
        truth = SHAPES[scenes.what[number]], cells[scenes.where[number]]
        given = SHAPES[said[number, 0]], cells[said[number, 1]]
        ax.set_xlabel(
            f"is {truth[0]}, {truth[1]}\nsaid {given[0]}, {given[1]}",
            fontweight="normal" if truth == given else "bold",
            fontsize=9.5,
        )
    return figure


def draw_data_need(
    on_its_own: Mapping[str, Mapping[str, float]],
    on_others: Mapping[str, Mapping[str, float]],
    chance: float = 1 / 8,
) -> Figure:
    """Draw accuracies by training data: on the training's own scenes, and on fresh ones.

    on_its_own[data][question] and on_others[data][question] are shares, 0 to 1; data without
    scenes of their own (endless ones) are missing from the first. The line between the two is the
    gap: what was learned by heart.
    """
    questions, names = list(next(iter(on_others.values()))), list(on_others)
    figure, axes = plt.subplots(
        1, len(questions), figsize=(4.8 * len(questions), 3.9), layout="constrained", sharey=True
    )
    for ax, question in zip(np.atleast_1d(axes), questions, strict=True):
        ax.axhline(100 * chance, color="0.4", linestyle=(0, (2, 2)), label="chance")
        for place, name in enumerate(names):
            shares = [on_others[name][question]]
            if name in on_its_own:
                shares.append(on_its_own[name][question])
            heights = [100 * share for share in shares]
            ax.plot([place] * len(heights), heights, color="0.6", linewidth=2, zorder=1)
            ax.plot([place], heights[:1], **ON_OTHERS)
            ax.plot([place] * (len(heights) - 1), heights[1:], **ON_ITS_OWN)
            _write_beside(ax, heights[0], (place, heights[0]))
        ax.set_xticks(range(len(names)), names)
        ax.set(title=f"{question}: right answers, %", ylim=(0, 106), xlim=(-0.4, len(names) - 0.4))
        ax.set_xlabel("scenes to train on")
        ax.grid(axis="y", alpha=0.3)
    handles = [
        plt.Line2D([], [], label="scenes it was trained on", **ON_ITS_OWN),
        plt.Line2D([], [], label="scenes it has never seen", **ON_OTHERS),
        *np.atleast_1d(axes)[0].get_legend_handles_labels()[0],
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    return figure
