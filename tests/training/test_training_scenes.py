"""The recipe of chapter 7 ends with a model that answers both questions about new scenes."""

import torch

from vitcourse.data import scenes
from vitcourse.training import (
    evaluate,
    scene_labels,
    scene_questions,
    scene_task,
    small_vit,
    train,
)
from vitcourse.training.recipes import RECIPES


def test_half_a_minute_of_training_answers_new_scenes():
    torch.manual_seed(0)
    model, recipe, questions = small_vit(), RECIPES["laptop"].recipe, scene_questions()
    task = scene_task(recipe.batch_size, recipe.seed)
    history = train(model, task, recipe, questions=questions, progress=False, device="cpu")
    test = scenes(1000, seed=7)
    right = evaluate(model, test.images, scene_labels(test), questions)
    assert right["what"] >= 0.95
    assert right["where"] >= 0.95
    assert not history.interrupted
