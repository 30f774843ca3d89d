"""The two checks that several chapters share. Each says the name, the value, and what is right."""

import torch


def positive_ints(**values: object) -> None:
    """Raise ValueError for the first value that is not an int of at least 1.

    A bool is refused although Python counts it as an int: `depth=True` is a slip, not a depth.
    """
    for name, value in values.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{name} must be a positive int, got {value!r}")


def tokens(x: torch.Tensor, embed_dim: int) -> None:
    """Raise ValueError unless x is (B, N, D) with D = embed_dim."""
    if x.ndim != 3 or x.shape[-1] != embed_dim:
        raise ValueError(f"tokens must have shape (B, N, {embed_dim}), got {tuple(x.shape)}")
