import math

import pytest
import torch

from tests.maps.conftest import exactly
from vitcourse.maps import attention_gradients, attention_maps, gradient_times_input
from vitcourse.model import merge_heads, split_heads


def logits_with(model, images, layer, change):
    """The logits if `change` is added to the weights of one layer; later layers follow."""
    x = model.embed(images)
    for i, block in enumerate(model.encoder.blocks):
        qkv = block.attn.qkv(block.norm1(x)).chunk(3, dim=-1)
        q, k, v = (split_heads(t, block.attn.num_heads) for t in qkv)
        weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1)
        if i == layer:
            weights = weights + change
        x = x + block.attn.proj(merge_heads(weights @ v))
        x = x + block.mlp(block.norm2(x))
    return model.head(model.encoder.norm(x)[:, 0])


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_gradients_are_finite_differences(layer, model, images):
    classes = torch.tensor([2, 0, 6, 2])
    maps, gradients = attention_gradients(model, images, classes)
    exactly(maps, attention_maps(model, images))
    assert gradients.shape == maps.shape == (4, 3, 2, 16, 16)
    for _ in range(5):
        step = 1e-5 * torch.randn_like(maps[:, layer])
        with torch.no_grad():
            up, down = (logits_with(model, images, layer, s) for s in (step, -step))
        change = (up - down)[torch.arange(4), classes] / 2
        expected = (gradients[:, layer] * step).sum((1, 2, 3))
        torch.testing.assert_close(expected, change, rtol=1e-6, atol=1e-12)


def test_gradients_are_not_those_at_the_scores(model, images):
    """Before the softmax, rows of the gradient sum to 0: no entry can rise alone."""
    maps, gradients = attention_gradients(model, images)
    assert (gradients[:, :2].sum(-1).abs() > 1e-6).all()
    at_scores = maps * (gradients - (maps * gradients).sum(-1, keepdim=True))
    exactly(at_scores.sum(-1), torch.zeros(4, 3, 2, 16))


def test_in_the_last_layer_only_the_class_token_is_asked(model, images):
    _, gradients = attention_gradients(model, images)
    assert not gradients[:, -1, :, 1:].any()
    assert gradients[:, -1, :, 0].any()
    assert gradients[:, 0, :, 1:].any()


def test_classes(model, images):
    best = model(images).argmax(1)
    expected = attention_gradients(model, images, best)[1]
    assert torch.equal(attention_gradients(model, images)[1], expected)
    three = attention_gradients(model, images, 3)[1]
    assert torch.equal(three, attention_gradients(model, images, torch.full((4,), 3))[1])
    assert (three - attention_gradients(model, images, 4)[1]).abs().max() > 1e-3


def test_batches_are_single_images_and_twice_is_the_same(model, images):
    for call in (
        lambda x: attention_gradients(model, x, 1)[1],
        lambda x: gradient_times_input(model, x, (3, 5), 1),
    ):
        assert torch.equal(call(images), call(images))
        exactly(call(images), torch.cat([call(image[None]) for image in images]))


def test_leaves_no_trace_and_works_wherever_it_is_called(model, images):
    maps, expected = attention_gradients(model, images, 1)
    by_input = gradient_times_input(model, images, (3, 5), 1)
    model.requires_grad_(False)
    for mode in (torch.no_grad, torch.inference_mode, torch.enable_grad):
        with mode():
            exactly(attention_gradients(model, images.clone(), 1)[1], expected)
            exactly(gradient_times_input(model, images.clone(), (3, 5), 1), by_input)
    assert not images.requires_grad
    assert not maps.requires_grad  # else it would hold on to the whole pass
    assert not expected.requires_grad
    model.requires_grad_(True)
    attention_gradients(model, images)
    gradient_times_input(model, images, (3, 5))
    assert all(parameter.grad is None for parameter in model.parameters())


def test_gradient_times_input_is_the_first_order_of_removing_a_patch(model, images):
    found = gradient_times_input(model, images, (3, 5), 2)
    assert found.shape == (4, 3, 5)
    for row, column in [(0, 0), (2, 1), (1, 4)]:
        patch = torch.zeros(12, 20, dtype=torch.float64)
        patch[4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = 1e-5
        with torch.no_grad():
            change = (model(images * (1 + patch)) - model(images * (1 - patch)))[:, 2] / 2e-5
        torch.testing.assert_close(found[:, row, column], change, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("classes", [7, -1, 1.0, torch.tensor([0, 1, 2, 7])])
def test_errors_of_classes(classes, model, images):
    for call in (
        lambda: attention_gradients(model, images, classes),
        lambda: gradient_times_input(model, images, (3, 5), classes),
    ):
        with pytest.raises(ValueError, match="classes must be ints from 0 to 6, got"):
            call()


def test_errors_of_sizes(model, images):
    with pytest.raises(ValueError, match="5 rows and 5 columns of patches do not divide an image"):
        gradient_times_input(model, images, (5, 5))
    with pytest.raises(ValueError, match=r"classes must be one int or have shape \(4,\)"):
        attention_gradients(model, images, torch.tensor([0, 1]))
