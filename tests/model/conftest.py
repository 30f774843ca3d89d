"""Sizes that differ from each other, so that a swapped axis cannot hide."""

import pytest
import torch
from torch import nn

from vitcourse.model import VisionTransformer

TINY = {
    "image_size": (12, 20),
    "patch_size": 4,
    "in_channels": 2,
    "num_classes": 7,
    "embed_dim": 24,
    "depth": 2,
    "num_heads": 3,
    "mlp_dim": 40,
}


@torch.no_grad()
def fill(module: nn.Module) -> nn.Module:
    """Random parameters of a size that matters: no zeros that would hide a missing term."""
    for name, parameter in module.named_parameters():
        if parameter.ndim < 2:
            parameter.normal_(1.0 if "norm" in name and name.endswith("weight") else 0.0, 0.2)
        elif parameter.ndim == 3:  # class token and positions
            parameter.normal_(0, 0.5)
        else:
            parameter.normal_(0, (2 / parameter[0].numel()) ** 0.5)
    return module


@pytest.fixture
def randomised():
    """The function `fill`."""
    return fill


@pytest.fixture
def tiny_config() -> dict:
    return dict(TINY)


@pytest.fixture
def tiny() -> VisionTransformer:
    """A ViT of 15 patches in 3 rows and 5 columns, in evaluation mode, with lively weights."""
    return fill(VisionTransformer(**TINY)).eval()


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(4, 2, 12, 20)
