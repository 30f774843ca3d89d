"""The few patches that hold most of the attention: a map becomes a mask."""

import torch
from torch import Tensor


def strongest_patches(maps: Tensor, keep: float = 0.6) -> Tensor:
    """The fewest patches that hold this share of a map: (..., rows, columns) -> bool, the same.

    From the strongest down, patches are taken until together they have at least `keep` of the
    map's sum; of equal ones the earlier goes first. With the last layer's `class_token_map`, (B,
    heads, rows, columns), these are DINO's masks, one for each head. A map of zeros keeps nothing.

    Raises ValueError unless keep is a share above 0 and at most 1, and all entries are finite and
    not negative. Source: Caron et al. 2021, "Emerging Properties in Self-Supervised Vision
    Transformers", figure 4 (60 %).
    """
    if not 0 < keep <= 1:
        raise ValueError(f"keep must be a share above 0 and at most 1, got {keep!r}")
    if maps.ndim < 2:
        raise ValueError(f"maps must have shape (..., rows, columns), got {tuple(maps.shape)}")
    if not (maps.isfinite() & (maps >= 0)).all():
        raise ValueError("maps must be finite and not negative: a share of them is asked for")
    flat = maps.detach().cpu().double().flatten(-2)
    strongest = flat.sort(dim=-1, descending=True, stable=True)
    before = strongest.values.cumsum(-1) - strongest.values
    total = strongest.values.sum(-1, keepdim=True)
    # 1e-12: a sum of floats may miss the share by its last digit, and then take one too many.
    kept = before < (keep - 1e-12) * total
    mask = torch.zeros_like(kept).scatter(-1, strongest.indices, kept)
    return mask.view(maps.shape).to(maps.device)
