"""Chapter 1, patch embedding: count, cut, put back, embed, and see the convolution in it.

The test images have H != W, several channels, and every pixel a different number; otherwise a
swapped axis looks right.
"""

import math

import torch
from torch import Tensor, nn

from vitcourse.exercises.engine import Exercise, Trial
from vitcourse.model.patches import (
    LinearPatchEmbedding,
    count_patches,
    linear_to_conv,
    patchify,
    unpatchify,
)


def _counting_image(*shape: int) -> Tensor:
    """Pixels 0, 1, 2, ...: every value tells where it came from."""
    return torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape)


# 1.1 ----------------------------------------------------------------------------------------------


COUNT = Exercise(
    id="1.1",
    name="count_patches",
    title="How many patches?",
    difficulty=1,
    minutes=5,
    reference=count_patches,
    hints=(
        "How many patches stand side by side in one row of patches? How many rows are there?",
        "H // P rows of W // P patches. `%` tells whether something is left over.",
        "`if height % patch_size or width % patch_size: raise ValueError(...)`, then return "
        "`(height // patch_size) * (width // patch_size)`.",
    ),
    trials=(
        Trial("count_patches(6, 10, 2)", (6, 10, 2)),
        Trial("count_patches(224, 224, 16)", (224, 224, 16)),
        Trial("count_patches(9, 3, 3)", (9, 3, 3)),
        Trial("count_patches(7, 8, 4)", (7, 8, 4), raises=ValueError),
        Trial("count_patches(8, 7, 4)", (8, 7, 4), raises=ValueError),
        Trial("count_patches(2, 8, 4)", (2, 8, 4), raises=ValueError),
        Trial("count_patches(7, 5, 4)", (7, 5, 4), raises=ValueError),
        Trial("count_patches(6, 6, 4)", (6, 6, 4), raises=ValueError),
        Trial("count_patches(8, 6, 4)", (8, 6, 4), raises=ValueError),
        Trial("count_patches(6, 8, 4)", (6, 8, 4), raises=ValueError),
    ),
)

# 1.2 ----------------------------------------------------------------------------------------------


PATCHIFY = Exercise(
    id="1.2",
    name="patchify",
    title="Cut an image into patches",
    difficulty=3,
    minutes=15,
    reference=patchify,
    hints=(
        "A pixel's row y is patch row y // P and row y % P inside the patch. How could one reshape "
        "split the height axis into these two?",
        "Split H into (h, P) and W into (w, P): six axes (B, C, h, P, w, P). Then bring them into "
        "the order (B, h, w, C, P, P), and only then merge.",
        'With einops: `rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=P, q=P)`. '
        "With torch: reshape, `permute(0, 2, 4, 1, 3, 5)`, reshape.",
    ),
    trials=(
        Trial(
            "patchify(image, 2) of a 1 x 1 x 4 x 6 image that counts 0, 1, 2, ...",
            (_counting_image(1, 1, 4, 6), 2),
        ),
        Trial(
            "patchify(images, 2) of 2 x 3 x 4 x 6 images that count 0, 1, 2, ...",
            (_counting_image(2, 3, 4, 6), 2),
        ),
        Trial(
            "patchify(images, 3) of 3 x 2 x 9 x 6 images that count 0, 1, 2, ...",
            (_counting_image(3, 2, 9, 6), 3),
        ),
        Trial(
            "patchify(images, 2) of images whose memory is laid out channels-last",
            (_counting_image(2, 3, 4, 6).contiguous(memory_format=torch.channels_last), 2),
        ),
        Trial(
            "patchify(images, 2) of float64 images",
            (_counting_image(1, 2, 2, 4).double(), 2),
        ),
        Trial(
            "patchify(image, 4) of a 6 x 8 image (4 does not divide 6)",
            (_counting_image(1, 1, 6, 8), 4),
            raises=Exception,
        ),
        Trial(
            "patchify(image, 4) of an 8 x 6 image (4 does not divide 6)",
            (_counting_image(1, 1, 8, 6), 4),
            raises=Exception,
        ),
    ),
)

# 1.3 ----------------------------------------------------------------------------------------------


def _patches_of(*shape: int, patch_size: int) -> tuple:
    return (patchify(_counting_image(*shape), patch_size), patch_size, *shape[2:])


UNPATCHIFY = Exercise(
    id="1.3",
    name="unpatchify",
    title="Put the patches back",
    difficulty=3,
    minutes=10,
    reference=unpatchify,
    hints=(
        "Which steps did patchify take, and in which order must they be undone?",
        "Split N into (h, w) and the pixels into (C, P, P): (B, h, w, C, P, P). Bring this into "
        "(B, C, h, P, w, P), then merge h with P and w with P.",
        'With einops, turn the pattern of patchify round: `"b (h w) (c p q) -> b c (h p) (w q)"`, '
        "with h=height // patch_size and p=q=patch_size.",
    ),
    trials=(
        Trial(
            "The patches of a 1 x 1 x 4 x 6 image that counts 0, 1, 2, ..., patch_size=2",
            _patches_of(1, 1, 4, 6, patch_size=2),
        ),
        Trial(
            "The patches of 2 x 3 x 4 x 6 images that count 0, 1, 2, ..., patch_size=2",
            _patches_of(2, 3, 4, 6, patch_size=2),
        ),
        Trial(
            "The patches of 3 x 2 x 9 x 6 images that count 0, 1, 2, ..., patch_size=3",
            _patches_of(3, 2, 9, 6, patch_size=3),
        ),
        Trial(
            "The patches of a 1 x 2 x 2 x 8 image that counts 0, 1, 2, ..., patch_size=2",
            _patches_of(1, 2, 2, 8, patch_size=2),
        ),
    ),
)

# 1.4 ----------------------------------------------------------------------------------------------
# Any parameterisation is right: the layer is judged by what it does. All trials use images of
# 4 x 6 pixels with 2 channels, patches of 2 x 2 (N = 6) and embed_dim 5.

_SIZES = ((4, 6), 2, 2, 5)  # image_size, patch_size, in_channels, embed_dim


def _build(answer) -> nn.Module:
    """The learner's layer with random weights: what they start from is the learner's choice."""
    layer = answer(*_SIZES)
    layer(torch.zeros(1, 2, 4, 6))  # a lazy layer has its weights from here on
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_()
    return layer


def _shape_of(result):
    return tuple(result.shape) if isinstance(result, Tensor) else result


def _shape(answer):
    return _shape_of(_build(answer)(torch.randn(3, 2, 4, 6)))


def _shape_elsewhere(answer):
    return _shape_of(answer((6, 3), 3, 3, 4)(torch.randn(2, 3, 6, 3)))


def _repeats(answer) -> bool:
    layer, images = _build(answer), torch.randn(2, 2, 4, 6)
    return bool(torch.allclose(layer(images), layer(images), atol=1e-6))


def _responses(answer) -> tuple[Tensor, Tensor]:
    """What adding 1 to each pixel changes, (C*H*W, N, D), and the result for black, (N, D)."""
    layer = _build(answer)
    one_pixel_each = torch.eye(2 * 4 * 6).reshape(-1, 2, 4, 6)
    with torch.no_grad():
        black = layer(torch.zeros(1, 2, 4, 6))[0]
        return layer(one_pixel_each) - black, black


def _sees(answer) -> Tensor:
    """Which token (column) notices which pixel (row): ones and zeros, (C*H*W, N)."""
    return (_responses(answer)[0].abs().amax(2) > 1e-6).int()


def _by_patch(answer) -> Tensor:
    """The responses sorted by patch: (N, C*P*P, D), what each does with each of its pixels."""
    responses, _ = _responses(answer)
    inside = patchify(torch.arange(48.0).reshape(1, 2, 4, 6), 2)[0].long()  # (N, C*P*P)
    token = torch.arange(6)[:, None].expand_as(inside)
    return responses[inside, token]


def _shares_weights(answer) -> bool:
    weights = _by_patch(answer)
    return bool((weights - weights[:1]).abs().max() < 1e-5)


def _every_pixel_has_weights(answer) -> bool:
    """No two pixels of a patch are treated alike (as when channels are averaged)."""
    weights = _by_patch(answer)[0]  # (C*P*P, D)
    return bool(torch.pdist(weights).min() > 1e-5)


def _is_linear(answer) -> bool:
    layer, (x, y) = _build(answer), torch.randn(2, 3, 2, 4, 6)
    black = layer(torch.zeros(3, 2, 4, 6))
    return bool(torch.allclose(layer(x + y) + black, layer(x) + layer(y), atol=1e-5))


def _no_place_added(answer) -> bool:
    black = _responses(answer)[1]
    return bool((black - black[:1]).abs().max() < 1e-6)


def _trains(answer) -> str:
    """What an optimiser would find: D weights per value of a patch, and perhaps D biases."""
    layer = _build(answer)
    trainable = sum(p.numel() for p in layer.parameters() if p.requires_grad)
    if not trainable:
        return "weights that are frozen" if list(layer.parameters()) else "no weights at all"
    result = layer(torch.randn(1, 2, 4, 6))
    if not result.requires_grad:
        return "weights that no gradient reaches"
    result.square().sum().backward()
    reached = sum(p.numel() for p in layer.parameters() if p.grad is not None)
    if reached in (5 * 8, 5 * 8 + 5):
        return "the weights of one Linear layer"
    return f"{reached} numbers, not {5 * 8} weights and at most 5 biases"


EMBED = Exercise(
    id="1.4",
    name="PatchEmbedding",
    title="A layer that embeds patches",
    difficulty=2,
    minutes=10,
    reference=LinearPatchEmbedding,
    hints=(
        "After patchify each patch is a row of C * P * P numbers. Which layer turns a row of that "
        "length into a row of embed_dim numbers?",
        "One `nn.Linear`, made in `__init__` and kept on `self`, used for every patch alike.",
        "In `__init__`: `self.proj = nn.Linear(in_channels * patch_size**2, embed_dim)`. "
        "In `forward`: `return self.proj(patchify(images, self.patch_size))`.",
    ),
    trials=(
        Trial("The shape for images (3, 2, 4, 6), patch_size=2, embed_dim=5", ask=_shape),
        Trial("The shape for images (2, 3, 6, 3), patch_size=3, embed_dim=4", ask=_shape_elsewhere),
        Trial("Do the same images give the same result twice?", ask=_repeats),
        Trial(
            "Which of the 6 tokens notice each single pixel of a 2 x 4 x 6 image",
            ask=_sees,
        ),
        Trial("Do all patches share their weights?", ask=_shares_weights),
        Trial(
            "Has each value of a patch weights of its own?",
            ask=_every_pixel_has_weights,
        ),
        Trial("Is the layer linear (plus a bias)?", ask=_is_linear),
        Trial("Does a black patch give the same token everywhere?", ask=_no_place_added),
        Trial("What there is to train", ask=_trains),
    ),
)

# 1.5 ----------------------------------------------------------------------------------------------


def _conv_result(linear_to_conv, linear: nn.Linear) -> Tensor:
    """What the convolution makes of images with C = 2, P = 3: (B, D, h, w)."""
    conv = linear_to_conv(linear, 2, 3)
    return conv(torch.linspace(-1, 1, 2 * 2 * 6 * 9).reshape(2, 2, 6, 9).sin()).detach()


def _linear(bias: bool) -> nn.Linear:
    generator = torch.Generator().manual_seed(1)
    linear = nn.Linear(18, 5, bias=bias)
    with torch.no_grad():
        for parameter in linear.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return linear


def _can_learn(linear_to_conv, linear: nn.Linear) -> bool:
    return all(parameter.requires_grad for parameter in linear_to_conv(linear, 2, 3).parameters())


def _kind(linear_to_conv, linear: nn.Linear) -> str | None:
    result = linear_to_conv(linear, 2, 3)
    if isinstance(result, nn.Conv2d):
        return "Conv2d"
    return None if result is None else type(result).__name__


LINEAR_TO_CONV = Exercise(
    id="1.5",
    name="linear_to_conv",
    title="The same layer as a convolution",
    difficulty=3,
    minutes=15,
    reference=linear_to_conv,
    hints=(
        "A convolution multiplies a P x P window of all channels with a kernel and adds up. Which "
        "stride makes the windows exactly the patches?",
        "Row d of the Linear's weight holds C * P * P numbers in the order (C, P, P). Kernel d of "
        "the Conv2d has shape (C, P, P). The bias is the same.",
        "`conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, "
        "bias=linear.bias is not None)`, then under `torch.no_grad()`: "
        "`conv.weight.copy_(linear.weight.reshape(conv.weight.shape))`, and the bias likewise.",
    ),
    trials=(
        Trial("The kind of thing that comes back", (_linear(bias=True),), ask=_kind),
        Trial(
            "conv(images) with in_channels=2, patch_size=3, embed_dim=5, images (2, 2, 6, 9)",
            (_linear(bias=True),),
            ask=_conv_result,
        ),
        Trial(
            "The same for a Linear that has no bias",
            (_linear(bias=False),),
            ask=_conv_result,
            errors_alike=True,
        ),
        Trial("Can the convolution be trained?", (_linear(bias=True),), ask=_can_learn),
    ),
)

EXERCISES = (COUNT, PATCHIFY, UNPATCHIFY, EMBED, LINEAR_TO_CONV)
