"""The appendix in pictures: what a model gets to see of a photograph."""

from collections.abc import Mapping

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL.Image import Image


def draw_inputs(pictures: Mapping[str, Image]) -> Figure:
    """Draw pictures side by side, all of one height, each with its title and its size in pixels."""
    widths = [picture.width / picture.height for picture in pictures.values()]
    figure, axes = plt.subplots(
        1,
        len(pictures),
        figsize=(2.6 * sum(widths) + 0.3, 3.1),
        layout="constrained",
        width_ratios=widths,
        squeeze=False,
    )
    for ax, (title, picture) in zip(axes[0], pictures.items(), strict=True):
        ax.imshow(picture)
        ax.set_title(f"{title}\n{picture.width} x {picture.height} pixels", fontsize=10)
        ax.axis("off")
    return figure
