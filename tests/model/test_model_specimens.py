"""The usual tutorial ViT mixes the images of a batch and is post-norm. Ours does not and is not."""

import importlib.util
from pathlib import Path

import pytest
import torch

from vitcourse.model import VisionTransformer

SIZES = {
    "image_size": 16,
    "patch_size": 4,
    "in_channels": 3,
    "num_classes": 5,
    "embed_dim": 24,
    "depth": 2,
    "num_heads": 3,
    "mlp_dim": 48,
}


def specimen():
    path = Path(__file__).parents[1] / "specimens" / "tutorial_vit.py"
    spec = importlib.util.spec_from_file_location("tutorial_vit", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.TutorialViT(**SIZES).eval()


def change_of_prediction_0_when_image_1_changes(model) -> float:
    images = torch.randn(3, 3, 16, 16)
    changed = images.clone()
    changed[1] = torch.randn(3, 16, 16)
    with torch.no_grad():
        return (model(images)[0] - model(changed)[0]).abs().max().item()


def change_of_class_token_when_its_image_changes(model) -> float:
    with torch.no_grad():
        first, second = (model.forward_features(torch.randn(1, 3, 16, 16)) for _ in range(2))
    return (first[:, 0] - second[:, 0]).abs().max().item()


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_the_specimen_mixes_images():
    assert change_of_prediction_0_when_image_1_changes(specimen()) > 1e-3


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_the_class_token_of_the_specimen_is_blind():
    """It attends to class tokens only, so a head on it would say the same of every image."""
    assert change_of_class_token_when_its_image_changes(specimen()) == 0.0


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_the_specimen_is_post_norm():
    """After each layer of a post-norm encoder every token has mean 0 and variance 1."""
    stream = specimen().encoder.layers[0](7 + 5 * torch.randn(4, 9, 24))
    torch.testing.assert_close(stream.mean(-1), torch.zeros(4, 9), rtol=0, atol=1e-5)
    torch.testing.assert_close(stream.var(-1, correction=0), torch.ones(4, 9), rtol=0, atol=1e-3)


def test_ours_keeps_images_apart(randomised):
    model = randomised(VisionTransformer(**SIZES)).eval()
    assert change_of_prediction_0_when_image_1_changes(model) == 0.0
    assert change_of_class_token_when_its_image_changes(model) > 1e-3


def test_ours_is_pre_norm(randomised):
    block = randomised(VisionTransformer(**SIZES)).encoder.blocks[0]
    stream = block(7 + 5 * torch.randn(4, 9, 24))
    assert (stream.mean(-1) - 7).abs().max() < 7  # the residual stream keeps its level
    assert stream.var(-1).mean() > 10
