import copy

import pytest
import torch

from tests.maps.conftest import exactly
from vitcourse.maps import (
    area_under,
    attention_maps,
    deletion_curve,
    insertion_curve,
    patches_inside,
    pointing_chance,
    pointing_game,
    random_maps,
    randomise_weights,
    rank_correlation,
)


@pytest.fixture
def masks():
    """On 3 x 5 patches of 4 x 4: one pixel; two patches' worth across four; nothing."""
    masks = torch.zeros(3, 12, 20, dtype=torch.bool)
    masks[0, 11, 8] = True
    masks[1, 2:6, 6:14] = True
    return masks


def test_patches_inside_touch_the_object(masks):
    inside = patches_inside(masks, (3, 5))
    assert inside.nonzero().tolist() == [
        [0, 2, 2],
        *([1, row, column] for row in (0, 1) for column in (1, 2, 3)),
    ]
    exactly(pointing_chance(masks, (3, 5)), torch.tensor([1, 6, 0]) / 15)


def test_pointing_game_point_by_point(masks):
    inside = patches_inside(masks, (3, 5))
    for row in range(3):
        for column in range(5):
            maps = torch.zeros(3, 3, 5)
            maps[:, row, column] = 1
            assert torch.equal(pointing_game(maps, masks), inside[:, row, column].float())


def test_ties_and_constant_maps_score_what_chance_does(masks):
    constant = torch.full((3, 3, 5), -2.0)
    exactly(pointing_game(constant, masks), pointing_chance(masks, (3, 5)))
    constant[:, 0, 2] = constant[:, 2, 2] = 3
    exactly(pointing_game(constant, masks), torch.tensor([0.5, 0.5, 0]))


def test_chance_is_what_random_maps_score(masks):
    maps = random_maps(4000, (3, 5))
    hits = pointing_game(maps, masks[1].expand(4000, 12, 20))
    assert hits.mean().item() == pytest.approx(6 / 15, abs=0.03)
    assert torch.equal(maps, random_maps(4000, (3, 5)))
    assert not torch.equal(maps, random_maps(4000, (3, 5), seed=1))
    assert torch.equal(maps[:7], random_maps(7, (3, 5)))


WORTH = torch.randn(12, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def linear(images):
    """A score to which each pixel adds its own share."""
    return (images.sum(1) * WORTH).sum((1, 2))


@pytest.mark.parametrize("steps", [1, 4, 15])
def test_deletion_curve_by_hand(steps, images):
    maps = torch.rand(4, 3, 5)
    baseline = torch.randn(2, 12, 20, dtype=torch.float64)
    shares, scores = deletion_curve(linear, images, maps, baseline, steps)
    assert scores.shape == (4, steps + 1)
    counts = {1: [0, 15], 4: [0, 4, 8, 11, 15], 15: list(range(16))}[steps]
    exactly(shares, torch.tensor(counts, dtype=torch.float64) / 15)
    for b in range(4):
        left = images[b : b + 1].clone()
        patches = [(maps[b, r, c].item(), r, c) for r in range(3) for c in range(5)]
        expected = [linear(left)]
        for done, (_, r, c) in enumerate(sorted(patches, reverse=True), start=1):
            place = (slice(None), slice(4 * r, 4 * r + 4), slice(4 * c, 4 * c + 4))
            left[0][place] = baseline[place]
            if done in counts:
                expected.append(linear(left))
        exactly(scores[b], torch.cat(expected))


def test_ends_of_the_curves(model, images):
    def score(x):
        return model(x).softmax(1)[:, 3]

    baseline, maps = torch.randn(4, 2, 12, 20, dtype=torch.float64), random_maps(4, (3, 5))
    full, empty = score(images).detach(), score(baseline).detach()
    _, deleted = deletion_curve(score, images, maps, baseline, 5)
    _, inserted = insertion_curve(score, images, maps, baseline, 5)
    assert not deleted.requires_grad
    exactly(deleted[:, [0, -1]], torch.stack([full, empty], 1))
    exactly(inserted[:, [0, -1]], torch.stack([empty, full], 1))
    # To insert the best first is to delete the worst first, seen from the end.
    _, worst_first = deletion_curve(score, images, -maps, baseline, 5)
    exactly(inserted, worst_first.flip(1))
    zero = score(torch.zeros_like(images)).detach()
    exactly(deletion_curve(score, images, maps, steps=5)[1][:, -1], zero)
    exactly(insertion_curve(score, images, maps, steps=5)[1][:, 0], zero)


def test_the_true_map_beats_every_other(images):
    """Of a linear score, the patches' own shares are the best map there is, either way."""
    worth = (images.sum(1) * WORTH).unflatten(2, (5, 4)).unflatten(1, (3, 4)).sum((2, 4))
    areas = {"worth": worth, "random": random_maps(4, (3, 5)), "worst": -worth}
    deletion = {
        n: area_under(*deletion_curve(linear, images, m, steps=15)) for n, m in areas.items()
    }
    insertion = {
        n: area_under(*insertion_curve(linear, images, m, steps=15)) for n, m in areas.items()
    }
    assert (deletion["worth"] < deletion["random"]).all()
    assert (deletion["random"] < deletion["worst"]).all()
    assert (insertion["worth"] > insertion["random"]).all()
    assert (insertion["random"] > insertion["worst"]).all()


def test_ties_go_in_raster_order(images):
    order = torch.arange(15.0).flip(0).view(3, 5).expand(4, 3, 5)
    constant = deletion_curve(linear, images, torch.zeros(4, 3, 5), steps=15)[1]
    exactly(constant, deletion_curve(linear, images, order, steps=15)[1])


def test_area_under():
    shares = torch.tensor([0.0, 0.25, 1.0])
    scores = torch.tensor([[1.0, 0.5, 0.0], [2.0, 2.0, 2.0]])
    exactly(area_under(shares, scores), torch.tensor([0.375, 2.0]))


def test_rank_correlation():
    maps = torch.rand(3, 3, 5)
    exactly(rank_correlation(maps, (5 * maps).exp()).double().round(decimals=6), torch.ones(3))
    exactly(rank_correlation(maps, -maps).double().round(decimals=6), -torch.ones(3))
    assert rank_correlation(maps, torch.ones(3, 3, 5)).isnan().all()
    # With ties, by hand: ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4; correlation 4.5 / sqrt(4.5 * 5).
    tied = torch.tensor([[[1.0, 2, 2, 7]]])
    found = rank_correlation(tied, torch.tensor([[[1.0, 2, 3, 4]]]))
    assert found.item() == pytest.approx((4.5 / 5) ** 0.5)
    assert rank_correlation(*torch.rand(2, 500, 3, 5)).mean().abs() < 0.05


def changed(model, copied):
    new = copied.state_dict()
    return {name for name, value in model.state_dict().items() if not torch.equal(value, new[name])}


def test_randomise_weights(model, images):
    before = copy.deepcopy(model.state_dict())
    top = [randomise_weights(model, blocks) for blocks in range(4)]
    assert changed(model, top[0]) == {"head.weight", "head.bias"}
    for blocks in (1, 2, 3):
        parts = {name.rsplit(".", 1)[0] for name in changed(model, top[blocks])} - {"head"}
        assert {".".join(part.split(".")[:3]) for part in parts} == {
            f"encoder.blocks.{i}" for i in range(3 - blocks, 3)
        }
    everything = randomise_weights(model)
    assert changed(model, everything) == set(before)
    for name, value in everything.state_dict().items():
        exactly(value.flatten().sort().values, before[name].flatten().sort().values)
        assert torch.equal(model.state_dict()[name], before[name])
    assert not everything.training
    assert changed(everything, randomise_weights(model)) == set()
    assert changed(everything, randomise_weights(model, seed=1)) == set(before)
    maps = attention_maps(model, images)
    assert torch.equal(attention_maps(top[0], images), maps)
    assert torch.equal(attention_maps(top[1], images)[:, :2], maps[:, :2])
    assert (attention_maps(top[1], images)[:, 2] - maps[:, 2]).abs().max() > 1e-3


def test_randomise_torchvisions_heads():
    from torchvision.models import VisionTransformer as TorchvisionViT

    theirs = TorchvisionViT(8, 4, 2, 2, 8, 8, num_classes=5)
    torch.nn.init.normal_(theirs.heads.head.weight)
    assert changed(theirs, randomise_weights(theirs, 0)) == {"heads.head.weight"}


NAN = torch.full((3, 3, 5), float("nan"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, x: pointing_game(NAN, m), "maps hold nan, which points nowhere"),
        (lambda m, x: pointing_game(NAN[:2], m), "maps must have shape (3, rows, columns), got (2"),
        (lambda m, x: pointing_game(NAN[0], m), "maps must have shape (3, rows, columns), got (3,"),
        (lambda m, x: patches_inside(m.float(), (3, 5)), "masks must be bool of shape (B, H, W)"),
        (lambda m, x: pointing_chance(m, (5, 3)), "5 rows and 3 columns of patches do not divide"),
        (lambda m, x: deletion_curve(linear, x, NAN), "maps must have shape (4, rows, columns)"),
        (
            lambda m, x: deletion_curve(linear, x, torch.zeros(4, 3, 5), steps=16),
            "steps must be from 1 to 15 patches, got 16",
        ),
        (
            lambda m, x: insertion_curve(linear, x, torch.zeros(4, 5, 3)),
            "5 rows and 3 columns of patches do not divide an image of 12 x 20 pixels",
        ),
        (lambda m, x: rank_correlation(NAN, NAN[:2]), "maps differ in shape: (3, 3, 5) and (2, 3"),
    ],
)
def test_errors(call, message, masks, images):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        call(masks, images)
    assert message in str(error.value)


@pytest.mark.parametrize("top_blocks", [-1, 4])
def test_errors_of_randomise_weights(top_blocks, model):
    with pytest.raises(ValueError, match=f"top_blocks must be from 0 to 3, got {top_blocks}"):
        randomise_weights(model, top_blocks)
