"""A small ViT with lively weights, and maps of sizes that all differ."""

import pytest
import torch
from torch import Tensor

from vitcourse.model import VisionTransformer

GRID = (3, 5)


@pytest.fixture
def model() -> VisionTransformer:
    """3 rows and 5 columns of patches, 3 blocks, 2 heads, float64, weights that matter."""
    sizes = {"image_size": (12, 20), "patch_size": 4, "in_channels": 2, "num_classes": 7}
    vit = VisionTransformer(**sizes, embed_dim=16, depth=3, num_heads=2, mlp_dim=24).double()
    with torch.no_grad():
        for parameter in vit.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return vit.eval()


@pytest.fixture
def images() -> Tensor:
    return torch.randn(4, 2, 12, 20, dtype=torch.float64)


@pytest.fixture
def square(model) -> VisionTransformer:
    """torchvision knows squares only."""
    config = model.config | {"image_size": 12, "in_channels": 3}
    return VisionTransformer(**config).double().eval()


@pytest.fixture
def square_images() -> Tensor:
    return torch.randn(4, 3, 12, 12, dtype=torch.float64)


def random_attention(*shape: int) -> Tensor:
    """Rows that sum to 1: shape (..., N) -> (..., N, N), float64."""
    return (2 * torch.randn(*shape, shape[-1], dtype=torch.float64)).softmax(dim=-1)


@pytest.fixture
def attention() -> Tensor:
    """(B, layers, heads, N, N) = (2, 4, 3, 16, 16): a class token and 3 x 5 patches."""
    return random_attention(2, 4, 3, 16)


@pytest.fixture
def gradients(attention) -> Tensor:
    return torch.randn_like(attention)


def exactly(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected.to(actual), rtol=0, atol=1e-12)
