"""What the course looks at: photographs, data sets of pictures, and scenes made here."""

from vitcourse.data.datasets import Pictures, cifar10, fashion_mnist, image_folder
from vitcourse.data.inputs import to_input
from vitcourse.data.photos import load_photo
from vitcourse.data.scenes import (
    COLOURS,
    SHAPES,
    Scenes,
    cell_names,
    cells,
    scene_batches,
    scenes,
)
from vitcourse.data.whole import load_picture

__all__ = [
    "COLOURS",
    "SHAPES",
    "Pictures",
    "Scenes",
    "cell_names",
    "cells",
    "cifar10",
    "fashion_mnist",
    "image_folder",
    "load_photo",
    "load_picture",
    "scene_batches",
    "scenes",
    "to_input",
]
