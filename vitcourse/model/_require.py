"""The check that several chapters share: it says the name, the shape, and what would be right."""

import torch


def tokens(x: torch.Tensor, embed_dim: int) -> None:
    """Raise ValueError unless x is (B, N, D) with D = embed_dim."""
    if x.ndim != 3 or x.shape[-1] != embed_dim:
        raise ValueError(f"tokens must have shape (B, N, {embed_dim}), got {tuple(x.shape)}")
