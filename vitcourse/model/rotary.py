"""Positions that turn queries and keys instead of being added to tokens: 2-D RoPE.

Su et al. 2021, "RoFormer", for places in a text; for patches as Siméoni et al. 2025, "DINOv3".
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from vitcourse.model.attention import MultiHeadSelfAttention, attention, merge_heads, split_heads
from vitcourse.model.encoder import LAYER_NORM_EPS


def patch_angles(grid: tuple[int, int], head_dim: int) -> torch.Tensor:
    """By how much each patch turns each pair of channels: -> (rows * columns, head_dim / 2).

    Coordinates are the patches' centres, on either side from -1 to 1 whatever the grid. The first
    half of the angles is the row's, the second the column's: each has head_dim / 4 periods, from 1
    (a whole turn from the middle to the edge) to nearly 100. Raises ValueError unless head_dim is
    a multiple of 4.

    >>> patch_angles((1, 2), head_dim=4) / math.pi  # one row; the left and the right column
    tensor([[ 0., -1.],
            [ 0.,  1.]])
    """
    if head_dim % 4 != 0:
        raise ValueError(f"head_dim must be a multiple of 4 (row and column), got {head_dim}")
    centres = [(2 * torch.arange(size) + 1) / size - 1 for size in grid]
    places = torch.cartesian_prod(*centres)  # (N, 2), in raster order
    periods = 100 ** (torch.arange(head_dim // 4) / (head_dim // 4))
    return (2 * math.pi * places[:, :, None] / periods).flatten(1)


def turn(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """Turn queries or keys, (B, h, prefix + N, d), by each patch's angles, (N, d / 2).

    Channels i and i + d / 2 are a point in a plane, which is turned about the origin. A product of
    query and key then depends on how far apart the two patches are, not on where. Prefix tokens
    have no place and stay as they are.
    """
    num_patches = len(angles)
    prefix, patches = x[..., :-num_patches, :], x[..., -num_patches:, :]
    a, b = patches.chunk(2, dim=-1)
    cos, sin = angles.cos().to(x), angles.sin().to(x)
    return torch.cat([prefix, torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)], dim=-2)


class RotaryAttention(MultiHeadSelfAttention):
    """Chapter 4's attention, with turned queries and keys: (B, N, D) -> (B, N, D).

    With qk_norm, both are normalised in each head first, so that no score can run away.
    Source: Dehghani et al. 2023, "Scaling Vision Transformers to 22 Billion Parameters".
    """

    def __init__(self, embed_dim: int, num_heads: int, qk_norm: bool = False) -> None:
        super().__init__(embed_dim, num_heads)
        head_dim = embed_dim // num_heads
        self.q_norm = nn.LayerNorm(head_dim, LAYER_NORM_EPS) if qk_norm else nn.Identity()
        self.k_norm = nn.LayerNorm(head_dim, LAYER_NORM_EPS) if qk_norm else nn.Identity()

    def forward(
        self, x: torch.Tensor, return_weights: bool = False, angles: torch.Tensor | None = None
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        q, k, v = (split_heads(t, self.num_heads) for t in self.qkv(x).chunk(3, dim=-1))
        q, k = self.q_norm(q), self.k_norm(k)
        if angles is not None:
            q, k = turn(q, angles), turn(k, angles)
        if return_weights:
            heads, weights = attention(q, k, v)
            return self.proj(merge_heads(heads)), weights
        return self.proj(merge_heads(F.scaled_dot_product_attention(q, k, v)))
