"""Pictures of bytes become what a model takes."""

import torch
from torch import Tensor


def to_input(images: Tensor, device: torch.device | str = "cpu") -> Tensor:
    """Images as the model takes them: bytes 0 .. 255 become -5 .. 5; floats stay as they are.

    Most ViTs take -1 .. 1. Larger numbers, with a table of positions to match (`small_vit`), make
    our short trainings shorter.
    """
    images = images.to(device)
    return images if images.is_floating_point() else images.float() / 25.5 - 5
