"""The pictures of the quiz questions: each function draws one and says what is to be seen.

A description tells somebody who does not see the picture what the others see, and no more: it does
not say which picture is the right one.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon, Rectangle

Picture = tuple[Figure, str]  # the figure, and its text for screen readers

SIDE = 2.8  # inches: about 200 pixels on a page
DARK, LIGHT, WHITE = "#31688e", "#c8d8e4", "white"  # told apart by lightness alone
SMALL, LARGE = 10, 12  # sizes of letters


def _axes(height: float = SIDE) -> tuple[Figure, Axes]:
    # Not by pyplot, which would keep every figure until it is closed.
    figure = Figure(figsize=(SIDE, height), layout="constrained")
    return figure, figure.add_subplot()


# Chapter 1: the patches of a letter ---------------------------------------------------------------

PIXELS, PATCH, TILES = 24, 6, 4


def letter() -> Picture:
    return _draw_letter(_letter()), "The capital letter F on a grid of 4 by 4 patches."


def letter_in_columns() -> Picture:
    tiles = _letter().reshape(TILES, PATCH, TILES, PATCH)
    swapped = tiles.transpose(2, 1, 0, 3).reshape(PIXELS, PIXELS)  # the tiles stay upright
    alt = "A torn F: each patch is upright, and those of its first row stand one below the other."
    return _draw_letter(swapped), alt


def letter_mirrored() -> Picture:
    alt = "An F in one piece, mirrored at the diagonal: its long stroke lies along the top."
    return _draw_letter(_letter().T), alt


def letter_in_turned_patches() -> Picture:
    tiles = _letter().reshape(TILES, PATCH, TILES, PATCH)
    alt = "A torn F: each patch is in its old place, and is itself mirrored at its diagonal."
    return _draw_letter(tiles.swapaxes(1, 3).reshape(PIXELS, PIXELS)), alt


def letter_in_stripes() -> Picture:
    runs = _letter().reshape(TILES, TILES, PATCH, PATCH)  # reading order, only cut in other places
    alt = "No letter left: every patch holds a few short stripes."
    return _draw_letter(runs.swapaxes(1, 2).reshape(PIXELS, PIXELS)), alt


def _letter() -> np.ndarray:
    """A letter F of ones on zeros: (PIXELS, PIXELS)."""
    pixels = np.zeros((PIXELS, PIXELS))
    pixels[2:22, 4:8] = pixels[2:6, 4:21] = pixels[10:14, 4:16] = 1
    return pixels


def _draw_letter(pixels: np.ndarray) -> Figure:
    figure, ax = _axes()
    ax.imshow(pixels, cmap="Greys", vmin=0, vmax=1.2, interpolation="nearest")
    for place in range(0, PIXELS + 1, PATCH):
        ax.axhline(place - 0.5, color=DARK, linewidth=1)
        ax.axvline(place - 0.5, color=DARK, linewidth=1)
    ax.set_axis_off()
    return figure


PLACES = (3, 4)  # rows and columns of patches


def place_in_raster_order() -> Picture:
    return _draw_place(*divmod(5, PLACES[1]))


def place_in_column_order() -> Picture:
    column, row = divmod(5, PLACES[0])
    return _draw_place(row, column)


def place_counted_from_one() -> Picture:
    return _draw_place(*divmod(5 - 1, PLACES[1]))


def place_in_a_square_grid() -> Picture:
    return _draw_place(*divmod(5, PLACES[0]))


def _draw_place(row: int, column: int) -> Picture:
    figure, ax = _axes(height=2.1)
    _draw_cells(ax, PLACES, {(row, column)})
    ax.set(xticks=[], yticks=[])
    rows = ("top", "middle", "bottom")
    columns = ("first", "second", "third", "fourth")
    alt = f"Three rows of four cells; the {columns[column]} cell of the {rows[row]} row is dark."
    return figure, alt


def _draw_cells(ax: Axes, shape: tuple[int, int], dark: set[tuple[int, int]]) -> None:
    """A table of cells, row 0 at the top, some of them dark."""
    rows, columns = shape
    for row in range(rows):
        for column in range(columns):
            colour = DARK if (row, column) in dark else WHITE
            ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fc=colour, ec="black"))
    ax.set(xlim=(-0.55, columns - 0.45), ylim=(rows - 0.45, -0.55), aspect="equal")
    ax.spines[:].set_visible(False)


# Chapter 2: how ten tokens share a gradient -------------------------------------------------------


def gradient_at_cls() -> Picture:
    alt = "Bars for ten tokens. CLS has all of the gradient, the nine patches have none."
    return _draw_gradient([100] + 9 * [0]), alt


def gradient_everywhere() -> Picture:
    alt = "Bars for ten tokens. CLS and the nine patches have a tenth of the gradient each."
    return _draw_gradient(10 * [10]), alt


def gradient_at_patches() -> Picture:
    alt = "Bars for ten tokens. CLS has none of the gradient, the nine patches a ninth each."
    return _draw_gradient([0] + 9 * [100 / 9]), alt


def gradient_uneven() -> Picture:
    alt = (
        "Bars for ten tokens. CLS has half of the gradient, the patches have 2 to 9 per cent each."
    )
    return _draw_gradient([50, 3, 9, 4, 6, 8, 2, 7, 5, 6]), alt


def _draw_gradient(shares: Sequence[float]) -> Figure:
    """Bars in per cent, the class token first."""
    figure, ax = _axes(height=2.2)
    ax.bar(range(len(shares)), shares, color=DARK, edgecolor="black", linewidth=0.5)
    ax.set(ylim=(0, 105), yticks=[0, 50, 100], ylabel="share in %")
    ax.set_xticks([0, 5], ["CLS", "patches"])
    return figure


# Chapter 3: which places resemble the marked one --------------------------------------------------

GRID, MARKED = 12, (4, 7)  # places along a side; row and column
CHANNELS = 64


def similar_along_row_and_column() -> Picture:
    row, column = np.divmod(np.arange(GRID**2), GRID)
    table = np.concatenate([_waves(row, CHANNELS // 2), _waves(column, CHANNELS // 2)], axis=1)
    alt = "A bright cross: the row and the column of the marked place, brightest where they meet."
    return _draw_similarity(_cosines(table)), alt


def similar_around() -> Picture:
    row, column = np.divmod(np.arange(GRID**2), GRID)
    squared = (row - MARKED[0]) ** 2 + (column - MARKED[1]) ** 2
    alt = "A round bright spot about the marked place; all else is dark."
    return _draw_similarity(np.exp(-squared / 5)), alt


def similar_along_rows() -> Picture:
    alt = "Bright along the row of the marked place; the other rows are level bands, less bright."
    return _draw_similarity(_cosines(_waves(np.arange(GRID**2), CHANNELS))), alt


def similar_to_none() -> Picture:
    table = np.random.default_rng(0).normal(size=(GRID**2, 16))
    alt = "The marked place is bright; the others are brighter or darker without any order."
    return _draw_similarity(_cosines(table)), alt


def _waves(positions: np.ndarray, dim: int) -> np.ndarray:
    """Sines and cosines as in exercise 3.2: (N,) -> (N, dim)."""
    half = dim // 2
    angles = positions[:, None] * 10000.0 ** (-np.arange(half) / half)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def _cosines(table: np.ndarray) -> np.ndarray:
    """The cosine similarity of all rows to that of the marked place."""
    rows = table / np.linalg.norm(table, axis=1, keepdims=True)
    return rows @ rows[MARKED[0] * GRID + MARKED[1]]


def _draw_similarity(values: np.ndarray) -> Figure:
    figure, ax = _axes()
    ax.imshow(values.reshape(GRID, GRID), cmap="cividis", vmin=0, vmax=1, interpolation="nearest")
    row, column = MARKED
    ax.plot(column, row, marker="x", color="black", markersize=11, markeredgewidth=2.5)
    ax.set_axis_off()
    return figure


# Chapter 4: tables of weights, a row for each query -----------------------------------------------


def weights_with_full_rows() -> Picture:
    rows = ((0.7, 0.1, 0.1, 0.1), (0.2, 0.5, 0.2, 0.1), (0.1, 0.1, 0.2, 0.6), (0.4, 0.1, 0.1, 0.4))
    return _draw_weights(rows)


def weights_with_full_columns() -> Picture:
    rows = ((0.1, 0.3, 0.1, 0.2), (0.6, 0.3, 0.7, 0.2), (0.1, 0.1, 0.1, 0.5), (0.2, 0.3, 0.1, 0.1))
    return _draw_weights(rows)


def weights_with_a_full_table() -> Picture:
    low, high = 0.05, 0.1
    rows = (
        (low, high, low, low),
        (high, low, low, low),
        (low, low, low, high),
        (low, low, high, low),
    )
    return _draw_weights(rows)


def weights_below_zero() -> Picture:
    rows = (
        (0.8, 0.4, -0.1, -0.1),
        (0.3, 0.6, 0.2, -0.1),
        (-0.2, 0.1, 0.9, 0.2),
        (0.5, -0.1, 0.1, 0.5),
    )
    return _draw_weights(rows)


def _draw_weights(rows: Sequence[Sequence[float]]) -> Picture:
    figure, ax = _axes()
    for query, row in enumerate(rows):
        for key, weight in enumerate(row):
            ax.text(key, query, f"{weight:g}", ha="center", va="center", fontsize=LARGE)
    for line in range(len(rows) + 1):
        ax.axhline(line - 0.5, color="black", linewidth=1)
        ax.axvline(line - 0.5, color="black", linewidth=1)
    ax.set(xlim=(-0.55, 3.55), ylim=(3.55, -0.55), aspect="equal", xlabel="keys", ylabel="queries")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    told = "; ".join(", ".join(f"{weight:g}" for weight in row) for row in rows)
    return figure, f"A table of weights, a row for each query: {told}."


SEQUENCE = 6  # tokens; a row for each query, a column for each key


def mask_of_the_past() -> Picture:
    dark = {(query, key) for query in range(SEQUENCE) for key in range(query + 1)}
    return _draw_mask(dark), "Dark: the diagonal and all cells below and to the left of it."


def mask_of_the_future() -> Picture:
    dark = {(query, key) for query in range(SEQUENCE) for key in range(query, SEQUENCE)}
    return _draw_mask(dark), "Dark: the diagonal and all cells above and to the right of it."


def mask_of_all() -> Picture:
    dark = {(query, key) for query in range(SEQUENCE) for key in range(SEQUENCE)}
    return _draw_mask(dark), "Dark: all cells."


def mask_of_the_others() -> Picture:
    dark = {(query, key) for query in range(SEQUENCE) for key in range(SEQUENCE) if query != key}
    return _draw_mask(dark), "Dark: all cells but the diagonal."


def _draw_mask(dark: set[tuple[int, int]]) -> Figure:
    figure, ax = _axes()
    _draw_cells(ax, (SEQUENCE, SEQUENCE), dark)
    ax.set(xticks=range(SEQUENCE), yticks=range(SEQUENCE), xlabel="key", ylabel="query")
    ax.tick_params(length=0)
    return figure


# Chapter 5: a norm and an addition; who hears of a change -----------------------------------------

BRANCH = 2.2  # how far above the line the branch runs


def norm_before_attention() -> Picture:
    figure, ax = _draw_line()
    _draw_branch(ax, ["norm", "attention"], start=1, end=10.6)
    return figure, "A branch leaves a line, passes norm, then attention, and is added to the line."


def norm_after_attention() -> Picture:
    figure, ax = _draw_line()
    _draw_branch(ax, ["attention", "norm"], start=1, end=10.6)
    return figure, "A branch leaves a line, passes attention, then norm, and is added to the line."


def norm_after_the_sum() -> Picture:
    figure, ax = _draw_line()
    _draw_branch(ax, ["attention"], start=0.8, end=7)
    _draw_box(ax, "norm", 9.4, 0)
    alt = "A branch leaves a line, passes attention, and is added to the line; then norm follows."
    return figure, alt


def norm_before_the_branch() -> Picture:
    figure, ax = _draw_line()
    _draw_box(ax, "norm", 2.4, 0)
    _draw_branch(ax, ["attention"], start=4.8, end=11)
    alt = "A line passes norm; then a branch leaves it, passes attention, and is added to the line."
    return figure, alt


def _draw_line() -> tuple[Figure, Axes]:
    """A line from left to right: what goes into a block and comes out of it."""
    figure, ax = _axes(height=1.2)
    arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (12.6, 0), (0, 0), arrowprops=arrow)
    ax.set(xlim=(-0.2, 12.8), ylim=(-1, BRANCH + 1), aspect="equal")
    ax.set_axis_off()
    return figure, ax


def _draw_branch(ax: Axes, names: Sequence[str], start: float, end: float) -> None:
    """From the line at `start` through boxes to a plus on the line at `end`."""
    ax.plot([start, start, end, end], [0, BRANCH, BRANCH, 0], color="black", linewidth=1.5)
    ax.plot(start, 0, "o", color="black", markersize=5)
    ax.add_patch(Circle((end, 0), 0.75, facecolor=WHITE, edgecolor="black", zorder=3))
    ax.text(end, 0, "+", ha="center", va="center_baseline", fontsize=LARGE, zorder=4)
    for number, name in enumerate(names):
        _draw_box(ax, name, start + (end - start) * (number + 0.5) / len(names), BRANCH)


def _draw_box(ax: Axes, name: str, x: float, y: float) -> None:
    style = {"boxstyle": "round,pad=0.25", "facecolor": LIGHT, "edgecolor": "black"}
    ax.text(x, y, name, ha="center", va="center", fontsize=SMALL, bbox=style, zorder=3)


def changed_in_the_image() -> Picture:
    return _draw_changes({(1, token) for token in range(5)}), "Dark: all five tokens of image 1."


def changed_in_the_column() -> Picture:
    return _draw_changes({(image, 2) for image in range(3)}), "Dark: token 2 of all three images."


def changed_alone() -> Picture:
    return _draw_changes({(1, 2)}), "Dark: token 2 of image 1 alone."


def changed_everywhere() -> Picture:
    everywhere = {(image, token) for image in range(3) for token in range(5)}
    return _draw_changes(everywhere), "Dark: all tokens of all three images."


def _draw_changes(changed: set[tuple[int, int]]) -> Figure:
    """A row for each image, a column for each token; dark is what changes."""
    figure, ax = _axes(height=1.9)
    _draw_cells(ax, (3, 5), changed)
    ax.set(xticks=range(5), yticks=range(3), xlabel="token", ylabel="image")
    return figure


# Chapter 6: where the parameters are --------------------------------------------------------------


def shares_most_in_mlps() -> Picture:
    return _draw_parameters(mlps=65.5, attention=32.7, patches=0.9, head=0.9)


def shares_most_in_attention() -> Picture:
    return _draw_parameters(mlps=32.7, attention=65.5, patches=0.9, head=0.9)


def shares_most_in_patches() -> Picture:
    return _draw_parameters(mlps=22, attention=11, patches=58, head=9)


def shares_most_in_head() -> Picture:
    return _draw_parameters(mlps=22, attention=11, patches=9, head=58)


def _draw_parameters(**percent: float) -> Picture:
    names = {"patches": "patches,\npositions", "mlps": "MLPs"}
    figure, ax = _axes(height=2.2)
    ax.barh([names.get(name, name) for name in percent], list(percent.values()), color=DARK)
    ax.invert_yaxis()
    ax.set(xlim=(0, 100), xticks=[0, 50, 100], xlabel="share in %")
    ax.tick_params(labelsize=SMALL)
    told = ", ".join(f"{name} {share:.0f}" for name, share in percent.items())
    return figure, f"Bars, in per cent of all parameters: {told}.".replace("mlps", "MLPs")


# Chapter 7: a loss over the steps, with eight answers ---------------------------------------------

GUESSING = math.log(8)


def loss_falls_to_zero() -> Picture:
    alt = "The loss begins at the line of guessing, 2.08, and falls to almost zero."
    return _draw_loss(GUESSING, 0), alt


def loss_levels_off() -> Picture:
    alt = "The loss begins at the line of guessing, 2.08, falls, and levels off at about 1.3."
    return _draw_loss(GUESSING, -math.log(math.e / (math.e + 7))), alt


def loss_stays() -> Picture:
    return _draw_loss(GUESSING, GUESSING), "The loss stays at the line of guessing, 2.08."


def loss_begins_high() -> Picture:
    alt = "The loss begins at 3.8, far above the line of guessing, 2.08, and falls to almost zero."
    return _draw_loss(3.8, 0), alt


def _draw_loss(first: float, last: float) -> Figure:
    steps = np.linspace(0, 100, 201)
    figure, ax = _axes(height=2.2)
    ax.axhline(GUESSING, color="0.4", linestyle="dashed", linewidth=1.5)
    ax.text(100, GUESSING + 0.1, "guessing", ha="right", va="bottom", fontsize=SMALL)
    ax.plot(steps, last + (first - last) * np.exp(-steps / 15), color="black", linewidth=2.5)
    ax.set(xlim=(0, 100), ylim=(-0.1, 4), xticks=[], yticks=range(5), xlabel="step", ylabel="loss")
    return figure


STEPS, WARM_UP = 100, 20


def rate_warm_up_and_cosine() -> Picture:
    alt = "A straight rise over 20 steps, then a curved fall to zero, steepest halfway."
    return _draw_rate(lambda done: (1 + np.cos(np.pi * done)) / 2), alt


def rate_whole_cosine() -> Picture:
    alt = "A straight rise over 20 steps, then a curved fall to zero and a rise back to the top."
    return _draw_rate(lambda done: (1 + np.cos(2 * np.pi * done)) / 2), alt


def rate_straight_down() -> Picture:
    alt = "A straight rise over 20 steps, then a straight fall to zero."
    return _draw_rate(lambda done: 1 - done), alt


def rate_without_warm_up() -> Picture:
    alt = "A start at the top, then a curved fall to zero, steepest halfway."
    return _draw_rate(lambda done: (1 + np.cos(np.pi * done)) / 2, warm_up=0), alt


def _draw_rate(fall: Callable[[np.ndarray], np.ndarray], warm_up: int = WARM_UP) -> Figure:
    """A rise in a straight line, then what `fall` makes of the share of steps that is done."""
    steps = np.arange(STEPS)
    done = (steps - warm_up) / (STEPS - warm_up)
    rate = np.where(steps < warm_up, (steps + 1) / max(warm_up, 1), fall(done))
    figure, ax = _axes(height=2.2)
    ax.plot(steps, rate, color="black", linewidth=2.5)
    ax.set(xlim=(0, STEPS), ylim=(0, 1.1), xticks=[0, 20, 100], yticks=[0, 1])
    ax.set_yticklabels(["0", "peak"])
    ax.set(xlabel="step", ylabel="learning rate")
    return figure


# Chapter 8: which part of the weights is a map ----------------------------------------------------

TOKENS = 7  # the class token and six patches


def part_first_row() -> Picture:
    alt = "Of the row of CLS, the weights in the columns of the six patches are dark."
    return _draw_part({(0, patch) for patch in range(1, TOKENS)}), alt


def part_first_column() -> Picture:
    alt = "Of the column of CLS, the weights in the rows of the six patches are dark."
    return _draw_part({(patch, 0) for patch in range(1, TOKENS)}), alt


def part_diagonal() -> Picture:
    alt = "The weights where the row and the column belong to the same patch are dark."
    return _draw_part({(patch, patch) for patch in range(1, TOKENS)}), alt


def part_last_row() -> Picture:
    alt = "Of the row of the last patch, the weights in the columns of the six patches are dark."
    return _draw_part({(TOKENS - 1, patch) for patch in range(1, TOKENS)}), alt


def _draw_part(dark: set[tuple[int, int]]) -> Figure:
    """Weights (queries, keys) of a class token and six patches as cells, some of them dark."""
    figure, ax = _axes()
    _draw_cells(ax, (TOKENS, TOKENS), dark)
    ax.set_xticks([0, 3.5], ["CLS", "patches"])
    ax.set_yticks([0, 3.5], ["CLS", "patches"], rotation=90, va="center")
    ax.tick_params(length=0)
    ax.set(xlabel="keys", ylabel="queries")
    return figure


# Chapter 9: what a model sees of a wide photograph ------------------------------------------------

WIDTH, HEIGHT = 30, 18  # of the photograph
CROP = HEIGHT * 224 / 256  # the side of the square that is cut out


def photograph() -> Picture:
    figure, ax = _draw_photograph(height=1.75)
    ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT), aspect="equal")
    return (
        figure,
        "A wide picture: a triangle at the left, a circle in the middle, a box at the right.",
    )


def photograph_cut() -> Picture:
    figure, ax = _draw_photograph()
    x, y = (WIDTH - CROP) / 2, (HEIGHT - CROP) / 2
    ax.set(xlim=(x, x + CROP), ylim=(y, y + CROP), aspect="equal")
    return figure, "A square with the circle alone, which is round."


def photograph_cut_at_the_left() -> Picture:
    figure, ax = _draw_photograph()
    ax.set(xlim=(0, CROP), ylim=(0, CROP), aspect="equal")
    return figure, "A square with the triangle and the left part of the circle."


def photograph_squeezed() -> Picture:
    figure, ax = _draw_photograph()
    ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT), aspect=WIDTH / HEIGHT)
    return (
        figure,
        "A square with triangle, circle and box, all of them narrow; the circle is an egg.",
    )


def photograph_padded() -> Picture:
    figure, ax = _draw_photograph()
    margin = (WIDTH - HEIGHT) / 2
    ax.set(xlim=(0, WIDTH), ylim=(-margin, HEIGHT + margin), aspect="equal", facecolor="black")
    return figure, "A square with triangle, round circle and box, and black bars above and below."


def _draw_photograph(height: float = 2.2) -> tuple[Figure, Axes]:
    figure, ax = _axes(height)
    ax.add_patch(Rectangle((0, 0), WIDTH, HEIGHT, facecolor=LIGHT))
    ax.add_patch(Polygon([(1.5, 4), (7, 4), (4.25, 14)], facecolor="black"))
    ax.add_patch(Circle((WIDTH / 2, HEIGHT / 2), 5.5, facecolor=DARK))
    ax.add_patch(Rectangle((23.5, 5), 5, 8, facecolor=WHITE, edgecolor="black"))
    ax.set(xticks=[], yticks=[])
    return figure, ax
