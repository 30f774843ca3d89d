"""Pictures: figures with alt text, and the widgets. Draws; computes nothing."""

from vitcourse.view.figure import show
from vitcourse.view.patches import (
    draw_exploded,
    draw_grid,
    draw_numbers,
    draw_patch_rows,
    draw_similarity,
    patch_size_slider,
    side_by_side,
    to_picture,
)
from vitcourse.view.tour import draw_tour
from vitcourse.view.widgets import picture_slider

__all__ = [
    "draw_exploded",
    "draw_grid",
    "draw_numbers",
    "draw_patch_rows",
    "draw_similarity",
    "draw_tour",
    "patch_size_slider",
    "picture_slider",
    "show",
    "side_by_side",
    "to_picture",
]
