"""Chapter 7: one loop that trains a model, on a laptop, a GPU, or several processes.

Read `recipe.py`, then `loop.py`. To train on two processes: `torchrun --nproc-per-node 2
your_script.py`, where the script calls `train` as always; every process takes its share of each
batch. Without a script: `vitcourse train` (`run.py`), with the recipes of `recipes.py`.
"""

from vitcourse.data.inputs import to_input
from vitcourse.training.loop import (
    evaluate,
    loss_and_accuracy,
    make_optimizers,
    schedule,
    train,
)
from vitcourse.training.recipe import History, Recipe, smooth
from vitcourse.training.tasks import (
    picture_task,
    scene_labels,
    scene_questions,
    scene_task,
    small_vit,
)

__all__ = [
    "History",
    "Recipe",
    "evaluate",
    "loss_and_accuracy",
    "make_optimizers",
    "picture_task",
    "scene_labels",
    "scene_questions",
    "scene_task",
    "schedule",
    "small_vit",
    "smooth",
    "to_input",
    "train",
]
