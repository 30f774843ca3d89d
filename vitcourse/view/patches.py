"""Chapter 1 in pictures: an image, its grid, its patches, and what the patch size decides."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.figure import still
from vitcourse.view.slider import picture_slider
from vitcourse.view.widgets import WithStill


def to_picture(image: Tensor) -> np.ndarray:
    """(C, H, W) with values 0 to 1 -> (H, W, C) for `imshow`; values outside are clipped."""
    return image.detach().clamp(0, 1).movedim(0, -1).cpu().numpy()


def draw_grid(ax: Axes, image: Tensor, patch_size: int) -> None:
    """Draw an image (C, H, W) with white lines between its patches."""
    _, height, width = image.shape
    ax.imshow(to_picture(image))
    for y in range(patch_size, height, patch_size):
        ax.axhline(y - 0.5, color="white", linewidth=0.8)
    for x in range(patch_size, width, patch_size):
        ax.axvline(x - 0.5, color="white", linewidth=0.8)
    ax.set_axis_off()


def draw_numbers(ax: Axes, values: Tensor, patch_size: int) -> None:
    """Draw a small matrix (H, W) as numbers in a grid, with thick lines between patches."""
    height, width = values.shape
    for y in range(height):
        for x in range(width):
            ax.text(x, y, f"{values[y, x]:g}", ha="center", va="center", fontsize=12)
    for x in range(width + 1):
        ax.axvline(x - 0.5, color="black", linewidth=2.5 if x % patch_size == 0 else 0.4)
    for y in range(height + 1):
        ax.axhline(y - 0.5, color="black", linewidth=2.5 if y % patch_size == 0 else 0.4)
    ax.set(xlim=(-0.6, width - 0.4), ylim=(height - 0.4, -0.6), aspect="equal")
    ax.set_axis_off()


def side_by_side(pictures: Mapping[str, Tensor]) -> Figure:
    """Draw images (C, H, W) in a row, each below its title."""
    figure, axes = plt.subplots(
        1, len(pictures), figsize=(3.6 * len(pictures), 3.9), layout="constrained", squeeze=False
    )
    for ax, (title, image) in zip(axes.flat, pictures.items(), strict=True):
        ax.imshow(to_picture(image))
        ax.set_title(title)
        ax.set_axis_off()
    return figure


def draw_patch_rows(rows: Mapping[str, Tensor], patch_size: int) -> Figure:
    """Draw rows of flat patches (n, C * P * P), each row below its title."""
    count = max(map(len, rows.values()))
    figure, axes = plt.subplots(
        len(rows), count, figsize=(count, 1.3 * len(rows)), layout="constrained", squeeze=False
    )
    for line, (title, patches) in zip(axes, rows.items(), strict=True):
        line[0].set_title(title, fontsize=10, loc="left")
        for ax, patch in zip(line, patches, strict=True):
            ax.imshow(to_picture(patch.reshape(-1, patch_size, patch_size)))
            ax.set_axis_off()
    return figure


def draw_similarity(
    image: Tensor, patch_size: int, number: int, maps: Mapping[str, Tensor]
) -> Figure:
    """Draw an image (C, H, W) with one patch framed, and maps (rows, columns) of cosines to it."""
    figure, axes = plt.subplots(
        1, 1 + len(maps), figsize=(3.2 * (1 + len(maps)), 3.3), layout="constrained"
    )
    columns = image.shape[2] // patch_size
    x, y = number % columns * patch_size - 0.5, number // columns * patch_size - 0.5
    draw_grid(axes[0], image, patch_size)
    frame: dict[str, Any] = {"fill": False, "edgecolor": "black", "linewidth": 3}
    axes[0].add_patch(plt.Rectangle((x, y), patch_size, patch_size, **frame))
    axes[0].set_title(f"patch {number}, framed in black")
    for ax, (title, values) in zip(axes[1:], maps.items(), strict=True):
        shown = ax.imshow(values, cmap="viridis", vmin=-1, vmax=1)
        ax.set_title(title)
        ax.set_axis_off()
    figure.colorbar(shown, ax=axes, label="cosine similarity")
    return figure


def draw_exploded(ax: Axes, patches: Tensor, grid: tuple[int, int], patch_size: int) -> None:
    """Draw flat patches (N, C * P * P) on their grid (rows, columns), pulled apart."""
    rows, columns = grid
    cell = patch_size + max(1, patch_size // 5)
    canvas = np.ones((rows * cell, columns * cell, patches.shape[1] // patch_size**2))
    for number, patch in enumerate(patches):
        y, x = (number // columns) * cell, (number % columns) * cell
        canvas[y : y + patch_size, x : x + patch_size] = to_picture(
            patch.reshape(-1, patch_size, patch_size)
        )
    ax.imshow(canvas)
    ax.set_axis_off()


def patch_size_slider(
    photo: Tensor, squeezed: Mapping[int, Tensor], embed_dim: int, start: int
) -> WithStill:
    """A slider for the patch size: the grid, what is left of the photo, and the cost.

    `photo` is (C, H, W); `squeezed[P]` is the photo after each patch of side P went through
    embed_dim numbers.
    """
    channels, height, width = photo.shape
    tokens = {p: (height // p) * (width // p) for p in squeezed}
    pictures = {}
    for p, image in squeezed.items():
        n, values = tokens[p], channels * p * p
        text = (
            f"P = {p}: {height // p} x {width // p} = {n:,} patches, {n * n:,} comparisons; "
            f"{values:,} numbers a patch become {min(values, embed_dim)}."
        )
        figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), layout="constrained")
        draw_grid(axes[0], photo, p)
        axes[1].imshow(to_picture(image))
        axes[1].set_axis_off()
        axes[0].set_title(f"{n:,} patches")
        axes[1].set_title(f"{values:,} numbers become {min(values, embed_dim)}")
        _draw_price(axes[2], tokens, p)
        alt = f"The photograph with its grid, and what is left of it. {text}"
        pictures[str(p)] = still(figure, alt, caption=text)
    return picture_slider(pictures, label="patch size P", start=str(start))


def _draw_price(ax: Axes, tokens: Mapping[int, int], current: int) -> None:
    sizes, prices = list(tokens), [n * n for n in tokens.values()]
    ax.loglog(sizes, prices, color="0.4", marker="o", markersize=4)
    ax.loglog([current], [tokens[current] ** 2], color="black", marker="D", markersize=10)
    ax.set_xticks(sizes, [str(p) if p not in (7, 14, 28) else "" for p in sizes])
    ax.minorticks_off()
    ax.set(xlabel="patch size P", title=f"{tokens[current] ** 2:,} comparisons")
    ax.grid(alpha=0.3)
