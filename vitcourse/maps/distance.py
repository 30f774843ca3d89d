"""How far, how widely and at what a head looks: one number per head instead of a picture."""

import torch
from torch import Tensor

from vitcourse.maps import shapes
from vitcourse.maps.flow import rollout_by_depth


def attention_distance(
    attention: Tensor, grid: tuple[int, int], patch_size: int, num_prefix_tokens: int = 1
) -> Tensor:
    """How many pixels lie between a patch and what it looks at: (..., N, N) -> (...).

    The mean over all patches i of sum_j a_ij |p_i - p_j|, with p the centres of the patches.
    Prefix tokens have no place: as queries they are left out, as keys they are dropped and the
    rest of the row is divided by its sum; otherwise a head that looks mostly at the class token
    would seem to look close by. A patch that looks at prefix tokens only is left out, too;
    if all do, the answer is nan.

    Raises ValueError unless N = num_prefix_tokens + rows * columns.
    Source: Dosovitskiy et al. 2021, figure 7 (right) and appendix D.7; they do not say what
    happens to the class token.
    """
    shapes.require_square("attention", attention)
    shapes.require_tokens(attention.shape[-1], grid, num_prefix_tokens)
    patches = attention[..., num_prefix_tokens:, num_prefix_tokens:]
    shares = patches / patches.sum(dim=-1, keepdim=True)
    distances = patch_size * _patch_distances(grid, attention)
    return (shares * distances).sum(dim=-1).nanmean(dim=-1)


def _patch_distances(grid: tuple[int, int], like: Tensor) -> Tensor:
    """Between all pairs, in patches: (rows * columns, rows * columns)."""
    rows, columns = (torch.arange(size, device=like.device) for size in grid)
    places = torch.cartesian_prod(rows, columns).to(like.dtype)
    # Not torch.cdist: it squares to be fast, and then a patch is not at distance 0 from itself.
    return torch.linalg.vector_norm(places[:, None] - places, dim=-1)


def attention_entropy(attention: Tensor) -> Tensor:
    """How widely each query looks, in nats: (..., N, N) -> (..., N).

    - sum_j a_ij ln a_ij: 0 if it looks at one token only, ln N if at all of them equally.

    Raises ValueError unless attention is (..., N, N). Source: Shannon 1948.
    """
    shapes.require_square("attention", attention)
    return torch.special.entr(attention).sum(dim=-1)


def prefix_mass(attention: Tensor, num_prefix_tokens: int = 1) -> Tensor:
    """How much patches look at each prefix token: (..., N, N) -> (..., num_prefix_tokens).

    The mean over the patches' rows of the weight on the class token and on each register.

    Raises ValueError unless attention is (..., N, N) and N is more than num_prefix_tokens.
    Source: registers and what they collect, Darcet et al. 2024.
    """
    shapes.require_square("attention", attention)
    if num_prefix_tokens not in range(attention.shape[-1]):
        raise ValueError(
            f"num_prefix_tokens must be from 0 to {attention.shape[-1] - 1}, "
            f"got {num_prefix_tokens!r}"
        )
    return attention[..., num_prefix_tokens:, :num_prefix_tokens].mean(dim=-2)


def rollout_collapse(attention: Tensor) -> Tensor:
    """How different the tokens' rollouts still are, by depth: (B, layers, heads, N, N) ->
    (B, layers).

    The mean total variation distance between a row of the rollout and the mean of all rows: 1 -
    1 / N when each token is only itself, 0 when all rows are the same and a rollout can no longer
    say who looked where. It never rises: each layer averages rows.

    Raises ValueError if attention is not 5-D. Source: what it measures is shown in Abnar &
    Zuidema 2020 and, for outputs without residual connections, in Dong et al. 2021.
    """
    rolled = rollout_by_depth(attention)
    return (rolled - rolled.mean(dim=-2, keepdim=True)).abs().sum(dim=-1).mean(dim=-1) / 2
