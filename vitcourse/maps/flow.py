"""Follow the attention through all layers, back to the patches: rollout and relevance.

After the first block a token is no longer its patch but a mixture. To say which patches a token
of the last layer is made of, the layers' maps are multiplied: a matrix product adds up all paths.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from vitcourse.maps import shapes


def rollout(
    attention: Tensor, head_fusion: str = "mean", discard: float = 0.0, residual: float = 0.5
) -> Tensor:
    """What each final token is made of, if only attention mixes: (B, layers, heads, N, N) ->
    (B, N, N), rows are queries and sum to 1.

    R = M_L ... M_1 with M = residual * I + (1 - residual) * A: the residual connection keeps the
    token, attention adds the others; later layers multiply from the left. A is the "mean", "max"
    or "min" of the heads. `discard` is the share of keys, the weakest of each row, that are set
    to 0. Each row of A is then divided by its sum again (a row without any sum looks at itself).

    Raises ValueError if attention is not 5-D, head_fusion is none of the three, discard is not
    in [0, 1), or residual not in [0, 1].
    Source: Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers", section 3;
    max, min and discarding: common in code for ViTs, not in the paper.
    """
    return _product(_mixing(fuse_heads(attention, head_fusion, discard), residual))


def rollout_by_depth(attention: Tensor) -> Tensor:
    """The rollout of the first layer, of the first two, ...: (B, layers, heads, N, N) ->
    (B, layers, N, N). The last is `rollout(attention)`."""
    mixing = _mixing(fuse_heads(attention), 0.5)
    depths = range(1, mixing.shape[1] + 1)
    return torch.stack([_product(mixing[:, :depth]) for depth in depths], dim=1)


def gradient_rollout(attention: Tensor, gradients: Tensor, residual: float = 0.5) -> Tensor:
    """Rollout of what speaks for a class: twice (B, layers, heads, N, N) -> (B, N, N).

    As `rollout`, with the mean over heads of relu(A * dy/dA) for A, rows divided by their sum.
    So all layers count equally, however small their gradients are; with the sums left as they are
    it would be `relevance` up to a factor of 2 ** layers.

    Gradients are those of `attention_gradients`. Raises ValueError unless both have the same 5-D
    shape and residual is in [0, 1]. Source: Abnar & Zuidema 2020 for the product, Chefer, Gur &
    Wolf 2021 for what is multiplied.
    """
    return _product(_mixing(_normalise(_positive(attention, gradients)), residual))


def relevance(attention: Tensor, gradients: Tensor) -> Tensor:
    """Class-specific relevance: twice (B, layers, heads, N, N) -> (B, N, N), rows are queries.

    From R = I, each layer adds mean_h(relu(A * dy/dA)) R. Row 0 says how much each token matters
    to the class token, and so to the class y that the gradients are of (`attention_gradients`).
    Read the patches of that row; its first number is the class token's own start, at least 1.

    Raises ValueError unless both have the same 5-D shape.
    Source: Chefer, Gur & Wolf 2021, "Generic Attention-model Explainability", equations 5 and 6.
    """
    positive = _positive(attention, gradients)
    return _product(_identity(positive) + positive)


def fuse_heads(attention: Tensor, head_fusion: str = "mean", discard: float = 0.0) -> Tensor:
    """One map per layer, rows summing to 1: (B, layers, heads, N, N) -> (B, layers, N, N).

    Arguments and errors as in `rollout`.
    """
    shapes.require_square("attention", attention, ndim=5)
    fusions: dict[str, Callable[..., Tensor]]
    fusions = {"mean": torch.mean, "max": torch.amax, "min": torch.amin}
    if head_fusion not in fusions:
        raise ValueError(f"head_fusion must be one of {', '.join(fusions)}, got {head_fusion!r}")
    if not 0 <= discard < 1:
        raise ValueError(f"discard must be a share from 0 to below 1, got {discard!r}")
    fused = fusions[head_fusion](attention, dim=2)
    if discard > 0:  # sorting all rows takes as long as everything else here
        weakest = fused.argsort(dim=-1, stable=True)[..., : int(discard * fused.shape[-1])]
        fused = fused.scatter(-1, weakest, 0.0)
    return _normalise(fused)


def _positive(attention: Tensor, gradients: Tensor) -> Tensor:
    """The mean over heads of what counts for the class, not against it: -> (B, layers, N, N)."""
    shapes.require_same_shape(attention, gradients)
    return (attention * gradients).relu().mean(dim=2)


def _normalise(maps: Tensor) -> Tensor:
    """Divide each row by its sum, which keepdim keeps a column; rows of 0 become the identity's."""
    sums = maps.sum(dim=-1, keepdim=True)
    return torch.where(sums > 0, maps / sums, _identity(maps))


def _mixing(maps: Tensor, residual: float) -> Tensor:
    if not 0 <= residual <= 1:
        raise ValueError(f"residual must be a share from 0 to 1, got {residual!r}")
    return residual * _identity(maps) + (1 - residual) * maps


def _product(matrices: Tensor) -> Tensor:
    """M_L ... M_1: (B, layers, N, N) -> (B, N, N)."""
    product = matrices[:, 0]
    for layer in matrices.unbind(dim=1)[1:]:
        product = layer @ product
    return product


def _identity(maps: Tensor) -> Tensor:
    return torch.eye(maps.shape[-1], dtype=maps.dtype, device=maps.device)
