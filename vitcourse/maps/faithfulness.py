"""Does a map tell the truth? Games that a map can lose, and what chance scores in them.

A map that looks convincing proves nothing. Where the truth is known, the map can be asked to point
at it; where it is not, the model can be asked what it makes of the image without the patches that
the map calls important. A map that stays the same when the model forgets all it knew is about the
image, not about the model.
"""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn

from vitcourse.maps import shapes
from vitcourse.maps.patched import blocks_of

# What comes after the blocks and their norm, in our models, torchvision's and timm's.
HEADS = ("pre_logits", "head", "heads", "head_dist", "fc_norm", "attn_pool")


def pointing_game(maps: Tensor, masks: Tensor) -> Tensor:
    """Does the map's highest patch touch the object? (B, rows, columns), (B, H, W) -> (B,).

    1 for a hit, 0 for a miss. A patch is inside if at least one of its pixels is in the mask. Where
    several patches share the highest value, the score is the share of them that is inside, so that
    a constant map scores what chance does: see `pointing_chance`.

    Raises ValueError if maps contain nan, or if the shapes do not fit.
    Source: Zhang et al. 2018, "Top-Down Neural Attention by Excitation Backprop", section 5.1,
    with patches instead of points.
    """
    _check_maps(maps, len(masks))
    rows, columns = maps.shape[1:]
    inside = patches_inside(masks, (rows, columns))
    highest = maps == maps.amax(dim=(1, 2), keepdim=True)
    return (highest & inside).sum(dim=(1, 2)) / highest.sum(dim=(1, 2))


def pointing_chance(masks: Tensor, grid: tuple[int, int]) -> Tensor:
    """What a map of random numbers scores in the pointing game, on average: (B, H, W) -> (B,).

    The share of patches that are inside. Raises ValueError as `patches_inside` does.
    """
    return patches_inside(masks, grid).float().mean(dim=(1, 2))


def patches_inside(masks: Tensor, grid: tuple[int, int]) -> Tensor:
    """Which patches touch the object: (B, H, W) bool -> (B, rows, columns) bool.

    Raises ValueError unless masks are bool, (B, H, W), and the grid divides them.
    """
    if masks.ndim != 3 or masks.dtype != torch.bool:
        raise ValueError(
            f"masks must be bool of shape (B, H, W), got {masks.dtype} {tuple(masks.shape)}"
        )
    shapes.require_patches(masks, grid)
    rows, columns = grid
    return masks.unflatten(2, (columns, -1)).unflatten(1, (rows, -1)).any(dim=4).any(dim=2)


def deletion_curve(
    score: Callable[[Tensor], Tensor],
    images: Tensor,
    maps: Tensor,
    baseline: Tensor | float = 0.0,
    steps: int = 20,
) -> tuple[Tensor, Tensor]:
    """The score while patches are removed, highest in the map first: -> (steps + 1,), (B, steps+1).

    First come the shares of patches removed, from 0 to 1, then the scores there. `score` takes
    images (B, C, H, W) and gives (B,), say the probability of each image's class:

        lambda images: model(images).softmax(dim=1)[torch.arange(len(classes)), classes]

    maps are (B, rows, columns); patches of equal value go in raster order. A removed patch shows
    `baseline`: a number or a tensor that broadcasts to the images. A good map has a low area.

    Raises ValueError if the shapes do not fit, maps have nan, or steps is not from 1 to the number
    of patches. Source: Petsiuk et al. 2018, "RISE", section 4.3; they remove pixels.
    """
    _check_maps(maps, len(images))
    rows, columns = maps.shape[1:]
    shapes.require_patches(images, (rows, columns))
    num_patches = rows * columns
    if steps not in range(1, num_patches + 1):
        raise ValueError(f"steps must be from 1 to {num_patches} patches, got {steps!r}")
    rank = maps.flatten(1).argsort(dim=1, descending=True, stable=True).argsort(dim=1)
    rank = _to_pixels(rank.view_as(maps), images)  # 0 for the pixels of the first patch
    counts = [round(i * num_patches / steps) for i in range(steps + 1)]
    baseline = torch.as_tensor(baseline, dtype=images.dtype, device=images.device)
    with torch.no_grad():
        scores = [score(torch.where(rank < count, baseline, images)) for count in counts]
    shares = torch.tensor(counts, dtype=scores[0].dtype, device=images.device) / num_patches
    return shares, torch.stack(scores, dim=1)


def insertion_curve(
    score: Callable[[Tensor], Tensor],
    images: Tensor,
    maps: Tensor,
    baseline: Tensor | float = 0.0,
    steps: int = 20,
) -> tuple[Tensor, Tensor]:
    """The score while patches appear on the baseline, highest in the map first.

    Arguments, result, errors and source as in `deletion_curve`; a good map has a high area.
    Deletion with the roles of image and baseline swapped. (Petsiuk et al. begin with a blurred
    image: give it as the baseline.)
    """
    baseline = torch.as_tensor(baseline, dtype=images.dtype, device=images.device)
    return deletion_curve(score, baseline.expand_as(images), maps, images, steps)


def area_under(shares: Tensor, scores: Tensor) -> Tensor:
    """Area under each curve, by the trapezoidal rule: (steps + 1,), (B, steps + 1) -> (B,).

    As the shares go from 0 to 1 it is the mean score. Source: Petsiuk et al. 2018, section 4.3.
    """
    return torch.trapezoid(scores, shares, dim=1)


def random_maps(count: int, grid: tuple[int, int], seed: int = 0) -> Tensor:
    """Maps that know nothing, the baseline for all games: -> (count, rows, columns), 0 .. 1."""
    return torch.rand(count, *grid, generator=torch.Generator().manual_seed(seed))


def randomise_weights(model: nn.Module, top_blocks: int | None = None, seed: int = 0) -> nn.Module:
    """A copy of the model that has forgotten what it learned; the model itself is left alone.

    The numbers within each parameter are shuffled, so that their size and spread stay. Head
    and last `top_blocks` blocks only, 0 for the head alone (all that comes after the last norm,
    so both heads of a distilled model); None means everything. A map that
    explains the model must change (a raw attention map cannot if only the head has changed: it
    does not know the class).

    Raises ValueError if the model is not a ViT of ours, torchvision's or timm's, or has too few
    blocks. Source: Adebayo et al. 2018, "Sanity Checks for Saliency Maps", section 3: cascading
    randomisation; they draw new numbers.
    """
    copy = deepcopy(model)
    blocks = list(blocks_of(copy))
    if top_blocks is None:
        parameters = list(copy.parameters())
    elif top_blocks not in range(len(blocks) + 1):
        raise ValueError(f"top_blocks must be from 0 to {len(blocks)}, got {top_blocks!r}")
    else:
        heads = [module for name, module in copy.named_children() if name in HEADS]
        top = heads + blocks[len(blocks) - top_blocks :]
        parameters = [parameter for module in top for parameter in module.parameters()]
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in parameters:
            order = torch.randperm(parameter.numel(), generator=generator).to(parameter.device)
            parameter.copy_(parameter.flatten()[order].view_as(parameter))
    return copy


def rank_correlation(maps: Tensor, others: Tensor) -> Tensor:
    """Do two maps order the patches alike? Twice (B, rows, columns) -> (B,), -1 .. 1.

    Spearman's: 1 for the same order, 0 for none in common; equal values share their mean rank. A
    constant map orders nothing: nan. Raises ValueError if the shapes differ.
    Source: one of the measures in Adebayo et al. 2018, section 4.
    """
    if maps.shape != others.shape:
        raise ValueError(f"maps differ in shape: {tuple(maps.shape)} and {tuple(others.shape)}")
    a, b = (_ranks(m.flatten(1)) for m in (maps, others))
    return (a * b).sum(dim=1) / (a.norm(dim=1) * b.norm(dim=1))


def _ranks(values: Tensor) -> Tensor:
    """Ranks around 0: (B, N) -> (B, N). Half of those below minus half of those above."""
    below = values[:, :, None] > values[:, None, :]
    return (below.sum(dim=2) - below.sum(dim=1)).float() / 2


def _to_pixels(maps: Tensor, images: Tensor) -> Tensor:
    """Each patch's value at all its pixels: (B, rows, columns) -> (B, 1, H, W)."""
    height, width = (images.shape[2] // maps.shape[1], images.shape[3] // maps.shape[2])
    return maps.repeat_interleave(height, dim=1).repeat_interleave(width, dim=2)[:, None]


def _check_maps(maps: Tensor, batch_size: int) -> None:
    if maps.ndim != 3 or len(maps) != batch_size:
        raise ValueError(
            f"maps must have shape ({batch_size}, rows, columns), got {tuple(maps.shape)}"
        )
    if maps.isnan().any():
        raise ValueError("maps hold nan, which points nowhere")
