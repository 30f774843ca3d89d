"""What a model has learned before it sees an image: its positions and its patch filters."""

import torch
from torch import Tensor
from torch.nn import functional as F

from vitcourse.maps import shapes


def position_similarity(
    pos_embed: Tensor, grid: tuple[int, int], num_prefix_tokens: int = 1
) -> Tensor:
    """How alike the vectors of two places are: (1, N, D) -> (rows, columns, rows, columns).

    Cosine similarity, -1 .. 1; [r, c] is the map of the place in row r and column c. Prefix
    tokens have no place and are left out. (Some timm models store none: num_prefix_tokens=0.)

    Raises ValueError unless pos_embed is (1, N, D) with N = num_prefix_tokens + rows * columns.
    Source: Dosovitskiy et al. 2021, figure 7 (centre).
    """
    if pos_embed.ndim != 3 or len(pos_embed) != 1:
        raise ValueError(f"pos_embed must have shape (1, N, D), got {tuple(pos_embed.shape)}")
    shapes.require_tokens(pos_embed.shape[1], grid, num_prefix_tokens)
    places = F.normalize(pos_embed[0, num_prefix_tokens:].detach(), dim=-1)
    return (places @ places.T).view(*grid, *grid)


def patch_filters(weight: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The main patterns of the patch projection: (D, C, P, P) -> (count, C, P, P), (count,).

    Principal components of the D filters, strongest first, each of length 1, and the share of
    the filters' variance along it. A component's sign is arbitrary: here its largest entry is
    positive. Shares that are (nearly) equal leave the components' order and direction open.

    Raises ValueError if weight is not 4-D, or count is not from 1 to min(D, C * P * P).
    Source: Dosovitskiy et al. 2021, figure 7 (left).
    """
    if weight.ndim != 4:
        raise ValueError(f"weight must have shape (D, C, P, P), got {tuple(weight.shape)}")
    filters = weight.detach().flatten(1)
    if count not in range(1, min(filters.shape) + 1):
        raise ValueError(f"count must be from 1 to {min(filters.shape)}, got {count!r}")
    _, strengths, components = torch.linalg.svd(filters - filters.mean(dim=0), full_matrices=False)
    largest = components.gather(1, components.abs().argmax(dim=1, keepdim=True))
    components = components * largest.sign()
    shares = strengths.square() / strengths.square().sum()
    return components[:count].unflatten(1, weight.shape[1:]), shares[:count]
