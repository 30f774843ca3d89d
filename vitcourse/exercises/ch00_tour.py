"""Chapter 0, the tour: one exercise to learn how exercises work."""

import math

import torch

from vitcourse.exercises.engine import Exercise, Trial


def count_values(image: torch.Tensor) -> int:
    """How many numbers an image of shape (C, H, W) holds."""
    channels, height, width = image.shape
    return channels * height * width


def _image(*shape: int) -> torch.Tensor:
    """0, 1, ..., 6, 0, ...: neither their sum nor the count of different ones is their number."""
    return (torch.arange(math.prod(shape)) % 7).reshape(shape).float()


EXERCISES = (
    Exercise(
        id="0.1",
        name="count_values",
        title="How many numbers is a photograph?",
        difficulty=1,
        minutes=2,
        reference=count_values,
        hints=(
            "A colour image is three sheets of numbers. How many numbers are on one sheet?",
            "`image.shape` holds the three sizes: channels, height, width. Multiply all of them.",
            "`channels, height, width = image.shape`, then return the product of the three.",
        ),
        trials=(
            Trial("An image of shape (3, 4, 5)", (_image(3, 4, 5),)),
            Trial("A grey image of shape (1, 7, 2)", (_image(1, 7, 2),)),
            Trial("An image of shape (4, 2, 9)", (_image(4, 2, 9),)),
        ),
    ),
)
