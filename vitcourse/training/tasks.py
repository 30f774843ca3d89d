"""What to train on, as `train` wants it: batch_at(step) and the questions; and a model for it."""

import hashlib
from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor, nn

from vitcourse import require
from vitcourse.data import SHAPES, Pictures, Scenes, cells, scene_batches
from vitcourse.model import VisionTransformer

BatchAt = Callable[[int], tuple[Tensor, Tensor]]


def small_vit(
    image_size: int = 48,
    in_channels: int = 3,
    num_classes: int = 16,
    patch_size: int = 8,
    embed_dim: int = 64,
    depth: int = 4,
    num_heads: int = 4,
    mlp_dim: int = 128,
) -> VisionTransformer:
    """The model of chapter 7: small enough for a laptop, learns scenes in a minute.

    One thing differs from `VisionTransformer(...)`: the table of positions starts with numbers as
    large as a patch's own (std 0.3, not 0.02). With small ones a short training run hardly
    learns "where". Raises ValueError as VisionTransformer does.
    """
    sizes = {"embed_dim": embed_dim, "depth": depth, "num_heads": num_heads, "mlp_dim": mlp_dim}
    model = VisionTransformer(image_size, patch_size, in_channels, num_classes, **sizes)
    nn.init.normal_(model.positions.pos_embed, std=0.3)
    return model


def scene_questions(grid: int = 3) -> dict[str, int]:
    """How many answers each question about scenes has: {"what": 8, "where": 8} for 3 x 3 cells."""
    return {"what": len(SHAPES), "where": len(cells(grid))}


def scene_labels(scenes: Scenes) -> Tensor:
    """The answers to both questions, in the order of `scene_questions`: (n, 2) int64."""
    return torch.stack([scenes.what, scenes.where], dim=1)


def scene_task(batch_size: int = 32, seed: int = 0, **layout) -> BatchAt:
    """Endless scenes to train on: batch_at(step) -> images (B, 3, H, W) uint8, labels (B, 2).

    Every step has its own scenes, which follow from seed and step. `layout` is as in `scenes`:
    grid, shapes, cell, sprite, noise. Raises ValueError as `scene_batches` does, and for a seed
    that is not from 0 to 2047.
    """
    require.ints(0, 2**11 - 1, seed=seed)
    stream = seed * 2**20  # so that no two seeds share a step

    def batch_at(step: int) -> tuple[Tensor, Tensor]:
        batch = next(scene_batches(batch_size, stream + step, **layout))
        return batch.images, scene_labels(batch)

    return batch_at


def picture_task(
    pictures: Pictures,
    batch_size: int = 32,
    seed: int = 0,
    *,
    augment: bool = False,
    shift: bool = True,
) -> BatchAt:
    """Pictures to train on: batch_at(step) -> images (B, C, H, W) uint8, labels (B,).

    Every epoch takes the pictures in its own order, none twice; those that do not fill a whole
    batch are left out. With `augment` each is shifted, at random, by up to an eighth of its
    size (its edge is repeated outwards) and half of them are mirrored; with shift=False they are
    mirrored only. All of it follows from seed and step. Raises ValueError if batch_size is not
    from 1 to the number of pictures.
    """
    count = len(pictures.images)
    require.ints(1, count, batch_size=batch_size)  # the number of pictures
    batches = count // batch_size  # in an epoch

    @lru_cache(maxsize=2)
    def order(epoch: int) -> Tensor:
        return torch.randperm(count, generator=_generator("order", seed, epoch))

    def batch_at(step: int) -> tuple[Tensor, Tensor]:
        epoch, number = divmod(step, batches)
        chosen = order(epoch)[number * batch_size : (number + 1) * batch_size]
        images = pictures.images[chosen]
        if augment:
            images = shift_and_mirror(images, _generator("augment", seed, step), shift)
        return images, pictures.labels[chosen]

    return batch_at


def shift_and_mirror(images: Tensor, generator: torch.Generator, shift: bool = True) -> Tensor:
    """Each image (B, C, H, W) shifted by up to an eighth of its size (unless shift=False), and
    mirrored with a probability of one half."""
    size, height, width = len(images), *images.shape[2:]

    def shifted(length: int) -> Tensor:
        """For each image, which row (or column) of the old comes where in the new: (B, length)."""
        most = length // 8 if shift else 0
        by = torch.randint(-most, most + 1, (size, 1), generator=generator)
        return (torch.arange(length) + by).clamp(0, length - 1)

    rows, columns = shifted(height), shifted(width)
    mirrored = torch.randint(2, (size, 1), generator=generator).bool()
    columns = torch.where(mirrored, columns.flip(1), columns)
    flat = (rows[:, :, None] * width + columns[:, None, :]).flatten(1)  # (B, H * W)
    index = flat[:, None].expand(-1, images.shape[1], -1)
    return images.flatten(2).gather(2, index).view_as(images)


def _generator(*what: str | int) -> torch.Generator:
    # torch's CPU generator uses only the low 32 bits, so they must differ.
    digest = hashlib.sha256(repr(what).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:4], "big"))
