"""How a class score would change, if the attention weights, or the pixels, were different.

Attention says where a model looks; only a gradient knows which class is asked about.
"""

import torch
from torch import Tensor, nn

from vitcourse.maps import shapes
from vitcourse.maps.capture import capture


def attention_gradients(
    model: nn.Module, images: Tensor, classes: int | Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The attention A and dy/dA: images (B, C, H, W) -> twice (B, layers, heads, N, N).

    y is the logit of `classes`: an int for all images, or (B,) one for each; None is the class
    with the highest logit. The weights' own gradients (`parameter.grad`) are left alone.

    The entries of A are treated as free numbers: the gradient asks what happens to y if one entry
    changes and its row no longer sums to 1. (With respect to the scores before the softmax it
    would be another gradient, whose rows sum to 0.)

    Raises as `capture` does, and ValueError if classes do not fit.
    """
    with torch.inference_mode(False), torch.enable_grad():
        images = images.clone().detach().requires_grad_()  # also where all weights are frozen
        with capture(model) as maps:
            logits = model(images)
        weights = list(maps.values())
        gradients = torch.autograd.grad(_chosen(logits, classes).sum(), weights)
    return torch.stack(weights, dim=1).detach(), torch.stack(gradients, dim=1)


def gradient_times_input(
    model: nn.Module, images: Tensor, grid: tuple[int, int], classes: int | Tensor | None = None
) -> Tensor:
    """What each patch adds to the score, to first order: (B, C, H, W) -> (B, rows, columns).

    The sum over a patch's pixels and channels of x * dy/dx: by how much y would fall if the patch
    were set to 0 and the model were linear. May be negative. A baseline: it needs no attention.
    `classes` as in `attention_gradients`.

    Raises ValueError if the grid does not divide the images, or classes do not fit.
    Source: Shrikumar et al. 2017, "Learning Important Features Through Propagating Activation
    Differences", section 2.
    """
    shapes.require_patches(images, grid)
    with torch.inference_mode(False), torch.enable_grad():
        images = images.clone().detach().requires_grad_()
        (gradients,) = torch.autograd.grad(_chosen(model(images), classes).sum(), images)
    return sum_over_patches((images * gradients).detach(), grid)


def sum_over_patches(pixels: Tensor, grid: tuple[int, int]) -> Tensor:
    """The sum over channels and pixels of each patch: (B, C, H, W) -> (B, rows, columns)."""
    rows, columns = grid
    by_patch = pixels.sum(dim=1).unflatten(2, (columns, -1)).unflatten(1, (rows, -1))
    return by_patch.sum(dim=(2, 4))


def _chosen(logits: Tensor, classes: int | Tensor | None) -> Tensor:
    """The logit asked about: (B, num_classes) -> (B,). Images of a batch do not interact, so the
    gradient of the sum over the batch is each image's own."""
    if classes is None:
        classes = logits.argmax(dim=1)
    classes = torch.as_tensor(classes, device=logits.device)
    if classes.ndim > 0 and classes.shape != logits.shape[:1]:
        raise ValueError(
            f"classes must be one int or have shape ({len(logits)},), got {tuple(classes.shape)}"
        )
    classes = classes.expand(len(logits))
    if classes.is_floating_point() or not ((classes >= 0) & (classes < logits.shape[1])).all():
        raise ValueError(f"classes must be ints from 0 to {logits.shape[1] - 1}, got {classes}")
    return logits.gather(1, classes[:, None]).squeeze(1)
