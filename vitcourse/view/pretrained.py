"""Chapter 9 in pictures: what a model gets to see of a photograph, and what it answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from vitcourse.view.patches import draw_grid, to_picture

DARK = "#31688e"  # from viridis


def draw_preprocessing(picture: Tensor, seen: Tensor, resize: int, crop: int) -> Figure:
    """Draw a picture (3, H, W) with what is cut out of it framed, and what is seen, (3, h, w).

    Both have values from 0 to 1. The picture's shorter side becomes `resize` pixels, of which the
    middle `crop` are seen.
    """
    height, width = picture.shape[1:]
    side = min(height, width) * crop / resize
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4.2), layout="constrained")
    left.imshow(to_picture(picture))
    corner = (width - side) / 2 - 0.5, (height - side) / 2 - 0.5
    for colour, thickness in (("white", 4), ("black", 2)):
        frame: dict[str, Any] = {"fill": False, "edgecolor": colour, "linewidth": thickness}
        left.add_patch(plt.Rectangle(corner, side, side, **frame))
    left.set_title(f"the photograph, {height} x {width} pixels")
    right.imshow(to_picture(seen))
    right.set_title(f"what the model sees, {seen.shape[1]} x {seen.shape[2]} pixels")
    for ax in (left, right):
        ax.set_axis_off()
    return figure


def draw_best(pictures: Sequence[Tensor], answers: Sequence[Sequence[tuple[str, float]]]) -> Figure:
    """Draw pictures (3, H, W), values 0 to 1, each beside its best answers: (name, probability)."""
    count = len(pictures)
    figure, axes = plt.subplots(
        count,
        2,
        figsize=(8, 2.6 * count),
        layout="constrained",
        squeeze=False,
        width_ratios=(1, 2.2),
    )
    for (left, right), picture, best in zip(axes, pictures, answers, strict=True):
        left.imshow(to_picture(picture), interpolation="nearest")
        left.set_axis_off()
        _draw_bars(right, best)
    return figure


def _draw_bars(ax: Axes, best: Sequence[tuple[str, float]]) -> None:
    rows = range(len(best))
    shares = [100 * share for _, share in best]
    ax.barh(rows, shares, color=DARK, height=0.62)
    for row, share in enumerate(shares):
        ax.text(share + 1.5, row, f"{share:.1f} %", va="center", fontsize=10)
    ax.set(xlim=(0, 118), xticks=(0, 50, 100), yticks=rows, xlabel="probability, %")
    ax.set_yticklabels([_short(name) for name, _ in best], fontsize=11)
    ax.set_ylim(len(best) - 0.4, -0.6)
    ax.spines[["top", "right"]].set_visible(False)


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def draw_sizes(
    pictures: Mapping[str, Tensor], patch_size: int, answers: Mapping[str, Sequence[tuple]]
) -> Figure:
    """Draw one picture at several sizes (3, H, W), true to scale, with its patches and answers."""
    sizes = [picture.shape[1:] for picture in pictures.values()]
    unit = 9 / sum(width for _, width in sizes)
    figure, axes = plt.subplots(
        1,
        len(pictures),
        figsize=(9.6, unit * max(height for height, _ in sizes) + 1.1),
        layout="constrained",
        squeeze=False,
        width_ratios=[width for _, width in sizes],
    )
    for ax, (title, picture), (height, width) in zip(
        axes.flat, pictures.items(), sizes, strict=True
    ):
        draw_grid(ax, picture, patch_size)
        ax.set_anchor("S")
        tokens = (height // patch_size) * (width // patch_size) + 1
        ax.set_title(f"{title}\n{height} x {width}\n{tokens} tokens", fontsize=10)
        best = ", ".join(f"{_short(name, 18)} {share:.0%}" for name, share in answers[title][:1])
        below = {"xycoords": "axes fraction", "xytext": (0, -6), "textcoords": "offset points"}
        ax.annotate(best, (0.5, 0), **below, ha="center", va="top", fontsize=10)
    return figure
