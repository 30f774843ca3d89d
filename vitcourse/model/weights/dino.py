"""ModernVisionTransformer with the weights of DINOv2, DINOv3 and other ViTs with LayerScale.

Under timm's names, and under those in Meta's own files.
"""

import math
import re

import torch

from vitcourse.model.encoder import LAYER_NORM_EPS
from vitcourse.model.modern import ModernVisionTransformer
from vitcourse.model.patches import count_patches, size_pair
from vitcourse.model.weights import names, values

# Theirs and ours. The first that fits is taken.
RENAMED = (
    (r"^(reg_token|register_tokens|storage_tokens)$", "registers"),
    (r"^patch_embed\.proj\.", "patch_embed."),
    (r"\.(ls1\.gamma|gamma_1)$", ".scale1.gamma"),
    (r"\.(ls2\.gamma|gamma_2)$", ".scale2.gamma"),
    (r"\.mlp\.(w1|fc1_g)\.", ".mlp.gate."),
    (r"\.mlp\.(w2|fc1_x)\.", ".mlp.fc1."),
    (r"\.mlp\.w3\.", ".mlp.fc2."),
)
# Of the training only; the periods of DINOv3's positions are the same in all models.
NOT_NEEDED = re.compile(r"^mask_token$|^local_cls_norm\.|\.periods$|\.bias_mask$")
ROPE_EPS = 1e-5  # DINOv3's; all the others have 1e-6


def is_modern(state: dict) -> bool:
    """Do the names mention a LayerScale?"""
    return any(name in state for name in ("blocks.0.ls1.gamma", "blocks.0.gamma_1"))


def build(
    state_dict: dict[str, torch.Tensor],
    num_heads: int | None,
    image_size: int | tuple[int, int] | None,
    copy: bool,
    eps: float | None,
) -> ModernVisionTransformer:
    """The model; `image_size` is that of the table of positions, if it is not a square."""
    state = _renamed(state_dict)
    for name in ("cls_token", "patch_embed.weight", "blocks.0.mlp.fc1.weight"):
        if name not in state:
            raise ValueError(f"the tensors are not those of a ViT with LayerScale: missing {name}")
    embed_dim, in_channels, patch_size, _ = state["patch_embed.weight"].shape
    state |= _biases(state)
    grid = _place_of_class_token(state, patch_size, image_size)
    state.setdefault("registers", state["cls_token"][:, :0])
    if eps is None:
        eps = ROPE_EPS if grid is None else LAYER_NORM_EPS
    with torch.device("meta"):
        model = ModernVisionTransformer(
            patch_size=patch_size,
            in_channels=in_channels,
            num_classes=len(state["head.weight"]) if "head.weight" in state else 0,
            embed_dim=embed_dim,
            depth=names.depth_of(state, names.TIMM),
            num_heads=num_heads or max(1, embed_dim // 64),  # as in all that were published
            mlp_dim=len(state["blocks.0.mlp.fc1.weight"]),
            num_registers=state["registers"].shape[1],
            table_grid=grid,
            swiglu="blocks.0.mlp.gate.weight" in state,
            norm_eps=eps,
        )
    right = names.shapes_of(model.state_dict())
    missing = [name for name in right if name not in state]
    unexpected = [name for name in state if name not in right]
    if missing or unexpected:
        raise ValueError(
            f"the tensors are not those of a ViT with LayerScale: missing {names.few(missing)}; "
            f"unexpected {names.few(unexpected)}"
        )
    names.require_same(names.shapes_of(state), right)
    values.check_values(state)
    values.fill(model, state, copy)
    return model


def _renamed(state_dict: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    state = {}
    for name, tensor in state_dict.items():
        ours = name
        for pattern, new in RENAMED:
            ours = re.sub(pattern, new, ours)
        if not NOT_NEEDED.search(name):
            state[ours] = tensor
    return state


def _biases(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """DINOv3 has no bias for keys: it is 0 here. timm keeps those for queries and values apart."""
    biases, masked = {}, "registers" in state and "pos_embed" not in state
    for name in [name for name in state if name.endswith(".attn.qkv.weight")]:
        block, zero = name.removesuffix("qkv.weight"), state[name][:, 0] * 0
        third = len(zero) // 3
        bias = state.get(f"{block}qkv.bias", zero).clone()
        if f"{block}q_bias" in state:
            bias[:third], bias[-third:] = state.pop(f"{block}q_bias"), state.pop(f"{block}v_bias")
        if masked:
            bias[third:-third] = 0  # in Meta's files it is there, and masked out
        biases[f"{block}qkv.bias"] = bias
    return biases


def _place_of_class_token(
    state: dict[str, torch.Tensor], patch_size: int, image_size: int | tuple[int, int] | None
) -> tuple[int, int] | None:
    """The grid of the table, None without one. A place for the class token is added to it."""
    if "pos_embed" not in state:
        return None
    table = state["pos_embed"]
    rows, columns = _grid(table.shape[1], patch_size, image_size)
    if table.shape[1] == rows * columns + 1:
        state["cls_token"] = state["cls_token"] + table[:, :1]
        state["pos_embed"] = table[:, 1:]
    elif table.shape[1] != rows * columns:
        raise ValueError(
            f"{rows} rows and {columns} columns of patches need as many positions, or one more for "
            f"the class token, got {table.shape[1]}: pass image_size=(height, width)"
        )
    return rows, columns


def _grid(count: int, patch_size: int, image_size: int | tuple[int, int] | None) -> tuple[int, int]:
    if image_size is None:
        side = math.isqrt(count)  # one more than a square, for the class token, changes nothing
        return side, side
    height, width = size_pair(image_size)
    count_patches(height, width, patch_size)
    return height // patch_size, width // patch_size
