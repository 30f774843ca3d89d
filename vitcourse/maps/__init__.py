"""Chapter 8: where does it look, and is that why? Tensors in, tensors out; read in this order.

    capture.py       get the attention weights out of a model
    layout.py        which token is what: grid, class token, registers
    grid.py          one row of them, laid out as the image is
    gradients.py     what a class score owes to each weight, or each pixel
    flow.py          all layers together: rollout, gradient rollout, relevance
    distance.py      one number per head: distance, entropy, share of the class token
    hidden.py        the tokens themselves, before and after each block
    pca.py           the main directions in which patches differ
    logit_lens.py    what would the model answer if it stopped here?
    threshold.py     the few patches that hold most of the attention
    embeddings.py    what was learned before any image: positions, patch filters
    faithfulness.py  does a map tell the truth? pointing, deletion, insertion, sanity check
    ablation.py      what does the model answer without a head, without a patch?

Everywhere `attention` is (B, layers, heads, N, N): rows are queries and sum to 1. N counts the
prefix tokens (class token, registers; there may be none) and then the patches in raster order, on
a grid (rows, columns) that need not be square.
"""

from vitcourse.maps.ablation import ablated
from vitcourse.maps.capture import attention_maps, capture
from vitcourse.maps.distance import (
    attention_distance,
    attention_entropy,
    prefix_mass,
    rollout_collapse,
)
from vitcourse.maps.embeddings import patch_filters, position_similarity
from vitcourse.maps.faithfulness import (
    area_under,
    deletion_curve,
    insertion_curve,
    patches_inside,
    pointing_chance,
    pointing_game,
    random_maps,
    randomise_weights,
    rank_correlation,
)
from vitcourse.maps.flow import (
    fuse_heads,
    gradient_rollout,
    relevance,
    rollout,
    rollout_by_depth,
)
from vitcourse.maps.gradients import attention_gradients, gradient_times_input
from vitcourse.maps.grid import class_token_map, mean_map, query_map, token_index
from vitcourse.maps.hidden import hidden_states
from vitcourse.maps.layout import TokenLayout, token_layout
from vitcourse.maps.logit_lens import logit_lens
from vitcourse.maps.pca import PatchComponents, component_colours, patch_components
from vitcourse.maps.threshold import strongest_patches

__all__ = [
    "PatchComponents",
    "TokenLayout",
    "ablated",
    "area_under",
    "attention_distance",
    "attention_entropy",
    "attention_gradients",
    "attention_maps",
    "capture",
    "class_token_map",
    "component_colours",
    "deletion_curve",
    "fuse_heads",
    "gradient_rollout",
    "gradient_times_input",
    "hidden_states",
    "insertion_curve",
    "logit_lens",
    "mean_map",
    "patch_components",
    "patch_filters",
    "patches_inside",
    "pointing_chance",
    "pointing_game",
    "position_similarity",
    "prefix_mass",
    "query_map",
    "random_maps",
    "randomise_weights",
    "rank_correlation",
    "relevance",
    "rollout",
    "rollout_by_depth",
    "rollout_collapse",
    "strongest_patches",
    "token_index",
    "token_layout",
]
