"""Chapter 0, the tour: one exercise to learn how exercises work."""

import math

import torch

from vitcourse.exercises.engine import Exercise, Mistake, Trial


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
        mistakes=(
            Mistake(
                "channels left out",
                "You counted pixels. Each pixel holds one number per channel.",
                lambda image: image.shape[1] * image.shape[2],
            ),
            Mistake(
                "the width left out",
                "You multiplied channels and height. The width is the last size.",
                lambda image: image.shape[0] * image.shape[1],
            ),
            Mistake(
                "len counts only the first axis",
                "`len(image)` is the number of channels, not of all values.",
                len,
            ),
            Mistake(
                "sizes added, not multiplied",
                "You added the three sizes. The image is a block of numbers: multiply them.",
                lambda image: sum(image.shape),
            ),
            Mistake(
                "the values are summed, not counted",
                "You added up what the pixels hold. Asked is how many numbers there are.",
                lambda image: int(image.sum()),
            ),
            Mistake(
                "the number of axes",
                "You returned how many axes the tensor has. Asked is how many numbers it holds.",
                lambda image: image.ndim,
            ),
            Mistake(
                "three channels taken for granted",
                "Your answer is right only for three channels: read them from `image.shape`.",
                lambda image: 3 * image.shape[1] * image.shape[2],
            ),
            Mistake(
                "the shape, not the count",
                "You returned the sizes themselves. Multiply them to get one number.",
                lambda image: image.shape,
            ),
        ),
    ),
)
