"""Pictures: figures with alt text, and the widgets. Draws; computes nothing."""

from vitcourse.view.attention import (
    draw_cost,
    draw_heads,
    draw_one_query,
    draw_spread,
    draw_weight_maps,
    saturation_slider,
)
from vitcourse.view.cls_token import (
    draw_gradient_maps,
    draw_readouts,
    draw_registers,
    draw_scores,
    draw_sequences,
    draw_shares,
    gradient_slider,
)
from vitcourse.view.comparisons import draw_by_amount, tell_by_amount
from vitcourse.view.encoder import (
    draw_accuracy,
    draw_activations,
    draw_gradients,
    draw_neighbours,
    draw_stream,
    draw_tokens,
)
from vitcourse.view.experiments import (
    draw_confusion,
    draw_data_need,
    draw_learning,
    draw_variants,
    draw_wrong_answers,
)
from vitcourse.view.figure import show
from vitcourse.view.maps import (
    draw_heads_by_depth,
    draw_lines,
    draw_look_and_matter,
    draw_map_scores,
    draw_map_sheet,
    draw_mosaic,
    draw_overlays,
    draw_removal,
    layer_film,
    layer_gif,
)
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
from vitcourse.view.positions import (
    draw_by_distance,
    draw_channels,
    draw_clocks,
    draw_places,
    draw_table,
    draw_two_readings,
    position_explorer,
)
from vitcourse.view.pretrained import draw_best, draw_preprocessing, draw_sizes
from vitcourse.view.scenes import draw_scenes
from vitcourse.view.slider import picture_slider
from vitcourse.view.stepper import attention_stepper
from vitcourse.view.today import draw_angles, draw_runs, draw_shifts, tell_runs
from vitcourse.view.tokens import (
    draw_components,
    draw_kept_patches,
    draw_lens,
    tell_components,
)
from vitcourse.view.tour import draw_tour
from vitcourse.view.training import draw_curves, live_curves
from vitcourse.view.turning import turning_explorer
from vitcourse.view.tutorial import draw_inputs
from vitcourse.view.upload import PhotoUpload
from vitcourse.view.vit import draw_machine, draw_parameter_shares, draw_what_it_says
from vitcourse.view.without_labels import (
    draw_entropies,
    draw_groups,
    draw_loss,
    draw_loss_runs,
    draw_painted,
    draw_patch_colours,
    tell_entropies,
)

__all__ = [
    "PhotoUpload",
    "attention_stepper",
    "draw_accuracy",
    "draw_activations",
    "draw_angles",
    "draw_best",
    "draw_by_amount",
    "draw_by_distance",
    "draw_channels",
    "draw_clocks",
    "draw_components",
    "draw_confusion",
    "draw_cost",
    "draw_curves",
    "draw_data_need",
    "draw_entropies",
    "draw_exploded",
    "draw_gradient_maps",
    "draw_gradients",
    "draw_grid",
    "draw_groups",
    "draw_heads",
    "draw_heads_by_depth",
    "draw_inputs",
    "draw_kept_patches",
    "draw_learning",
    "draw_lens",
    "draw_lines",
    "draw_look_and_matter",
    "draw_loss",
    "draw_loss_runs",
    "draw_machine",
    "draw_map_scores",
    "draw_map_sheet",
    "draw_mosaic",
    "draw_neighbours",
    "draw_numbers",
    "draw_one_query",
    "draw_overlays",
    "draw_painted",
    "draw_parameter_shares",
    "draw_patch_colours",
    "draw_patch_rows",
    "draw_places",
    "draw_preprocessing",
    "draw_readouts",
    "draw_registers",
    "draw_removal",
    "draw_runs",
    "draw_scenes",
    "draw_scores",
    "draw_sequences",
    "draw_shares",
    "draw_shifts",
    "draw_similarity",
    "draw_sizes",
    "draw_spread",
    "draw_stream",
    "draw_table",
    "draw_tokens",
    "draw_tour",
    "draw_two_readings",
    "draw_variants",
    "draw_weight_maps",
    "draw_what_it_says",
    "draw_wrong_answers",
    "gradient_slider",
    "layer_film",
    "layer_gif",
    "live_curves",
    "patch_size_slider",
    "picture_slider",
    "position_explorer",
    "saturation_slider",
    "show",
    "side_by_side",
    "tell_by_amount",
    "tell_components",
    "tell_entropies",
    "tell_runs",
    "to_picture",
    "turning_explorer",
]
