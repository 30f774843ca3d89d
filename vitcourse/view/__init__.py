"""Pictures: figures with alt text, and the widgets. Draws; computes nothing."""

from vitcourse.view.figure import show
from vitcourse.view.patches import (
    draw_exploded,
    draw_grid,
    draw_numbers,
    draw_patches,
    patch_size_slider,
    to_picture,
)
from vitcourse.view.tour import draw_tour
from vitcourse.view.widgets import picture_slider

__all__ = [
    "draw_exploded",
    "draw_grid",
    "draw_numbers",
    "draw_patches",
    "draw_tour",
    "patch_size_slider",
    "picture_slider",
    "show",
    "to_picture",
]
