"""Hidden states, the logit lens, components of patches, and masks: against explicit formulas."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.maps.conftest import GRID, exactly
from tests.maps.test_maps_capture import as_timm, as_torchvision, hooks_of
from vitcourse.maps import (
    component_colours,
    hidden_states,
    logit_lens,
    patch_components,
    strongest_patches,
)

# Hidden states


def test_states_are_what_blocks_give_to_each_other(model, images):
    states = hidden_states(model, images)
    assert states.shape == (4, 4, 16, 16)
    x = model.embed(images)
    exactly(states[:, 0], x)
    for i, block in enumerate(model.encoder.blocks):
        x = block(x)
        exactly(states[:, i + 1], x)
    assert hooks_of(model) == []


TIMM = {
    "like ours": {},
    "registers": {"reg_tokens": 4},
    "no class token": {"class_token": False, "global_pool": "avg"},
    "layer scale": {"init_values": 0.7},
}


@pytest.mark.parametrize("options", TIMM.values(), ids=TIMM)
def test_states_of_timm_are_those_that_timm_gives(model, images, options):
    theirs = as_timm(model, **options)
    states = hidden_states(theirs, images)
    prefix = theirs.num_prefix_tokens
    given = theirs.forward_intermediates(
        images, norm=False, output_fmt="NLC", return_prefix_tokens=True, intermediates_only=True
    )
    for i, tokens in enumerate(given):
        patches, before = tokens if prefix else (tokens, torch.empty(4, 0, 16))
        exactly(states[:, i + 1, prefix:], patches.detach())
        exactly(states[:, i + 1, :prefix], before.detach())
    assert hooks_of(theirs) == []


def test_states_of_torchvision_and_of_a_rotary_model(square, square_images):
    exactly(
        hidden_states(as_torchvision(square), square_images), hidden_states(square, square_images)
    )
    eva = pytest.importorskip("timm.models.eva")
    theirs = eva.Eva(
        **{"img_size": (12, 20), "patch_size": 4, "num_classes": 0, "embed_dim": 16, "depth": 2},
        **{"num_heads": 2, "use_rot_pos_emb": True, "num_reg_tokens": 4, "dynamic_img_size": False},
    ).eval()
    images = torch.randn(2, 3, 12, 20)
    states = hidden_states(theirs, images)
    assert states.shape == (2, 3, 20, 16)
    exactly(theirs.norm(states[:, -1]), theirs.forward_features(images).detach())


def test_states_of_what_does_not_fit(model, images):
    with pytest.raises(ValueError, match="training mode"):
        hidden_states(model.train(), images)
    with pytest.raises(ValueError, match="model must be a ViT"):
        hidden_states(nn.Linear(2, 2).eval(), images)
    model.eval().encoder.blocks[1] = nn.AvgPool1d(2)  # halves the channels
    with pytest.raises(ValueError, match=r"must keep its tokens \(B, N, D\) through all blocks"):
        hidden_states(_without_end(model), images)


def _without_end(model):
    """Only what is before the change of size runs."""
    model.encoder.blocks = model.encoder.blocks[:2]
    model.encoder.norm = model.head = nn.Identity()
    return model


# Logit lens


def test_the_lens_reads_the_model_s_own_logits_from_its_last_class_token(model, images):
    states = hidden_states(model, images)
    logits = logit_lens(model, states)
    assert logits.shape == (4, 4, 16, 7)
    exactly(logits[:, -1, 0], model(images).detach())
    normed = F.layer_norm(
        states[:, 1, 5], (16,), model.encoder.norm.weight, model.encoder.norm.bias, 1e-6
    )
    exactly(logits[:, 1, 5], F.linear(normed, model.head.weight, model.head.bias).detach())


def test_the_lens_of_others(model, images, square, square_images):
    theirs = as_torchvision(square)
    exactly(
        logit_lens(theirs, hidden_states(theirs, square_images))[:, -1, 0],
        theirs(square_images).detach(),
    )
    theirs = as_timm(model, reg_tokens=2)
    exactly(logit_lens(theirs, hidden_states(theirs, images))[:, -1, 0], theirs(images).detach())
    theirs = as_timm(model, class_token=False, global_pool="avg", fc_norm=False)
    with torch.no_grad():
        nn.init.normal_(theirs.head.weight)  # timm's is nearly 0
    logits = logit_lens(theirs, hidden_states(theirs, images))
    exactly(logits[:, -1].mean(1), theirs(images).detach())


def test_the_lens_normalises_as_a_model_does_that_normalises_after_the_mean(model, images):
    theirs = as_timm(model, class_token=False, global_pool="avg", fc_norm=True)
    with torch.no_grad():
        nn.init.normal_(theirs.head.weight)
        nn.init.normal_(theirs.fc_norm.weight)
    states = hidden_states(theirs, images)
    exactly(logit_lens(theirs, states), theirs.head(theirs.fc_norm(states)).detach())


def test_the_lens_of_a_distilled_model_reads_each_token_with_its_own_head(images):
    deit = pytest.importorskip("timm.models.deit")
    theirs = deit.VisionTransformerDistilled(
        **{"img_size": (12, 20), "patch_size": 4, "in_chans": 2, "num_classes": 7},
        **{"embed_dim": 16, "depth": 2, "num_heads": 2},
    ).double()
    theirs.eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    logits = logit_lens(theirs, hidden_states(theirs, images))
    exactly(logits[:, -1, :2].mean(1), theirs(images).detach())


def test_a_lens_needs_a_head(model, images):
    states = hidden_states(model, images)
    headless = as_timm(model, reg_tokens=1)
    headless.head = nn.Identity()
    with pytest.raises(ValueError, match="VisionTransformer has no head to read with"):
        logit_lens(headless, states)
    pooled = as_timm(model, class_token=False, global_pool="map")
    with pytest.raises(ValueError, match="pooling by attention"):
        logit_lens(pooled, states)
    with pytest.raises(ValueError, match=r"states must have shape \(..., N, D\)"):
        logit_lens(model, states[0, 0, 0])


# Components


def test_components_are_numpy_s():
    states = torch.randn(2, 2 + 15, 6, dtype=torch.float64)
    found = patch_components(states, GRID, num_prefix_tokens=2)
    assert found.values.shape == (2, 3, 5, 3)
    patches = states[:, 2:].reshape(30, 6).numpy()
    eigenvalues, vectors = np.linalg.eigh(np.cov(patches.T))
    order = eigenvalues.argsort()[::-1][:3]
    exactly(found.shares, torch.tensor(eigenvalues[order] / eigenvalues.sum()))
    values = (patches - patches.mean(0)) @ vectors[:, order]
    exactly(found.values.reshape(30, 3).abs(), torch.tensor(values).abs())
    assert found.foreground.all()
    # Signs: the first by the border, the others by their largest entry.
    border = torch.ones(GRID, dtype=torch.bool)
    border[1:-1, 1:-1] = False
    assert found.values[:, border, 0].mean() < found.values[:, ~border, 0].mean()
    for i in (1, 2):
        turned = np.sign(found.values[0, 0, 0, i].item() * values[0, i]) * vectors[:, order[i]]
        assert turned[np.abs(turned).argmax()] > 0


def test_components_do_not_depend_on_signs_or_on_the_order_of_images():
    states = torch.randn(3, 15, 6, dtype=torch.float64)
    found = patch_components(states, GRID, 0).values
    exactly(patch_components(states.flip(0), GRID, 0).values, found.flip(0))
    exactly(patch_components(-states, GRID, 0).values[..., 0], found[..., 0])
    exactly(patch_components(states + 7, GRID, 0).values, found)


def test_the_same_parts_get_the_same_numbers_in_all_images():
    parts = 5 * torch.randn(4, 8, dtype=torch.float64)
    which = torch.randint(4, (3, 15))
    states = parts[which] + 1e-3 * torch.randn(3, 15, 8)
    values = patch_components(states, GRID, 0).values.reshape(3, 15, 3)
    for part in range(4):
        spread = values[which == part].std(0)
        assert (spread < 0.01).all()
    apart = torch.cdist(*2 * [torch.stack([values[which == part].mean(0) for part in range(4)])])
    assert apart[~torch.eye(4, dtype=torch.bool)].min() > 1


def test_the_background_is_cut_and_the_rest_taken_by_itself():
    """An object of two halves in the middle, on a background that varies little."""
    states = 0.1 * torch.randn(1, 48, 8, dtype=torch.float64)
    inside = torch.zeros(6, 8, dtype=torch.bool)
    inside[1:-1, 2:-2] = True
    left = inside.clone()
    left[:, 4:] = False
    states[0, inside.flatten(), 0] += 20
    states[0, left.flatten(), 1] += 3
    found = patch_components(states, (6, 8), 0, cut_background=True)
    assert torch.equal(found.foreground[0], inside)
    assert found.values[~found.foreground].isnan().all()
    first = found.values[0, ..., 0]
    assert first[left].sign().unique().tolist() != first[inside & ~left].sign().unique().tolist()
    assert found.shares[0] > 0.8
    colours = component_colours(found.values)
    assert colours[found.foreground].amin() == 0
    assert colours[found.foreground].amax() == 1
    assert colours[~found.foreground].isnan().all()


def test_components_of_what_does_not_fit():
    states = torch.randn(1, 16, 6)
    for change, message in (
        ({"states": states[0]}, r"states must have shape \(B, N, D\), got \(16, 6\)"),
        ({"grid": (4, 4)}, "make 17 tokens"),
        ({"count": 0}, "count must be from 1 to 6, got 0"),
        ({"count": 7}, "count must be from 1 to 6, got 7"),
    ):
        with pytest.raises(ValueError, match=message):
            patch_components(**{"states": states, "grid": GRID} | change)
    alone = torch.zeros(1, 15, 6)
    alone[0, 7] = 1
    with pytest.raises(ValueError, match="the foreground has 1 patches, too few for 3"):
        patch_components(alone, GRID, 0, cut_background=True)
    with pytest.raises(ValueError, match=r"must have shape \(B, rows, columns, 3\)"):
        component_colours(torch.zeros(3, 5, 3))


def test_float32_and_patches_that_are_all_the_same():
    assert patch_components(torch.randn(1, 16, 6), GRID).values.dtype == torch.float32
    even = patch_components(torch.ones(1, 16, 6), GRID)
    assert not even.values.any()
    assert not even.shares.any()


# Masks


def test_the_fewest_patches_that_hold_the_share():
    maps = torch.tensor([[0.4, 0.1, 0.2], [0.05, 0.05, 0.2]], dtype=torch.float64)
    for keep, kept in ((0.3, 1), (0.4, 1), (0.41, 2), (0.6, 2), (0.61, 3), (0.9, 4), (1.0, 6)):
        mask = strongest_patches(maps, keep)
        assert int(mask.sum()) == kept, keep
        assert maps[mask].sum() >= keep - 1e-9
        assert maps[mask].min() >= maps[~mask].max() if kept < 6 else mask.all()
    assert strongest_patches(maps, 0.6).tolist() == [[True, False, True], [False] * 3]
    assert torch.equal(strongest_patches(7 * maps, 0.6), strongest_patches(maps, 0.6))


def test_masks_of_heads_are_each_head_s_own():
    maps = torch.rand(2, 3, 4, 5)
    masks = strongest_patches(maps)
    for b in range(2):
        for head in range(3):
            assert torch.equal(masks[b, head], strongest_patches(maps[b, head]))
    assert not strongest_patches(torch.zeros(2, 2)).any()


@pytest.mark.parametrize(
    ("maps", "keep", "message"),
    [
        (torch.ones(2, 2), 0, "keep must be a share above 0 and at most 1, got 0"),
        (torch.ones(2, 2), 1.1, "got 1.1"),
        (torch.ones(2), 0.5, r"maps must have shape \(..., rows, columns\), got \(2,\)"),
        (-torch.ones(2, 2), 0.5, "finite and not negative"),
        (torch.full((2, 2), torch.nan), 0.5, "finite and not negative"),
    ],
)
def test_masks_of_what_does_not_fit(maps, keep, message):
    with pytest.raises(ValueError, match=message):
        strongest_patches(maps, keep)
