import gc
import weakref

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.maps.conftest import exactly
from vitcourse.maps import attention_maps, capture, token_layout
from vitcourse.model import MultiHeadSelfAttention
from vitcourse.model.weights import to_timm, to_torchvision

FUSED = F.scaled_dot_product_attention


def as_torchvision(ours):
    from torchvision.models import VisionTransformer as TorchvisionViT

    theirs = TorchvisionViT(12, 4, 3, 2, 16, 24, num_classes=7).double().eval()
    theirs.load_state_dict(to_torchvision(ours))
    return theirs


def as_timm(ours, **options):
    timm = pytest.importorskip("timm.models.vision_transformer")
    config = ours.config
    sizes = {"img_size": config["image_size"], "in_chans": config["in_channels"]}
    sizes |= {"patch_size": 4, "num_classes": 7, "embed_dim": 16, "depth": 3, "num_heads": 2}
    theirs = timm.VisionTransformer(**sizes, mlp_ratio=1.5, **options).double().eval()
    if not options:
        theirs.load_state_dict(to_timm(ours))
    return theirs


def by_hand(model, images):
    """Every block's weights, from the chapter's own attention."""
    maps, x = [], model.embed(images)
    for block in model.encoder.blocks:
        maps.append(block.attn(block.norm1(x), return_weights=True)[1])
        x = block(x)
    return torch.stack(maps, dim=1).detach()


def test_maps_are_those_of_the_model(model, images):
    maps = attention_maps(model, images)
    assert maps.shape == (4, 3, 2, 16, 16)
    assert not maps.requires_grad
    exactly(maps, by_hand(model, images))
    exactly(maps.sum(-1), torch.ones(4, 3, 2, 16))


def test_maps_on_every_device(model, images, device):
    expected = by_hand(model, images).float()
    model, images = model.float().to(device), images.float().to(device)
    torch.testing.assert_close(attention_maps(model, images).cpu(), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("layers", "kept"), [([0], [0]), ([-1], [2]), ([0, 2], [0, 2]), ((1, -1), [1, 2])]
)
def test_layers(layers, kept, model, images):
    exactly(attention_maps(model, images, layers), by_hand(model, images)[:, kept])


def test_memory_only_for_the_layers_asked_for(model, images):
    one, all_of_them = attention_maps(model, images, [1]), attention_maps(model, images)
    assert 3 * one.untyped_storage().nbytes() == all_of_them.untyped_storage().nbytes()
    with capture(model, [1]) as maps:
        model(images)
    assert list(maps) == [1]


def test_nothing_is_computed_after_the_last_layer_asked_for(model, images, monkeypatch):
    def too_far(*_):
        raise AssertionError("computed more than was asked for")

    last = model.encoder.blocks[1]
    for module in (model.encoder.blocks[2], model.encoder.norm, model.head, last.mlp, last.norm2):
        monkeypatch.setattr(module, "forward", too_far)
    exactly(attention_maps(model, images, [1]).sum(-1), torch.ones(4, 1, 2, 16))
    with pytest.raises(AssertionError, match="more than was asked"):
        attention_maps(model, images, [2])


def test_blocks_not_asked_for_stay_fused(model, images, monkeypatch):
    calls = []
    monkeypatch.setattr(F, "scaled_dot_product_attention", lambda *a: calls.append(1) or FUSED(*a))
    attention_maps(model, images, [-1])
    assert len(calls) == 2


def test_twice_the_same_and_batches_are_single_images(model, images):
    maps = attention_maps(model, images)
    assert torch.equal(maps, attention_maps(model, images))
    exactly(maps, torch.cat([attention_maps(model, image[None]) for image in images]))
    assert attention_maps(model, images[:0]).shape == (0, 3, 2, 16, 16)


def test_autocast(model, images):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        maps = attention_maps(model.float(), images.float())
    exactly(maps.float().sum(-1).round(decimals=1), torch.ones(4, 3, 2, 16))


def test_a_compiled_model_gives_its_maps(model, images):
    compiled = torch.compile(model, backend="eager")
    compiled(images)
    assert torch.equal(attention_maps(compiled, images), attention_maps(model, images))
    assert token_layout(compiled) == ((3, 5), 1)


@pytest.mark.parametrize("fast_path", [True, False])
def test_torchvision(fast_path, square, square_images):
    theirs = as_torchvision(square)
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(fast_path)
    try:
        exactly(attention_maps(theirs, square_images), attention_maps(square, square_images))
        assert torch.backends.mha.get_fastpath_enabled() is fast_path
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
    assert token_layout(theirs) == ((3, 3), 1)


@pytest.mark.parametrize("fused", [True, False])
def test_timm(fused, model, images):
    theirs = as_timm(model)
    for block in theirs.blocks:
        block.attn.fused_attn = fused
    exactly(attention_maps(theirs, images), attention_maps(model, images))
    exactly(attention_maps(theirs, images, [1]), attention_maps(model, images, [1]))
    assert [block.attn.fused_attn for block in theirs.blocks] == [fused] * 3
    assert token_layout(theirs) == ((3, 5), 1)


@pytest.mark.parametrize(
    ("options", "prefix"),
    [
        ({"class_token": False, "global_pool": "avg"}, 0),
        ({"reg_tokens": 4}, 5),
        ({"class_token": False, "global_pool": "map"}, 0),  # its pooling attends outside blocks
    ],
)
def test_timm_with_other_prefix_tokens(options, prefix, model, images):
    theirs = as_timm(model, **options)
    maps = attention_maps(theirs, images)
    assert maps.shape == (4, 3, 2, 15 + prefix, 15 + prefix)
    exactly(maps.sum(-1), torch.ones(4, 3, 2, 15 + prefix))
    assert token_layout(theirs) == ((3, 5), prefix)


@pytest.mark.parametrize("build", [lambda ours: ours, as_timm, as_torchvision])
def test_captured_weights_make_the_output(build, square, square_images):
    """Same logits; and each weight has a gradient, which copies of weights would not have."""
    theirs = build(square)
    with capture(theirs) as maps:
        logits = theirs(square_images)
    exactly(logits, theirs(square_images))
    gradients = torch.autograd.grad(logits.square().sum(), list(maps.values()))
    assert list(maps) == [0, 1, 2]
    assert all(gradient.any() for gradient in gradients)


def test_a_second_pass_replaces_the_first(model, images):
    with capture(model) as maps:
        model(images[:1])
        model(images)
    exactly(torch.stack(list(maps.values()), dim=1), attention_maps(model, images))


def hooks_of(model):
    return [m for m in model.modules() if m._forward_hooks or m._forward_pre_hooks]


def test_everything_is_put_back(model, images):
    theirs = as_timm(model)
    theirs.blocks[1].attn.fused_attn = False
    for fails in (False, True):
        try:
            with capture(theirs):
                assert F.scaled_dot_product_attention is not FUSED
                theirs(images)
                if fails:
                    raise KeyError("the body's own")
        except KeyError:
            assert fails
        assert F.scaled_dot_product_attention is FUSED
        assert [block.attn.fused_attn for block in theirs.blocks] == [True, False, True]
        assert hooks_of(theirs) == []


def test_put_back_after_a_failing_forward(model, images):
    theirs = as_timm(model)
    theirs.blocks[1].mlp = nn.Linear(3, 3).double()
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        attention_maps(theirs, images)
    assert F.scaled_dot_product_attention is FUSED
    assert hooks_of(theirs) == []


def test_nothing_keeps_the_maps_alive(model, images):
    with capture(model) as maps:
        model(images)
    watched = [weakref.ref(weights) for weights in maps.values()]
    del maps
    gc.collect()
    assert [ref() for ref in watched] == [None] * 3


def test_raises_when_nothing_was_captured(model):
    with (
        pytest.raises(RuntimeError, match=r"no attention weights from blocks \[0, 1, 2\]"),
        capture(model),
    ):
        pass
    assert F.scaled_dot_product_attention is FUSED


def take(model, images):
    with capture(model) as maps:
        model(images)
    return maps


def test_raises_when_attention_does_not_run_through_the_fused_function(model, images):
    """And when some of it does: half an answer is worse than none."""
    written_out = MultiHeadSelfAttention.forward
    attn = model.encoder.blocks[1].attn
    attn.forward = lambda x: written_out(attn, x, return_weights=True)[0]
    with pytest.raises(RuntimeError, match=r"no attention weights from blocks \[1\]"):
        take(model, images)


class Odd(nn.Module):
    """One block, which attends `times` times with `options`."""

    def __init__(self, times=1, **options):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Identity()])
        self.blocks[0].forward = lambda x: [
            F.scaled_dot_product_attention(x, x, x, **options) for _ in range(times)
        ]

    def forward(self, x):
        return self.blocks[0](x)


@pytest.mark.parametrize(
    "options",
    [{"is_causal": True}, {"scale": 0.5}, {"dropout_p": 0.1}, {"attn_mask": torch.ones(5, 5)}],
)
def test_refuses_what_the_formula_does_not_have(options):
    x = torch.randn(2, 3, 5, 4)
    with pytest.raises(ValueError, match="block 0 attends with a mask, dropout or a scale"):
        attention_maps(Odd(**options).eval(), x)
    assert F.scaled_dot_product_attention is FUSED


def test_refuses_a_block_that_attends_twice():
    with pytest.raises(RuntimeError, match="block 0 attends more than once"):
        attention_maps(Odd(times=2).eval(), torch.randn(2, 3, 5, 4))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (-1, "layers must list some of the 3 blocks, as [0, -1], got -1"),
        ([3], "layers must list some of the 3 blocks, as [0, -1], got [3]"),
        ([], "layers must be in order, each once, at least one, got []"),
        ([1, 0], "layers must be in order"),
        ([2, -1], "layers must be in order"),
    ],
)
def test_errors_of_layers(layers, message, model, images):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        attention_maps(model, images, layers)
    assert message in str(error.value)


def test_errors_of_models(model, images):
    with pytest.raises(ValueError, match=r"call model.eval\(\)"):
        attention_maps(model.train(), images)
    for call in (lambda m: attention_maps(m, images), token_layout):
        with pytest.raises(ValueError, match=r"must be a ViT of vitcourse, .*\.linear\.Linear\b"):
            call(nn.Linear(2, 2).eval())
