"""Masks, the encoder on visible patches, and the loss on hidden ones."""

import pytest
import torch

from vitcourse.model import VisionTransformer, patchify
from vitcourse.model.masked import encode_visible, hidden_loss, random_visible

SIZES = {"embed_dim": 12, "depth": 2, "num_heads": 3, "mlp_dim": 20, "num_classes": 0}


def _model(dropout: float = 0.0) -> VisionTransformer:
    torch.manual_seed(0)
    model = VisionTransformer((8, 12), patch_size=4, in_channels=2, dropout=dropout, **SIZES)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape))
    return model.double().eval()


def _images(count: int = 4) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, 2, 8, 12, generator=generator, dtype=torch.float64)


def _loss_arguments() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    predicted = torch.randn(4, 6, 32, generator=generator, dtype=torch.float64)
    return predicted, _images(), random_visible(4, 6, 2, generator)


def test_places_ascend_and_none_occurs_twice():
    visible = random_visible(200, 12, 5, torch.Generator().manual_seed(0))
    assert visible.shape == (200, 5)
    assert visible.dtype == torch.int64
    assert (visible.diff(dim=1) > 0).all()
    assert visible.min() == 0
    assert visible.max() == 11


def test_every_choice_is_equally_likely():
    visible = random_visible(15_000, 6, 2, torch.Generator().manual_seed(0))
    counts = torch.bincount(visible[:, 0] * 6 + visible[:, 1], minlength=36)
    counts = counts[counts > 0]
    assert len(counts) == 15
    assert ((counts - 1000).abs() < 6 * 1000**0.5).all()


def test_a_generator_alone_decides():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one, two = (random_visible(5, 30, 9, torch.Generator().manual_seed(4)) for _ in range(2))
    assert one.equal(two)
    assert torch.get_rng_state().equal(before)


@pytest.mark.parametrize("num_visible", [-1, 0, 7])
def test_impossible_numbers_of_visible_patches(num_visible):
    with pytest.raises(ValueError, match=rf"num_visible must be from 1 .*got {num_visible}"):
        random_visible(2, 6, num_visible)


def test_encoding_equals_a_full_pass_of_those_tokens():
    model, images, visible = _model(), _images(), torch.tensor([[0, 3], [1, 2], [4, 5], [0, 5]])
    tokens = model.embed(images)
    for i, places in enumerate(visible):
        kept = tokens[i : i + 1, [0, *(places + 1).tolist()]]
        encoded = encode_visible(model, images, visible)[i : i + 1]
        torch.testing.assert_close(encoded, model.encoder(kept), rtol=0, atol=1e-12)


def test_with_all_patches_visible_it_is_the_model_itself():
    model, images = _model(), _images()
    everything = torch.arange(6).expand(4, -1)
    expected = model.forward_features(images)
    torch.testing.assert_close(encode_visible(model, images, everything), expected)


def test_hidden_pixels_change_nothing():
    model, images, visible = _model(), _images(), torch.tensor([[1, 3]]).expand(4, -1)
    before = encode_visible(model, images, visible)
    images[:, :, :, :4][:, :, :4] += 7  # patch 0
    assert encode_visible(model, images, visible).equal(before)


def test_dropout_acts_in_training_mode_only():
    model, images, visible = _model(dropout=0.5), _images(), torch.tensor([[1, 3]]).expand(4, -1)
    plain = encode_visible(_model(), images, visible)
    assert encode_visible(model, images, visible).equal(plain)
    assert not encode_visible(model.train(), images, visible).equal(plain)


def test_the_loss_is_untouched_by_visible_patches():
    predicted, images, visible = _loss_arguments()
    predicted.requires_grad_()
    hidden_loss(predicted, images, visible, 4).backward()
    at_visible = predicted.grad.gather(1, visible[:, :, None].expand(-1, -1, 32))
    assert (at_visible == 0).all()
    assert (predicted.grad != 0).any(dim=2).sum() == 4 * 4


def test_the_loss_is_the_mean_over_hidden_patches_one_by_one():
    predicted, images, visible = _loss_arguments()
    patches, errors = patchify(images, 4), []
    for i in range(4):
        for n in set(range(6)) - set(visible[i].tolist()):
            patch = patches[i, n]
            target = (patch - patch.mean()) / (patch.var() + 1e-6).sqrt()
            errors.append((predicted[i, n] - target).square().mean())
    expected = torch.stack(errors).mean()
    torch.testing.assert_close(hidden_loss(predicted, images, visible, 4), expected)


def test_brightness_and_contrast_of_a_patch_do_not_matter():
    predicted, images, visible = _loss_arguments()
    one = hidden_loss(predicted, images, visible, 4)
    other = hidden_loss(predicted, 40 * images + 5, visible, 4)
    torch.testing.assert_close(one, other, rtol=1e-5, atol=0)


def test_a_patch_of_one_colour_has_a_target_of_zero():
    visible = torch.tensor([[0]])
    loss = hidden_loss(torch.full((1, 6, 32), 2.0), torch.full((1, 2, 8, 12), 0.25), visible, 4)
    assert loss.item() == 4.0


def test_no_hidden_patch():
    predicted, images, _ = _loss_arguments()
    with pytest.raises(ValueError, match="none of the 6 patches hidden"):
        hidden_loss(predicted, images, torch.arange(6).expand(4, -1), 4)
