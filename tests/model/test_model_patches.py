import pytest
import torch
from torch import nn

from vitcourse.model import (
    LinearPatchEmbedding,
    PatchEmbedding,
    count_patches,
    linear_to_conv,
    patchify,
    unpatchify,
)

FORMS = [LinearPatchEmbedding, PatchEmbedding]


def test_count_patches():
    assert count_patches(224, 224, 16) == 196
    assert count_patches(12, 20, 4) == 15
    assert count_patches(4, 4, 4) == 1


def test_patchify_by_hand():
    images = torch.arange(2 * 2 * 4 * 6).reshape(2, 2, 4, 6)  # H != W, integers
    patches = patchify(images, 2)
    assert patches.shape == (2, 6, 8)
    assert patches[0, 0].tolist() == [0, 1, 6, 7, 24, 25, 30, 31]  # channel, row, column
    assert patches[0, 1].tolist() == [2, 3, 8, 9, 26, 27, 32, 33]  # the next one to the right
    assert patches[0, 3].tolist() == [12, 13, 18, 19, 36, 37, 42, 43]  # then the next row


def test_patchify_is_unfold(device):
    images = torch.randn(3, 2, 12, 20, device=device)
    unfolded = nn.functional.unfold(images, kernel_size=4, stride=4).transpose(1, 2)
    assert torch.equal(patchify(images, 4), unfolded)


@pytest.mark.parametrize(("height", "width", "patch_size"), [(12, 20, 4), (5, 3, 1), (6, 6, 6)])
def test_unpatchify_is_the_inverse(height, width, patch_size, device):
    images = torch.randn(2, 3, height, width, device=device)
    patches = patchify(images, patch_size)
    assert torch.equal(unpatchify(patches, patch_size, height, width), images)
    assert torch.equal(
        patchify(unpatchify(patches, patch_size, height, width), patch_size), patches
    )


def test_non_contiguous_images():
    images = torch.randn(2, 20, 12, 3).permute(0, 3, 2, 1)
    assert torch.equal(patchify(images, 4), patchify(images.contiguous(), 4))


@pytest.mark.parametrize("form", FORMS)
def test_shapes_and_attributes(form, device):
    embed = form((12, 20), 4, 2, 24).to(device)
    assert embed.grid_size == (3, 5)
    assert embed.num_patches == 15
    assert embed(torch.randn(4, 2, 12, 20, device=device)).shape == (4, 15, 24)
    assert embed(torch.randn(0, 2, 12, 20, device=device)).shape == (0, 15, 24)
    assert form(224, 16, 3, 8).grid_size == (14, 14)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_linear_to_conv_keeps_the_numbers(bias, dtype):
    linear = nn.Linear(2 * 4 * 4, 5, bias=bias, dtype=dtype)
    conv = linear_to_conv(linear, 2, 4)
    assert conv.weight.dtype == dtype
    assert torch.equal(conv.weight.flatten(1), linear.weight)
    assert torch.equal(conv.bias, linear.bias) if bias else conv.bias is None
    assert conv.weight.data_ptr() != linear.weight.data_ptr()


def test_linear_and_convolution_are_the_same_map(randomised):
    linear = randomised(LinearPatchEmbedding((12, 20), 4, 2, 24).double())
    conv = PatchEmbedding((12, 20), 4, 2, 24).double()
    conv.proj = linear_to_conv(linear.proj, 2, 4)
    images = torch.randn(4, 2, 12, 20, dtype=torch.float64)
    torch.testing.assert_close(linear(images), conv(images), rtol=0, atol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_gradients(form, randomised):
    embed = randomised(form((4, 6), 2, 2, 3).double())
    images = torch.randn(2, 2, 4, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(embed, images)


@pytest.mark.parametrize("form", FORMS)
def test_initialisation_is_xavier_of_the_linear_layer(form):
    proj = form(32, 16, 3, 256).proj
    assert proj.weight.std().item() == pytest.approx((2 / (768 + 256)) ** 0.5, rel=0.02)
    assert not proj.bias.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 20, 4), "height must be a positive int, got 0"),
        ((12, -1, 4), "width must be a positive int, got -1"),
        ((12, 20, 4.0), "patch_size must be a positive int, got 4.0"),
        ((12, 20, True), "patch_size must be a positive int, got True"),
        (
            (12, 22, 4),
            "patch_size must divide height and width, got patch_size=4 for an image of "
            "12 x 22 pixels; crop or resize the image to multiples of 4",
        ),
        (
            (13, 20, 4),
            "patch_size must divide height and width, got patch_size=4 for an image of "
            "13 x 20 pixels; crop or resize the image to multiples of 4",
        ),
    ],
)
def test_count_patches_errors(arguments, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the whole text is compared)
        count_patches(*arguments)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: patchify(torch.zeros(3, 4, 4), 2), "(B, C, H, W), got (3, 4, 4)"),
        (lambda: patchify(torch.zeros(1, 3, 4, 5), 2), "an image of 4 x 5 pixels"),
        (lambda: unpatchify(torch.zeros(4, 12), 2, 4, 4), "(B, N, C * P * P), got (4, 12)"),
        (
            lambda: unpatchify(torch.zeros(1, 6, 12), 2, 4, 4),
            "patches must number 4 for an image of 4 x 4 pixels and patch_size=2, got 6",
        ),
        (
            lambda: unpatchify(torch.zeros(1, 4, 13), 2, 4, 4),
            "the length of a patch must be a multiple of patch_size**2 = 4, got 13",
        ),
        (
            lambda: linear_to_conv(nn.Linear(10, 2), 3, 2),
            "linear.in_features must be in_channels * patch_size**2 = 12, got 10",
        ),
        (lambda: linear_to_conv(nn.Linear(12, 2), 3, 0), "patch_size must be a positive int"),
    ],
)
def test_function_errors(call, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        call()
    assert message in str(error.value)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((224, 15, 3, 8), "got patch_size=15 for an image of 224 x 224 pixels"),
        (("224", 16, 3, 8), "image_size must be a positive int, got '224'"),
        (((1, 2, 3), 1, 3, 8), "image_size must be an int or (height, width), got (1, 2, 3)"),
        (((16, 0), 16, 3, 8), "width must be a positive int, got 0"),
        ((16, 16, 0, 8), "in_channels must be a positive int, got 0"),
        ((16, 16, 3, -8), "embed_dim must be a positive int, got -8"),
    ],
)
def test_constructor_errors(form, arguments, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        form(*arguments)
    assert message in str(error.value)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            torch.zeros(2, 12, 20),
            "images must have shape (B, C, H, W), got (2, 12, 20); "
            "for one image (C, H, W) pass images[None]",
        ),
        (
            torch.zeros(1, 3, 12, 20),
            "images must have 2 channels as (B, C, H, W), got (1, 3, 12, 20)",
        ),
        (
            torch.zeros(1, 2, 20, 12),
            "images must be 12 x 20 pixels (height x width), got 20 x 12",
        ),
        (
            torch.zeros(1, 2, 12, 20, dtype=torch.uint8),
            "images must be floating point, got torch.uint8; pass images.float() / 255",
        ),
    ],
)
def test_forward_errors(form, images, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        form((12, 20), 4, 2, 24)(images)
    assert str(error.value) == message
