"""How a ViT from scratch learns CIFAR-10: the curve that docs/cifar.md is waiting for.

    python -m benchmarks.cifar [--device cuda] [--data data] [--steps 20000]

Trains by the recipe `gpu` and asks the model about all test pictures twenty times on the way, which
decides nothing. The curve, with machine and versions, goes to benchmarks/results.
"""

import argparse
from dataclasses import asdict, replace
from pathlib import Path

import torch

from benchmarks.report import machine, store
from vitcourse.data import cifar10
from vitcourse.training import History, evaluate, small_vit, train
from vitcourse.training.recipes import choose_recipe
from vitcourse.training.tasks import picture_task

LOOKS = 20


def curve(folder: Path, device: torch.device, steps: int | None = None, seed: int = 0) -> dict:
    """Trained step by step: steps, training losses, and shares of right answers in the test."""
    name, plan = choose_recipe("gpu", "cifar10")
    learn, test = (cifar10(folder, train=part) for part in (True, False))
    batch = min(plan.recipe.batch_size, len(learn.images))
    recipe = replace(plan.recipe, seed=seed, batch_size=batch)
    if steps is not None:
        warmup = min(recipe.warmup_steps, steps // 10)
        recipe = replace(recipe, steps=steps, warmup_steps=warmup)
    torch.manual_seed(seed)
    model = small_vit(32, 3, len(learn.classes), **plan.model)
    every = max(1, recipe.steps // LOOKS)
    points: list[dict] = []

    def look(history: History) -> None:
        done = len(history)
        if done % every == 0 or done == recipe.steps:
            right = evaluate(model, torch.as_tensor(test.images), torch.as_tensor(test.labels))
            points.append({"step": done, "loss": history.loss[-1], "right": right["class"]})
            print(f"step {done:>6}: {right['class']:.1%} of the test pictures", flush=True)

    task = picture_task(learn, batch, seed, augment=plan.augment, shift=plan.shift)
    history = train(model, task, recipe, on_step=look, device=device)
    return {
        "recipe": {"name": name, **asdict(recipe), "model": plan.model},
        "seconds": history.seconds[-1],
        "precision": history.precision,
        "curve": points,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cifar", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the pictures are")
    parser.add_argument("--steps", type=int, help="fewer than the recipe's, to try it out")
    parser.add_argument("--out", type=Path, help="where to store the curve")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    about = machine(device)
    found = {"machine": about, "cifar10": curve(arguments.data, device, arguments.steps)}
    about["device"] = f"cifar10 {about['device']}"  # in the name of the file
    print("Curve:", store(found, arguments.out))


if __name__ == "__main__":
    main()
