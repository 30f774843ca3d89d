"""Chapter 7, training: the schedule, the loss, the step, the loop, the accuracy.

Steps are judged by what they do to a small model: which weights come out, how long the gradient
is when the optimiser sees it, which mode the model is in. How the lines are written is free.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vitcourse.exercises.engine import Exercise, Trial


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
)

EXERCISES = (SCHEDULE, LOSS, STEP, LOOP, ACCURACY)
