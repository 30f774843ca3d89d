"""The convolutional network beside the ViT: shapes, gradients, sizes, and its two heads."""

import pytest
import torch

from vitcourse.convolution import WIDTHS, ConvNet, ResidualBlock


def block_parameters(narrow: int, wide: int) -> int:
    norms = 2 * narrow + 2 * wide
    shortcut = 0 if narrow == wide else narrow * wide
    return norms + 9 * narrow * wide + 9 * wide * wide + shortcut


@pytest.mark.parametrize("head", ["map", "mean"])
@pytest.mark.parametrize("size", [(48, 48), (32, 64), (20, 50)])
def test_shapes_also_where_height_and_width_differ(head, size):
    model = ConvNet(size, in_channels=2, num_classes=5, head=head)
    assert model(torch.randn(3, 2, *size)).shape == (3, 5)


@pytest.mark.parametrize(("head", "places"), [("map", 4 * 8), ("mean", 1)])
def test_parameters_by_formula(head, places):
    first, second, third = WIDTHS
    blocks = [(first, first), (first, second), (second, third)]
    expected = 9 * 3 * first + sum(block_parameters(*widths) for widths in blocks) + 2 * third
    expected += (places * third + 1) * 16
    model = ConvNet((32, 64), head=head)
    assert sum(p.numel() for p in model.parameters()) == expected


@pytest.mark.parametrize("head", ["map", "mean"])
def test_every_parameter_gets_a_gradient(head):
    model = ConvNet(head=head)
    model(torch.randn(2, 3, 48, 48)).square().sum().backward()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_neither_the_mode_nor_the_batch_matters():
    model, images = ConvNet(), torch.randn(4, 3, 48, 48)
    with torch.no_grad():
        together, training = model.eval()(images), model.train()(images)
        alone = torch.cat([model(image[None]) for image in images])
    torch.testing.assert_close(together, training, rtol=0, atol=0)
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_a_block_adds_to_what_comes_in():
    block = ResidualBlock(16, 16)
    torch.nn.init.zeros_(block.conv2.weight)
    x = torch.randn(2, 16, 5, 7)
    assert torch.equal(block(x), x)


def test_a_convolution_sees_neighbours_only():
    block = ResidualBlock(16, 16)
    block.norm1 = block.norm2 = torch.nn.Identity()  # a norm sees the whole image
    x = torch.rand(1, 16, 9, 9, requires_grad=True)
    block(x)[0, :, 0, 0].sum().backward()
    assert not x.grad[0, :, 3:].any()
    assert not x.grad[0, :, :, 3:].any()


def test_only_the_map_can_tell_places_apart():
    """With every place of the last grid moved, a mean is the same; a map is not."""
    for head, same in (("mean", True), ("map", False)):
        model = ConvNet(head=head)
        grid = torch.randn(1, WIDTHS[-1], 6, 6)
        moved = grid.roll((2, 3), dims=(2, 3))
        answers = [model.head(model.pool(g).flatten(1)) for g in (grid, moved)]
        assert torch.allclose(*answers, atol=1e-5) is same


def test_about_as_many_parameters_as_the_vit():
    from vitcourse.training import small_vit

    counts = [sum(p.numel() for p in m.parameters()) for m in (ConvNet(), small_vit())]
    assert 0.9 < counts[0] / counts[1] < 1.1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"head": "max"}, "head='max': give one of"),
        ({"image_size": (0, 48)}, "height"),
        ({"image_size": (48, 1.5)}, "width"),
        ({"in_channels": 0}, "in_channels"),
        ({"num_classes": True}, "num_classes"),
    ],
)
def test_errors_name_the_argument(arguments, words):
    with pytest.raises(ValueError, match=words):
        ConvNet(**arguments)
