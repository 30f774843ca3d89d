"""Without a head: as if its columns of the output projection were 0. Without a patch: grey."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.maps.conftest import exactly
from tests.maps.test_maps_capture import FUSED, as_timm, as_torchvision, hooks_of
from vitcourse.maps import capture
from vitcourse.maps.ablation import ablated

HEADS = {
    "none": [],
    "one": [(1, 0)],
    "from the end": [(-1, -1)],
    "some": [(0, 1), (2, 0), (2, 0)],
    "a whole layer": [(1, 0), (1, 1)],
    "all": [(i, h) for i in range(3) for h in range(2)],
}


def without_columns(ours, heads):
    """A copy of our model that cannot hear these heads: 8 columns of proj.weight each."""
    deaf = copy.deepcopy(ours)
    with torch.no_grad():
        for layer, head in heads:
            columns = deaf.encoder.blocks[layer].attn.proj.weight.view(16, 2, 8)
            columns[:, head] = 0
    return deaf


@pytest.mark.parametrize("heads", HEADS.values(), ids=HEADS)
def test_a_head_less_is_as_if_nobody_listened_to_it(heads, model, images):
    logits = ablated(model, images, heads)
    exactly(logits, without_columns(model, heads)(images))
    assert not logits.requires_grad
    moved = (logits - model(images)).abs().amax(dim=1)
    assert (moved > 1e-3).all() if heads else torch.equal(logits, model(images))


@pytest.mark.parametrize("heads", HEADS.values(), ids=HEADS)
def test_torchvision(heads, square, square_images):
    expected = without_columns(square, heads)(square_images)
    exactly(ablated(as_torchvision(square), square_images, heads), expected)


@pytest.mark.parametrize("fused", [True, False])
def test_timm(fused, model, images):
    theirs = as_timm(model)
    for block in theirs.blocks:
        block.attn.fused_attn = fused
    for heads in HEADS.values():
        exactly(ablated(theirs, images, heads), without_columns(model, heads)(images))
    assert [block.attn.fused_attn for block in theirs.blocks] == [fused] * 3


@pytest.mark.parametrize(
    "options", [{"reg_tokens": 4}, {"class_token": False, "global_pool": "avg"}]
)
def test_timm_with_other_prefix_tokens(options, model, images):
    theirs = as_timm(model, **options)
    deaf = copy.deepcopy(theirs)
    with torch.no_grad():
        deaf.blocks[1].attn.proj.weight.view(16, 2, 8)[:, 1] = 0
    exactly(ablated(theirs, images, [(1, 1)]), deaf(images))
    grey = images.clone()
    grey[:, :, 4:8, :4] = 0
    exactly(ablated(theirs, images, patches=[5]), theirs(grey))


def test_patches_show_the_baseline(model, images):
    """Rows of 5 patches, 4 pixels a side."""
    grey = images.clone()
    grey[:, :, 0:4, 16:20] = 0
    grey[:, :, 8:12, 0:4] = 0
    before = images.clone()
    exactly(ablated(model, images, patches=[4, 10]), model(grey))
    exactly(ablated(model, images, patches=(10, 4, 4)), model(grey))
    assert torch.equal(images, before), "the caller's images are left alone"
    assert not torch.allclose(model(grey), model(images))
    everything = ablated(model, images, patches=range(15), baseline=0.5)
    exactly(everything, model(torch.full_like(images, 0.5)))


def test_a_baseline_may_be_a_picture(model, images):
    mean = images.mean(dim=(0, 2, 3), keepdim=True)
    mixed = images.clone()
    mixed[:, :, :4, 4:8] = mean
    exactly(ablated(model, images, patches=[1], baseline=mean), model(mixed))
    exactly(
        ablated(model, images, patches=range(15), baseline=images.flip(0)), model(images.flip(0))
    )


def test_head_and_patch_at_once(model, images):
    grey = images.clone()
    grey[:, :, :4, :4] = 0
    expected = without_columns(model, [(2, 1)])(grey)
    exactly(ablated(model, images, [(2, 1)], [0]), expected)


def test_a_batch_is_single_images_and_nothing_less_is_the_model(model, images):
    batch = ablated(model, images, [(0, 0)], [3])
    exactly(batch, torch.cat([ablated(model, i[None], [(0, 0)], [3]) for i in images]))
    assert torch.equal(ablated(model, images), model(images))
    assert ablated(model, images[:0], [(0, 0)], [3]).shape == (0, 7)


def test_on_every_device(model, images, device):
    expected = ablated(model, images, [(0, 1)], [7]).float()
    model, images = model.float().to(device), images.float().to(device)
    logits = ablated(model, images, [(0, 1)], [7])
    torch.testing.assert_close(logits.cpu(), expected, rtol=0, atol=1e-4)


def test_a_compiled_model(model, images):
    compiled = torch.compile(model, backend="eager")
    compiled(images)
    exactly(ablated(compiled, images, [(1, 1)]), ablated(model, images, [(1, 1)]))


def test_inside_a_capture(model, images):
    """One exchange of the fused function within another."""
    with capture(model, [0]) as maps:
        logits = ablated(model, images, [(1, 0)])
    exactly(logits, without_columns(model, [(1, 0)])(images))
    assert maps[0].shape == (4, 2, 16, 16)


def test_nothing_is_left_behind(model, images):
    theirs = as_timm(model)
    theirs.blocks[1].attn.fused_attn = False
    before, logits = copy.deepcopy(theirs.state_dict()), theirs(images)
    ablated(theirs, images, [(0, 0), (1, 1)], [2])
    with pytest.raises(ValueError, match="layer 2 has heads 0 to 1, got 2"):
        ablated(theirs, images, [(0, 0), (2, 2)])
    theirs.blocks[2].mlp, mlp = nn.Linear(3, 3).double(), theirs.blocks[2].mlp
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        ablated(theirs, images, [(0, 0)])
    theirs.blocks[2].mlp = mlp
    assert F.scaled_dot_product_attention is FUSED
    assert [block.attn.fused_attn for block in theirs.blocks] == [True, False, True]
    assert hooks_of(theirs) == []
    assert all(torch.equal(value, before[name]) for name, value in theirs.state_dict().items())
    assert all(parameter.grad is None for parameter in theirs.parameters())
    assert torch.equal(theirs(images), logits)


def test_blocks_without_such_a_head_stay_fused(model, images, monkeypatch):
    calls = []
    monkeypatch.setattr(F, "scaled_dot_product_attention", lambda *a: calls.append(1) or FUSED(*a))
    ablated(model, images, [(1, 0)])
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("heads", "message"),
    [
        ([(3, 0)], "heads: there are layers 0 to 2, got (3, 0)"),
        ([(-4, 0)], "heads: there are layers 0 to 2, got (-4, 0)"),
        ([(0, 2)], "heads: layer 0 has heads 0 to 1, got 2"),
        ([(0, -3)], "heads: layer 0 has heads 0 to 1, got -3"),
        ([1], "heads must list pairs of ints, (layer, head), got 1"),
        ((1, 0), "heads must list pairs of ints, (layer, head), got 1"),
        ([(1.0, 0)], "heads must list pairs of ints, (layer, head), got (1.0, 0)"),
        ([(0, 1, 2)], "heads must list pairs of ints, (layer, head), got (0, 1, 2)"),
    ],
)
def test_errors_of_heads(heads, message, model, images):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        ablated(model, images, heads)
    assert str(error.value) == message


@pytest.mark.parametrize("patch", [15, -1, 2.0, True, None, (0, 1)])
def test_errors_of_patches(patch, model, images):
    with pytest.raises(ValueError, match="patches must be ints from 0 to 14, got "):
        ablated(model, images, patches=[0, patch])


def test_errors_of_models_and_images(model, images):
    with pytest.raises(ValueError, match="do not cover images of 12 x 21"):
        ablated(model, F.pad(images, (0, 1)), patches=[0])
    with pytest.raises(ValueError, match=r"must be a ViT of vitcourse, .*\.linear\.Linear\b"):
        ablated(nn.Linear(2, 2).eval(), images, [(0, 0)])
    with pytest.raises(ValueError, match=r"call model.eval\(\)"):
        ablated(model.train(), images, [(0, 0)])


def test_raises_where_attention_cannot_be_reached(model, images):
    """Without this the answer would be that of the whole model: the head seems not to matter."""
    attn = model.encoder.blocks[1].attn
    written_out = type(attn).forward
    attn.forward = lambda x: written_out(attn, x, return_weights=True)[0]
    with pytest.raises(RuntimeError, match=r"no attention weights from blocks \[1\]"):
        ablated(model, images, [(1, 0)])
