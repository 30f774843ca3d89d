"""What a token has become after each block: the residual stream, of our models and of others."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from vitcourse.maps.capture import block_numbers
from vitcourse.maps.patched import blocks_of, uncompiled


@torch.no_grad()
def hidden_states(model: nn.Module, images: Tensor) -> Tensor:
    """All tokens before the first block and after each: (B, C, H, W) -> (B, depth + 1, N, D).

    [:, 0] is what enters the first block, patches with their positions; [:, i] is what block i - 1
    gives to the next. No norm is applied: pre-norm models normalise the last one before the head
    (`logit_lens` does it for all). N counts prefix tokens first, then patches.

    Raises ValueError if the model is in training mode, is not a ViT of ours, torchvision's or
    timm's, or has blocks that change the size of what they are given.
    """
    model = uncompiled(model)
    block_numbers(model, None)  # refuses training mode
    with kept_states(model) as states:
        model(images)
    shapes = {tuple(state.shape) for state in states}
    if len(shapes) != 1 or states[0].ndim != 3:
        raise ValueError(
            f"model must keep its tokens (B, N, D) through all blocks, got {sorted(shapes)}"
        )
    return torch.stack(states, dim=1)


@contextmanager
def kept_states(model: nn.Module) -> Iterator[list[Tensor]]:
    """A list that fills with the states of `hidden_states` while the model runs in the block."""
    states: list[Tensor] = []
    blocks = list(blocks_of(model))
    hooks = [blocks[0].register_forward_pre_hook(lambda _, given: states.append(given[0].detach()))]
    hooks += [
        block.register_forward_hook(lambda *called: states.append(called[-1].detach()))
        for block in blocks
    ]
    try:
        yield states
    finally:
        for hook in hooks:
            hook.remove()
