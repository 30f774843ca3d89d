"""Chapter 3 in pictures: clock hands, tables, similarity maps, and a widget to point at."""

import base64
import html
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.patches import to_picture


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


def position_explorer(similarities: Mapping[str, Tensor], grid: tuple[int, int]):
    """Point at a place of the grid and see what it resembles: matrices (N, N) of cosines.

    An HTML object for the end of a cell. It works without the kernel, with the mouse, by touch and
    with the arrow keys. Raises ValueError if a matrix does not fit the grid (rows, columns).
    """
    from IPython.display import HTML

    return HTML(position_page(similarities, grid))


def position_page(similarities: Mapping[str, Tensor], grid: tuple[int, int]) -> str:
    """The same as HTML text. It sends hundredths, one byte each, for half of each matrix."""
    rows, columns = grid
    options = []
    for name, matrix in similarities.items():
        if tuple(matrix.shape) != (rows * columns, rows * columns):
            raise ValueError(
                f"similarities[{name!r}] must have shape ({rows * columns}, {rows * columns}) "
                f"for grid={grid}, got {tuple(matrix.shape)}"
            )
        options.append(f'<option data-values="base64,{_pack(matrix)}">{html.escape(name)}</option>')
    palette = "".join(to_hex(colormaps["viridis"](i / 200))[1:] for i in range(201))
    return (
        PAGE.replace("{rows}", str(rows))
        .replace("{columns}", str(columns))
        .replace("{palette}", palette)
        .replace("{gradient}", ", ".join(f"#{palette[6 * i :][:6]}" for i in range(0, 201, 10)))
        .replace("{options}", "".join(options))
    )


def _pack(matrix: Tensor) -> str:
    """Hundredths from -100 to 100 as bytes 0 to 200, the upper half with the diagonal."""
    values = matrix.detach().cpu().double().numpy()
    hundredths = np.clip(np.round(100 * values), -100, 100)[np.triu_indices(len(values))]
    return base64.b64encode((hundredths + 100).astype(np.uint8).tobytes()).decode()


# JupyterLab takes keys for itself unless an element says data-lm-suppress-shortcuts.
PAGE = """<div class="vitcourse-positions" data-lm-suppress-shortcuts="true" data-rows="{rows}"
 data-columns="{columns}" data-palette="{palette}">
<style>
.vitcourse-positions { font-size: 13px; max-width: 100%; }
.vitcourse-positions label { display: block; margin: 4px 0 8px; }
.vitcourse-positions select { font-size: 13px; max-width: 100%; }
.vitcourse-positions .stage { display: flex; flex-wrap: wrap; gap: 20px; align-items: flex-start; }
.vitcourse-positions [role=grid] { overflow-x: auto; padding: 4px; touch-action: manipulation; }
.vitcourse-positions [role=row] { display: flex; }
.vitcourse-positions [role=gridcell] { width: 40px; height: 40px; flex: none; display: flex;
 align-items: center; justify-content: center; font-size: 12px; cursor: pointer;
 box-sizing: border-box; outline: none; }
.vitcourse-positions [aria-selected=true] { box-shadow: inset 0 0 0 3px #000, inset 0 0 0 5px #fff;
 font-weight: bold; font-size: 11px; }
.vitcourse-positions [role=gridcell]:focus-visible { outline: 3px solid #1f6fd0;
 outline-offset: 1px; z-index: 1; position: relative; }
.vitcourse-positions .bar { display: flex; gap: 6px; height: 240px; padding-top: 8px; }
.vitcourse-positions .colours { width: 18px; background: linear-gradient(to top, {gradient}); }
.vitcourse-positions .ticks { display: flex; flex-direction: column;
 justify-content: space-between; margin: -8px 0; }
.vitcourse-positions .name { writing-mode: vertical-rl; text-align: center; }
.vitcourse-positions .readout { min-height: 3.2em; line-height: 1.5; margin: 8px 0 0; }
</style>
<label>Positions: <select>{options}</select></label>
<div class="stage">
<div role="grid" aria-label="Cosine similarity of all places to the chosen one. Arrow keys choose
 another place." aria-rowcount="{rows}" aria-colcount="{columns}"></div>
<div class="bar" aria-hidden="true"><div class="colours"></div>
<div class="ticks"><span>1</span><span>0.5</span><span>0</span><span>−0.5</span>
<span>−1</span></div>
<div class="name">cosine similarity (no unit)</div></div>
</div>
<p class="readout" aria-live="polite">Run this cell, and point at a place here.</p>
<script>
(() => {
  const script = document.currentScript;
  const root = script.closest(".vitcourse-positions");
  const rows = +root.dataset.rows, columns = +root.dataset.columns, count = rows * columns;
  const palette = root.dataset.palette.match(/.{6}/g);
  const select = root.querySelector("select"), board = root.querySelector("[role=grid]");
  const readout = root.querySelector(".readout");

  const tables = [...select.options].map(option => {
    const bytes = atob(option.dataset.values.slice("base64,".length));
    return (i, j) => {
      const [a, b] = i < j ? [i, j] : [j, i];
      return bytes.charCodeAt(a * count - a * (a - 1) / 2 + b - a) - 100;
    };
  });
  const number = hundredths => (hundredths / 100).toFixed(2).replace("-", "\\u2212");
  const place = i => `row ${Math.floor(i / columns)}, column ${i % columns}`;

  // Black or white, whichever stands out more: at least 4.5 to 1 on every colour there is.
  const luminance = colour => [0, 2, 4].map(k => parseInt(colour.slice(k, k + 2), 16) / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const ink = palette.map(colour => luminance(colour) > 0.179 ? "#000" : "#fff");

  const cells = [];
  for (let r = 0; r < rows; r++) {
    const row = document.createElement("div");
    row.setAttribute("role", "row");
    for (let c = 0; c < columns; c++) {
      const cell = document.createElement("div"), index = cells.length;
      cell.setAttribute("role", "gridcell");
      cell.addEventListener("pointerenter", () => choose(index));
      cell.addEventListener("pointerdown", () => choose(index));
      cell.addEventListener("focus", () => choose(index));
      cells.push(row.appendChild(cell));
    }
    board.appendChild(row);
  }

  let chosen = Math.floor(rows / 2) * columns + Math.floor(columns / 2);
  function choose(index) {
    chosen = index;
    const value = tables[select.selectedIndex];
    cells.forEach((cell, i) => {
      const v = value(chosen, i);
      cell.style.background = "#" + palette[v + 100];
      cell.style.color = ink[v + 100];
      cell.textContent = number(v).replace("0.", ".");
      cell.tabIndex = i == chosen ? 0 : -1;
      cell.setAttribute("aria-selected", i == chosen);
      cell.setAttribute("aria-label", `${place(i)}: ${number(v)}`);
    });
    const others = cells.map((_, i) => i).filter(i => i != chosen)
      .sort((i, j) => value(chosen, j) - value(chosen, i));
    const say = i => `${place(i)} (${number(value(chosen, i))})`;
    readout.textContent = `Chosen: ${place(chosen)}. Most alike: `
      + `${others.slice(0, 3).map(say).join("; ")}. Least alike: ${say(others.at(-1))}.`;
  }

  board.addEventListener("keydown", event => {
    const r = Math.floor(chosen / columns), c = chosen % columns;
    const to = {
      ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
      Home: [r, 0], End: [r, columns - 1], PageUp: [0, c], PageDown: [rows - 1, c],
    }[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (to[0] >= 0 && to[0] < rows && to[1] >= 0 && to[1] < columns) {
      cells[to[0] * columns + to[1]].focus();
    }
  });
  select.addEventListener("change", () => choose(chosen));
  choose(chosen);
})();
</script>
</div>"""
