import pytest
import torch
from torch.autograd.functional import jacobian

from tests.maps.conftest import exactly
from vitcourse.maps import fuse_heads, gradient_rollout, relevance, rollout, rollout_by_depth

EYE = torch.eye(16, dtype=torch.float64)
FUSIONS = [("mean", 0.0), ("max", 0.0), ("min", 0.0), ("mean", 0.4), ("max", 0.9)]


@pytest.mark.parametrize(("fusion", "discard"), FUSIONS)
@pytest.mark.parametrize("residual", [0.0, 0.5, 0.8])
def test_rollout_rows_are_distributions(fusion, discard, residual, attention):
    rolled = rollout(attention, fusion, discard, residual)
    assert rolled.shape == (2, 16, 16)
    assert (rolled >= 0).all()
    exactly(rolled.sum(-1), torch.ones(2, 16))


@pytest.mark.parametrize(("fusion", "discard"), FUSIONS)
def test_rollout_of_identities(fusion, discard):
    exactly(rollout(EYE.expand(2, 4, 3, 16, 16), fusion, discard), EYE.expand(2, 16, 16))


@pytest.mark.parametrize("fusion", ["mean", "max", "min"])
def test_rollout_of_uniform_attention(fusion):
    uniform = torch.full((2, 4, 3, 16, 16), 1 / 16, dtype=torch.float64)
    expected = 2**-4 * EYE + (1 - 2**-4) / 16
    exactly(rollout(uniform, fusion), expected.expand(2, 16, 16))


@pytest.mark.parametrize(("fusion", "discard"), FUSIONS)
def test_shuffled_tokens_shuffle_the_rollout(fusion, discard, attention):
    order = torch.randperm(16)
    shuffled = attention[..., order, :][..., order]
    expected = rollout(attention, fusion, discard)[:, order][..., order]
    exactly(rollout(shuffled, fusion, discard), expected)


def test_later_layers_multiply_from_the_left(attention):
    """Layer 0 sends all to token 5, layer 1 to token 9: token 9 had been filled from token 5."""
    to_five, to_nine = (torch.zeros(16, 16, dtype=torch.float64) for _ in range(2))
    to_five[:, 5] = to_nine[:, 9] = 1
    layers = torch.stack([to_five, to_nine])[None, :, None]
    exactly(rollout(layers, residual=0.0)[0], to_five)
    exactly(rollout(layers.flip(1), residual=0.0)[0], to_nine)
    assert (rollout(attention) - rollout(attention.flip(1))).abs().max() > 1e-3


@pytest.mark.parametrize("residual", [0.2, 0.5])
def test_rollout_is_the_jacobian_of_the_network_that_only_attends(residual, attention):
    """x <- residual x + (1 - residual) mean_h(A x), head by head, with A frozen."""

    def network(x):
        for layer in attention[1]:
            heads = torch.stack([head @ x for head in layer])
            x = residual * x + (1 - residual) * heads.mean(0)
        return x

    exactly(
        rollout(attention, residual=residual)[1],
        jacobian(network, torch.randn(16, dtype=torch.float64)),
    )


def test_gradient_maps_are_jacobians_too(attention, gradients):
    positive = (attention * gradients).clamp(min=0)[1].mean(1)

    def relevant(x):
        for layer in positive:
            x = x + layer @ x
        return x

    def rolled(x):
        for layer in positive:
            x = x / 2 + (layer @ x) / layer.sum(1) / 2
        return x

    x = torch.randn(16, dtype=torch.float64)
    exactly(relevance(attention, gradients)[1], jacobian(relevant, x))
    exactly(gradient_rollout(attention, gradients)[1], jacobian(rolled, x))


def test_rollout_by_depth(attention):
    depths = rollout_by_depth(attention)
    assert depths.shape == (2, 4, 16, 16)
    for depth in range(4):
        exactly(depths[:, depth], rollout(attention[:, : depth + 1]))


def test_fusing_heads_by_hand():
    heads = torch.tensor([[[0.5, 0.4, 0.1]], [[0.1, 0.2, 0.7]]], dtype=torch.float64)
    heads = heads.expand(2, 3, 3)[None, None]
    exactly(fuse_heads(heads)[0, 0, 0], torch.tensor([0.3, 0.3, 0.4], dtype=torch.float64))
    exactly(fuse_heads(heads, "max")[0, 0, 1] * 16, torch.tensor([5.0, 4.0, 7.0]))
    exactly(fuse_heads(heads, "min")[0, 0, 1] * 4, torch.tensor([1.0, 2.0, 1.0]))
    exactly(fuse_heads(heads, "max", 0.4)[0, 0, 2] * 12, torch.tensor([5.0, 0.0, 7.0]))
    exactly(fuse_heads(heads, "max", 0.7)[0, 0, 2], torch.tensor([0.0, 0.0, 1.0]))
    exactly(fuse_heads(heads, "max", 0.3)[0, 0, 2] * 16, torch.tensor([5.0, 4.0, 7.0]))


def test_discarding_takes_as_many_from_each_row(attention):
    kept = fuse_heads(attention, discard=0.5)
    assert ((kept > 0).sum(-1) == 8).all()
    fused = attention.mean(2)
    exactly(kept, (fused * (kept > 0)) / (fused * (kept > 0)).sum(-1, keepdim=True))
    assert (
        fused.masked_fill(kept > 0, 0).amax(-1) < fused.masked_fill(kept == 0, 1).amin(-1)
    ).all()


def test_a_row_that_loses_all_looks_at_itself():
    one_hot = torch.stack([EYE.roll(1, 0), EYE.roll(2, 0)])[None, None]
    exactly(rollout(one_hot, "min")[0], EYE)


def test_of_equal_weights_the_first_are_discarded():
    """On every machine: with few tokens any sort keeps the order, with 40 only a stable one."""
    fused = fuse_heads(torch.full((1, 1, 2, 40, 40), 1 / 40), discard=0.5)
    assert (fused[..., :20] == 0).all()
    assert (fused[..., 20:] > 0).all()


def test_relevance_without_gradient_is_the_identity(attention):
    zero = torch.zeros_like(attention)
    for maps in (relevance(attention, zero), relevance(attention, zero - 1)):
        exactly(maps, EYE.expand(2, 16, 16))
    exactly(gradient_rollout(attention, zero), EYE.expand(2, 16, 16))


def test_relevance_with_gradient_one_is_rollout(attention):
    ones = torch.ones_like(attention)
    exactly(relevance(attention, ones), 2**4 * rollout(attention))
    exactly(gradient_rollout(attention, ones), rollout(attention))


def test_only_what_speaks_for_the_class_counts(attention, gradients):
    for maps in (relevance, gradient_rollout):
        exactly(maps(attention, gradients), maps(attention, gradients.relu()))
        assert (maps(attention, gradients) - maps(attention, gradients.abs())).abs().max() > 1e-3


def test_positive_parts_are_taken_before_heads_are_averaged():
    """One head for the class, one as much against it: they do not cancel."""
    attention = torch.full((1, 1, 2, 2, 2), 0.5, dtype=torch.float64)
    gradients = torch.tensor([1.0, -1.0], dtype=torch.float64).view(1, 1, 2, 1, 1)
    expected = torch.tensor([[1.25, 0.25], [0.25, 1.25]])
    exactly(relevance(attention, gradients * torch.ones(2, 2))[0], expected)


@pytest.mark.parametrize("maps", [relevance, gradient_rollout])
def test_heads_and_images_are_alike_and_layers_are_not(maps, attention, gradients):
    heads, order = torch.tensor([2, 0, 1]), torch.randperm(16)
    found = maps(attention, gradients)
    assert found.shape == (2, 16, 16)
    assert torch.equal(found, maps(attention, gradients))
    exactly(maps(attention[:, :, heads], gradients[:, :, heads]), found)
    exactly(maps(attention[1:], gradients[1:]), found[1:])
    shuffled = (t[..., order, :][..., order] for t in (attention, gradients))
    exactly(maps(*shuffled), found[:, order][..., order])
    assert (maps(attention.flip(1), gradients.flip(1)) - found).abs().max() > 1e-3
    assert (maps(attention, gradients.flip(1)) - found).abs().max() > 1e-3


def test_gradient_rollout_does_not_care_how_large_the_gradients_are(attention, gradients):
    scale = torch.tensor([1e-6, 1.0, 30.0, 0.2], dtype=torch.float64).view(4, 1, 1, 1)
    exactly(gradient_rollout(attention, scale * gradients), gradient_rollout(attention, gradients))


def test_inputs_stay_as_they_were(attention, gradients):
    before = attention.clone(), gradients.clone()
    rollout(attention, "max", 0.5)
    relevance(attention, gradients)
    gradient_rollout(attention, gradients)
    assert torch.equal(attention, before[0])
    assert torch.equal(gradients, before[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: rollout(a[0]), "attention must have shape (B, layers, heads, N, N), got (4, 3"),
        (lambda a: rollout(a[..., 1:]), "attention must have shape (B, layers, heads, N, N)"),
        (lambda a: rollout(a, "median"), "head_fusion must be one of mean, max, min, got 'median'"),
        (lambda a: rollout(a, discard=1.0), "discard must be a share from 0 to below 1, got 1.0"),
        (lambda a: rollout(a, discard=-0.1), "discard must be a share from 0 to below 1"),
        (lambda a: rollout(a, residual=1.1), "residual must be a share from 0 to 1, got 1.1"),
        (lambda a: relevance(a, a[:, 1:]), "gradients must have the shape of attention, (2, 4, 3"),
        (lambda a: gradient_rollout(a[0], a[0]), "attention must have shape (B, layers, heads, N"),
    ],
)
def test_errors(call, message, attention):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        call(attention)
    assert message in str(error.value)
