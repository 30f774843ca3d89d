"""Chapter 0, the tour: one exercise to learn how exercises work."""

import math

import torch

from vitcourse.exercises.battery import battery
from vitcourse.exercises.course_answers import (
    count_values,
)
from vitcourse.exercises.engine import Easier, Exercise, Trial


def _image(*shape: int) -> torch.Tensor:
    """0, 3, ..., 18, 0, ...: neither sum, nor maximum, nor how many differ is their number."""
    return (torch.arange(math.prod(shape)) % 7 * 3).reshape(shape).float()


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
            Trial(
                "An image of shape (3, 4, 5)",
                (_image(3, 4, 5),),
                easier=(Easier("for square images", "for 4 x 5", (_image(3, 5, 5),)),),
            ),
            Trial("A grey image of shape (1, 7, 2)", (_image(1, 7, 2),)),
            Trial("An image of shape (4, 2, 9)", (_image(4, 2, 9),)),
            Trial("A black image of shape (2, 3, 1)", (torch.zeros(2, 3, 1),)),
            Trial("An image of whole numbers, shape (3, 6, 20)", (_image(3, 6, 20).byte(),)),
            *battery(
                "count_values(image) of shape (3, 2, 5)",
                (torch.linspace(-1, 2, 30).reshape(3, 2, 5),),
                batched=(),
                # a number has no gradient, and numpy knows no bfloat16; the
                # fewer questions, the less is printed by an answer that prints
                without=("gradients", "no_grad", "bfloat16", "memory", "again"),
            ),
        ),
    ),
)
