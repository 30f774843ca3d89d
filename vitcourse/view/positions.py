"""Chapter 3 in pictures: clock hands, tables, similarity maps, and a widget to point at."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.figure import Still, still
from vitcourse.view.living import living_html
from vitcourse.view.patches import to_picture

INVITATION = "<p>Run this cell to point at places yourself.</p>"


def draw_two_readings(pictures: Mapping[str, Tensor], vectors: Sequence[Tensor]) -> Figure:
    """Draw images (C, H, W) side by side, and below each the vector (D,) a model made of it."""
    figure, axes = plt.subplots(
        2,
        len(pictures),
        figsize=(4.2 * len(pictures), 5.6),
        height_ratios=(2.6, 1),
        layout="constrained",
        squeeze=False,
    )
    limit = 1.05 * max(float(vector.abs().max()) for vector in vectors)
    for above, below, (title, image), vector in zip(*axes, pictures.items(), vectors, strict=True):
        above.imshow(to_picture(image))
        above.set_title(title)
        above.set_axis_off()
        below.bar(np.arange(len(vector)), vector.numpy(), width=1.0, color="0.25")
        below.set(ylim=(-limit, limit), xlabel=f"the CLS token's {len(vector)} numbers")
    axes[1, 0].set_ylabel("value")
    return figure


def draw_clocks(angles: Tensor, speeds: Sequence[str]) -> Figure:
    """Draw a clock for each position and hand: angles (positions, hands), in radians.

    Hands start to the right and turn counterclockwise, as angles in mathematics do: how far a
    hand points up is its sine, how far to the right its cosine.
    """
    positions, hands = angles.shape
    figure, axes = plt.subplots(
        hands, positions, figsize=(1.05 * positions + 1.2, 1.12 * hands + 0.4), squeeze=False
    )
    figure.subplots_adjust(left=0.16, right=0.99, top=0.9, bottom=0.02, wspace=0.08, hspace=0.08)
    for hand in range(hands):
        axes[hand, 0].text(-1.35, 0, speeds[hand], ha="right", va="center", fontsize=10)
        for position in range(positions):
            ax, angle = axes[hand, position], float(angles[position, hand])
            ax.add_patch(plt.Circle((0, 0), 1, fill=False, color="0.6"))
            ax.plot([0, np.cos(angle)], [0, np.sin(angle)], color="black", linewidth=2.5)
            ax.plot(np.cos(angle), np.sin(angle), "o", color="black", markersize=5)
            ax.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal")
            ax.set_axis_off()
            if hand == 0:
                ax.set_title(f"p = {position}", fontsize=10)
    return figure


def draw_table(ax: Axes, table: Tensor, title: str = "") -> None:
    """Draw a table of positions (N, D): a row for each position, a column for each channel."""
    limit = max(float(table.abs().max()), 1e-6)
    shown = ax.imshow(
        table, cmap="cividis", vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest"
    )
    ax.set(title=title, xlabel="channel", ylabel="position")
    ax.figure.colorbar(shown, ax=ax, label="value")


def draw_places(
    similarities: Mapping[str, Tensor],
    grid: tuple[int, int],
    places: Sequence[tuple[int, int]],
    lowest: float = -1,
) -> Figure:
    """Draw what each place (row, column) resembles: a row of maps for each matrix (N, N).

    N = rows * columns of the grid; the place itself is marked with a cross. Colours run from
    `lowest` to 1.
    """
    rows, columns = grid
    width, height = 1.75 * len(places), 1.75 * len(similarities) * rows / columns
    figure, axes = plt.subplots(
        len(similarities),
        len(places),
        figsize=(width + 2.2, height + 0.5),
        layout="constrained",
        squeeze=False,
    )
    for number, (title, matrix) in enumerate(similarities.items()):
        line = axes[number]
        line[0].set_ylabel(title, rotation=0, ha="right", va="center", fontsize=10)
        for ax, (row, column) in zip(line, places, strict=True):
            values = matrix[row * columns + column].reshape(grid)
            shown = ax.imshow(values, cmap="viridis", vmin=lowest, vmax=1)
            ax.plot(column, row, "x", color="black", markersize=8, markeredgewidth=2)
            ax.set(xticks=[], yticks=[])
            if number == 0:
                ax.set_title(f"row {row}, column {column}", fontsize=9.5)
    figure.colorbar(shown, ax=axes, label="cosine similarity", shrink=0.9)
    return figure


def draw_by_distance(curves: Mapping[str, tuple[Tensor, Tensor]]) -> Figure:
    """Draw mean similarity over the distance on the grid: {name: (distances, means)}."""
    figure, ax = plt.subplots(figsize=(9, 3.3), layout="constrained")
    for number, (name, (distances, means)) in enumerate(curves.items()):
        marker = "osD^v"[number % 5]
        ax.plot(distances, means, marker=marker, markersize=5, color=f"C{number}", label=name)
    ax.axhline(0, color="0.7", linewidth=0.8, zorder=0)
    ax.set(xlabel="distance on the grid (patches)", ylabel="mean cosine similarity")
    figure.legend(loc="outside right upper", frameon=False)
    return figure


def draw_channels(channels: Mapping[str, Tensor], label: str = "value") -> Figure:
    """Draw single channels of tables, each on its own grid (rows, columns), on one scale."""
    limit = max(float(channel.abs().max()) for channel in channels.values())
    figure, axes = plt.subplots(
        1,
        len(channels),
        figsize=(2.7 * len(channels) + 1, 3.1),
        layout="constrained",
        squeeze=False,
    )
    for ax, (title, channel) in zip(axes.flat, channels.items(), strict=True):
        shown = ax.imshow(channel, cmap="cividis", vmin=-limit, vmax=limit)
        ax.set_title(title, fontsize=10)
        ax.set(xticks=[], yticks=[])
    figure.colorbar(shown, ax=axes, label=label, shrink=0.8)
    return figure


def position_explorer(similarities: Mapping[str, Tensor], grid: tuple[int, int]) -> Still:
    """Point at a place of the grid and see what it resembles: matrices (N, N) of cosines.

    To end a cell with. It works without the kernel, with the mouse, by touch and with the arrow
    keys; without scripts it is a picture of the first matrix. It sends hundredths, one byte each,
    for half of each matrix. Raises ValueError if a matrix does not fit the grid (rows, columns).
    """
    rows, columns = grid
    for name, matrix in similarities.items():
        if tuple(matrix.shape) != (rows * columns, rows * columns):
            raise ValueError(
                f"similarities[{name!r}] must have shape ({rows * columns}, {rows * columns}) "
                f"for grid={grid}, got {tuple(matrix.shape)}"
            )
    given = {
        "rows": rows,
        "columns": columns,
        "palette": "".join(to_hex(colormaps["viridis"](i / 200))[1:] for i in range(201)),
        "tables": [[name, _pack(matrix)] for name, matrix in similarities.items()],
    }
    picture = _first_place(similarities, grid)
    page = living_html("positions", "vitcourse-positions", given, picture.html + INVITATION)
    return replace(picture, html=page)


def _first_place(similarities: Mapping[str, Tensor], grid: tuple[int, int]) -> Still:
    """What the explorer shows first: the place in the middle, by the first matrix."""
    row, column = grid[0] // 2, grid[1] // 2
    name, matrix = next(iter(similarities.items()))
    return still(
        draw_places({name: matrix}, grid, [(row, column)]),
        alt=f"Cosine similarity of each place of a {grid[0]} x {grid[1]} grid to the place in row "
        f"{row}, column {column}: {name}.",
    )


def _pack(matrix: Tensor) -> str:
    """Hundredths from -100 to 100 as bytes 0 to 200, the upper half with the diagonal."""
    values = matrix.detach().cpu().double().numpy()
    hundredths = np.clip(np.round(100 * values), -100, 100)[np.triu_indices(len(values))]
    return base64.b64encode((hundredths + 100).astype(np.uint8).tobytes()).decode()
