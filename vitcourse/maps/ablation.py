"""What does the model answer without this head, without that patch? The question behind all maps.

A map is a guess at what matters. Taking something away and asking again is an experiment.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from vitcourse.maps.capture import block_numbers
from vitcourse.maps.layout import TokenLayout, token_layout
from vitcourse.maps.patched import patched_attention, uncompiled
from vitcourse.model import attention


@torch.no_grad()
def ablated(
    model: nn.Module,
    images: Tensor,
    heads: Iterable[tuple[int, int]] = (),
    patches: Iterable[int] = (),
    baseline: Tensor | float | None = None,
    by: str = "zero",
) -> Tensor:
    """The logits without some heads and patches: images (B, C, H, W) -> (B, num_classes).

    `heads` lists pairs (layer, head), from 0 or from the end as in (-1, 0). Such a head's output is
    replaced before the output projection, for all tokens; the other heads stay, and so does the
    projection's bias. `patches` lists numbers in raster order, from 0, prefix tokens not counted:
    in every image these show `baseline`, a number or a tensor that broadcasts to the images. (Their
    tokens stay: those of empty patches.)

    by="zero" puts 0: for a head no output, for a patch grey, where images were normalised. The
    layers behind have seldom seen such a head, so zero overstates what it does. by="mean" leaves a
    head what it says on average over all tokens and images here, and takes away only what depends
    on them; patches show their image's mean colour. `baseline`, if given, decides for patches.

    The images must have a size that the model takes. Raises ValueError if there is no such head or
    patch, or `by` is neither; otherwise as `capture`.
    Source: Michel et al. 2019, "Are Sixteen Heads Really Better than One?", section 2.3.
    """
    if by not in ("zero", "mean"):
        raise ValueError(f"by must be 'zero' or 'mean', got {by!r}")
    model = uncompiled(model)
    depth = len(block_numbers(model, None))
    silent = _by_layer(heads, depth)
    if baseline is None:
        baseline = images.mean(dim=(2, 3), keepdim=True) if by == "mean" else 0.0
    images = _cover(images, list(patches), token_layout(model, images), baseline)
    if not silent:
        return model(images)

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        output, _ = attention(query, key, value)  # (B, heads, N, head_dim)
        num_heads = output.shape[1]
        for head in silent[layer]:
            if head not in range(-num_heads, num_heads):
                raise ValueError(f"heads: layer {layer} has heads 0 to {num_heads - 1}, got {head}")
            output[:, head] = output[:, head].mean(dim=(0, 1)) if by == "mean" else 0
        return output

    with patched_attention(model, silent, attend):
        return model(images)


def _by_layer(heads: Iterable[tuple[int, int]], depth: int) -> dict[int, list[int]]:
    """{layer: its heads}, each layer from 0."""
    silent: dict[int, list[int]] = {}
    for pair in heads:
        try:
            layer, head = pair
            fits = type(layer) is int and type(head) is int
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise ValueError(f"heads must list pairs of ints, (layer, head), got {pair!r}")
        if layer not in range(-depth, depth):
            raise ValueError(f"heads: there are layers 0 to {depth - 1}, got {pair!r}")
        silent.setdefault(layer % depth, []).append(head)
    return silent


def _cover(
    images: Tensor, patches: list[int], layout: TokenLayout, baseline: Tensor | float
) -> Tensor:
    """Copies of the images that show the baseline where these patches are."""
    if not patches:
        return images
    rows, columns = layout.grid
    for patch in patches:
        if type(patch) is not int or patch not in range(rows * columns):
            raise ValueError(f"patches must be ints from 0 to {rows * columns - 1}, got {patch!r}")
    covered = torch.zeros(rows * columns, dtype=torch.bool)
    covered[patches] = True
    height, width = layout.patch_size
    covered = covered.view(layout.grid).repeat_interleave(height, 0).repeat_interleave(width, 1)
    covered = covered[: images.shape[-2], : images.shape[-1]]  # padded patches reach over the edge
    if covered.shape != images.shape[-2:]:
        raise ValueError(
            f"{rows} rows and {columns} columns of patches, {height} x {width} pixels each, do not "
            f"cover images of {images.shape[-2]} x {images.shape[-1]} pixels"
        )
    baseline = torch.as_tensor(baseline, dtype=images.dtype, device=images.device)
    return torch.where(covered.to(images.device), baseline, images)
