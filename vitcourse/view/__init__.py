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
from vitcourse.view.scenes import draw_scenes
from vitcourse.view.tour import draw_tour
from vitcourse.view.training import draw_curves, live_curves
from vitcourse.view.widgets import picture_slider

__all__ = [
    "draw_curves",
    "draw_exploded",
    "draw_grid",
    "draw_numbers",
    "draw_patch_rows",
    "draw_scenes",
    "draw_similarity",
    "draw_tour",
    "live_curves",
    "patch_size_slider",
    "picture_slider",
    "show",
    "side_by_side",
    "to_picture",
]
