"""Get the attention weights out of a model: ours, torchvision's and timm's.

Fast attention kernels never store the N x N weights, so they must be asked for. Our own model is
walked block by block. In other models, PyTorch's fused attention is replaced by the formula of
chapter 4 for as long as a `with` block lasts.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from vitcourse.maps.patched import blocks_of, patched_attention, uncompiled
from vitcourse.model import VisionTransformer, attention, merge_heads, split_heads


@torch.no_grad()
def attention_maps(model: nn.Module, images: Tensor, layers: Sequence[int] | None = None) -> Tensor:
    """The attention weights: images (B, C, H, W) -> (B, layers, heads, N, N), rows are queries.

    `layers` are the blocks asked for, from 0, in order, or from the end as in [-1]; None means all.
    Only their weights are kept, and our own model runs no further than the last of them.
    N counts the prefix tokens (class token, registers), then the patches in raster order.

    Raises ValueError if the model is in training mode, if it is not a ViT of ours, torchvision's or
    timm's, if it attends in windows, or if `layers` names a block that it does not have;
    RuntimeError as in `capture`.
    """
    model = uncompiled(model)
    wanted = block_numbers(model, layers)
    if isinstance(model, VisionTransformer):
        return _walk(model, images, wanted)
    with capture(model, wanted) as maps:
        model(images)
    sizes = {tuple(weights.shape) for weights in maps.values()}
    if len(sizes) > 1 or min(sizes)[0] != len(images):
        raise ValueError(
            f"model must attend from all tokens to all tokens in each block: "
            f"{type(model).__name__} attends in windows, or its blocks differ"
        )
    return torch.stack(list(maps.values()), dim=1)


def _walk(model: VisionTransformer, images: Tensor, wanted: list[int]) -> Tensor:
    """(B, layers, heads, N, N) of the wanted blocks; nothing is computed after the last of them."""
    maps = None
    x = model.embed(images)
    block: Any  # an EncoderBlock: a ModuleList does not know what it holds
    for i, block in enumerate(model.encoder.blocks):
        if i not in wanted:
            x = block(x)
            continue
        attn = block.attn
        qkv = attn.qkv(block.norm1(x)).chunk(3, dim=-1)
        q, k, v = (split_heads(t, attn.num_heads) for t in qkv)
        if maps is None:
            maps = q.new_empty(len(wanted), *q.shape[:3], q.shape[2])
        weights = maps[wanted.index(i)]
        _weights_into(weights, q, k)
        if i == wanted[-1]:
            break
        x = x + attn.proj(merge_heads(weights @ v))
        x = x + block.mlp(block.norm2(x))
    assert maps is not None  # `block_numbers` gives at least one
    return maps.transpose(0, 1)


def _weights_into(weights: Tensor, q: Tensor, k: Tensor) -> None:
    """The weights of chapter 4's formula, written to where they will stay, (B, h, N, N).

    Fresh memory for each step of it, and for a k that really is transposed, would cost more time
    than the arithmetic: so images and heads become one axis before anything else is done.
    """
    rows, q, k = (t.flatten(0, 1) for t in (weights, q, k))
    scale = 1 / math.sqrt(q.shape[-1])
    torch.baddbmm(rows, q, k.transpose(1, 2), beta=0, alpha=scale, out=rows)
    torch.softmax(rows, dim=-1, out=rows)


@contextmanager
def capture(model: nn.Module, layers: Sequence[int] | None = None) -> Iterator[dict[int, Tensor]]:
    """Keep the attention weights of whatever `model` computes inside the `with` block.

        with capture(model) as maps:
            logits = model(images)
        attention = torch.stack(list(maps.values()), dim=1)

    `maps` is a dict from a block's number to its weights (B, heads, N, N): those of the latest
    forward pass. They are the very tensors that the output is made from, so that gradients with
    respect to them can be asked for where gradients are on. `layers` as in `attention_maps`.

    Afterwards, also after an exception, the model is as it was. Meanwhile the replacement of
    `F.scaled_dot_product_attention` holds for all threads.

    Raises ValueError as `attention_maps` does, or if a block's attention has a mask or a scale of
    its own; RuntimeError if a block attends twice, or if a block gave no weights: an empty answer
    would look like a model that does not attend.
    """
    maps: dict[int, Tensor] = {}

    def keep(block: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        output, maps[block] = attention(query, key, value)
        return output

    with patched_attention(model, block_numbers(model, layers), keep):
        yield maps


def block_numbers(model: nn.Module, layers: Sequence[int] | None) -> list[int]:
    """The numbers of the blocks asked for, after a check that the model is ready to answer."""
    depth = len(blocks_of(model))
    if model.training:
        raise ValueError("model is in training mode, where dropout blurs maps: call model.eval()")
    if layers is None:
        return list(range(depth))
    if not isinstance(layers, Sequence) or any(i not in range(-depth, depth) for i in layers):
        raise ValueError(f"layers must list some of the {depth} blocks, as [0, -1], got {layers!r}")
    wanted = [range(depth)[i] for i in layers]
    if not wanted or wanted != sorted(set(wanted)):
        raise ValueError(f"layers must be in order, each once, at least one, got {layers!r}")
    return wanted
