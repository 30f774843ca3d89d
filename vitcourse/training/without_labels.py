"""Train on images alone: there are no labels, and the loss is whatever is asked of the images."""

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from vitcourse.data.inputs import to_input
from vitcourse.training.loop import _groups, _seed, _share_of_peak, make_optimizers
from vitcourse.training.processes import interrupt_after_step
from vitcourse.training.progress import Bar
from vitcourse.training.recipe import History, Recipe

# Two thousand steps of MAE on scenes: found by trying, on one core in a minute and a half.
MASKED = Recipe(
    steps=2000, batch_size=64, adamw_lr=3e-3, warmup_steps=50, precision="float32", use_muon=False
)


def train_without_labels(
    model: nn.Module,
    loss_of: Callable[[Tensor], Tensor],
    batch_at: Callable[[int], Tensor],
    recipe: Recipe = MASKED,
    *,
    after_step: Callable[[], None] | None = None,
    on_step: Callable[[History], None] | None = None,
    progress: bool = True,
) -> History:
    """Train `model` in place, where it is and in float32, and leave it in evaluation mode.

    batch_at(step) gives the images of a step, as `to_input` takes them; loss_of(images) is their
    loss, a scalar that depends on the model. What it draws at random follows from the recipe's
    seed and the step. after_step() is called when the weights have changed, on_step(history) after
    that. An interrupt (Ctrl-C, a notebook's stop button) lets the step end.

    Raises FloatingPointError if the loss is no longer finite; the weights stay those before that
    step.
    """
    history = History(recipe.steps)
    optimizers = make_optimizers(model, recipe)
    device = next(model.parameters()).device
    began = time.perf_counter()
    model.train()
    with (
        torch.random.fork_rng(),
        Bar(progress, history) as bar,
        interrupt_after_step(True) as asked,
    ):
        for step in range(recipe.steps):
            _seed(recipe, step)
            images = to_input(batch_at(step), device)
            history.loss.append(_take_step(model, optimizers, loss_of, images, recipe, step))
            if after_step is not None:
                after_step()
            history.seconds.append(time.perf_counter() - began)
            history.interrupted = bool(asked)
            bar.update()
            if on_step is not None:
                on_step(history)
            if history.interrupted:
                bar.say(f"Interrupted after {len(history)} of {recipe.steps} steps.")
                break
    model.zero_grad()
    model.eval()
    return history


def _take_step(model, optimizers, loss_of, images: Tensor, recipe: Recipe, step: int) -> float:
    """One step of chapter 7's kind; the loss before it."""
    factor = _share_of_peak(recipe, step)
    for group in _groups(optimizers):
        group["lr"] = group["peak_lr"] * factor
    model.zero_grad()
    loss = loss_of(images)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
    number = loss.item()
    if not math.isfinite(number + norm.item()):
        raise FloatingPointError(
            f"step {step}: the loss is {number}, its gradient has length {norm.item()}. Try a "
            f"learning rate smaller than adamw_lr={recipe.adamw_lr:g}."
        )
    for optimizer in optimizers:
        optimizer.step()
    return number
