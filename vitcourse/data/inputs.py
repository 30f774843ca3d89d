"""From pictures of bytes to what a model takes."""

import torch
from torch import Tensor


def to_input(images: Tensor, device: torch.device | str = "cpu") -> Tensor:
    """Images as a model takes them: bytes 0 .. 255 become -5 .. 5; floats stay as they are.

    Most ViTs take -1 .. 1. Larger numbers, with a table of positions to match (`small_vit`), make
    our short training runs shorter.
    """
    images = images.to(device)
    return images if images.is_floating_point() else images.float() / 25.5 - 5
