"""Chapters 8 and 9 in pictures: what is in the tokens. Components, the logit lens, DINO's masks."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.maps import _add_colour_bar, _as_picture, _outline, _overlay

BACKGROUND = 0.85  # a light grey, which no component's colour is


def draw_components(pictures: Tensor, colours: Tensor, first: Tensor) -> Figure:
    """Draw images (B, 3, H, W) uint8, below them their patches' components as colours, below these
    the first component alone, in viridis, for those who cannot tell the colours apart.

    colours (B, rows, columns, 3) are `component_colours`, nan on the background, which is grey;
    first (B, rows, columns) goes from its lowest to its highest value in all the images.
    """
    count = len(pictures)
    size = (1.9 * count + 1.8, 5.9)
    figure, axes = plt.subplots(3, count, figsize=size, layout="compressed", squeeze=False)
    known = colours.nan_to_num(nan=BACKGROUND).numpy()
    values = np.ma.masked_invalid(first.numpy().astype(float))
    scale = Normalize(values.min(), values.max())
    viridis = colormaps["viridis"].with_extremes(bad=str(BACKGROUND))
    for column in range(count):
        axes[0, column].imshow(_as_picture(pictures[column]), interpolation="nearest")
        axes[1, column].imshow(known[column], interpolation="nearest")
        shown = axes[2, column].imshow(values[column], cmap=viridis, norm=scale)
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    names = ("the image", "three components", "the first alone")
    for ax, name in zip(axes[:, 0], names, strict=True):
        ax.set_ylabel(name, fontsize=10)
    figure.colorbar(shown, ax=axes, label="first component", shrink=0.3, anchor=(0, 0), aspect=12)
    return figure


def tell_components(shares: Tensor, images: int) -> str:
    """The text of `draw_components` for a screen reader; what the figure shows is for its author
    to add."""
    said = ", ".join(f"{100 * share:.0f} %" for share in shares.tolist())
    where = "an image" if images == 1 else f"{images} images side by side"
    return (
        f"Three rows for {where}: the image; its patches coloured by three principal components, "
        f"which hold {said} of the variance, as red, green and blue; the first component alone."
    )


def draw_kept_patches(picture: Tensor, maps: Tensor, masks: Tensor, keep: float) -> Figure:
    """Draw each head's map (heads, rows, columns) over an image (3, H, W) uint8, and outline the
    patches (heads, rows, columns) bool that hold the share `keep` of it; their number is the title.
    """
    highest = float(maps.max())
    columns = min(4, len(maps))
    lines = -(-len(maps) // columns)
    size = (2.2 * columns + 0.9, 2.55 * lines)
    figure, axes = plt.subplots(lines, columns, figsize=size, layout="constrained", squeeze=False)
    for head, (values, mask) in enumerate(zip(maps, masks, strict=True)):
        ax = axes.flat[head]
        shown = _overlay(picture, values, highest)
        ax.imshow(shown, interpolation="nearest")
        tall, wide = (shown.shape[i] // mask.shape[i] for i in (0, 1))
        _outline(ax, [mask.repeat_interleave(tall, 0).repeat_interleave(wide, 1)])
        ax.set_title(
            f"head {head}: {100 * keep:.0f} % in {int(mask.sum())} of {mask.numel()}", fontsize=9.5
        )
    for ax in axes.flat:
        ax.set_axis_off()
    _add_colour_bar(figure, axes, highest, "weight in %")
    return figure


def draw_lens(picture: Tensor, shares: Tensor, spoken: Sequence[float], who: str) -> Figure:
    """Draw what each patch would say at each depth: an image (3, H, W) uint8, and probabilities of
    one answer (depths, rows, columns) from 0 to 1. `spoken` is what `who` says there, in words.
    """
    panels = len(shares)
    columns = min(5, panels)
    lines = -(-panels // columns)
    size = (2.1 * columns + 0.9, 2.6 * lines)
    figure, axes = plt.subplots(lines, columns, figsize=size, layout="constrained", squeeze=False)
    for depth, (values, said) in enumerate(zip(shares, spoken, strict=True)):
        ax = axes.flat[depth]
        ax.imshow(_overlay(picture, values, 1.0), interpolation="nearest")
        when = f"after layer {depth - 1}" if depth else "before layer 0"
        ax.set_title(f"{when}\n{who}: {100 * said:.1f} %", fontsize=9.5)
    for ax in axes.flat:
        ax.set_axis_off()
    _add_colour_bar(figure, axes, 1.0, "probability in %")
    return figure
