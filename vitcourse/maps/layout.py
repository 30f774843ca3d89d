"""Which token is what: the grid of patches, the tokens before them, and which the answer reads."""

import math
from typing import Any, NamedTuple

from torch import Tensor, nn

from vitcourse.maps.patched import uncompiled, unknown_model
from vitcourse.model import VisionTransformer
from vitcourse.model.distilled import DistilledVisionTransformer
from vitcourse.model.modern import ModernVisionTransformer


class _Pair(NamedTuple):
    grid: tuple[int, int]
    num_prefix_tokens: int


class TokenLayout(_Pair):
    """A pair, (grid, num_prefix_tokens), that also knows what the tokens are.

    `grid` is (rows, columns) of patches, and `patch_size` how many pixels one is high and wide.
    `prefix_names` are the tokens before the patches, in order: "class token", "distillation
    token", "register 1". `answer_token` is the number of the token that the answer is read from;
    None if it is read from the patches together, as by mean pooling.
    """

    patch_size: tuple[int, int]
    prefix_names: tuple[str, ...]
    answer_token: int | None

    def __new__(
        cls,
        grid: tuple[int, int],
        patch_size: tuple[int, int],
        prefix_names: tuple[str, ...],
        answer_token: int | None,
    ) -> "TokenLayout":
        layout = super().__new__(cls, grid, len(prefix_names))
        layout.patch_size, layout.prefix_names = patch_size, prefix_names
        layout.answer_token = answer_token
        return layout

    def __getnewargs__(self):
        return self.grid, self.patch_size, self.prefix_names, self.answer_token


def token_layout(model: nn.Module, images: Tensor | None = None) -> TokenLayout:
    """What the tokens of a ViT of ours, torchvision's or timm's are: see `TokenLayout`.

        grid, num_prefix_tokens = token_layout(model)

    is what `query_map` and similar functions need. A model that takes images of any size has the
    grid of `images` (B, C, H, W), or, without them, that of the size it was built for. A model of
    your own says it in an attribute `token_layout`: see docs/own_model.md.

    Raises ValueError if the model is none of these.
    """
    model = uncompiled(model)
    if isinstance(model, VisionTransformer):
        return _ours(model)
    if isinstance(model, ModernVisionTransformer):
        return _modern(model, images)
    own = getattr(model, "token_layout", None)
    if isinstance(own, TokenLayout):
        return _fitting(own, images)
    other: Any = model  # what follows asks for what only timm or torchvision has
    if hasattr(other, "conv_proj") and isinstance(getattr(other, "image_size", None), int):
        side, patch = other.image_size // other.patch_size, other.patch_size  # squares only
        return TokenLayout((side, side), (patch, patch), ("class token",), 0)
    if hasattr(other, "num_prefix_tokens") and _is_pair(_grid_of_timm(other, images)):
        return _timm(other, images)
    raise ValueError(unknown_model(model))


def _fitting(layout: TokenLayout, images: Tensor | None) -> TokenLayout:
    """What a model says of itself, if it is true of the images."""
    sides = tuple(n * pixels for n, pixels in zip(layout.grid, layout.patch_size, strict=True))
    if images is not None and sides != tuple(images.shape[-2:]):
        rows, columns = layout.grid
        raise ValueError(
            f"token_layout says {rows} x {columns} patches of {layout.patch_size} pixels, but the "
            f"images have {images.shape[-2]} x {images.shape[-1]}"
        )
    return layout


def _ours(model: VisionTransformer) -> TokenLayout:
    side = model.patch_embed.patch_size
    second = ("distillation token",) if isinstance(model, DistilledVisionTransformer) else ()
    names = ("class token", *second)
    return TokenLayout(model.patch_embed.grid_size, (side, side), names, 0)


def _modern(model: ModernVisionTransformer, images: Tensor | None) -> TokenLayout:
    side, grid = model.patch_size, model.table_grid
    if images is not None:
        grid = model.grid_of(images)
    if grid is None:
        raise ValueError("model takes images of any size, so its grid depends on them: pass images")
    registers = (f"register {i + 1}" for i in range(model.registers.shape[1]))
    return TokenLayout(grid, (side, side), ("class token", *registers), 0)


def _timm(model: Any, images: Tensor | None) -> TokenLayout:
    grid = tuple(_grid_of_timm(model, images))
    height, width = model.patch_embed.img_size if images is None else images.shape[-2:]
    patch = tuple(model.patch_embed.patch_size)
    if hasattr(model.patch_embed, "backbone"):  # a convolutional network, whose pixels are patches
        patch = math.ceil(height / grid[0]), math.ceil(width / grid[1])
    reads_token = getattr(model, "global_pool", "token") == "token"
    return TokenLayout(grid, patch, _prefix_of_timm(model), 0 if reads_token else None)


def _grid_of_timm(model: Any, images: Tensor | None) -> Any:
    """(rows, columns), or something else if this is no ViT of the usual kind."""
    embed: Any = getattr(model, "patch_embed", None)
    if images is not None and getattr(model, "dynamic_img_size", False):
        return embed.dynamic_feat_size(tuple(images.shape[-2:]))
    return getattr(embed, "grid_size", None)


def _prefix_of_timm(model: Any) -> tuple[str, ...]:
    """The prefix tokens' names in their order, which is the same in all of timm's ViTs."""
    single = {"cls_token": "class token", "dist_token": "distillation token"}
    names = [name for token, name in single.items() if getattr(model, token, None) is not None]
    registers = model.num_prefix_tokens - len(names)
    return (*names, *(f"register {i + 1}" for i in range(registers)))


def _is_pair(grid: Any) -> bool:
    return isinstance(grid, tuple | list) and len(grid) == 2 and all(grid)
