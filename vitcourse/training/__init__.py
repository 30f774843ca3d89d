"""Chapter 7: one loop that trains a model, on a laptop, a GPU, or several processes.

Read `recipe.py`, then `loop.py`. To train on two processes: `torchrun --nproc-per-node 2
your_script.py`, where the script calls `train` as always; every process takes its share of each
batch.
"""

from vitcourse.training.loop import (
    evaluate,
    loss_and_accuracy,
    make_optimizers,
    schedule,
    to_input,
    train,
)
from vitcourse.training.recipe import History, Recipe, smooth

__all__ = [
    "History",
    "Recipe",
    "evaluate",
    "loss_and_accuracy",
    "make_optimizers",
    "schedule",
    "smooth",
    "to_input",
    "train",
]
