"""The checks that several maps share. Each says the name, the value, and what would be right."""

from torch import Tensor


def require_square(name: str, maps: Tensor, ndim: int | None = None) -> None:
    """Raise ValueError unless maps is (..., N, N), or (B, layers, heads, N, N) with ndim=5."""
    right = {None: "(..., N, N)", 5: "(B, layers, heads, N, N)"}[ndim]
    wrong_ndim = maps.ndim < 2 if ndim is None else maps.ndim != ndim
    if wrong_ndim or maps.shape[-1] != maps.shape[-2]:
        raise ValueError(f"{name} must have shape {right}, got {tuple(maps.shape)}")


def require_same_shape(attention: Tensor, gradients: Tensor) -> None:
    """Raise ValueError unless both are (B, layers, heads, N, N) of the same sizes."""
    require_square("attention", attention, ndim=5)
    if gradients.shape != attention.shape:
        raise ValueError(
            f"gradients must have the shape of attention, {tuple(attention.shape)}, "
            f"got {tuple(gradients.shape)}"
        )


def require_tokens(num_tokens: int, grid: tuple[int, int], num_prefix_tokens: int) -> None:
    """Raise ValueError unless prefix tokens and patches make num_tokens together."""
    if num_prefix_tokens + grid[0] * grid[1] != num_tokens:
        raise ValueError(
            f"grid={tuple(grid)} and num_prefix_tokens={num_prefix_tokens} make "
            f"{num_prefix_tokens + grid[0] * grid[1]} tokens, but there are {num_tokens}"
        )


def require_patches(images: Tensor, grid: tuple[int, int]) -> None:
    """Raise ValueError unless a grid of (rows, columns) divides images or masks (..., H, W)."""
    height, width = images.shape[-2:]
    if height % grid[0] != 0 or width % grid[1] != 0:
        raise ValueError(
            f"{grid[0]} rows and {grid[1]} columns of patches do not divide an image of "
            f"{height} x {width} pixels"
        )
