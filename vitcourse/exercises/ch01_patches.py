"""Chapter 1, patch embedding: count, cut, put back, embed, and see the convolution in it.

The test images have H != W, several channels, and every pixel a different number; otherwise a
swapped axis looks right.
"""

import math
from functools import partial

import torch
from torch import Tensor, nn

from vitcourse.exercises.battery import battery
from vitcourse.exercises.compare import Words, shape_of, snapshot
from vitcourse.exercises.engine import Easier, Exercise, Trial
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


def _waves(*shape: int) -> Tensor:
    """Fractions from -1 to 1, all different."""
    return (_counting_image(*shape) * 1.3).sin()


# 1.1 ----------------------------------------------------------------------------------------------


COUNT = Exercise(
    id="1.1",
    name="count_patches",
    title="How many patches?",
    difficulty=1,
    minutes=5,
    reference=count_patches,
    hints=(
        "How many patches are side by side in one row of patches? How many rows are there?",
        "H // P rows of W // P patches. `%` tells whether something is left over.",
        "`if height % patch_size or width % patch_size: raise ValueError(...)`, then return "
        "`(height // patch_size) * (width // patch_size)`.",
    ),
    trials=(
        Trial(
            "count_patches(6, 10, 2)",
            (6, 10, 2),
            easier=(Easier("for square images", "for 6 x 10", (6, 6, 2)),),
        ),
        Trial("count_patches(224, 224, 16)", (224, 224, 16)),
        Trial("count_patches(9, 3, 3)", (9, 3, 3)),
        Trial("count_patches(3, 5, 1)", (3, 5, 1)),
        Trial("count_patches(7, 7, 7)", (7, 7, 7)),
        Trial("count_patches(7, 8, 4)", (7, 8, 4), raises=ValueError),
        Trial("count_patches(8, 7, 4)", (8, 7, 4), raises=ValueError),
        Trial("count_patches(2, 8, 4)", (2, 8, 4), raises=ValueError),
        Trial("count_patches(8, 2, 4)", (8, 2, 4), raises=ValueError),
        Trial("count_patches(7, 5, 4)", (7, 5, 4), raises=ValueError),
        Trial("count_patches(6, 6, 4)", (6, 6, 4), raises=ValueError),
        Trial("count_patches(8, 6, 4)", (8, 6, 4), raises=ValueError),
        Trial("count_patches(6, 8, 4)", (6, 8, 4), raises=ValueError),
    ),
)

# 1.2 ----------------------------------------------------------------------------------------------


_IN_READING_ORDER = Easier(
    "where memory is laid out in reading order",
    "where it is laid out differently",
    (_counting_image(2, 3, 4, 6), 2),
)
_FROM_ZERO = Easier(
    "for whole numbers from 0 on",
    "for fractions and numbers below zero",
    (_counting_image(3, 2, 4, 6), 2),
)

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
            easier=(Easier("for square images", "for 4 x 6", (_counting_image(1, 1, 4, 4), 2)),),
        ),
        Trial(
            "patchify(images, 2) of 2 x 3 x 4 x 6 images that count 0, 1, 2, ...",
            (_counting_image(2, 3, 4, 6), 2),
            easier=(
                Easier("for one image", "for two", (_counting_image(1, 3, 4, 6), 2)),
                Easier("for one channel", "for three", (_counting_image(2, 1, 4, 6), 2)),
            ),
        ),
        Trial(
            "patchify(images, 3) of 3 x 2 x 9 x 6 images that count 0, 1, 2, ...",
            (_counting_image(3, 2, 9, 6), 3),
            easier=(
                Easier("for patch size 2", "for 3", (_counting_image(3, 2, 4, 6), 2)),
                Easier("for three channels", "for two", (_counting_image(3, 3, 9, 6), 3)),
            ),
        ),
        Trial(
            "patchify(images, 2) of images whose memory is laid out channels-last",
            (_counting_image(2, 3, 4, 6).contiguous(memory_format=torch.channels_last), 2),
            easier=(_IN_READING_ORDER,),
        ),
        Trial("patchify(images, 4) of 2 x 3 x 4 x 4 images", (_counting_image(2, 3, 4, 4), 4)),
        Trial("patchify(images, 1) of 2 x 1 x 1 x 3 images", (_counting_image(2, 1, 1, 3), 1)),
        Trial(
            "patchify(images, 2) of 3 x 2 x 4 x 6 images with fractions, some below zero",
            (_waves(3, 2, 4, 6), 2),
            easier=(_FROM_ZERO,),
        ),
        *battery(
            "patchify(images, 2) of 3 x 2 x 4 x 6 images",
            (_waves(3, 2, 4, 6), 2),
            # left open by the text; numpy, for one, knows nothing of these
            without=("gradients", "bfloat16"),
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


def _patches_of(images: Tensor, patch_size: int) -> tuple:
    return (patchify(images, patch_size), patch_size, *images.shape[2:])


def _two_grids(unpatchify, patches: Tensor, patch_size: int, height: int, width: int) -> list:
    first = unpatchify(patches, patch_size, height, width)
    return [first, unpatchify(patches, patch_size, height // 2, 2 * width)]


_FIRST_GRID = (_patches_of(_counting_image(1, 2, 4, 6), 2),)

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
        'With einops, reverse the pattern of patchify: `"b (h w) (c p q) -> b c (h p) (w q)"`, '
        "with h=height // patch_size and p=q=patch_size.",
    ),
    trials=(
        Trial(
            "The patches of a 1 x 1 x 4 x 6 image that counts 0, 1, 2, ..., patch_size=2",
            _patches_of(_counting_image(1, 1, 4, 6), 2),
            easier=(
                Easier(
                    "for square images", "for 4 x 6", _patches_of(_counting_image(1, 1, 4, 4), 2)
                ),
            ),
        ),
        Trial(
            "The patches of 2 x 3 x 4 x 6 images that count 0, 1, 2, ..., patch_size=2",
            _patches_of(_counting_image(2, 3, 4, 6), 2),
            easier=(
                Easier("for one image", "for two", _patches_of(_counting_image(1, 3, 4, 6), 2)),
                Easier("for one channel", "for three", _patches_of(_counting_image(2, 1, 4, 6), 2)),
            ),
        ),
        Trial(
            "The patches of 3 x 2 x 9 x 6 images that count 0, 1, 2, ..., patch_size=3",
            _patches_of(_counting_image(3, 2, 9, 6), 3),
            easier=(
                Easier("for patch size 2", "for 3", _patches_of(_counting_image(3, 2, 4, 6), 2)),
                Easier(
                    "for three channels", "for two", _patches_of(_counting_image(3, 3, 9, 6), 3)
                ),
            ),
        ),
        Trial(
            "The patches of a 1 x 2 x 2 x 8 image that counts 0, 1, 2, ..., patch_size=2",
            _patches_of(_counting_image(1, 2, 2, 8), 2),
        ),
        Trial(
            "The patches of 2 x 3 x 4 x 4 images, patch_size=4",
            _patches_of(_counting_image(2, 3, 4, 4), 4),
        ),
        Trial(
            "The patches of 2 x 1 x 1 x 3 images, patch_size=1",
            _patches_of(_counting_image(2, 1, 1, 3), 1),
        ),
        Trial(
            "The patches of 3 x 2 x 4 x 6 images with fractions, some below zero, patch_size=2",
            _patches_of(_waves(3, 2, 4, 6), 2),
            easier=(
                Easier(
                    "for whole numbers from 0 on",
                    "for fractions and numbers below zero",
                    _patches_of(_counting_image(3, 2, 4, 6), 2),
                ),
            ),
        ),
        Trial(
            "Six patches put together into 4 x 6 pixels, then others into 2 x 12",
            _patches_of(_counting_image(1, 2, 4, 6), 2),
            ask=_two_grids,
            easier=(Easier("the first time", "for another grid", *_FIRST_GRID),),
        ),
        *battery(
            "unpatchify of the patches of 3 x 2 x 4 x 6 images",
            _patches_of(_waves(3, 2, 4, 6), 2),
            # left open by the text; numpy, for one, knows nothing of these
            without=("gradients", "bfloat16"),
        ),
    ),
)

# 1.4 ----------------------------------------------------------------------------------------------
# Any parameterisation is right: the layer is judged by what it does. All trials use images of
# 4 x 6 pixels with 2 channels, patches of 2 x 2 (N = 6) and embed_dim 5.

_SIZES = ((4, 6), 2, 2, 5)  # image_size, patch_size, in_channels, embed_dim


_PIXELS = _waves(4, 2, 4, 6)


def _build(answer) -> nn.Module:
    """The learner's layer with random weights: what they start from is the learner's choice."""
    layer = answer(*_SIZES)
    layer(torch.zeros(1, 2, 4, 6))  # a lazy layer has its weights from here on
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_()
    return layer


def _silent(answer) -> nn.Module:
    """The learner's layer, its tokens multiplied by 0: whatever its weights, they are the same."""
    layer = _build(answer)
    layer.register_forward_hook(lambda layer, inputs, tokens: tokens * 0)
    return layer


def _shape(answer, images: Tensor, sizes: tuple = _SIZES) -> Words | None:
    tokens = answer(*sizes)(images)
    return None if tokens is None else shape_of(tokens)


def _repeats(answer, images: Tensor) -> bool:
    layer = _build(answer)
    first, larger, again = (layer(x) for x in (images, torch.cat([images, images]), images))
    return _alike(first, again) and _alike(torch.cat([first, first]), larger)


def _works_alone(answer, images: Tensor) -> bool:
    layer = _build(answer)
    return _alike(layer(images), torch.cat([layer(image[None]) for image in images]))


def _same_in_evaluation(answer, images: Tensor) -> bool:
    layer = _build(answer)
    return _alike(layer(images), layer.eval()(images))


def _alike(tokens: Tensor, others: Tensor) -> bool:
    return tokens.shape == others.shape and torch.allclose(tokens, others, atol=1e-5)


def _responses(answer) -> tuple[Tensor, Tensor]:
    """What adding 1 to each pixel changes, (C*H*W, N, D), and the result for black, (N, D)."""
    layer = _build(answer).eval()
    one_pixel_each = torch.eye(2 * 4 * 6).reshape(-1, 2, 4, 6)
    with torch.no_grad():
        black = layer(torch.zeros(1, 2, 4, 6))[0]
        return layer(one_pixel_each) - black, black


def _sees(answer) -> Tensor:
    """Which token (row) notices which pixel (column): ones and zeros, (N, C*H*W)."""
    return (_responses(answer)[0].abs().amax(2) > 1e-6).int().T


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
    return _alike(layer(x + y) + black, layer(x) + layer(y))


def _no_place_added(answer) -> bool:
    black = _responses(answer)[1]
    return bool((black - black[:1]).abs().max() < 1e-6)


def _trains(answer) -> Words:
    """What an optimiser would find: D weights per value of a patch, and perhaps D biases."""
    layer = _build(answer)
    trainable = sum(p.numel() for p in layer.parameters() if p.requires_grad)
    if not trainable:
        return Words("weights that are frozen" if list(layer.parameters()) else "no weights")
    result = layer(torch.randn(1, 2, 4, 6))
    if not result.requires_grad:
        return Words("weights that no gradient reaches")
    result.square().sum().backward()
    reached = sum(p.numel() for p in layer.parameters() if p.grad is not None)
    if reached in (5 * 8, 5 * 8 + 5):
        return Words("the weights of one Linear layer")
    return Words(f"{reached} numbers, not {5 * 8} weights and at most 5 biases")


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
        "One `nn.Linear`, made in `__init__`, kept on `self`, and used for every patch.",
        "In `__init__`: `self.proj = nn.Linear(in_channels * patch_size**2, embed_dim)`. "
        "In `forward`: `return self.proj(patchify(images, self.patch_size))`.",
    ),
    trials=(
        Trial(
            "The shape for images (3, 2, 4, 6), patch_size=2, embed_dim=5",
            (_waves(3, 2, 4, 6),),
            ask=_shape,
            easier=(
                Easier(
                    "for square images",
                    "for 4 x 6",
                    (_waves(3, 2, 4, 4),),
                    ask=partial(_shape, sizes=((4, 4), 2, 2, 5)),
                ),
            ),
        ),
        Trial(
            "The shape for images (2, 3, 6, 3), patch_size=3, embed_dim=4",
            (_waves(2, 3, 6, 3),),
            ask=partial(_shape, sizes=((6, 3), 3, 3, 4)),
            easier=(
                Easier(
                    "for 2 channels, patch_size=2",
                    "for 3 channels, patch_size=3",
                    (_waves(3, 2, 4, 6),),
                    ask=_shape,
                ),
            ),
        ),
        Trial("The shape for a single image", (_waves(1, 2, 4, 6),), ask=_shape),
        Trial(
            "Do the same images give the same tokens again, also in a larger batch?",
            (_PIXELS,),
            ask=_repeats,
        ),
        Trial(
            "Which pixels of a 2 x 4 x 6 image does each of the 6 tokens notice? 1 for yes",
            ask=_sees,
        ),
        Trial("Do all patches share their weights?", ask=_shares_weights),
        Trial(
            "Does each value of a patch have its own weights?",
            ask=_every_pixel_has_weights,
        ),
        Trial("Is the layer linear (plus a bias)?", ask=_is_linear),
        Trial("Is each image embedded by itself?", (_PIXELS,), ask=_works_alone),
        Trial("Are the tokens the same after `.eval()`?", (_PIXELS,), ask=_same_in_evaluation),
        Trial("Does a black patch give the same token everywhere?", ask=_no_place_added),
        Trial("What can be trained", ask=_trains),
        *battery(
            "The tokens, times 0",
            (_PIXELS,),
            build=_silent,
            # the numbers are asked above; nothing is learned before this layer
            without=("numbers", "gradients"),
        ),
    ),
)

# 1.5 ----------------------------------------------------------------------------------------------


def _conv_result(linear_to_conv, linear: nn.Linear, images: Tensor) -> Tensor:
    """What the convolution makes of the images, (B, C, H, W) -> (B, D, h, w)."""
    channels = images.shape[1]
    patch_size = math.isqrt(linear.in_features // channels)
    return linear_to_conv(linear, channels, patch_size)(images).detach()


def _linear(patch_values: int, embed_dim: int, bias: bool = True) -> nn.Linear:
    generator = torch.Generator().manual_seed(1)
    linear = nn.Linear(patch_values, embed_dim, bias=bias)
    with torch.no_grad():
        for parameter in linear.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return linear


def _what_learns(linear_to_conv, linear: nn.Linear) -> Words:
    """Whether an optimiser would find weight and bias, and could train them."""
    conv = linear_to_conv(linear, 2, 3)
    found = dict(conv.named_parameters())
    kept = {name for name in ("weight", "bias") if getattr(conv, name, None) is not None}
    missing = [f"{name} is not a parameter" for name in kept - found.keys()]
    frozen = [f"{name} is frozen" for name, p in found.items() if not p.requires_grad]
    return Words(" and ".join(missing + frozen) or "all of it")


def _what_changes(linear_to_conv, linear: nn.Linear) -> Words:
    """What of `linear` is no longer as it was."""
    (before,) = snapshot((linear,))
    linear_to_conv(linear, 2, 3)
    return _differing(before, linear)


def _what_training_changes(linear_to_conv, linear: nn.Linear) -> Words:
    """The same after the convolution has learned something."""
    (linear,) = snapshot((linear,))
    conv = linear_to_conv(linear, 2, 3)
    (before,) = snapshot((linear,))
    with torch.no_grad():
        for parameter in conv.parameters():
            parameter.add_(1)
    return _differing(before, linear)


def _differing(before: nn.Linear, linear: nn.Linear) -> Words:
    after = dict(linear.named_parameters())
    changed = [
        f"linear's {name}"
        for name, p in before.named_parameters()
        if name not in after or not torch.equal(p, after[name])
    ]
    asleep = [
        f"whether linear's {name} can learn" for name, p in after.items() if not p.requires_grad
    ]
    return Words(" and ".join(changed + asleep))


def _kind(linear_to_conv, linear: nn.Linear) -> Words | None:
    result = linear_to_conv(linear, 2, 3)
    if isinstance(result, nn.Conv2d):
        return Words("an nn.Conv2d")
    return None if result is None else shape_of(result)


LINEAR_TO_CONV = Exercise(
    id="1.5",
    name="linear_to_conv",
    title="The same layer as a convolution",
    difficulty=3,
    minutes=15,
    reference=linear_to_conv,
    hints=(
        "A convolution multiplies a P x P window of all channels by a kernel and adds up. Which "
        "stride makes the windows exactly the patches?",
        "Row d of the Linear's weight holds C * P * P numbers in the order (C, P, P). Kernel d of "
        "the Conv2d has shape (C, P, P). The bias is the same.",
        "`conv = nn.Conv2d(in_channels, linear.out_features, patch_size, stride=patch_size, "
        "bias=linear.bias is not None)`, then under `torch.no_grad()`: "
        "`conv.weight.copy_(linear.weight.reshape(conv.weight.shape))`, and the bias likewise.",
    ),
    trials=(
        Trial("What comes back", (_linear(18, 5),), ask=_kind),
        Trial(
            "conv(images) with in_channels=2, patch_size=3, embed_dim=5, images (2, 2, 6, 9)",
            (_linear(18, 5), _waves(2, 2, 6, 9)),
            ask=_conv_result,
            easier=(
                Easier(
                    "for one channel",
                    "for two",
                    (_linear(9, 5), _waves(2, 1, 6, 9)),
                    ask=_conv_result,
                ),
            ),
        ),
        Trial(
            "conv(images) with in_channels=3, patch_size=2, embed_dim=4, images (1, 3, 4, 2)",
            (_linear(12, 4), _waves(1, 3, 4, 2)),
            ask=_conv_result,
            easier=(
                Easier(
                    "for 2 channels and patches of 3 x 3",
                    "for 3 channels and patches of 2 x 2",
                    (_linear(18, 5), _waves(2, 2, 6, 9)),
                    ask=_conv_result,
                ),
            ),
        ),
        Trial(
            "conv(images) for a Linear that has no bias",
            (_linear(18, 5, bias=False), _waves(2, 2, 6, 9)),
            ask=_conv_result,
            errors_alike=True,
            easier=(
                Easier(
                    "for a Linear with a bias",
                    "without",
                    (_linear(18, 5), _waves(2, 2, 6, 9)),
                    ask=_conv_result,
                ),
            ),
        ),
        Trial("Which parts of the convolution can be trained", (_linear(18, 5),), ask=_what_learns),
        Trial("What has changed in `linear`", (_linear(18, 5),), ask=_what_changes),
        Trial(
            "What changes in `linear` when the convolution learns",
            (_linear(18, 5),),
            ask=_what_training_changes,
        ),
    ),
)

EXERCISES = (COUNT, PATCHIFY, UNPATCHIFY, EMBED, LINEAR_TO_CONV)
