"""Chapter 2 in pictures: who speaks for the image, and where the gradient goes.

The class token is hatched or shaded, and named, so that it can be told apart without colour.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.figure import still
from vitcourse.view.patches import to_picture
from vitcourse.view.slider import picture_slider
from vitcourse.view.widgets import WithStill

HATCH = "////"


def draw_readouts(patches: Tensor, patch_size: int) -> Figure:
    """Three ways to get one vector from a few flat patches (n, C * P * P)."""
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 2.45), layout="constrained")
    count = len(patches)
    titles = ("one patch speaks", "the mean of all speaks", "a token of its own speaks")
    for ax, title, read in zip(axes, titles, ([0], range(count), [-1]), strict=True):
        ax.set_title(title)
        _draw_row(ax, patches, patch_size, y=0, first=0)
        middle = (count - 1) / 2
        if read == [-1]:
            _draw_box(ax, -1, 0, "CLS", hatch=HATCH)
            ax.annotate(
                "",
                xy=(-1, -0.5),
                xytext=(count - 1, -0.5),
                arrowprops={"arrowstyle": "<-", "connectionstyle": "arc3,rad=-0.28"},
            )
            ax.text(middle, -1.62, "it asks all patches (attention)", ha="center", va="center")
        for x in read:
            line = {"arrowstyle": "->", "linewidth": 1.4}
            ax.annotate("", xy=(middle, 1.72), xytext=(x, 0.5), arrowprops=line)
        _draw_box(ax, middle, 2.1, "head", width=1.8)
        ax.set(xlim=(-1.7, count - 0.3), ylim=(-1.85, 2.6), aspect="equal")
        ax.set_axis_off()
    return figure


def draw_registers(patches: Tensor, patch_size: int, registers: int = 4) -> Figure:
    """What goes into the encoder with registers, and what happens to it, for a few patches."""
    figure, ax = plt.subplots(figsize=(9, 3.4), layout="constrained")
    count = len(patches)
    labels = ["CLS"] + [f"R{number}" for number in range(1, registers + 1)]
    for y in (0, 3):
        _draw_row(ax, patches, patch_size, y, first=len(labels))
        for x, label in enumerate(labels):
            _draw_box(ax, x, y, label, hatch=HATCH if x == 0 else None)
    last = len(labels) + count - 1
    _draw_box(ax, last / 2, 1.5, "encoder: every token looks at every token", width=last + 1)
    fates = (
        (0, 0, "answers"),
        (1, registers, "are thrown away"),
        (registers + 1, last, "maps, dense tasks"),
    )
    for start, end, fate in fates:
        ax.plot([start - 0.42, end + 0.42], [3.72, 3.72], color="black", linewidth=1.2)
        ax.text((start + end) / 2, 3.85, fate, ha="center", va="bottom")
    ax.text(-0.7, 0, "goes in", ha="right", va="center")
    ax.text(-0.7, 3, "comes out", ha="right", va="center")
    ax.set(xlim=(-2.6, last + 0.7), ylim=(-0.7, 4.5), aspect="equal")
    ax.set_axis_off()
    return figure


def draw_sequences(tokens: Tensor) -> Figure:
    """Draw a few small sequences (B, N + 1, D) as tables of numbers; row 0 is shaded."""
    figure, axes = plt.subplots(
        1, len(tokens), figsize=(3.9 * len(tokens), 2.7), layout="constrained", squeeze=False
    )
    for number, (ax, rows) in enumerate(zip(axes.flat, tokens, strict=True)):
        for y, row in enumerate(rows):
            ax.text(-0.8, y, "CLS" if y == 0 else f"patch {y - 1}", ha="right", va="center")
            for x, value in enumerate(row):
                box = plt.Rectangle(
                    (x - 0.5, y - 0.5),
                    1,
                    1,
                    facecolor="0.9" if y == 0 else "white",
                    edgecolor="black",
                    linewidth=0.8,
                )
                ax.add_patch(box)
                ax.text(x, y, f"{value:g}", ha="center", va="center", fontsize=12)
        ax.set(xlim=(-2.6, len(rows[0]) - 0.4), ylim=(len(rows) - 0.4, -0.6), aspect="equal")
        ax.set_title(f"image {number}")
        ax.set_axis_off()
    return figure


def draw_shares(shares: Mapping[str, Tensor]) -> Figure:
    """Draw how a gradient is distributed over tokens (N + 1,), one panel for each title."""
    figure, axes = plt.subplots(
        1, len(shares), figsize=(3.5 * len(shares), 3.1), layout="constrained", squeeze=False
    )
    for ax, (title, share) in zip(axes.flat, shares.items(), strict=True):
        bars = ax.bar(
            np.arange(len(share)), 100 * share.detach().numpy(), color="0.55", edgecolor="black"
        )
        bars[0].set(hatch=HATCH, facecolor="white")
        ax.set(title=title, xlabel="token (0, hatched, is CLS)", ylim=(0, 105))
        ax.set_xticks(np.arange(0, len(share), 2))
        ax.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylabel("share of the gradient (%)")
    return figure


def draw_scores(
    scores: Mapping[str, Sequence[float]], questions: Sequence[str], chance: Sequence[float]
) -> Figure:
    """Bars: the score (0 to 1) of each row for each question, with a line where guessing is."""
    figure, axes = plt.subplots(
        1,
        len(questions),
        figsize=(10, 0.45 * len(scores) + 1.2),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    rows = np.arange(len(scores))
    for ax, question, guess, shares in zip(
        axes.flat, questions, chance, zip(*scores.values(), strict=True), strict=True
    ):
        values = [100 * share for share in shares]
        ax.barh(rows, values, color="0.6", edgecolor="black", height=0.62)
        for row, value in zip(rows, values, strict=True):
            ax.text(value + 1.5, row, f"{value:.0f}", va="center")
        ax.axvline(100 * guess, color="black", linestyle="dashed", linewidth=1.2)
        ax.set(
            title=f"{question} (dashed: guessing, {100 * guess:.3g})", xlabel="right answers (%)"
        )
        ax.set(xlim=(0, 112), yticks=rows, yticklabels=list(scores), xticks=range(0, 101, 25))
        ax.spines[["top", "right"]].set_visible(False)
    axes[0, 0].invert_yaxis()
    return figure


def draw_gradient_maps(image: Tensor, shares: Mapping[str, Tensor], patch_size: int) -> Figure:
    """Draw an image (C, H, W) and, for each title, how a gradient is distributed over its tokens.

    Each of `shares` is (N + 1,), number 0 for the class token. Every map has its own scale, from 0
    to the largest share of a patch.
    """
    rows, columns = (side // patch_size for side in image.shape[1:])
    figure, (maps, bars) = plt.subplots(
        2,
        1 + len(shares),
        figsize=(2.15 * (1 + len(shares)), 3.2),
        height_ratios=(1, 0.06),
        layout="constrained",
    )
    maps[0].imshow(to_picture(image))
    maps[0].set_axis_off()
    maps[0].set_title("the scene\n", fontsize=10)
    bars[0].set_axis_off()
    for ax, bar, (title, share) in zip(maps[1:], bars[1:], shares.items(), strict=True):
        grid = 100 * share[1:].reshape(rows, columns).detach().numpy()
        largest = float(grid.max())
        shown = ax.imshow(grid, cmap="viridis", vmin=0, vmax=largest or 1.0)
        ax.set_title(f"{title}\nCLS gets {100 * share[0]:.0f} %", fontsize=10)
        ax.set(xticks=[], yticks=[])
        if largest:
            figure.colorbar(shown, cax=bar, orientation="horizontal")
            bar.set_xticks([0, largest], [" 0", f"{largest:.0f} %"])
            bar.set_xlabel("share of a patch", fontsize=9)
        else:
            bar.set_axis_off()
            bar.text(0.5, 0.5, "no patch gets anything", ha="center", va="center", fontsize=9)
    return figure


def gradient_slider(
    images: Tensor, shares: Mapping[str, Tensor], captions: Sequence[str], patch_size: int
) -> WithStill:
    """A slider over images (B, C, H, W): `draw_gradient_maps` of each, with shares (B, N + 1)."""
    pictures = {}
    for number, (image, caption) in enumerate(zip(images, captions, strict=True), 1):
        of_image = {title: share[number - 1] for title, share in shares.items()}
        largest = ", ".join(
            f"{title} {100 * share[1:].max():.0f} %" for title, share in of_image.items()
        )
        alt = f"{caption} The largest share of a patch: {largest}."
        figure = draw_gradient_maps(image, of_image, patch_size)
        pictures[str(number)] = still(figure, alt, caption)
    return picture_slider(pictures, label="scene", start="1")


def _draw_row(ax: Axes, patches: Tensor, patch_size: int, y: float, first: int) -> None:
    for x, patch in enumerate(patches, first):
        picture = to_picture(patch.reshape(-1, patch_size, patch_size))
        ax.imshow(picture, extent=(x - 0.42, x + 0.42, y - 0.42, y + 0.42))


def _draw_box(
    ax: Axes, x: float, y: float, label: str, width: float = 0.84, hatch: str | None = None
) -> None:
    corner = (x - width / 2, y - 0.38)
    box = plt.Rectangle(corner, width, 0.76, facecolor="white", edgecolor="0.45", hatch=hatch)
    ax.add_patch(box)
    outline = plt.Rectangle(corner, width, 0.76, fill=False, edgecolor="black")
    ax.add_patch(outline)
    around = {"facecolor": "white", "edgecolor": "none", "pad": 1.0} if hatch else None
    ax.text(x, y, label, ha="center", va="center", bbox=around, fontsize=9)
