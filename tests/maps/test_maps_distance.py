import math

import pytest
import torch

from tests.maps.conftest import exactly, random_attention
from vitcourse.maps import (
    attention_distance,
    attention_entropy,
    patch_filters,
    position_similarity,
    prefix_mass,
    rollout,
    rollout_collapse,
)

GRID, PATCH = (3, 5), 4


def with_prefix(patches, prefix, mass):
    """Put `prefix` tokens before patches (..., N, N); each row gives them `mass` in all."""
    size = patches.shape[-1]
    rest = torch.full((*patches.shape[:-1], prefix), mass / max(prefix, 1), dtype=patches.dtype)
    rows = torch.cat([rest, (1 - mass) * patches], dim=-1)
    first = random_attention(*patches.shape[:-2], size + prefix)[..., :prefix, :]
    return torch.cat([first, rows], dim=-2)


@pytest.mark.parametrize(("prefix", "mass"), [(0, 0.0), (1, 0.0), (1, 0.9), (5, 0.6)])
def test_distance_whatever_the_prefix_gets(prefix, mass):
    eye = torch.eye(15, dtype=torch.float64)

    def distance(patches):
        patches = with_prefix(patches.expand(2, 4, 3, 15, 15), prefix, mass)
        found = attention_distance(patches, GRID, PATCH, prefix)
        assert found.shape == (2, 4, 3)
        exactly(found, found[0, 0, 0].expand(2, 4, 3))
        return found[0, 0, 0].item()

    assert distance(eye) == 0
    # Uniform: the mean distance of all pairs, counted with plain numbers.
    places = [(row, column) for row in range(3) for column in range(5)]
    pairs = [math.dist(a, b) for a in places for b in places]
    uniform = torch.full((15, 15), 1 / 15, dtype=torch.float64)
    assert distance(uniform) == pytest.approx(PATCH * sum(pairs) / len(pairs), abs=1e-12)
    # Each to its right neighbour, the last of a row back to its first: (4 * 1 + 4) / 5 patches.
    grid = torch.arange(15).view(3, 5)
    right = eye[grid.roll(-1, dims=1).flatten()]
    assert distance(right) == pytest.approx(PATCH * 8 / 5, abs=1e-12)
    # Each to the one below, the last row back to the first: (2 * 1 + 2) / 3 patches.
    below = eye[grid.roll(-1, dims=0).flatten()]
    assert distance(below) == pytest.approx(PATCH * 4 / 3, abs=1e-12)


def test_distance_by_loops(attention):
    found = attention_distance(attention, GRID, PATCH)
    for b, layer, head in [(0, 0, 0), (1, 3, 2)]:
        total = 0.0
        for i in range(15):
            row = attention[b, layer, head, i + 1, 1:]
            for j in range(15):
                pixels = PATCH * math.dist(divmod(i, 5), divmod(j, 5))
                total += (row[j] / row.sum()).item() * pixels / 15
        assert found[b, layer, head].item() == pytest.approx(total, abs=1e-12)


def test_patches_that_look_at_no_patch_are_left_out():
    attention = torch.zeros(2, 4, 4, dtype=torch.float64)
    attention[:, :, 0] = 1
    attention[0, 1] = torch.tensor([0.5, 0, 0, 0.5])
    found = attention_distance(attention, (1, 3), 10)
    assert found[0] == 20
    assert found[1].isnan()


def test_entropy(attention):
    uniform = torch.full((2, 16, 16), 1 / 16, dtype=torch.float64)
    exactly(attention_entropy(uniform), torch.full((2, 16), math.log(16), dtype=torch.float64))
    assert torch.equal(attention_entropy(torch.eye(16)), torch.zeros(16))
    found = attention_entropy(attention)
    assert found.shape == (2, 4, 3, 16)
    exactly(found, torch.distributions.Categorical(attention).entropy())


@pytest.mark.parametrize("prefix", [0, 1, 5])
def test_prefix_mass(prefix):
    patches = random_attention(2, 3, 15)
    found = prefix_mass(with_prefix(patches, prefix, 0.6), prefix)
    assert found.shape == (2, 3, prefix)
    exactly(found, torch.full((2, 3, prefix), 0.6 / max(prefix, 1), dtype=torch.float64))


def test_prefix_mass_names_each_token():
    rows = [[1.0, 0, 0, 0], [1, 0, 0, 0], [0.25, 0.5, 0.25, 0], [0.5, 0.25, 0, 0.25]]
    assert prefix_mass(torch.tensor(rows), 2).tolist() == [0.375, 0.375]
    assert prefix_mass(torch.tensor(rows)).item() == pytest.approx(1.75 / 3)


def test_collapse_of_uniform_attention():
    """R after l layers is 2^-l I + (1 - 2^-l) U, whose rows differ from U by 2^-l (1 - 1/N)."""
    uniform = torch.full((2, 4, 3, 16, 16), 1 / 16, dtype=torch.float64)
    expected = 2.0 ** -torch.arange(1, 5, dtype=torch.float64) * 15 / 16
    exactly(rollout_collapse(uniform), expected.expand(2, 4))
    eye = torch.eye(16, dtype=torch.float64).expand(2, 4, 3, 16, 16)
    exactly(rollout_collapse(eye), torch.full((2, 4), 15 / 16))


def test_collapse_by_loops_and_never_rising(attention):
    found = rollout_collapse(attention)
    assert found.shape == (2, 4)
    for depth in range(4):
        rows = rollout(attention[1:, : depth + 1])[0]
        distances = [(row - rows.mean(0)).clamp(min=0).sum() for row in rows]
        exactly(found[1, depth], torch.stack(distances).mean())
    assert (found.diff(dim=1) <= 1e-12).all()


@pytest.mark.parametrize("prefix", [0, 1, 5])
def test_position_similarity(prefix):
    table = torch.randn(1, prefix + 15, 8, dtype=torch.float64, requires_grad=True)
    found = position_similarity(table, GRID, prefix)
    assert found.shape == (3, 5, 3, 5)
    assert not found.requires_grad
    for (row, column), (r, c) in [((0, 0), (0, 0)), ((2, 1), (0, 4)), ((1, 3), (2, 3))]:
        places = table[0, prefix + 5 * row + column], table[0, prefix + 5 * r + c]
        exactly(found[row, column, r, c], torch.cosine_similarity(*places, dim=0))
    exactly(found, found.permute(2, 3, 0, 1))


def test_patch_filters_are_eigenvectors_of_the_covariance():
    weight = torch.randn(20, 2, 3, 3, dtype=torch.float64)
    filters, shares = patch_filters(weight, 6)
    assert filters.shape == (6, 2, 3, 3)
    flat = filters.flatten(1)
    exactly(flat @ flat.T, torch.eye(6))
    covariance = torch.cov(weight.flatten(1).T)
    exactly(covariance @ flat.T, flat.T * shares * covariance.trace())
    assert (shares.diff() < 0).all()
    assert (flat.gather(1, flat.abs().argmax(1, keepdim=True)) > 0).all()
    exactly(patch_filters(weight, 18)[1].sum(), torch.tensor(1.0))


def test_patch_filters_finds_planted_ones():
    """Filters are a mean plus mixtures of two patterns, the first ten times as strong."""
    patterns = torch.linalg.qr(torch.randn(12, 2, dtype=torch.float64))[0].T
    mixture = torch.randn(50, 2, dtype=torch.float64) * torch.tensor([10.0, 1.0])
    weight = (5 + mixture @ patterns).view(50, 3, 2, 2)
    filters, shares = patch_filters(weight, 2)
    assert ((filters[0].flatten() @ patterns[0]).abs() > 0.99).item()
    exactly(shares.sum(), torch.tensor(1.0))
    exactly(patch_filters(weight + 3, 2)[0], filters)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: attention_distance(a, (4, 4), 8), "grid=(4, 4) and num_prefix_tokens=1 make 17"),
        (lambda a: attention_distance(a[..., 1:], (3, 5), 8), "attention must have shape (..., N"),
        (lambda a: attention_entropy(a[..., 1:]), "attention must have shape (..., N, N), got (2,"),
        (lambda a: prefix_mass(a, 16), "num_prefix_tokens must be from 0 to 15, got 16"),
        (lambda a: rollout_collapse(a[0]), "attention must have shape (B, layers, heads, N, N)"),
        (lambda a: position_similarity(a[0, 0], (3, 5)), "pos_embed must have shape (1, N, D)"),
        (lambda a: position_similarity(a[0, 0, :1], (4, 4)), "make 17 tokens, but there are 16"),
        (lambda a: patch_filters(a, 3), "weight must have shape (D, C, P, P), got (2, 4, 3, 16, "),
        (lambda a: patch_filters(a[0], 5), "count must be from 1 to 4, got 5"),
        (lambda a: patch_filters(a[0], 0), "count must be from 1 to 4, got 0"),
    ],
)
def test_errors(call, message, attention):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        call(attention)
    assert message in str(error.value)
