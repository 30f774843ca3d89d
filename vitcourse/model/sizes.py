"""The same weights for images of another size (chapter 9)."""

from copy import deepcopy
from typing import Any

from torch import nn

from vitcourse.model.positions import resize_positions
from vitcourse.model.vit import VisionTransformer


def at_size(model: VisionTransformer, image_size: int | tuple[int, int]) -> VisionTransformer:
    """A model with these weights for images of `image_size`, an int or (height, width).

    Its positions are resized to the new grid of patches; those of class token and distillation
    token stay. All else is copied, and `model` itself left alone. Raises ValueError unless the
    patches tile such images.
    """
    config: dict[str, Any] = model.config | {"image_size": image_size}
    new = type(model)(**config)
    new.head = deepcopy(model.head)  # perhaps not the one in its config
    for module, old in zip(new.modules(), model.modules(), strict=True):
        if isinstance(module, nn.LayerNorm) and isinstance(old, nn.LayerNorm):
            module.eps = old.eps
    state, table = model.state_dict(), model.positions.pos_embed.detach()
    prefix = table.shape[1] - model.patch_embed.num_patches
    state["positions.pos_embed"] = resize_positions(
        table, model.patch_embed.grid_size, new.patch_embed.grid_size, prefix
    )
    new.load_state_dict(state)
    return new.to(table).train(model.training)
