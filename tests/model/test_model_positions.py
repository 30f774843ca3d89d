import math

import pytest
import torch
from einops import rearrange

from vitcourse.model import PositionEmbedding, resize_positions, sincos_1d, sincos_2d


def wave(position: float, channel: int, dim: int) -> float:
    """One number of the table, from the formula in Vaswani et al. 2017 with the sines first."""
    half = dim // 2
    angle = position / 10000 ** ((channel % half) / half)
    return math.sin(angle) if channel < half else math.cos(angle)


def test_sincos_1d_is_the_formula():
    table = sincos_1d(50, 8)
    expected = torch.tensor([[wave(p, c, 8) for c in range(8)] for p in range(50)])
    torch.testing.assert_close(table, expected, rtol=0, atol=1e-5)
    assert table.dtype == torch.float32


def test_sincos_1d_takes_positions(device):
    positions = torch.tensor([3, 0, 7], device=device)
    assert torch.equal(sincos_1d(positions.cpu(), 6), sincos_1d(8, 6)[[3, 0, 7]])
    assert sincos_1d(positions, 6).device.type == device.type
    exact = sincos_1d(torch.tensor([0.5], dtype=torch.float64), 4)
    expected = torch.tensor([[wave(0.5, c, 4) for c in range(4)]], dtype=torch.float64)
    torch.testing.assert_close(exact, expected, rtol=0, atol=1e-15)


def test_sincos_2d_is_the_formula():
    table = sincos_2d((3, 5), 12)
    assert table.shape == (15, 12)
    for row in range(3):
        for column in range(5):
            expected = [wave(row, c, 6) for c in range(6)] + [wave(column, c, 6) for c in range(6)]
            torch.testing.assert_close(
                table[row * 5 + column], torch.tensor(expected), rtol=0, atol=1e-6
            )


def test_sincos_2d_is_timms():
    timm_layers = pytest.importorskip("timm.layers")
    theirs = timm_layers.build_sincos2d_pos_embed([3, 5], dim=16)
    # timm has sin(row), sin(column), cos(row), cos(column): same waves, quarters 2 and 3 swapped.
    theirs = rearrange(theirs, "n (wave side i) -> n (side wave i)", wave=2, side=2)
    torch.testing.assert_close(sincos_2d((3, 5), 16), theirs, rtol=0, atol=1e-6)


def test_every_place_has_its_own_vector():
    assert len(torch.unique(sincos_2d((14, 14), 64), dim=0)) == 196


def test_position_embedding_adds(device, randomised):
    layer = randomised(PositionEmbedding(5, 6)).to(device)
    tokens = torch.randn(3, 5, 6, device=device)
    assert torch.equal(layer(tokens), tokens + layer.pos_embed)
    assert layer(tokens[:0]).shape == (0, 5, 6)


def test_position_embedding_initialisation():
    pos_embed = PositionEmbedding(197, 768).pos_embed
    assert pos_embed.std().item() == pytest.approx(0.02, rel=0.02)
    assert abs(pos_embed.mean().item()) < 1e-3


def test_gradients(randomised):
    layer = randomised(PositionEmbedding(4, 3).double())
    x = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, _: layer(x), (x, layer.pos_embed))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("prefix", [0, 1, 2])
@pytest.mark.parametrize(
    ("old", "new"), [((14, 14), (24, 24)), ((14, 14), (7, 9)), ((5, 3), (6, 4)), ((2, 6), (6, 2))]
)
def test_resize_is_timms(old, new, prefix, dtype):
    timm_layers = pytest.importorskip("timm.layers")
    table = torch.randn(1, prefix + old[0] * old[1], 8, dtype=dtype)
    ours = resize_positions(table, old, new, num_prefix_tokens=prefix)
    theirs = timm_layers.resample_abs_pos_embed(table, new, old, num_prefix_tokens=prefix)
    assert ours.dtype == dtype
    assert torch.equal(ours, theirs)


def test_resize_keeps_the_prefix_and_the_axes(device):
    # 2 x 6 and not 2 x 4: there the root of 8, rounded down, would pass for the number of rows.
    table = torch.zeros(1, 1 + 2 * 6, 2, device=device)
    table[0, 0] = 9.0
    table[0, 1:, 0] = torch.tensor([0.0] * 6 + [1.0] * 6)  # the row
    table[0, 1:, 1] = torch.tensor([0.0, 1.0, 2.0, 3.0, 4.0, 5.0] * 2)  # the column
    resized = resize_positions(table, (2, 6), (4, 12)).cpu()
    assert torch.equal(resized[0, 0], torch.tensor([9.0, 9.0]))
    grid = resized[0, 1:].reshape(4, 12, 2)
    assert (grid[..., 0].diff(dim=0) > 0).all()
    assert (grid[..., 0].diff(dim=1).abs() < 1e-5).all()
    assert (grid[..., 1].diff(dim=1) > 0).all()
    assert (grid[..., 1].diff(dim=0).abs() < 1e-5).all()


def test_resize_to_the_same_grid_is_nothing():
    table = torch.randn(1, 16, 4, dtype=torch.float64)
    assert torch.equal(resize_positions(table, (3, 5), (3, 5)), table)


def test_resize_passes_gradients():
    table = torch.randn(1, 7, 2, requires_grad=True)
    resize_positions(table, (2, 3), (4, 3)).sum().backward()
    assert torch.equal(table.grad[0, 0], torch.ones(2))
    assert (table.grad != 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sincos_1d(4, 5), "dim must be even (half sines, half cosines), got 5"),
        (lambda: sincos_1d(4, 0), "dim must be a positive int, got 0"),
        (lambda: sincos_1d(0, 4), "positions must be a positive int, got 0"),
        (lambda: sincos_1d(torch.zeros(2, 2), 4), "positions must have shape (N,), got (2, 2)"),
        (
            lambda: sincos_2d((2, 2), 6),
            "dim must be a multiple of 4 (sin and cos, row and column), got 6",
        ),
        (lambda: sincos_2d(3, 8), "grid_size must be (rows, columns), got 3"),
        (lambda: sincos_2d((3, 0), 8), "grid_size[1] must be a positive int, got 0"),
        (lambda: PositionEmbedding(0, 8), "num_tokens must be a positive int, got 0"),
        (
            lambda: PositionEmbedding(5, 6)(torch.zeros(2, 4, 6)),
            "tokens must number 5, one for each position, got 4",
        ),
        (
            lambda: PositionEmbedding(5, 6)(torch.zeros(2, 1, 6)),
            "tokens must number 5, one for each position, got 1",
        ),
        (
            lambda: PositionEmbedding(5, 6)(torch.zeros(2, 5, 1)),
            "tokens must have shape (B, N, 6), got (2, 5, 1)",
        ),
        (
            lambda: resize_positions(torch.zeros(1, 10, 4), (3, 4), (6, 8)),
            "pos_embed must have shape (1, 13, D) for num_prefix_tokens=1 and old_grid=(3, 4), "
            "got (1, 10, 4)",
        ),
        (
            lambda: resize_positions(torch.zeros(1, 10, 4), (3, 3), (6, -8)),
            "new_grid[1] must be a positive int, got -8",
        ),
        (lambda: resize_positions(torch.zeros(1, 10, 4), 9, (6, 8)), "old_grid must be (rows"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        call()
    assert message in str(error.value)
