"""The main directions in which patches differ: what DINOv2's colourful pictures are made of.

Patches whose states are alike get like numbers. Several images are taken together, so that the
same parts have the same numbers in all of them.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from vitcourse.maps import shapes


class PatchComponents(NamedTuple):
    """The principal components of patches, of B images together."""

    values: Tensor  # (B, rows, columns, count), nan on the background
    shares: Tensor  # (count,): how much of the variance of the patches lies along each
    foreground: Tensor  # (B, rows, columns) bool; all True if no background was cut


def patch_components(
    states: Tensor,
    grid: tuple[int, int],
    num_prefix_tokens: int = 1,
    count: int = 3,
    cut_background: bool = False,
) -> PatchComponents:
    """Principal components of the patches of B images together: (B, N, D) -> (B, rows, columns,
    count) and more.

    `states` are one layer's, as `hidden_states(model, images)[:, -1]`. Prefix tokens are left out.
    With `cut_background`, the patches whose first component is not above the mean are background,
    and the components are those of the others alone.

    A component's sign is arbitrary. Here the first is lower at the images' border than within,
    since a background mostly reaches the border; of the others (and of the first where it is the
    same there, or nothing lies within) the largest entry of the direction is positive. Shares that
    are nearly equal leave the order open.

    Raises ValueError if the shapes do not fit, count is more than there are directions, or the
    foreground has no more patches than count. Source: Oquab et al. 2023, "DINOv2", figure 1.
    """
    if states.ndim != 3:
        raise ValueError(f"states must have shape (B, N, D), got {tuple(states.shape)}")
    shapes.require_tokens(states.shape[1], grid, num_prefix_tokens)
    patches = states[:, num_prefix_tokens:].detach().cpu().double()  # on the CPU: Macs' GPUs cannot
    most = min(len(patches) * patches.shape[1] - 1, patches.shape[2])
    if count not in range(1, most + 1):
        raise ValueError(f"count must be from 1 to {most}, got {count!r}")
    flat = patches.flatten(0, 1)
    border = _border(grid).flatten().repeat(len(patches))
    chosen = torch.ones(len(flat), dtype=torch.bool)
    if cut_background:
        first, _ = _components(flat, border, 1)
        chosen = first[:, 0] > 0
        if int(chosen.sum()) <= count:
            raise ValueError(f"the foreground has {int(chosen.sum())} patches, too few for {count}")
    values = torch.full((len(flat), count), torch.nan, dtype=torch.float64)
    values[chosen], shares = _components(flat[chosen], border[chosen], count)
    layout = (len(patches), *grid)
    dtype = states.dtype
    return PatchComponents(
        values.view(*layout, count).to(dtype), shares.to(dtype), chosen.view(layout)
    )


def component_colours(values: Tensor) -> Tensor:
    """Components as red, green and blue: (B, rows, columns, 3) -> the same, 0 .. 1.

    Each goes from 0 at its lowest to 1 at its highest value in all the images; nan stays nan.
    People who are colour-blind, and everybody who prints, need one component alone beside it.

    Raises ValueError unless values are (B, rows, columns, 3).
    """
    if values.ndim != 4 or values.shape[-1] != 3:
        raise ValueError(f"values must have shape (B, rows, columns, 3), got {tuple(values.shape)}")
    flat = values.flatten(0, 2)
    known = flat[~flat.isnan().any(dim=1)]
    low, high = known.amin(dim=0), known.amax(dim=0)
    return (values - low) / (high - low).clamp(min=1e-12)


def _components(patches: Tensor, border: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Values (n, count) and shares (count,) of patches (n, D), signs as `patch_components` says."""
    centred = patches - patches.mean(dim=0)
    _, strengths, directions = torch.linalg.svd(centred, full_matrices=False)
    directions = directions[:count]
    largest = directions.gather(1, directions.abs().argmax(dim=1, keepdim=True))
    values = centred @ (directions * largest.sign()).T
    if border.any() and not border.all():
        outside, within = values[border, 0].mean(), values[~border, 0].mean()
        if (outside - within).abs() > 1e-9 * strengths[0]:
            values[:, 0] *= (within - outside).sign()
    variance = strengths.square()
    return values, variance[:count] / variance.sum().clamp(min=1e-300)


def _border(grid: tuple[int, int]) -> Tensor:
    """Which patches lie at the image's border: (rows, columns) bool."""
    inside = torch.zeros(grid, dtype=torch.bool)
    inside[1:-1, 1:-1] = True
    return ~inside
