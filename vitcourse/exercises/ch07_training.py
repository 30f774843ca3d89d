"""Chapter 7, training: the schedule, the loss, the step, the loop, the accuracy.

Steps are judged by what they do to a small model: which weights come out, how long the gradient
is when the optimiser sees it, which mode the model is in. How the lines are written is free.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitcourse.exercises.engine import Exercise, Mistake, Trial


def schedule(step: int, steps: int, warmup: int) -> float:
    """The share of the peak learning rate in `step`: a line up, then half a cosine down to 0.

    Source: Loshchilov & Hutter 2017 (the cosine), Goyal et al. 2017 (the warm-up).
    """
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / (steps - warmup)
    return 0.5 * (1 + math.cos(math.pi * progress))


def scene_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of both questions: logits (B, 16), labels (B, 2) -> a scalar."""
    what = F.cross_entropy(logits[:, :8], labels[:, 0])
    where = F.cross_entropy(logits[:, 8:], labels[:, 1])
    return (what + where) / 2


def train_step(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    optimizer: torch.optim.Optimizer,
    clip: float = 1.0,
) -> float:
    """One step on one batch; gives the loss that the batch had before it."""
    model.train()
    optimizer.zero_grad()
    loss = scene_loss(model(images), labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()


def train_loop(
    model: nn.Module, batch_at, optimizer: torch.optim.Optimizer, steps: int, warmup: int
) -> list[float]:
    """Train for `steps` steps under the schedule; gives the loss of each."""
    peaks = [group["lr"] for group in optimizer.param_groups]
    losses = []
    for step in range(steps):
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * schedule(step, steps, warmup)
        images, labels = batch_at(step)
        losses.append(train_step(model, images, labels, optimizer))
    return losses


def accuracy(
    model: nn.Module, images: Tensor, labels: Tensor, batch_size: int = 256
) -> dict[str, float]:
    """The share of right answers to each question, batch by batch, in evaluation mode."""
    was_training = model.training
    model.eval()
    right = torch.zeros(2)
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            logits = model(images[start : start + batch_size]).reshape(-1, 2, 8)
            right += (logits.argmax(2) == labels[start : start + batch_size]).sum(0)
    model.train(was_training)
    what, where = (right / len(images)).tolist()
    return {"what": what, "where": where}


# 7.1 ----------------------------------------------------------------------------------------------


def _number(value):
    """A whole number stands for a float: `min(1, ...)` gives one, and it is right."""
    return float(value) if type(value) is int else value


def _one_step(answer, *arguments):
    return _number(answer(*arguments))


def _all_steps(answer, steps: int, warmup: int):
    values = [_number(answer(step, steps, warmup)) for step in range(steps)]
    odd = [value for value in values if not isinstance(value, float)]
    return odd[0] if odd else torch.tensor(values, dtype=torch.float64)


def _rate(rise=lambda step, warmup: (step + 1) / warmup, fall=None, until=lambda s, w: s < w):
    """A stand-in with another line up, another way down, or another border between them."""
    fall = fall or (lambda step, steps, warmup: _cosine((step - warmup) / (steps - warmup)))

    def stand_in(step, steps, warmup):
        return rise(step, warmup) if until(step, warmup) else fall(step, steps, warmup)

    return stand_in


def _cosine(progress: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * progress))


def _progress(step: int, steps: int, warmup: int) -> float:
    return (step - warmup) / (steps - warmup)


_DIVIDES_BY_0 = "With warmup=0 there is no line to climb: make sure that nothing is divided by it."
_FROM_0 = (
    "Steps count from 0, so `step / warmup` wastes the first one: nothing is learned with a "
    "learning rate of 0. Use `(step + 1) / warmup`."
)
_BEGUN = (
    "Your cosine has begun to fall during the warm-up. How far it is counts from the end of the "
    "warm-up: (step - warmup) of (steps - warmup)."
)

SCHEDULE = Exercise(
    id="7.1",
    name="schedule",
    title="Warm up, then cool down",
    difficulty=2,
    minutes=10,
    reference=schedule,
    hints=(
        "Which share do you want in the very first step, and in the last step of the warm-up? And "
        "which number goes from 0 to 1 while the cosine falls?",
        "Two cases. While step < warmup: (step + 1) / warmup. After that, let progress be (step - "
        "warmup) / (steps - warmup); cos(pi * progress) falls from 1 to -1, and you want 1 to 0.",
        "`if step < warmup: return (step + 1) / warmup`, then `progress = ...` and "
        "`return 0.5 * (1 + math.cos(math.pi * progress))`.",
    ),
    trials=(
        Trial("schedule(4, 8, 2)", (4, 8, 2), _one_step),
        Trial("schedule(step, 8, 2) for steps 0 to 7", (8, 2), _all_steps),
        Trial("schedule(step, 20, 5) for steps 0 to 19", (20, 5), _all_steps),
        Trial("schedule(step, 5, 1) for steps 0 to 4", (5, 1), _all_steps),
        Trial("schedule(step, 10, 8) for steps 0 to 9", (10, 8), _all_steps),
        Trial("schedule(step, 6, 0) for steps 0 to 5: no warm-up", (6, 0), _all_steps),
    ),
    mistakes=(
        Mistake("the first step has a learning rate of 0", _FROM_0, _rate(lambda s, w: s / w)),
        Mistake(
            "the first step has a learning rate of 0",
            _FROM_0,
            _rate(lambda s, w: s / w if w else 1.0, until=lambda s, w: s <= w),
        ),
        Mistake(
            "the warm-up does not reach the peak",
            "Its last step (step = warmup - 1) should have all of the peak, 1: divide by warmup.",
            _rate(lambda s, w: (s + 1) / (w + 1)),
        ),
        Mistake(
            "the warm-up is one step too long",
            "Step `warmup` is the first after the warm-up (they count from 0); yours goes beyond "
            "the peak there. Use `<`, not `<=`.",
            _rate(until=lambda s, w: s <= w),
        ),
        Mistake(
            "the warm-up is one step too long",
            "Step `warmup` is the first after the warm-up (they count from 0); yours goes beyond "
            "the peak there. Use `<`, not `<=`.",
            _rate(lambda s, w: (s + 1) / w if w else 1.0, until=lambda s, w: s <= w),
        ),
        Mistake(
            "warmup=0 divides by zero",
            _DIVIDES_BY_0,
            lambda s, n, w: schedule(s, n, w) if w else 1 / 0,
        ),
        Mistake(
            "a straight line down",
            "After the warm-up yours falls in a straight line. Asked is half a cosine.",
            _rate(fall=lambda s, n, w: 1 - _progress(s, n, w)),
        ),
        Mistake("the cosine starts too early", _BEGUN, _rate(fall=lambda s, n, w: _cosine(s / n))),
        Mistake(
            "the cosine starts too early",
            _BEGUN,
            lambda s, n, w: min(1.0, (s + 1) / w if w else 1.0) * _cosine(s / n),
        ),
        Mistake(
            "the cosine has too far to go",
            "Yours does not come down to 0. Divide by the steps that are left: steps - warmup.",
            _rate(fall=lambda s, n, w: _cosine((s - w) / n)),
        ),
        Mistake(
            "the cosine is one step ahead",
            "The first step after the warm-up (step = warmup) should still have the whole peak.",
            _rate(fall=lambda s, n, w: _cosine((s - w + 1) / (n - w))),
        ),
        Mistake(
            "the last step is wasted",
            "Yours is 0 in the last step, which then learns nothing. 0 is due at step = steps, the "
            "first that is no longer done: divide by steps - warmup.",
            _rate(fall=lambda s, n, w: _cosine((s - w) / (n - w - 1))),
        ),
        Mistake(
            "the cosine turns negative",
            "A cosine goes from 1 to -1, and a negative learning rate climbs. Shift and halve it: "
            "0.5 * (1 + cos).",
            _rate(fall=lambda s, n, w: math.cos(math.pi * _progress(s, n, w))),
        ),
        Mistake(
            "a quarter of a cosine",
            "cos(pi / 2 * progress) stops falling abruptly. Half a cosine, from 1 to -1, flattens "
            "out: 0.5 * (1 + cos(pi * progress)).",
            _rate(fall=lambda s, n, w: math.cos(math.pi / 2 * _progress(s, n, w))),
        ),
        Mistake(
            "a whole cosine",
            "Yours comes down and goes up again: pi * progress is enough, not 2 * pi.",
            _rate(fall=lambda s, n, w: _cosine(2 * _progress(s, n, w))),
        ),
        Mistake(
            "the cosine goes up",
            "After the warm-up yours rises. 1 + cos falls, 1 - cos rises.",
            _rate(fall=lambda s, n, w: 1 - _cosine(_progress(s, n, w))),
        ),
        Mistake(
            "degrees for radians",
            "math.cos takes radians: half a turn is pi, not 180.",
            _rate(fall=lambda s, n, w: 0.5 * (1 + math.cos(180 * _progress(s, n, w)))),
        ),
        Mistake(
            "it never falls",
            "After the warm-up yours stays at the peak. (`//` divides whole numbers and drops the "
            "rest: use `/`.)",
            _rate(fall=lambda s, n, w: 1.0),
        ),
        Mistake(
            "no warm-up",
            "Yours starts at the peak. The first `warmup` steps should climb in a line.",
            lambda s, n, w: _cosine(s / n),
        ),
        Mistake(
            "the cosine is used in the warm-up, too",
            "min(line, cosine): before the warm-up ends, the cosine of a negative progress is "
            "below 1 and can win. Use `if step < warmup`.",
            lambda s, n, w: min((s + 1) / w if w else 1.0, _cosine(_progress(s, n, w))),
        ),
        Mistake(
            "a tensor, not a number",
            "A learning rate is a plain number: `math.cos` gives one, or `.item()` at the end.",
            lambda s, n, w: torch.tensor(schedule(s, n, w)),
        ),
    ),
)

# 7.2 ----------------------------------------------------------------------------------------------


def _fixed(*shape: int, seed: int = 0, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _answers(n: int, seed: int = 0) -> Tensor:
    return torch.randint(8, (n, 2), generator=torch.Generator().manual_seed(seed))


_LOGITS, _LABELS = _fixed(5, 16, seed=1, scale=2.0), _answers(5, seed=2)


def _has_gradient(answer, logits, labels) -> bool:
    return bool(answer(logits.requires_grad_(), labels).requires_grad)


def _gradient(answer, logits, labels) -> Tensor:
    loss = answer(logits.requires_grad_(), labels)
    return torch.autograd.grad(loss, logits)[0] if loss.requires_grad else torch.zeros(5, 16)


def _halves(logits: Tensor) -> tuple[Tensor, Tensor]:
    return logits[:, :8], logits[:, 8:]


def _both(one, logits, labels) -> Tensor:
    """The mean of what `one` makes of each question."""
    what, where = _halves(logits)
    return (one(what, labels[:, 0]) + one(where, labels[:, 1])) / 2


def _loss_with(one):
    return lambda logits, labels: _both(one, logits, labels)


_SOFTMAX = (
    "F.cross_entropy takes logits and does the (log) softmax itself. After a softmax of your own "
    "the loss can hardly fall, and the gradient is tiny."
)

LOSS = Exercise(
    id="7.2",
    name="scene_loss",
    title="One loss for two questions",
    difficulty=2,
    minutes=8,
    reference=scene_loss,
    hints=(
        "Which columns of the logits are scores for the shape, and which for the cell?",
        "`logits[:, :8]` belong to `labels[:, 0]`, `logits[:, 8:]` to `labels[:, 1]`. "
        "`F.cross_entropy` takes each pair, and you want the mean of the two.",
        "`what = F.cross_entropy(logits[:, :8], labels[:, 0])`, the same for where, then "
        "`return (what + where) / 2`.",
    ),
    trials=(
        Trial("scene_loss(logits, labels) of 5 scenes", (_LOGITS, _LABELS)),
        Trial(
            "scene_loss of 2 scenes, one answered with certainty",
            (torch.eye(16)[[3, 12]] * 20 + _LOGITS[:2], _LABELS[:2]),
        ),
        Trial("Does a gradient flow back from the loss?", (_LOGITS, _LABELS), _has_gradient),
        Trial("The gradient of the logits of 5 scenes", (_LOGITS, _LABELS), _gradient),
    ),
    mistakes=(
        Mistake(
            "softmax before cross-entropy",
            _SOFTMAX,
            _loss_with(lambda z, y: F.cross_entropy(z.softmax(1), y)),
        ),
        Mistake(
            "softmax before cross-entropy",
            _SOFTMAX,
            lambda z, y: _both(F.cross_entropy, z.softmax(1), y),
        ),
        Mistake(
            "the losses are added, not averaged",
            "Yours is twice as large: asked is the mean of the two questions.",
            lambda z, y: 2 * scene_loss(z, y),
        ),
        Mistake(
            "summed over the batch",
            "Yours grows with the number of scenes. The mean of the batch does not, so that the "
            "same learning rate fits: leave `reduction` alone.",
            _loss_with(lambda z, y: F.cross_entropy(z, y, reduction="sum")),
        ),
        Mistake(
            "summed over the batch",
            "Yours grows with the number of scenes. The mean of the batch does not, so that the "
            "same learning rate fits: leave `reduction` alone.",
            lambda z, y: 2 * len(z) * scene_loss(z, y),
        ),
        Mistake(
            "only what",
            "Only the first question counts, so that `where` is never learned.",
            lambda z, y: F.cross_entropy(z[:, :8], y[:, 0]),
        ),
        Mistake(
            "only where",
            "Only the second question counts, so that `what` is never learned.",
            lambda z, y: F.cross_entropy(z[:, 8:], y[:, 1]),
        ),
        Mistake(
            "the halves are swapped",
            "The first 8 logits belong to what, labels[:, 0]; the last 8 to where, labels[:, 1].",
            lambda z, y: scene_loss(z, y.flip(1)),
        ),
        Mistake(
            "the same logits for both questions",
            "You compare the same 8 logits with both labels. `where` has columns 8 to 15.",
            lambda z, y: scene_loss(torch.cat([z[:, :8], z[:, :8]], 1), y),
        ),
        Mistake(
            "the same labels for both questions",
            "Both halves are compared with labels[:, 0]. `where` is labels[:, 1].",
            lambda z, y: scene_loss(z, y[:, :1].expand(-1, 2)),
        ),
        Mistake(
            "one softmax over both questions",
            "All 16 logits compete in one softmax, so that `what` and `where` push each other "
            "down. Split them first: each question has 8 of its own.",
            lambda z, y: (F.cross_entropy(z, y[:, 0]) + F.cross_entropy(z, y[:, 1] + 8)) / 2,
        ),
        Mistake(
            "one softmax over both questions",
            "All 16 logits compete in one softmax, so that `what` and `where` push each other "
            "down. Split them first: each question has 8 of its own.",
            lambda z, y: (F.cross_entropy(z, y[:, 0]) + F.cross_entropy(z, y[:, 1])) / 2,
        ),
        Mistake(
            "even and odd columns",
            "Your split takes every second logit. The first 8 belong together, then the last 8.",
            lambda z, y: (
                (F.cross_entropy(z[:, ::2], y[:, 0]) + F.cross_entropy(z[:, 1::2], y[:, 1])) / 2
            ),
        ),
        Mistake(
            "softmax over the batch",
            "Your softmax runs down the batch (dim 0). The answers to a question lie along dim 1.",
            _loss_with(lambda z, y: F.nll_loss(z.log_softmax(0), y)),
        ),
        Mistake(
            "no logarithm",
            "F.nll_loss takes log-probabilities: `log_softmax`, not `softmax`. Or F.cross_entropy, "
            "which does both.",
            _loss_with(lambda z, y: F.nll_loss(z.softmax(1), y)),
        ),
        Mistake(
            "no logarithm",
            "F.nll_loss takes log-probabilities: `log_softmax`, not `softmax`. Or F.cross_entropy, "
            "which does both.",
            _loss_with(F.nll_loss),
        ),
        Mistake(
            "the squared error of probabilities",
            "The squared error hardly punishes an answer that is surely wrong. Cross-entropy does.",
            _loss_with(lambda z, y: F.mse_loss(z.softmax(1), F.one_hot(y, 8).float())),
        ),
        Mistake(
            "eight yes-or-no questions",
            "That is binary cross-entropy, where several answers may be right. Here exactly one "
            "is: F.cross_entropy.",
            _loss_with(lambda z, y: F.binary_cross_entropy_with_logits(z, F.one_hot(y, 8).float())),
        ),
        Mistake(
            "the sign is wrong",
            "Yours falls as the answers get worse. The loss is *minus* the log-probability.",
            lambda z, y: -scene_loss(z, y),
        ),
        Mistake(
            "a loss for each scene",
            "Yours has one number a scene. The step needs one for the batch: the mean.",
            _loss_with(lambda z, y: F.cross_entropy(z, y, reduction="none")),
        ),
        Mistake(
            "the two losses are not joined",
            "You return two losses. The step needs one number: their mean.",
            lambda z, y: (
                F.cross_entropy(z[:, :8], y[:, 0]),
                F.cross_entropy(z[:, 8:], y[:, 1]),
            ),
        ),
        Mistake(
            "a plain number",
            "`.item()` cuts the loss off from the model: no gradient flows back. Return the "
            "tensor.",
            lambda z, y: scene_loss(z, y).item(),
        ),
        Mistake(
            "the gradient is cut off",
            "The number is right, but `detach`, `no_grad` or `.data` cut it off from the model.",
            lambda z, y: scene_loss(z, y).detach(),
        ),
    ),
)

# 7.3 ----------------------------------------------------------------------------------------------
# A linear model of images (B, 3, 2, 2) with a gradient longer than 1 (the labels' clip is 1.0).

_BATCHES = [
    (_fixed(5, 3, 2, 2, seed=10 + k, scale=2.0), _answers(5, seed=20 + k)) for k in range(4)
]


class _Small(nn.Module):
    """A linear model that notes how it is called. In training mode it sees a mirrored image."""

    def __init__(self, mirror: bool = False):
        super().__init__()
        self.linear = nn.Linear(12, 16)
        with torch.no_grad():
            self.linear.weight.copy_(_fixed(16, 12, seed=3))
            self.linear.bias.copy_(_fixed(16, seed=4))
        self.mirror = mirror
        self.modes, self.sizes, self.recorded = [], [], []

    def forward(self, images):
        self.modes.append(self.training)
        self.sizes.append(len(images))
        self.recorded.append(torch.is_grad_enabled())
        if self.mirror and self.training:
            images = images.flip(1)
        return self.linear(images.flatten(1))


class _Watched(torch.optim.SGD):
    """SGD that notes how long the gradient is, and which learning rates there are, at each step."""

    def __init__(self, parameters, lr: float = 0.3):
        super().__init__(parameters, lr=lr)
        self.lengths, self.rates, self.events = [], [], []

    def step(self, closure=None):
        loss = super().step(closure) if closure else None
        grads = [p.grad for g in self.param_groups for p in g["params"] if p.grad is not None]
        length = torch.cat([g.flatten() for g in grads]).norm().item() if grads else 0.0
        self.lengths.append(length)
        self.events.append("step")
        self.rates.append([group["lr"] for group in self.param_groups])
        return loss if closure else super().step()


def _steps(answer, count: int, **clip):
    """Take `count` steps: what they returned, the model, and the optimiser."""
    model = _Small()
    optimizer = _Watched(model.parameters())
    return [answer(model, *_BATCHES[k], optimizer, **clip) for k in range(count)], model, optimizer


def _returned(answer):
    return _steps(answer, 1)[0][0]


def _losses(answer):
    losses, _, _ = _steps(answer, 3)
    numbers = all(isinstance(loss, float) for loss in losses)
    return torch.tensor(losses, dtype=torch.float64) if numbers else losses[0]


def _weights_after(answer, count: int, clip: float) -> Tensor:
    return _steps(answer, count, clip=clip)[1].linear.weight.detach()


def _lengths(answer) -> Tensor:
    return torch.tensor(_steps(answer, 2, clip=0.5)[2].lengths)


def _events(answer) -> list[str]:
    model = _Small()
    optimizer = _Watched(model.parameters())
    model.linear.weight.register_hook(lambda grad: optimizer.events.append("backward"))
    answer(model, *_BATCHES[0], optimizer)
    return optimizer.events


def _holds_the_graph(answer) -> bool:
    loss = _returned(answer)
    return isinstance(loss, Tensor) and loss.requires_grad


def _long_gradient_left(answer) -> bool:
    _, model, _ = _steps(answer, 1, clip=0.5)
    grads = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
    return bool(grads) and bool(torch.cat(grads).norm() > 0.501)


def _mode_seen(training: bool):
    def ask(answer) -> bool:
        model = _Small().train(training)
        answer(model, *_BATCHES[0], _Watched(model.parameters()))
        return all(model.modes)

    return ask


def _custom(order: str, clip_with=nn.utils.clip_grad_norm_, give=lambda loss, **_: loss.item()):
    """A stand-in whose parts run in another order.

    m train mode, z zero_grad, f forward, b backward, c clip, s step, g a second loss, after all.
    """

    def stand_in(model, images, labels, optimizer, clip=1.0):
        loss = None
        for part in order:
            if part == "m":
                model.train()
            elif part == "e":
                model.eval()
            elif part == "z":
                optimizer.zero_grad()
            elif part == "f":
                loss = scene_loss(model(images), labels)
            elif part == "b":
                loss.backward()
            elif part == "c":
                clip_with(model.parameters(), clip)
            elif part == "s":
                optimizer.step()
        return give(loss, model=model, images=images, labels=labels)

    return stand_in


def _clip_each(parameters, clip):
    for parameter in parameters:
        nn.utils.clip_grad_norm_([parameter], clip)


def _normalise(parameters, clip):
    parameters = list(parameters)
    length = torch.cat([p.grad.flatten() for p in parameters]).norm()
    for p in parameters:
        p.grad.mul_(clip / length)


_NO_ZERO = (
    "backward() *adds* to the gradients that are there, so that each step goes along the sum of "
    "all batches so far. Call optimizer.zero_grad() in every step."
)

STEP = Exercise(
    id="7.3",
    name="train_step",
    title="One training step",
    difficulty=2,
    minutes=12,
    reference=train_step,
    hints=(
        "backward() adds to what `.grad` holds, and step() uses what it holds then. What has to "
        "happen before, between, and after?",
        "In this order: training mode, gradients to zero, forward and loss, backward, clip, step. "
        "`torch.nn.utils.clip_grad_norm_` shortens the gradient; `.item()` gives a plain number.",
        "`model.train()`, `optimizer.zero_grad()`, `loss = scene_loss(model(images), labels)`, "
        "`loss.backward()`, `nn.utils.clip_grad_norm_(model.parameters(), clip)`, "
        "`optimizer.step()`, `return loss.item()`.",
    ),
    trials=(
        Trial("The loss that one step returns", ask=_returned),
        Trial("The losses of three steps on different batches", ask=_losses),
        Trial("Some weights after one step, clip=100", (1, 100.0), _weights_after),
        Trial("Some weights after three steps, clip=1", (3, 1.0), _weights_after),
        Trial("Some weights after one step, clip=0.1", (1, 0.1), _weights_after),
        Trial("How long the gradient is when the optimiser uses it, clip=0.5", ask=_lengths),
        Trial("What happens to the weights, in order", ask=_events),
        Trial("Does what it returns hold on to the computation?", ask=_holds_the_graph),
        Trial("Is a gradient longer than clip left afterwards?", ask=_long_gradient_left),
        Trial(
            "Is a model in evaluation mode put into training mode before it sees the images?",
            ask=_mode_seen(False),
        ),
        Trial("Does a model in training mode stay in it?", ask=_mode_seen(True)),
    ),
    mistakes=(
        Mistake("no zero_grad", _NO_ZERO, _custom("mfbcs")),
        Mistake(
            "zero_grad between backward and step",
            "The optimiser finds no gradient: you cleared it after backward() had computed it. "
            "Clear before backward(), or after step().",
            _custom("mfbzcs"),
        ),
        Mistake(
            "zero_grad between backward and step",
            "The optimiser finds no gradient: you cleared it after backward() had computed it. "
            "Clear before backward(), or after step().",
            _custom("mfbczs"),
        ),
        Mistake(
            "step before backward",
            "The optimiser steps before backward() has computed the gradient of this batch.",
            _custom("mfsbc"),
        ),
        Mistake(
            "step before backward",
            "The optimiser steps before backward() has computed the gradient of this batch.",
            _custom("mzfsbc"),
        ),
        Mistake(
            "no backward",
            "Nothing computes a gradient, so that the weights stay as they are: loss.backward().",
            _custom("mzfs"),
        ),
        Mistake(
            "no step",
            "The gradients are computed and nobody uses them: optimizer.step().",
            _custom("mzfbc"),
        ),
        Mistake(
            "two steps for one",
            "The optimiser steps twice with the same gradient.",
            _custom("mzfbcss"),
        ),
        Mistake(
            "clipped after the step",
            "The gradient is clipped when the optimiser has used it already: clip before step().",
            _custom("mzfbsc"),
        ),
        Mistake(
            "the gradient is not clipped",
            "One strange batch can throw the weights far off. Between backward(), which makes the "
            "gradient, and step(): nn.utils.clip_grad_norm_(model.parameters(), clip).",
            _custom("mzfbs"),
        ),
        Mistake(
            "`clip` is not used",
            "Your clipping does not follow the argument `clip`.",
            _custom("mzfbcs", lambda parameters, _: nn.utils.clip_grad_norm_(parameters, 1.0)),
        ),
        Mistake(
            "each number is clipped, not the length",
            "clip_grad_value_ cuts every number by itself and turns the direction. "
            "clip_grad_norm_ shortens the whole gradient.",
            _custom("mzfbcs", nn.utils.clip_grad_value_),
        ),
        Mistake(
            "each parameter is clipped by itself",
            "The length of the *whole* gradient counts: give clip_grad_norm_ all parameters at "
            "once.",
            _custom("mzfbcs", _clip_each),
        ),
        Mistake(
            "short gradients are made longer",
            "A gradient shorter than `clip` should stay as it is. Clipping only shortens.",
            _custom("mzfbcs", _normalise),
        ),
        Mistake(
            "a tensor that holds the graph",
            "The loss comes back with the whole computation behind it. Kept in a list, all of that "
            "stays in memory: return loss.item().",
            _custom("mzfbcs", give=lambda loss, **_: loss),
        ),
        Mistake(
            "a tensor, not a number",
            "Asked is a plain float: `.item()`.",
            _custom("mzfbcs", give=lambda loss, **_: loss.detach()),
        ),
        Mistake(
            "the loss after the step",
            "You compute the loss again with the new weights. That costs a second forward pass; "
            "asked is the loss that this step went down from.",
            _custom(
                "mzfbcs",
                give=lambda loss, model, images, labels: scene_loss(model(images), labels).item(),
            ),
        ),
        Mistake(
            "the loss is summed over the batch",
            "Return the mean loss, as scene_loss gives it.",
            _custom("mzfbcs", give=lambda loss, images, **_: loss.item() * len(images)),
        ),
        Mistake(
            "training mode is not set",
            "Somebody may have left the model in evaluation mode, without dropout: model.train() "
            "before the forward pass.",
            _custom("zfbcs"),
        ),
        Mistake(
            "evaluation mode in a training step",
            "model.eval() switches dropout off, which belongs to the training: model.train().",
            _custom("ezfbcs"),
        ),
    ),
)

# 7.4 ----------------------------------------------------------------------------------------------


def _train(answer, steps: int = 6, warmup: int = 2):
    """The loop on two parameter groups, with peaks 0.2 and 0.05."""
    model, asked = _Small(), []
    optimizer = _Watched([{"params": [model.linear.weight]}, {"params": [model.linear.bias]}], 0.2)
    optimizer.param_groups[1]["lr"] = 0.05

    def batch_at(step):
        asked.append(step)
        return _BATCHES[step % len(_BATCHES)]

    return answer(model, batch_at, optimizer, steps, warmup), model, optimizer, asked


def _loop_losses(answer):
    losses = _train(answer)[0]
    if not isinstance(losses, (list, tuple)):
        return losses
    odd = [loss for loss in losses if not isinstance(loss, float)]
    return odd[0] if odd else torch.tensor(losses, dtype=torch.float64)


def _loop_rates(group: int):
    return lambda answer: torch.tensor([rates[group] for rates in _train(answer)[2].rates])


def _loop_batches(answer) -> list[int]:
    return [int(step) for step in _train(answer)[3]]


def _loop_weights(answer) -> Tensor:
    return _train(answer)[1].linear.weight.detach()


def _loop(
    rate=lambda peak, now, step, steps, warmup: peak * schedule(step, steps, warmup),
    when="before",
    batch=lambda step: step,
    count=lambda steps: steps,
    groups=slice(None),
    after=lambda optimizer: None,
    give=lambda losses: losses,
):
    """A stand-in whose parts are replaced one by one."""

    def stand_in(model, batch_at, optimizer, steps, warmup):
        peaks = [group["lr"] for group in optimizer.param_groups]

        def set_rates(step):
            for group, peak in list(zip(optimizer.param_groups, peaks, strict=True))[groups]:
                group["lr"] = rate(peak, group["lr"], step, steps, warmup)

        losses = []
        for step in range(count(steps)):
            if when == "before":
                set_rates(step)
            losses.append(train_step(model, *batch_at(batch(step)), optimizer))
            if when == "after":
                set_rates(step)
            after(optimizer)
        return give(losses)

    return stand_in


def _ahead(peak, now, step, steps, warmup):
    return peak * schedule(step + 1, steps, warmup)


def _one_peak(model, batch_at, optimizer, steps, warmup):
    peak, losses = optimizer.param_groups[0]["lr"], []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = peak * schedule(step, steps, warmup)
        losses.append(train_step(model, *batch_at(step), optimizer))
    return losses


def _loop_on_one_batch(model, batch_at, optimizer, steps, warmup):
    batch = batch_at(0)
    return train_loop(model, lambda step: batch, optimizer, steps, warmup)


LOOP = Exercise(
    id="7.4",
    name="train_loop",
    title="The loop",
    difficulty=3,
    minutes=15,
    reference=train_loop,
    hints=(
        '`optimizer.param_groups` is a list of dicts, each with its own "lr". Once you have '
        "changed it, how do you still know the peak?",
        'Before the loop: `peaks = [group["lr"] for group in optimizer.param_groups]`. In step '
        "k, first set each group's lr to its peak times schedule(k, steps, warmup), then get the "
        "batch and call train_step.",
        "`for step in range(steps):`, inside it `for group, peak in zip(optimizer.param_groups, "
        'peaks): group["lr"] = peak * schedule(step, steps, warmup)`, then '
        "`losses.append(train_step(model, *batch_at(step), optimizer))`.",
    ),
    trials=(
        Trial("The losses of 6 steps, warmup=2", ask=_loop_losses),
        Trial("Which batches are asked for", ask=_loop_batches),
        Trial("The learning rate in each step (peak 0.2)", ask=_loop_rates(0)),
        Trial("The learning rate of the second group (peak 0.05)", ask=_loop_rates(1)),
        Trial("Some weights after 6 steps", ask=_loop_weights),
    ),
    mistakes=(
        Mistake(
            "the learning rate is one step ahead",
            "Step k has the learning rate of step k + 1. Steps count from 0; and a scheduler of "
            "torch's is stepped *after* the optimiser, not before.",
            _loop(_ahead),
        ),
        Mistake(
            "the learning rate is one step late",
            "Step k has the learning rate of step k - 1, and the first step the whole peak. Set "
            "it before the step that it is for.",
            _loop(when="after"),
        ),
        Mistake(
            "the peak is lost",
            'Each step multiplies what the last one left in group["lr"], so that it withers away. '
            "Keep the peaks from before the loop.",
            _loop(lambda peak, now, *step: now * schedule(*step)),
        ),
        Mistake(
            "the peak is ignored",
            "schedule gives a share between 0 and 1. Multiply it with the group's peak.",
            _loop(lambda peak, now, *step: schedule(*step)),
        ),
        Mistake(
            "only the first group follows the schedule",
            "Go through all of optimizer.param_groups, not only number 0.",
            _loop(groups=slice(0, 1)),
        ),
        Mistake(
            "every group gets the first one's peak",
            "Each group has a peak of its own: 0.2 and 0.05 here.",
            _one_peak,
        ),
        Mistake(
            "the learning rate never changes",
            'The schedule has no effect. Optimisers read group["lr"] in optimizer.param_groups.',
            _loop(lambda peak, *_: peak),
        ),
        Mistake(
            "the schedule without its warm-up",
            "You pass warmup=0 on. The first steps should climb.",
            _loop(lambda peak, now, step, steps, warmup: peak * schedule(step, steps, 0)),
        ),
        Mistake(
            "always the same batch",
            "You ask for the same batch again and again: batch_at(step).",
            _loop(batch=lambda step: 0),
        ),
        Mistake(
            "always the same batch",
            "You ask for a batch once, before the loop. Each step has its own: batch_at(step).",
            _loop_on_one_batch,
        ),
        Mistake(
            "batches count from 1",
            "Batches count from 0: batch_at(step) with step = 0, 1, 2, ...",
            _loop(batch=lambda step: step + 1),
        ),
        Mistake("one step too many", "range(steps) is enough.", _loop(count=lambda n: n + 1)),
        Mistake("one step too few", "Take all of range(steps).", _loop(count=lambda n: n - 1)),
        Mistake(
            "a second optimizer.step()",
            "train_step has called optimizer.step() already.",
            _loop(after=lambda optimizer: optimizer.step()),
        ),
        Mistake(
            "only the last loss",
            "Return the losses of all steps, as a list.",
            _loop(give=lambda losses: losses[-1]),
        ),
        Mistake(
            "the mean of the losses",
            "Return the losses of all steps, as a list.",
            _loop(give=lambda losses: sum(losses) / len(losses)),
        ),
    ),
)


# 7.5 ----------------------------------------------------------------------------------------------

_TEST_IMAGES, _TEST_LABELS = _fixed(10, 3, 2, 2, seed=30), _answers(10, seed=31)


def _make_labels() -> Tensor:
    """Labels of which a fair share is right, differently in each batch of four."""
    with torch.no_grad():
        answers = _Small().eval()(_TEST_IMAGES).reshape(-1, 2, 8).argmax(2)
    wrong = (answers + 1 + _TEST_LABELS % 7) % 8
    right = torch.tensor([[1, 1, 0, 1, 0, 1, 1, 0, 0, 0], [0, 1, 0, 0, 0, 1, 0, 0, 1, 0]]).bool().T
    return torch.where(right, answers, wrong)


_TEST_LABELS = _make_labels()


def _tidy(result):
    """Rounded, so that a message stays short; anything but a dict of floats stays as it is."""
    if isinstance(result, dict) and all(isinstance(v, float) for v in result.values()):
        return {key: round(float(value), 6) for key, value in result.items()}
    return result


def _measure(answer, count: int = 10, batch_size: int = 4, mirror: bool = False):
    return _tidy(answer(_Small(mirror), _TEST_IMAGES[:count], _TEST_LABELS[:count], batch_size))


def _afterwards(training: bool):
    def ask(answer) -> bool:
        model = _Small().train(training)
        answer(model, _TEST_IMAGES, _TEST_LABELS, 4)
        return model.training is training

    return ask


def _no_gradients(answer) -> bool:
    model = _Small()
    answer(model, _TEST_IMAGES, _TEST_LABELS, 4)
    return not any(model.recorded)


def _trains_on(answer) -> bool:
    """Can the model be trained afterwards, as before?"""
    model = _Small()
    with torch.enable_grad():  # and whatever the answer left behind ends here
        answer(model, _TEST_IMAGES, _TEST_LABELS, 4)
        return torch.is_grad_enabled() and all(p.requires_grad for p in model.parameters())


def _largest(answer) -> bool:
    model = _Small()
    answer(model, _TEST_IMAGES, _TEST_LABELS, 4)
    return max(model.sizes, default=0) > 4


def _scored(
    total=lambda hits, n: sum(h.sum(0) for h in hits) / n,
    pick=lambda logits: logits.reshape(-1, 2, 8).argmax(2),
    mode="eval, restored",
    gradients=False,
    keep=lambda starts, n, size: starts,
    size=lambda size, n: size,
    give=lambda share: dict(zip(("what", "where"), share.tolist(), strict=True)),
):
    """A stand-in whose parts are replaced one by one. `hits`: for each batch (b, 2) of 0 and 1."""

    def stand_in(model, images, labels, batch_size=256):
        was_training, n = model.training, len(images)
        if "eval" in mode:
            model.eval()
        hits, step = [], size(batch_size, n)
        with torch.set_grad_enabled(gradients):
            for start in keep(list(range(0, n, step)), n, step):
                answers = pick(model(images[start : start + step]))
                hits.append((answers == labels[start : start + step]).float())
        if "restored" in mode:
            model.train(was_training)
        elif "train" in mode:
            model.train()
        return give(total(hits, n))

    return stand_in


def _whole_batches(starts, n, size):
    return [start for start in starts if start + size <= n]


_WEIGHTS = (
    "The last batch is shorter, and its scenes count more in a mean of means. Add up right "
    "answers and divide by the number of scenes, once, at the end."
)
_NOT_EVAL = (
    "The model answers in training mode, with dropout. torch.no_grad() saves memory and switches "
    "nothing else off; model.eval() does that. You need both."
)

ACCURACY = Exercise(
    id="7.5",
    name="accuracy",
    title="How many answers are right?",
    difficulty=3,
    minutes=15,
    reference=accuracy,
    hints=(
        "The last batch may be shorter. What should you add up, so that every scene counts the "
        "same? And in which state should the model be, during and after?",
        "Remember model.training, call model.eval(), and under torch.no_grad() count right answers "
        "batch by batch: argmax over the 8 scores of each question. Divide by len(images) at the "
        "end; model.train(was_training) restores the mode.",
        "`for start in range(0, len(images), batch_size):`, `logits = model(images[start : start + "
        "batch_size])`, `right_what += (logits[:, :8].argmax(1) == labels[start : start + "
        "batch_size, 0]).sum().item()`, the same for where.",
    ),
    trials=(
        Trial("accuracy of 8 scenes in batches of 4", (8, 4), _measure),
        Trial("accuracy of 10 scenes in batches of 4", (10, 4), _measure),
        Trial("accuracy of 9 scenes in batches of 4", (9, 4), _measure),
        Trial("accuracy of 10 scenes in one batch of up to 16", (10, 16), _measure),
        Trial(
            "accuracy of 10 scenes, with a model that answers differently in training mode",
            (10, 4, True),
            _measure,
        ),
        Trial("Is a model in training mode still in it afterwards?", ask=_afterwards(True)),
        Trial("Is a model in evaluation mode still in it afterwards?", ask=_afterwards(False)),
        Trial("Does the model work without recording gradients?", ask=_no_gradients),
        Trial("Can the training go on afterwards, with gradients?", ask=_trains_on),
        Trial("Does the model ever get more than batch_size scenes at once?", ask=_largest),
    ),
    mistakes=(
        Mistake(
            "summed, not averaged",
            "You counted the right answers. Divide by the number of scenes.",
            _scored(lambda hits, n: sum(h.sum(0) for h in hits)),
        ),
        Mistake(
            "the accuracies of the batches are summed",
            "A sum of shares grows with the number of batches. Count right answers instead, and "
            "divide once, at the end.",
            _scored(lambda hits, n: sum(h.mean(0) for h in hits)),
        ),
        Mistake(
            "the last short batch counts too much",
            _WEIGHTS,
            _scored(lambda hits, n: torch.stack([h.mean(0) for h in hits]).mean(0)),
        ),
        Mistake(
            "divided by full batches",
            "Batches times batch_size is more than there are scenes: the last batch is shorter. "
            "Divide by len(images).",
            lambda model, images, labels, batch_size=256: _scored(
                lambda hits, n: sum(h.sum(0) for h in hits) / (len(hits) * batch_size)
            )(model, images, labels, batch_size),
        ),
        Mistake(
            "the last short batch is left out",
            "Scenes beyond the last full batch are never looked at. A slice may be short: "
            "range(0, len(images), batch_size) takes them along.",
            _scored(
                lambda hits, n: (
                    sum((h.sum(0) for h in hits), torch.zeros(2)) / max(1, sum(map(len, hits)))
                ),
                keep=_whole_batches,
            ),
        ),
        Mistake(
            "the last short batch is left out",
            "Scenes beyond the last full batch are never looked at. A slice may be short: "
            "range(0, len(images), batch_size) takes them along.",
            _scored(
                lambda hits, n: sum(h.sum(0) for h in hits) / n if hits else torch.zeros(2),
                keep=_whole_batches,
            ),
        ),
        Mistake(
            "only the last batch counts",
            "Each batch overwrites the one before: add up.",
            _scored(lambda hits, n: hits[-1].mean(0)),
        ),
        Mistake(
            "only the first batch counts",
            "A `return` inside the loop ends it after one batch.",
            _scored(lambda hits, n: hits[0].mean(0)),
        ),
        Mistake("eval() is forgotten", _NOT_EVAL, _scored(mode="restored")),
        Mistake(
            "neither eval() nor no_grad()",
            "The model answers in training mode, and records gradients that nobody needs: "
            "model.eval(), and `with torch.no_grad():`.",
            _scored(mode="restored", gradients=True),
        ),
        Mistake(
            "gradients are recorded",
            "model.eval() switches dropout off and nothing else: torch goes on recording for "
            "backward(), which costs memory. `with torch.no_grad():` stops it.",
            _scored(gradients=True),
        ),
        Mistake(
            "the model is left in evaluation mode",
            "After your call the training would go on without dropout. Remember `model.training` "
            "and restore it with model.train(was_training).",
            _scored(mode="eval"),
        ),
        Mistake(
            "gradients are recorded, and the model is left in evaluation mode",
            "`with torch.no_grad():` around the calls; and restore the mode afterwards with "
            "model.train(was_training).",
            _scored(mode="eval", gradients=True),
        ),
        Mistake(
            "the model is always left in training mode",
            "A model that came in evaluation mode should leave in it: model.train(was_training).",
            _scored(mode="eval, train"),
        ),
        Mistake(
            "argmax over all 16 scores",
            "The two questions have 8 scores each: split the logits, then take the argmax.",
            _scored(pick=lambda z: torch.stack([z.argmax(1), z.argmax(1)], 1)),
        ),
        Mistake(
            "argmax over all 16 scores",
            "The two questions have 8 scores each: split the logits, then take the argmax.",
            _scored(pick=lambda z: torch.stack([z.argmax(1), z.argmax(1) - 8], 1)),
        ),
        Mistake(
            "the same scores for both questions",
            "You compare the first 8 scores with both labels. `where` has columns 8 to 15.",
            _scored(pick=lambda z: z[:, :8].argmax(1)[:, None].expand(-1, 2)),
        ),
        Mistake(
            "the halves are swapped",
            "The first 8 scores answer what, labels[:, 0]; the last 8 where, labels[:, 1].",
            _scored(pick=lambda z: z.reshape(-1, 2, 8).argmax(2).flip(1)),
        ),
        Mistake(
            "even and odd columns",
            "Your split takes every second score. The first 8 belong together, then the last 8.",
            _scored(pick=lambda z: z.reshape(-1, 8, 2).argmax(1)),
        ),
        Mistake(
            "what and where are exchanged in the result",
            'The share for labels[:, 0] belongs under "what".',
            _scored(give=lambda share: dict(zip(("where", "what"), share.tolist(), strict=True))),
        ),
        Mistake(
            "right only where both are",
            "You count scenes with both answers right. Each question has a share of its own.",
            _scored(lambda hits, n: sum(h.prod(1).sum() for h in hits).expand(2) / n),
        ),
        Mistake(
            "the share of wrong answers",
            "You count what differs. Asked is the share of right answers.",
            _scored(lambda hits, n: sum((1 - h).sum(0) for h in hits) / n),
        ),
        Mistake(
            "per cent",
            "Asked is a share from 0 to 1.",
            _scored(lambda hits, n: 100 * sum(h.sum(0) for h in hits) / n),
        ),
        Mistake(
            "all scenes at once",
            "batch_size is not used. With many scenes at once, memory runs out.",
            _scored(size=lambda size, n: n),
        ),
        Mistake(
            "tensors, not numbers",
            "Asked are plain floats: `.item()`.",
            _scored(give=lambda share: dict(zip(("what", "where"), share, strict=True))),
        ),
        Mistake(
            "no names",
            'Asked is a dict: {"what": ..., "where": ...}.',
            _scored(give=lambda share: tuple(share.tolist())),
        ),
        Mistake(
            "no names",
            'Asked is a dict: {"what": ..., "where": ...}.',
            _scored(give=lambda share: share.tolist()),
        ),
    ),
)

EXERCISES = (SCHEDULE, LOSS, STEP, LOOP, ACCURACY)
