"""The ViT of today: each new part against its formula, and the whole at any size."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from vitcourse.model import (
    LayerScale,
    ModernBlock,
    ModernVisionTransformer,
    RotaryAttention,
    SwiGLU,
    VisionTransformer,
    at_size,
    patch_angles,
    turn,
)

SIZES = {"patch_size": 4, "embed_dim": 16, "depth": 2, "num_heads": 2, "mlp_dim": 24}


def lively(model: nn.Module) -> nn.Module:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model.double().eval()


def exactly(actual, expected):
    torch.testing.assert_close(actual, expected, rtol=0, atol=1e-12)


# Positions that turn


def test_angles_are_those_of_the_formula():
    angles, d = patch_angles((2, 3), 8).double(), 8
    assert angles.shape == (6, 4)
    for row in range(2):
        for column in range(3):
            for i in range(2):
                period = 100 ** (4 * i / d)
                y, x = (2 * row + 1) / 2 - 1, (2 * column + 1) / 3 - 1
                of_patch = angles[3 * row + column]
                assert of_patch[i].item() == pytest.approx(2 * math.pi * y / period, abs=1e-5)
                assert of_patch[2 + i].item() == pytest.approx(2 * math.pi * x / period, abs=1e-5)


def test_turning_is_a_product_of_complex_numbers():
    x, angles = torch.randn(2, 3, 7, 8, dtype=torch.float64), patch_angles((2, 3), 8).double()
    turned = turn(x, angles)
    assert torch.equal(turned[:, :, :1], x[:, :, :1]), "a prefix token has no place"
    numbers = torch.complex(x[:, :, 1:, :4], x[:, :, 1:, 4:])
    expected = numbers * torch.polar(torch.ones_like(angles), angles)
    exactly(turned[:, :, 1:], torch.cat([expected.real, expected.imag], dim=-1))
    exactly(turned.norm(dim=-1), x.norm(dim=-1))


def test_scores_depend_on_how_far_apart_patches_are_not_on_where():
    """The same number added to all angles changes nothing between patches."""
    q, k = torch.randn(2, 1, 1, 6, 8, dtype=torch.float64)
    angles = patch_angles((2, 3), 8).double()
    scores = turn(q, angles) @ turn(k, angles).mT
    exactly(turn(q, angles + 0.7) @ turn(k, angles + 0.7).mT, scores)
    assert not torch.allclose(turn(q, angles) @ turn(k, angles + 0.7).mT, scores)


def test_attention_with_and_without_weights_and_without_angles():
    attn = lively(RotaryAttention(16, 2, qk_norm=True))
    x, angles = torch.randn(3, 7, 16, dtype=torch.float64), patch_angles((2, 3), 8)
    output, weights = attn(x, return_weights=True, angles=angles)
    exactly(output, attn(x, angles=angles))
    exactly(weights.sum(-1), torch.ones(3, 2, 7, dtype=torch.float64))
    assert not torch.allclose(attn(x), output)
    with pytest.raises(ValueError, match="head_dim must be a multiple of 4"):
        patch_angles((2, 3), 6)


def test_qk_norm_bears_queries_of_any_length():
    attn = lively(RotaryAttention(16, 2, qk_norm=True))
    x = torch.randn(3, 7, 16, dtype=torch.float64)
    _, before = attn(x, return_weights=True)
    with torch.no_grad():
        attn.qkv.weight[:32] *= 100
        attn.qkv.bias[:32] *= 100
    _, after = attn(x, return_weights=True)
    torch.testing.assert_close(after, before, rtol=0, atol=1e-4)


# LayerScale and SwiGLU


def test_a_fresh_layer_scale_leaves_nearly_nothing():
    x = torch.randn(3, 7, 16)
    assert torch.equal(LayerScale(16)(x), x * 1e-5)
    block = ModernBlock(16, 2, 24)
    assert (block(x) - x).abs().max() < 1e-3


def test_swiglu_is_its_formula():
    mlp, x = lively(SwiGLU(6, 5)), torch.randn(2, 3, 6, dtype=torch.float64)
    gate, inner = mlp.gate(x), mlp.fc1(x)
    exactly(mlp(x), (gate * torch.sigmoid(gate) * inner) @ mlp.fc2.weight.T + mlp.fc2.bias)
    with pytest.raises(ValueError, match="hidden_dim must be a positive int, got 0"):
        SwiGLU(6, 0)


# The whole


@pytest.mark.parametrize("options", [{}, {"table_grid": (3, 5)}, {"swiglu": True, "qk_norm": True}])
def test_any_size_and_each_image_for_itself(options):
    model = lively(ModernVisionTransformer(**SIZES, **options, num_classes=7))
    for size in ((12, 20), (8, 8), (20, 4)):
        images = torch.randn(3, 3, *size, dtype=torch.float64)
        logits = model(images)
        assert logits.shape == (3, 7)
        exactly(logits, torch.cat([model(image[None]) for image in images]))
        assert model.forward_features(images).shape == (3, 5 + size[0] * size[1] // 16, 16)
        moved = model(images.flip(3))
        assert not torch.allclose(moved, logits), "it knows where patches are"


def test_without_positions_patches_could_be_shuffled():
    """So the positions are all that tells where a patch is."""
    model = lively(ModernVisionTransformer(**SIZES, table_grid=(1, 4)))
    images = torch.randn(2, 3, 4, 16, dtype=torch.float64)
    shuffled = torch.cat(images.split(4, dim=3)[::-1], dim=3)
    assert not torch.allclose(model(images), model(shuffled))
    with torch.no_grad():
        model.pos_embed.zero_()
    exactly(model(images), model(shuffled))


def test_a_table_at_its_own_size_is_added_as_it_is():
    model = lively(ModernVisionTransformer(**SIZES, table_grid=(3, 5)))
    images = torch.randn(1, 3, 12, 20, dtype=torch.float64)
    patches = model.patch_embed(images).flatten(2).mT + model.pos_embed
    prefix = torch.cat([model.cls_token, model.registers], dim=1)
    exactly(model.embed(images), torch.cat([prefix, patches], dim=1))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((3, 8, 8), r"images must have shape \(B, C, H, W\), got \(3, 8, 8\)"),
        ((1, 3, 8, 9), "patch_size must divide height and width, got patch_size=4 for an image of"),
    ],
)
def test_images_that_do_not_fit(shape, message):
    with pytest.raises(ValueError, match=message):
        ModernVisionTransformer(**SIZES)(torch.zeros(shape))


def test_it_learns_one_batch():
    model = ModernVisionTransformer(**SIZES, num_classes=4)
    images, labels = torch.randn(8, 3, 8, 12), torch.arange(8) % 4
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(60):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.05
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_compiled_in_one_piece(device):
    model = ModernVisionTransformer(**SIZES).to(device).eval()
    images = torch.randn(2, 3, 12, 20, device=device)
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(images), model(images), rtol=0, atol=1e-5)


# The course's own model at another size


def test_at_another_size_positions_are_resized_and_all_else_stays():
    model = VisionTransformer(8, 4, num_classes=3, embed_dim=8, depth=1, num_heads=2, mlp_dim=8)
    model.head = nn.Linear(8, 5)  # not the one in its config
    model.encoder.norm.eps = 1e-12
    larger = at_size(model.eval(), (12, 20))
    assert larger(torch.randn(2, 3, 12, 20)).shape == (2, 5)
    assert torch.equal(larger.head.weight, model.head.weight)
    assert torch.equal(larger.positions.pos_embed[:, 0], model.positions.pos_embed[:, 0])
    assert larger.encoder.norm.eps == 1e-12
    assert not larger.training
    same, images = at_size(model, 8), torch.randn(2, 3, 8, 8)
    assert torch.equal(same(images), model(images))
    with pytest.raises(ValueError, match="patch_size must divide"):
        at_size(model, 9)
