"""How long a small ViT takes to learn scenes: ours, ours with AdamW alone, timm's, torchvision's.

    python -m benchmarks.training [--seeds 5] [--only ours] [--steps 1000]

The same loop, the same scenes, one thread. Every 25 steps the model answers 1000 scenes it has not
seen; printed is when both questions were above 90, 95 and 99 % for the first time, in seconds of
processor time without these tests, and where the run ended. timm's and torchvision's models have
our sizes and their own initialisation. They need not run to the end: 99 % is the end.
"""

import argparse
import contextlib
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import nn

from vitcourse.data import scenes
from vitcourse.training import (
    History,
    Recipe,
    evaluate,
    scene_labels,
    scene_questions,
    scene_task,
    small_vit,
    train,
)
from vitcourse.training.recipes import RECIPES

LAPTOP = RECIPES["laptop"].recipe
MARKS = (0.90, 0.95, 0.99)
SIZES = {"embed_dim": 64, "depth": 4, "num_heads": 4}


class Reached(Exception):
    """The last mark: no need to go on."""


def timm() -> nn.Module:
    from timm.models.vision_transformer import VisionTransformer

    return VisionTransformer(img_size=48, patch_size=8, num_classes=16, mlp_ratio=2, **SIZES)


def torchvision() -> nn.Module:
    from torchvision.models import VisionTransformer

    return VisionTransformer(48, 8, 4, 4, 64, 128, num_classes=16)


CONTESTANTS: dict[str, tuple[Callable[[], nn.Module], dict]] = {
    "ours": (small_vit, {}),
    "ours, AdamW alone": (small_vit, {"use_muon": False}),
    "timm": (timm, {}),
    "timm, AdamW alone": (timm, {"use_muon": False}),
    "torchvision": (torchvision, {}),
    "torchvision, AdamW alone": (torchvision, {"use_muon": False}),
}


def race(build: Callable[[], nn.Module], recipe: Recipe) -> tuple[dict[float, float], str]:
    """Seconds to each mark that was reached, and how the run ended."""
    torch.manual_seed(recipe.seed)
    model = build()
    test = scenes(1000, seed=0)
    labels, questions = scene_labels(test), scene_questions()
    seconds: dict[float, float] = {}
    tested, right = 0.0, {}
    began = time.process_time()

    def on_step(history: History) -> None:
        nonlocal tested, right
        if len(history) % 25 != 0:
            return
        now = time.process_time()
        right = evaluate(model, test.images, labels, questions)
        worst = min(right[question] for question in questions)
        for mark in MARKS:
            if worst >= mark:
                seconds.setdefault(mark, now - began - tested)
        tested += time.process_time() - now
        model.train()
        if MARKS[-1] in seconds:
            raise Reached

    task = scene_task(recipe.batch_size, recipe.seed)
    settings = {"questions": questions, "progress": False, "device": "cpu", "on_step": on_step}
    with contextlib.suppress(Reached):
        train(model, task, recipe, **settings)
    total = time.process_time() - began - tested
    answers = ", ".join(f"{name} {right[name]:.1%}" for name in questions)
    return seconds, f"{total:5.1f} s, {answers}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seeds", type=int, default=5, help="runs of each (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=LAPTOP.steps, help="(default: %(default)s)")
    parser.add_argument("--only", choices=CONTESTANTS, action="append", help="may be repeated")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, one thread, {arguments.steps} steps at most")
    print(f"{'whose':<26} seed {'90 %':>7} {'95 %':>7} {'99 %':>7}   end")
    for name in arguments.only or CONTESTANTS:
        build, changes = CONTESTANTS[name]
        runs = []
        for seed in range(arguments.seeds):
            recipe = replace(LAPTOP, steps=arguments.steps, seed=seed, **changes)
            seconds, end = race(build, recipe)
            runs.append(seconds)
            print(f"{name:<26} {seed:>4} {row(seconds)}   {end}", flush=True)
        never = float("inf")
        medians = {m: statistics.median(run.get(m, never) for run in runs) for m in MARKS}
        print(f"{name:<26}  med {row(medians)}   {count_parameters(build()):,} parameters")


def row(seconds: dict[float, float]) -> str:
    texts = [f"{seconds[m]:.1f}" if seconds.get(m, 1e9) < 1e9 else "-" for m in MARKS]
    return " ".join(f"{text:>7}" for text in texts)


def count_parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


if __name__ == "__main__":
    main()
