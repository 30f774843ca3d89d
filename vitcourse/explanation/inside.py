"""The tokens themselves, layer by layer: what the explorer shows beside the maps."""

import torch
from torch import Tensor, nn

from vitcourse.maps import TokenLayout, logit_lens, patch_components

COMPONENTS = 3


def read_by_lens(
    model: nn.Module, states: Tensor, questions: dict[str, list[str]]
) -> tuple[Tensor, list[tuple[str, str]]] | None:
    """Probabilities (depth + 1, N, M) of all M answers, and their names; None without a lens.

    `states` are one image's, (depth + 1, N, D). Each question's probabilities sum to 1.
    """
    if not questions:
        return None
    try:
        logits = logit_lens(model, states).cpu().double()
    except ValueError:  # the head reads no single token
        return None
    parts = logits.split([len(names) for names in questions.values()], dim=-1)
    shares = torch.cat([part.softmax(-1) for part in parts], dim=-1)
    return shares, [(question, name) for question, names in questions.items() for name in names]


def components_by_depth(states: Tensor, layout: TokenLayout) -> tuple[Tensor, Tensor] | None:
    """(depth + 1, rows, columns, 3) and their shares of the variance; None for very few patches."""
    rows, columns = layout.grid
    if rows * columns <= COMPONENTS or states.shape[-1] < COMPONENTS:
        return None
    found = [
        patch_components(state[None], layout.grid, layout.num_prefix_tokens, COMPONENTS)
        for state in states
    ]
    return torch.cat([one.values for one in found]), torch.stack([one.shares for one in found])
