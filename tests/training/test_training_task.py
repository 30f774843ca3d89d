"""A task that a tiny ViT learns in seconds: which quarter is bright, and is it red or blue?

As a script, `test_training_task.py CHECKPOINT OUT STEPS [EVERY]` trains on it; torchrun can run it.
"""

import json
import os
import sys
from pathlib import Path

import torch

from vitcourse.model import VisionTransformer
from vitcourse.training import History, Recipe, train

QUESTIONS = {"where": 4, "colour": 2}
SHORT = {"steps": 12, "batch_size": 8, "warmup_steps": 2, "precision": "float32"}


def batch_at(step: int, size: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(1000 + step)
    images = torch.randint(0, 128, (size, 3, 8, 8), dtype=torch.uint8, generator=draw)
    where = torch.randint(4, (size,), generator=draw)
    colour = torch.randint(2, (size,), generator=draw)
    for image, place, hue in zip(images, where.tolist(), colour.tolist(), strict=True):
        row, column = 4 * (place // 2), 4 * (place % 2)
        image[2 * hue, row : row + 4, column : column + 4] += 100
    return images, torch.stack([where, colour], dim=1)


def make_model(dropout: float = 0.1) -> VisionTransformer:
    torch.manual_seed(3)
    sizes = {"image_size": 8, "patch_size": 4, "num_classes": 6, "embed_dim": 16, "depth": 2}
    return VisionTransformer(**sizes, num_heads=2, mlp_dim=24, dropout=dropout)


def run(checkpoint=None, model=None, **options) -> tuple[VisionTransformer, History]:
    """Train the tiny model; options of the recipe and of `train` alike."""
    model = make_model() if model is None else model
    recipe = {name: options.pop(name) for name in list(options) if name in Recipe.__annotations__}
    settings = {"questions": QUESTIONS, "progress": False, "device": "cpu"} | options
    recipe = Recipe(**SHORT | recipe)
    source = settings.pop("batches", lambda step: batch_at(step, recipe.batch_size))
    return model, train(model, source, recipe, checkpoint=checkpoint, **settings)


def test_the_task_is_pure_and_its_answers_are_balanced():
    images, labels = batch_at(5, 400)
    again, _ = batch_at(5, 400)
    assert torch.equal(images, again)
    assert labels[:, 0].bincount().min() > 60
    assert labels[:, 1].bincount().min() > 150


def main(checkpoint: str, out: str, steps: str, every: str = "1") -> None:
    torch.set_num_threads(1)
    model, sizes = make_model(dropout=0.0 if "WORLD_SIZE" in os.environ else 0.1), []
    model.patch_embed.register_forward_hook(lambda module, args, _: sizes.append(len(args[0])))

    def on_step(history: History) -> None:
        print("step", len(history), flush=True)

    options = {"steps": int(steps), "checkpoint_every": int(every), "on_step": on_step}
    _, history = run(None if checkpoint == "-" else checkpoint, model, **options, progress=True)
    rank = os.environ.get("RANK", "0")
    report = {"loss": history.loss, "accuracy": history.accuracy, "sizes": sizes}
    Path(f"{out}.{rank}.json").write_text(json.dumps(report), encoding="utf-8")
    torch.save(model.state_dict(), f"{out}.{rank}.pt")


if __name__ == "__main__":
    main(*sys.argv[1:])
