"""Chapter 1, patch embedding: count, cut, put back, embed, and see the convolution in it.

The test images have H != W, several channels, and every pixel a different number; otherwise a
swapped axis looks right.
"""

import math

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from vitcourse.exercises.engine import Exercise, Mistake, Trial
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


def _checked(count):
    """A stand-in that raises as it should and counts wrong."""

    def stand_in(height, width, patch_size):
        count_patches(height, width, patch_size)
        return count(height, width, patch_size)

    return stand_in


def _raises_only_if(bad):
    """A stand-in that counts right and notices only some images that do not divide."""

    def stand_in(height, width, patch_size):
        if bad(height, width, patch_size):
            raise ValueError
        return (height // patch_size) * (width // patch_size)

    return stand_in


def _asserts(height, width, patch_size):
    assert height % patch_size == 0
    assert width % patch_size == 0
    return (height // patch_size) * (width // patch_size)


_ROUNDS = "A row or column of pixels would be lost: raise ValueError when P does not divide H or W."

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
    mistakes=(
        Mistake(
            "the height is used for both sides",
            "You squared H / P. The image may be wider than high: use W / P for the columns.",
            _checked(lambda h, w, p: (h // p) ** 2),
        ),
        Mistake(
            "the width is used for both sides",
            "You squared W / P. The image may be wider than high: use H / P for the rows.",
            _checked(lambda h, w, p: (w // p) ** 2),
        ),
        Mistake(
            "divided by P once",
            "H * W / P is the area divided by the side of a patch. A patch has P * P pixels.",
            _checked(lambda h, w, p: h * w // p),
        ),
        Mistake(
            "pixels, not patches",
            "H * W counts the pixels. Each patch holds P * P of them.",
            _checked(lambda h, w, p: h * w),
        ),
        Mistake(
            "rows and columns added",
            "You added the rows and the columns. A grid of r rows and c columns has r * c patches.",
            _checked(lambda h, w, p: h // p + w // p),
        ),
        Mistake(
            "only the rows",
            "You counted how many patches stand in one column. Multiply by the columns.",
            _checked(lambda h, w, p: h // p),
        ),
        Mistake(
            "only the columns",
            "You counted how many patches stand in one row. Multiply by the rows.",
            _checked(lambda h, w, p: w // p),
        ),
        Mistake(
            "the CLS token is counted",
            "One too many: the CLS token joins the patches later, it is not one of them.",
            _checked(lambda h, w, p: (h // p) * (w // p) + 1),
        ),
        Mistake(
            "overlapping patches",
            "You counted every position of a sliding window. Patches do not overlap.",
            _checked(lambda h, w, p: (h - p + 1) * (w - p + 1)),
        ),
        Mistake(
            "a float, not an int",
            "`/` always gives a float. `//` divides whole numbers.",
            _checked(lambda h, w, p: (h / p) * (w / p)),
        ),
        Mistake(
            "the grid, not the count",
            "You returned rows and columns. Multiply them.",
            _checked(lambda h, w, p: (h // p, w // p)),
        ),
        Mistake("no error for a bad size", _ROUNDS, _raises_only_if(lambda h, w, p: False)),
        Mistake(
            "no error for a bad size",
            _ROUNDS,
            lambda h, w, p: math.ceil(h / p) * math.ceil(w / p),
        ),
        Mistake("no error for a bad size", _ROUNDS, lambda h, w, p: h * w // p**2),
        Mistake(
            "only the height is checked",
            "A width that P does not divide must raise ValueError, too.",
            _raises_only_if(lambda h, w, p: h % p),
        ),
        Mistake(
            "only the width is checked",
            "A height that P does not divide must raise ValueError, too.",
            _raises_only_if(lambda h, w, p: w % p),
        ),
        Mistake(
            "only the area is checked",
            "P may divide the area while it does not divide a side: check both sides.",
            _raises_only_if(lambda h, w, p: (h * w) % p**2),
        ),
        Mistake(
            "only the area is checked",
            "P may divide the area while it does not divide a side: check both sides.",
            _raises_only_if(lambda h, w, p: (h * w) % p),
        ),
        Mistake(
            "one side and the area are checked",
            "P may divide one side and the area, and not the other side: check both sides.",
            _raises_only_if(lambda h, w, p: h % p or (h * w) % p**2),
        ),
        Mistake(
            "one side and the area are checked",
            "P may divide one side and the area, and not the other side: check both sides.",
            _raises_only_if(lambda h, w, p: w % p or (h * w) % p**2),
        ),
        Mistake(
            "an error only when both sides are bad",
            "One bad side is enough: join the two conditions with `or`.",
            _raises_only_if(lambda h, w, p: h % p and w % p),
        ),
        Mistake(
            "assert in place of ValueError",
            "`assert` raises AssertionError, and nothing under `python -O`: `raise ValueError`.",
            _asserts,
        ),
    ),
)

# 1.2 ----------------------------------------------------------------------------------------------


def _cut(pattern: str):
    """A stand-in for patchify that rearranges by another pattern."""
    return lambda images, p: rearrange(_whole(images, p), pattern, p=p, q=p).contiguous()


def _whole(images: Tensor, patch_size: int) -> Tensor:
    count_patches(images.shape[2], images.shape[3], patch_size)
    return images


def _crops(images, p):
    h, w = images.shape[2] // p * p, images.shape[3] // p * p
    return patchify(images[:, :, :h, :w], p)


def _windows(images, p):
    return images.unfold(2, p, p).unfold(3, p, p)  # (B, C, h, w, p, p)


def _flat(tensor: Tensor, images: Tensor, p: int) -> Tensor:
    return tensor.reshape(len(images), -1, images.shape[1] * p * p)


_BACK_TO_FRONT = "reshape keeps the numbers in reading order; bring the axes in order first."

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
    mistakes=(
        Mistake(
            "plain reshape",
            "Each of your patches is a run of pixels along the rows, not a square: "
            + _BACK_TO_FRONT,
            lambda images, p: _flat(_whole(images, p), images, p),
        ),
        Mistake(
            "columns before rows",
            "Your patches run down the columns of the grid. Raster order: along each row first.",
            _cut("b c (h p) (w q) -> b (w h) (c p q)"),
        ),
        Mistake(
            "pixels transposed inside the patch",
            "The right patches, but inside each you read down its columns. Rows come first.",
            _cut("b c (h p) (w q) -> b (h w) (c q p)"),
        ),
        Mistake(
            "channels last",
            "Inside a patch you put the channels last (pixel by pixel). Asked is (C, P, P): all of "
            "the first channel, then all of the next.",
            _cut("b c (h p) (w q) -> b (h w) (p q c)"),
        ),
        Mistake(
            "channels last and pixels transposed",
            "Inside a patch the order is (column, row, channel). Asked is (channel, row, column).",
            _cut("b c (h p) (w q) -> b (h w) (q p c)"),
        ),
        Mistake(
            "channels between rows and columns",
            "Inside a patch the order is (row, channel, column). Asked is (channel, row, column).",
            _cut("b c (h p) (w q) -> b (h w) (p c q)"),
        ),
        Mistake(
            "height and width swapped",
            "You cut the mirrored image: H and W are swapped. Images are (B, C, H, W).",
            _cut("b c (h p) (w q) -> b (w h) (c q p)"),
        ),
        Mistake(
            "columns before rows and channels last",
            "The grid should be read row by row, and each patch as (channel, row, column).",
            _cut("b c (h p) (w q) -> b (w h) (p q c)"),
        ),
        Mistake(
            "patches of scattered pixels",
            "Your patch takes every h-th pixel, from all over the image. Split the height as "
            "(h, P), not (P, h): the patch row is the slower axis.",
            _cut("b c (p h) (q w) -> b (h w) (c p q)"),
        ),
        Mistake(
            "one token per channel",
            "You made a token of each channel of each patch. A patch holds all its channels.",
            _cut("b c (h p) (w q) -> b (c h w) (p q)"),
        ),
        Mistake(
            "one token per channel",
            "You made a token of each channel of each patch. A patch holds all its channels.",
            _cut("b c (h p) (w q) -> b (h w c) (p q)"),
        ),
        Mistake(
            "patches and pixels swapped",
            "The result is (B, C*P*P, N), as `F.unfold` gives it: swap the last two axes.",
            lambda images, p: F.unfold(_whole(images, p), p, stride=p),
        ),
        Mistake(
            "reshape where a transpose is due",
            "`F.unfold` gives (B, C*P*P, N). A reshape to (B, N, C*P*P) scrambles it: transpose.",
            lambda images, p: _flat(F.unfold(_whole(images, p), p, stride=p), images, p),
        ),
        Mistake(
            "axes merged in the wrong order",
            "You merged (B, C, h, w, P, P) as it stood, so that patches mix. Move C behind h and w "
            "first: " + _BACK_TO_FRONT,
            lambda images, p: _flat(_windows(_whole(images, p), p), images, p),
        ),
        Mistake(
            "the grid is still two axes",
            "You kept the grid as (h, w). Merge the two into one axis N = h * w: a sequence.",
            _cut("b c (h p) (w q) -> b h w (c p q)"),
        ),
        Mistake(
            "the pixels are still three axes",
            "You kept each patch as (C, P, P). Merge them into one axis of C * P * P numbers.",
            _cut("b c (h p) (w q) -> b (h w) c p q"),
        ),
        Mistake(
            "images and patches merged",
            "You put the patches of all images into one axis. Keep B apart: (B, N, C*P*P).",
            _cut("b c (h p) (w q) -> (b h w) (c p q)"),
        ),
        Mistake(
            "only the first image",
            "Only the first image of the batch is left: (B, N, C*P*P) has all of them.",
            lambda images, p: patchify(images[:1], p),
        ),
        Mistake(
            "only the first channel",
            "Only the first channel is left. A patch holds all its channels.",
            lambda images, p: patchify(images[:, :1], p),
        ),
        Mistake(
            "channels averaged",
            "You averaged the channels. A patch holds all of them, one after the other.",
            lambda images, p: patchify(images.mean(1, keepdim=True), p),
        ),
        Mistake(
            "the batch axis is lost for a single image",
            "With one image the result is (N, C*P*P). `squeeze` drops every axis of length one, "
            "the batch as well: leave it out.",
            lambda images, p: patchify(images, p).squeeze(0),
        ),
        Mistake(
            "three channels taken for granted",
            "Your answer is right only for three channels: use C.",
            lambda images, p: patchify(images.reshape(len(images), 3, *images.shape[2:]), p),
        ),
        Mistake(
            "the images of a batch are mixed",
            "You merged (N, B, ...) as if it were (B, N, ...). The batch comes first: "
            "`torch.stack(..., dim=1)`.",
            lambda images, p: (
                patchify(images, p)
                .transpose(0, 1)
                .reshape(len(images), -1, images.shape[1] * p * p)
            ),
        ),
        Mistake(
            "patches first, images second",
            "The result is (N, B, C*P*P). The batch comes first: `torch.stack(..., dim=1)`.",
            _cut("b c (h p) (w q) -> (h w) b (c p q)"),
        ),
        Mistake(
            "overlapping patches",
            "Your patches overlap: a window must move by P pixels (`stride=patch_size`), not by 1.",
            lambda images, p: F.unfold(_whole(images, p), p).transpose(1, 2),
        ),
        Mistake(
            "a bad size is cropped silently",
            "Pixels at the border are dropped without a word. `count_patches` raises for you.",
            _crops,
        ),
        Mistake(
            "a bad size is cropped silently",
            "Pixels at the border are dropped without a word. `count_patches` raises for you.",
            lambda images, p: F.unfold(images, p, stride=p).transpose(1, 2),
        ),
    ),
)

# 1.3 ----------------------------------------------------------------------------------------------


def _paste(pattern: str, swap: bool = False):
    """A stand-in for unpatchify that rearranges by another pattern."""

    def stand_in(patches, p, height, width):
        h, w = (width // p, height // p) if swap else (height // p, width // p)
        return rearrange(patches, pattern, h=h, w=w, p=p, q=p).contiguous()

    return stand_in


def _square_grid(patches, p, height, width):
    side = math.isqrt(patches.shape[1])
    return rearrange(patches, "b (h w) (c p q) -> b c (h p) (w q)", h=side, p=p, q=p)


def _permuted_again(patches, p, height, width):
    grid = patches.reshape(len(patches), height // p, width // p, -1, p, p)
    return grid.permute(0, 2, 4, 1, 3, 5).reshape(len(patches), -1, height, width)


def _three_channels(patches, p, height, width):
    grid = patches.reshape(len(patches), height // p, width // p, 3, p, p)
    return rearrange(grid, "b h w c p q -> b c (h p) (w q)")


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
    mistakes=(
        Mistake(
            "plain reshape",
            "The pixels of a patch land in one row of the image: " + _BACK_TO_FRONT,
            lambda patches, p, h, w: patches.reshape(len(patches), -1, h, w),
        ),
        Mistake(
            "columns before rows",
            "You laid the patches down the columns of the grid. They come row by row.",
            _paste("b (w h) (c p q) -> b c (h p) (w q)"),
        ),
        Mistake(
            "pixels transposed inside the patch",
            "Every patch is in its place but mirrored along its diagonal: rows before columns.",
            _paste("b (h w) (c q p) -> b c (h p) (w q)"),
        ),
        Mistake(
            "channels last",
            "You read the pixels of a patch as (P, P, C). patchify wrote them as (C, P, P).",
            _paste("b (h w) (p q c) -> b c (h p) (w q)"),
        ),
        Mistake(
            "patches of scattered pixels",
            "The pixels of one patch are spread over the image. Merge (h, P), not (P, h).",
            _paste("b (h w) (c p q) -> b c (p h) (q w)"),
        ),
        Mistake(
            "height and width swapped",
            "The image came out lying on its side: (B, C, H, W) has the height first.",
            _paste("b (h w) (c p q) -> b c (w q) (h p)"),
        ),
        Mistake(
            "rows and columns of the grid swapped",
            "You used W // P rows and H // P columns: the image comes out W pixels high.",
            _paste("b (h w) (c p q) -> b c (h p) (w q)", swap=True),
        ),
        Mistake(
            "columns before rows and pixels transposed",
            "You transposed the grid and each patch in it. Rows come before columns in both.",
            _paste("b (w h) (c q p) -> b c (h p) (w q)"),
        ),
        Mistake(
            "axes merged in the wrong order",
            "You reshaped (B, h, w, C, P, P) as it stood. Bring h beside P and w beside P first: "
            + _BACK_TO_FRONT,
            lambda patches, p, h, w: rearrange(
                patches, "b n (c p q) -> b c n p q", p=p, q=p
            ).reshape(len(patches), -1, h, w),
        ),
        Mistake(
            "the permutation of patchify once more",
            "You permuted the axes as patchify does. To undo a permutation takes its inverse: "
            "from (B, h, w, C, P, P) to (B, C, h, P, w, P).",
            _permuted_again,
        ),
        Mistake(
            "reshape where a transpose is due",
            "`F.fold` wants (B, C*P*P, N). A reshape scrambles the numbers: transpose.",
            lambda patches, p, h, w: F.fold(
                patches.reshape(len(patches), patches.shape[2], -1), (h, w), p, stride=p
            ),
        ),
        Mistake(
            "a square grid is assumed",
            "You took the root of N for both sides. The image may be wider than high: use height "
            "and width.",
            _square_grid,
        ),
        Mistake(
            "three channels taken for granted",
            "Your answer is right only for three channels. C is the last size divided by P * P.",
            _three_channels,
        ),
        Mistake(
            "the batch is lost",
            "Only the first image came back: (B, C, H, W) has all of them.",
            lambda patches, p, h, w: unpatchify(patches[:1], p, h, w),
        ),
        Mistake(
            "the channels stand last",
            "The result is (B, H, W, C). Images in torch are (B, C, H, W).",
            _paste("b (h w) (c p q) -> b (h p) (w q) c"),
        ),
        Mistake(
            "the image is not put together",
            "The grid is still there: merge h with P and w with P to get (B, C, H, W).",
            _paste("b (h w) (c p q) -> b c h p w q"),
        ),
        Mistake(
            "the patches come back unchanged",
            "You returned the patches. Asked is the image, (B, C, H, W).",
            lambda patches, p, h, w: patches,
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


class _Variant(nn.Module):
    """A patch embedding whose parts the mistakes replace."""

    def __init__(self, image_size, patch_size, in_channels, embed_dim):
        super().__init__()
        self.patch_size, self.in_channels = patch_size, in_channels
        self.grid = image_size[0] // patch_size, image_size[1] // patch_size
        self.make(in_channels * patch_size**2, embed_dim)

    def make(self, patch_values, embed_dim):
        self.proj = nn.Linear(patch_values, embed_dim)

    def cut(self, images):
        return patchify(images, self.patch_size)

    def forward(self, images):
        return self.proj(self.cut(images))


def _with(**methods) -> type:
    return type("PatchEmbedding", (_Variant,), methods)


def _make_conv(self, patch_values, embed_dim, **settings):
    settings = {"stride": self.patch_size} | settings
    self.proj = nn.Conv2d(self.in_channels, embed_dim, self.patch_size, **settings)


def _hidden_weights(self, patch_values, embed_dim):
    weight = torch.randn(patch_values, embed_dim)
    self.proj = lambda patches: patches @ weight


def _one_weight_per_patch(self, patch_values, embed_dim):
    self.weight = nn.Parameter(torch.randn(math.prod(self.grid), patch_values, embed_dim))
    self.proj = lambda patches: torch.einsum("bni,nid->bnd", patches, self.weight)


def _one_layer_per_patch(self, patch_values, embed_dim):
    self.layers = nn.ModuleList(
        nn.Linear(patch_values, embed_dim) for _ in range(math.prod(self.grid))
    )
    self.proj = lambda patches: torch.stack(
        [layer(patches[:, i]) for i, layer in enumerate(self.layers)], 1
    )


def _frozen(self, patch_values, embed_dim):
    self.proj = nn.Linear(patch_values, embed_dim).requires_grad_(False)


def _whole_image(self, patch_values, embed_dim):
    n = math.prod(self.grid)
    self.everything = nn.Linear(n * patch_values, n * embed_dim)
    self.proj = lambda patches: self.everything(patches.flatten(1)).unflatten(1, (n, embed_dim))


def _with_positions(self, patch_values, embed_dim):
    self.inner = nn.Linear(patch_values, embed_dim)
    self.pos_embed = nn.Parameter(torch.randn(1, math.prod(self.grid), embed_dim))
    self.proj = lambda patches: self.inner(patches) + self.pos_embed


def _with_cls(self, patch_values, embed_dim):
    self.inner = nn.Linear(patch_values, embed_dim)
    self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dim))
    self.proj = lambda patches: torch.cat(
        [self.cls_token.expand(len(patches), -1, -1), self.inner(patches)], 1
    )


def _then(*layers):
    """The projection followed by something that is not asked for."""

    def make(self, patch_values, embed_dim):
        extra = [layer(embed_dim) for layer in layers]
        self.proj = nn.Sequential(nn.Linear(patch_values, embed_dim), *extra)

    return make


def _grey_weights(self, patch_values, embed_dim):
    self.proj = nn.Linear(patch_values // self.in_channels, embed_dim)


_GREY = "All channels of a pixel get the same weight, so that colour is lost. Give each its own."
_NOT_LINEAR = (
    "The embedding is one Linear layer, nothing after it: norms and activations come later."
)

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
    mistakes=(
        Mistake(
            "the grid is not flattened",
            "A Conv2d gives (B, D, h, w). Flatten, then swap: `.flatten(2).transpose(1, 2)`.",
            _with(make=_make_conv, forward=lambda self, images: self.proj(images)),
        ),
        Mistake(
            "tokens and channels swapped",
            "The result is (B, D, N). Tokens come second: `.transpose(1, 2)`.",
            _with(make=_make_conv, forward=lambda self, images: self.proj(images).flatten(2)),
        ),
        Mistake(
            "tokens and channels swapped",
            "The result is (B, D, N). Tokens come second: `.transpose(1, 2)`.",
            _with(forward=lambda self, images: self.proj(self.cut(images)).transpose(1, 2)),
        ),
        Mistake(
            "reshape where a transpose is due",
            "A Conv2d gives (B, D, h, w). Reshaping that to (B, N, D) tears the embeddings apart: "
            "`.flatten(2).transpose(1, 2)`.",
            _with(
                make=_make_conv,
                forward=lambda self, images: self.proj(images).reshape(
                    len(images), -1, self.proj.out_channels
                ),
            ),
        ),
        Mistake(
            "plain reshape",
            "Your patches are runs of pixels along the rows, not squares. Use your patchify.",
            _with(
                cut=lambda self, images: images.reshape(
                    len(images), -1, self.in_channels * self.patch_size**2
                )
            ),
        ),
        Mistake(
            "columns before rows",
            "Your tokens run down the columns of the grid. Raster order: along each row first.",
            _with(
                cut=lambda self, images: rearrange(
                    images,
                    "b c (h p) (w q) -> b (w h) (c p q)",
                    p=self.patch_size,
                    q=self.patch_size,
                )
            ),
        ),
        Mistake(
            "columns before rows",
            "Your tokens run down the columns of the grid. Raster order: along each row first.",
            _with(
                make=_make_conv,
                forward=lambda self, images: self.proj(images).transpose(2, 3).flatten(2).mT,
            ),
        ),
        Mistake(
            "overlapping patches",
            "The convolution moves by 1 pixel, so that patches overlap: `stride=patch_size`.",
            _with(
                make=lambda self, i, d: _make_conv(self, i, d, stride=1),
                forward=lambda self, images: self.proj(images).flatten(2).mT,
            ),
        ),
        Mistake(
            "a border is added",
            "Padding adds a border of zeros and shifts the patches: leave it out.",
            _with(
                make=lambda self, i, d: _make_conv(self, i, d, padding=self.patch_size // 2),
                forward=lambda self, images: self.proj(images).flatten(2).mT,
            ),
        ),
        Mistake(
            "no projection",
            "These are the patches themselves. Send each through a Linear layer to embed_dim.",
            _with(make=lambda self, i, d: None, forward=lambda self, images: self.cut(images)),
        ),
        Mistake(
            "the layer is made anew in every call",
            "A layer made in `forward` starts from new random numbers each time and never learns. "
            "Make it in `__init__` and keep it on `self`.",
            _with(
                make=lambda self, i, d: setattr(self, "sizes", (i, d)),
                forward=lambda self, images: nn.Linear(*self.sizes)(self.cut(images)),
            ),
        ),
        Mistake(
            "each patch has its own weights",
            "A pattern should mean the same everywhere: one set of weights for all patches.",
            _with(make=_one_weight_per_patch),
        ),
        Mistake(
            "each patch has its own weights",
            "A pattern should mean the same everywhere: one set of weights for all patches.",
            _with(make=_one_layer_per_patch),
        ),
        Mistake(
            "every token sees the whole image",
            "Your layer mixes all patches. An embedding looks at one patch; attention mixes later.",
            _with(make=_whole_image),
        ),
        Mistake(
            "channels averaged",
            _GREY,
            _with(
                make=_grey_weights,
                cut=lambda self, images: patchify(images.mean(1, keepdim=True), self.patch_size),
            ),
        ),
        Mistake(
            "only the first channel",
            "Only the first channel is used. A patch holds C * P * P numbers.",
            _with(
                make=_grey_weights,
                cut=lambda self, images: patchify(images[:, :1], self.patch_size),
            ),
        ),
        Mistake(
            "an activation after the projection",
            _NOT_LINEAR,
            _with(make=_then(lambda d: nn.GELU())),
        ),
        Mistake(
            "an activation after the projection",
            _NOT_LINEAR,
            _with(make=_then(lambda d: nn.ReLU())),
        ),
        Mistake("a norm after the projection", _NOT_LINEAR, _with(make=_then(nn.LayerNorm))),
        Mistake(
            "two layers for one",
            "One Linear is asked for. Two in a row can do no more than one: they are still linear.",
            _with(make=_then(lambda d: nn.Linear(d, d))),
        ),
        Mistake(
            "an MLP for one layer",
            "One Linear is asked for. An MLP with an activation between two layers is chapter 5.",
            _with(make=_then(lambda d: nn.ReLU(), lambda d: nn.Linear(d, d))),
        ),
        Mistake(
            "positions are added already",
            "Tokens of equal patches should be equal here. Positions are chapter 3.",
            _with(make=_with_positions),
        ),
        Mistake(
            "a CLS token is added already",
            "There is one token more than patches. The CLS token is chapter 2.",
            _with(make=_with_cls),
        ),
        Mistake(
            "the weights are not registered",
            "`parameters()` does not list them, so that nothing trains them. Use `nn.Linear` or "
            "`nn.Parameter`, kept on `self`.",
            _with(make=_hidden_weights),
        ),
        Mistake(
            "the weights are frozen",
            "The weights do not ask for gradients, so they cannot learn.",
            _with(make=_frozen),
        ),
        Mistake(
            "three channels taken for granted",
            "Your layer is right only for three channels: use `in_channels`.",
            _with(
                make=lambda self, i, d: setattr(self, "proj", nn.Linear(3 * self.patch_size**2, d))
            ),
        ),
        Mistake(
            "channels forgotten",
            "The Linear layer expects P * P numbers. A patch holds C * P * P.",
            _with(make=_grey_weights),
        ),
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


def _conv(pattern: str = "d (c p q) -> d c p q", bias: bool = True, **settings):
    """A stand-in that lays the weights into the convolution by another pattern."""

    def stand_in(linear, in_channels, patch_size):
        conv = nn.Conv2d(
            in_channels,
            linear.out_features,
            patch_size,
            **({"stride": patch_size, "bias": bias and linear.bias is not None} | settings),
        )
        sizes = {"c": in_channels, "p": patch_size, "q": patch_size}
        with torch.no_grad():
            conv.weight.copy_(rearrange(linear.weight, pattern, **sizes))
            if conv.bias is not None:
                conv.bias.copy_(linear.bias)
        return conv

    return stand_in


def _keeps_random_weights(linear, in_channels, patch_size):
    return nn.Conv2d(
        in_channels, linear.out_features, patch_size, patch_size, bias=linear.bias is not None
    )


def _keeps_random_bias(linear, in_channels, patch_size):
    conv = _keeps_random_weights(linear, in_channels, patch_size)
    conv.weight = nn.Parameter(linear.weight.reshape(conv.weight.shape))
    return conv


def _keeps_random_bias_always(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, patch_size)
    conv.weight = nn.Parameter(linear.weight.reshape(conv.weight.shape))
    return conv


def _flipped(linear, in_channels, patch_size):
    conv = linear_to_conv(linear, in_channels, patch_size)
    conv.weight = nn.Parameter(conv.weight.flip(2, 3))
    return conv


def _scrambled(linear, in_channels, patch_size):
    conv = linear_to_conv(linear, in_channels, patch_size)
    conv.weight = nn.Parameter(linear.weight.t().reshape(conv.weight.shape))
    return conv


def _needs_bias(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, patch_size)
    conv.weight.data = linear.weight.data.reshape(conv.weight.shape)
    conv.bias.data = linear.bias.data
    return conv


def _ghost_bias(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, patch_size)
    conv.weight.data = linear.weight.data.reshape(conv.weight.shape)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv


def _can_learn(linear_to_conv, linear: nn.Linear) -> bool:
    return all(parameter.requires_grad for parameter in linear_to_conv(linear, 2, 3).parameters())


def _without_no_grad(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, patch_size)
    conv.weight.copy_(linear.weight.reshape(conv.weight.shape))


def _assigns_a_tensor(linear, in_channels, patch_size):
    conv = nn.Conv2d(in_channels, linear.out_features, patch_size, patch_size)
    conv.weight = linear.weight.reshape(conv.weight.shape)


def _kind(linear_to_conv, linear: nn.Linear) -> str | None:
    result = linear_to_conv(linear, 2, 3)
    if isinstance(result, nn.Conv2d):
        return "Conv2d"
    return None if result is None else type(result).__name__


_NO_BIAS = "A Linear made with bias=False has `bias` None: make the convolution without one, too."

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
    mistakes=(
        Mistake(
            "channels last in the kernel",
            "You read a row of the weight as (P, P, C). patchify puts channels first: (C, P, P).",
            _conv("d (p q c) -> d c p q"),
        ),
        Mistake(
            "kernel transposed",
            "Rows and columns of the kernel are swapped: reshape to (D, C, P, P), no more.",
            _conv("d (c q p) -> d c p q"),
        ),
        Mistake(
            "kernel flipped",
            "You turned the kernel round. `nn.Conv2d` does not flip its kernel, unlike the "
            "convolution of mathematics.",
            _flipped,
        ),
        Mistake(
            "weight transposed",
            "`linear.weight` is (D, C*P*P) already: reshape it as it is, without a transpose.",
            _scrambled,
        ),
        Mistake(
            "no stride",
            "The windows overlap, so that the output is larger: `stride=patch_size`.",
            _conv(stride=1),
        ),
        Mistake(
            "a border is added",
            "Padding adds a border of zeros and shifts the windows: leave it out.",
            _conv(padding=1),
        ),
        Mistake(
            "the bias is missing",
            "The convolution has no bias, the Linear has one: copy it.",
            _conv(bias=False),
        ),
        Mistake(
            "the bias is not copied",
            "The weights are right, but the bias is still the convolution's own random one.",
            _keeps_random_bias,
        ),
        Mistake(
            "the bias is not copied",
            "The weights are right, but the bias is still the convolution's own random one.",
            _keeps_random_bias_always,
        ),
        Mistake(
            "nothing is copied",
            "The convolution still has its own random numbers: copy weight and bias from `linear`.",
            _keeps_random_weights,
        ),
        Mistake(
            "a parameter changed under the eyes of autograd",
            "Changing a parameter in place is allowed inside `with torch.no_grad():` only.",
            _without_no_grad,
        ),
        Mistake(
            "a tensor in the place of a parameter",
            "`conv.weight` must stay an `nn.Parameter`: wrap the tensor in one, or copy into it "
            "with `conv.weight.copy_(...)` under `torch.no_grad()`.",
            _assigns_a_tensor,
        ),
        Mistake(
            "the weights are frozen",
            "The convolution does not ask for gradients, so that it cannot learn.",
            lambda linear, c, p: linear_to_conv(linear, c, p).requires_grad_(False),
        ),
        Mistake("a Linear without bias is forgotten", _NO_BIAS, _needs_bias),
        Mistake("a Linear without bias is forgotten", _NO_BIAS, _ghost_bias),
        Mistake(
            "a result in place of a layer",
            "Asked is the layer itself, an nn.Conv2d with the right numbers in it.",
            lambda linear, c, p: linear.weight.detach(),
        ),
        Mistake(
            "the Linear itself comes back",
            "You returned the Linear layer. Asked is an nn.Conv2d that does the same.",
            lambda linear, c, p: linear,
        ),
    ),
)

EXERCISES = (COUNT, PATCHIFY, UNPATCHIFY, EMBED, LINEAR_TO_CONV)
