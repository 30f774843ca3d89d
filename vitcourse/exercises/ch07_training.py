"""Chapter 7, training: the schedule, the loss, the step, the loop, the accuracy.

Steps are judged by what they do to a small model: which weights come out, how long the gradient
is when the optimiser sees it, which mode the model is in. How the lines are written is free.
"""

import torch
from torch import Tensor, nn

from vitcourse.exercises.battery import battery
from vitcourse.exercises.compare import Words
from vitcourse.exercises.course_answers import (
    accuracy,
    scene_loss,
    schedule,
    train_loop,
    train_step,
)
from vitcourse.exercises.engine import Easier, Exercise, Trial


def _call(answer, *inputs):
    return answer(*inputs)


def _asked(says: str, inputs: tuple, ask, *easier: Easier, **more) -> Trial:
    return Trial(says, inputs, ask, easier=easier, **more)


# 7.1 ----------------------------------------------------------------------------------------------


def _number(value):
    """A whole number stands for a float: `min(1, ...)` gives one, and it is right."""
    return float(value) if type(value) is int else value


def _one_step(answer, *arguments):
    return _number(answer(*arguments))


def _shares(answer, questions):
    """The shares asked for, as one tensor; what is not a number, as it is."""
    values = [_number(answer(*question)) for question in questions]
    odd = [value for value in values if not isinstance(value, float)]
    return odd[0] if odd else torch.tensor(values, dtype=torch.float64)


def _steps_of(steps: int, warmup: int, first: int = 0, end: int | None = None) -> tuple:
    return (tuple((step, steps, warmup) for step in range(first, end or steps)),)


def _run(steps: int, warmup: int, *easier: Easier, first: int = 0, end: int | None = None) -> Trial:
    says = f"schedule(step, {steps}, {warmup}) for steps {first} to {(end or steps) - 1}"
    return Trial(says, _steps_of(steps, warmup, first, end), _shares, easier=easier)


_EIGHT = _steps_of(8, 2), _shares
_CLIMB = Easier("in the warm-up", "after it", _steps_of(8, 2, 0, 2), _shares)
_FALL = Easier("after the warm-up", "in it", _steps_of(8, 2, 2), _shares)
_BACKWARDS = (tuple((step, 8, warmup) for step in reversed(range(8)) for warmup in (5, 2, 0)),)

SCHEDULE = Exercise(
    id="7.1",
    name="schedule",
    title="Warm up, then cool down",
    difficulty=2,
    minutes=10,
    reference=schedule,
    hints=(
        "Which share do you want at the very first step, and at the last step of the warm-up? And "
        "which number goes from 0 to 1 while the cosine falls?",
        "Two cases. While step < warmup: (step + 1) / warmup. After that, let progress be (step - "
        "warmup) / (steps - warmup); cos(pi * progress) falls from 1 to -1, and you want 1 to 0.",
        "`if step < warmup: return (step + 1) / warmup`, then `progress = ...` and "
        "`return 0.5 * (1 + math.cos(math.pi * progress))`.",
    ),
    trials=(
        _asked("schedule(4, 8, 2)", (4, 8, 2), _one_step, _CLIMB),
        _run(8, 2, _FALL, _CLIMB),
        _run(20, 5),
        _run(5, 1),
        _run(10, 8),
        _run(4, 3, Easier("with more steps", "with one step after the warm-up", *_EIGHT)),
        _run(6, 0, Easier("with a warm-up", "with warmup=0", *_EIGHT)),
        _asked(
            "schedule(step, 8, warmup) from step 7 back to 0, each with warmup 5, 2 and 0",
            *(_BACKWARDS, _shares),
            Easier("asked step by step", "asked in another order", *_EIGHT),
        ),
        _run(1000, 50, Easier("for 8 steps", "for 1000", *_EIGHT), first=300, end=310),
    ),
)

# 7.2 ----------------------------------------------------------------------------------------------


def _fixed(*shape: int, seed: int = 0, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _answers(n: int, seed: int = 0) -> Tensor:
    return torch.randint(8, (n, 2), generator=torch.Generator().manual_seed(seed))


_LOGITS, _LABELS = _FIVE = _fixed(5, 16, seed=1, scale=2.0), _answers(5, seed=2)
_SEVEN = _fixed(7, 16, seed=5, scale=2.0), _answers(7, seed=6)
_ONE_SCENE = Easier("for one scene", "for 5", (_LOGITS[:1], _LABELS[:1]))
_SAME_TWICE = _LOGITS[:, :8].repeat(1, 2), _LABELS[:, :1].repeat(1, 2)
_ALIKE = Easier("where both questions cost the same", "where they do not", _SAME_TWICE)


def _again(answer, logits, labels) -> list[Tensor]:
    return [answer(logits[:n], labels[:n]) for n in (4, 7, 4)]


def _has_gradient(answer, logits, labels) -> bool:
    return bool(answer(logits.requires_grad_() * 1, labels).requires_grad)


def _gradient(answer, logits, labels) -> Tensor:
    loss = answer(logits.requires_grad_() * 1, labels)
    if not loss.requires_grad:
        return torch.zeros_like(logits)
    return torch.autograd.grad(loss, logits, allow_unused=True, materialize_grads=True)[0]


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
        Trial("scene_loss(logits, labels) of 5 scenes", _FIVE, easier=(_ONE_SCENE, _ALIKE)),
        Trial(
            "scene_loss of 2 scenes, one answered with certainty",
            (torch.eye(16)[[3, 12]] * 20 + _LOGITS[:2], _LABELS[:2]),
            easier=(Easier("for 5 scenes", "for 2", _FIVE),),
        ),
        Trial("Does a gradient flow back from the loss?", _FIVE, _has_gradient),
        Trial("The gradient of the logits of 5 scenes", _FIVE, _gradient),
        Trial(
            "scene_loss of 5 scenes, all scores below zero",
            (-_LOGITS.abs() - 1 / 3, _LABELS),
            easier=(Easier("for other scores", "for scores below zero", _FIVE),),
        ),
        Trial("scene_loss of 4 scenes, then of 7, then of the same 4", _SEVEN, _again),
        *battery(
            "scene_loss(logits, labels) of 4 scenes",
            tuple(part[:4] for part in _SEVEN),
            batched=(0, 1),
            # The text leaves open whether scores may be huge, and their strides.
            without=("numbers", "memory", "again"),
        ),
    ),
)

# 7.3 ----------------------------------------------------------------------------------------------
# A linear model of images (B, 3, 2, 2), with a gradient longer than 1 (what `clip` is by default).

_BATCHES = tuple(
    (_fixed(5, 3, 2, 2, seed=10 + k, scale=2.0), _answers(5, seed=20 + k)) for k in range(4)
)


class _Notes(list):
    """What a model notes; a copy of the model writes into the same."""

    def __deepcopy__(self, memo):
        return self


class _Small(nn.Module):
    """A linear model that notes how it is called. In training mode it may see a mirrored image."""

    def __init__(self, mirror: bool = False, shift: float = 0.0):
        super().__init__()
        self.linear = nn.Linear(12, 16)
        with torch.no_grad():
            self.linear.weight.copy_(_fixed(16, 12, seed=3))
            self.linear.bias.copy_(_fixed(16, seed=4) + shift)
        self.mirror = mirror
        self.modes, self.sizes, self.recorded = _Notes(), _Notes(), _Notes()

    def forward(self, images):
        self.modes.append(
            self.linear.training
        )  # not its own: `model.training = True` is not enough
        self.sizes.append(len(images))
        self.recorded.append(torch.is_grad_enabled())
        if self.mirror and self.linear.training:
            images = images.flip(1)
        return self.linear(images.flatten(1))


class _Watched(torch.optim.SGD):
    """SGD that notes how long the gradient is, and which learning rates there are, at each step."""

    def __init__(self, parameters, lr: float = 0.3, momentum: float = 0.0):
        super().__init__(parameters, lr=lr, momentum=momentum)
        self.lengths, self.rates, self.events = [], [], []

    def step(self, closure=None):
        loss = super().step(closure) if closure else None
        grads = [p.grad for g in self.param_groups for p in g["params"] if p.grad is not None]
        length = torch.cat([g.flatten() for g in grads]).norm().item() if grads else 0.0
        self.lengths.append(length)
        self.events.append("step")
        self.rates.append([group["lr"] for group in self.param_groups])
        return loss if closure else super().step()


def _steps(
    answer, batches, left: bool = False, momentum: float = 0.0, groups: bool = False, **clip
):
    """A step on each batch: what they returned, the model, and the optimiser."""
    model = _Small().to(batches[0][0].dtype)
    for parameter in model.parameters() if left else ():
        parameter.grad = torch.ones_like(parameter)
    parameters = list(model.parameters())
    if groups:  # as where biases are not decayed
        parameters = [{"params": [parameter]} for parameter in reversed(parameters)]
    optimizer = _Watched(parameters, momentum=momentum)
    return [answer(model, *batch, optimizer, **clip) for batch in batches], model, optimizer


def _returned(answer, batches):
    return _steps(answer, batches)[0][0]


def _lengths(**settings):
    return lambda answer, batches: torch.tensor(_steps(answer, batches, **settings)[2].lengths)


def _weights(**settings):
    return lambda answer, batches: _steps(answer, batches, **settings)[1].linear.weight.detach()


def _events(answer, batches) -> Words:
    model = _Small()
    optimizer = _Watched(model.parameters())
    model.linear.weight.register_hook(lambda grad: optimizer.events.append("backward"))
    answer(model, *batches[0], optimizer)
    return Words(", ".join(optimizer.events))


def _holds_the_graph(answer, batches) -> bool:
    loss = _returned(answer, batches)
    return isinstance(loss, Tensor) and loss.requires_grad


def _long_gradient_left(answer, batches) -> bool:
    _, model, _ = _steps(answer, batches, clip=0.5)
    grads = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
    return bool(grads) and bool(torch.cat(grads).norm() > 0.501)


def _mode_seen(training: bool):
    def ask(answer, batches) -> bool:
        model = _Small().train(training)
        answer(model, *batches[0], _Watched(model.parameters()))
        return all(model.modes)

    return ask


def _changes(model: nn.Module, optimizer, call, seeds: bool = True) -> Words:
    """What `call` changes that it should leave alone, in words; `seeds`: random numbers, too."""

    def state() -> dict:
        return {
            "torch's random numbers": torch.get_rng_state().tolist() if seeds else [],
            "whether gradients are recorded": torch.is_grad_enabled(),
            "whether the parameters want gradients": [p.requires_grad for p in model.parameters()],
            "the learning rate": [g["lr"] for g in optimizer.param_groups] if optimizer else [],
            "the default dtype": torch.get_default_dtype(),
        }

    before = state()
    call()
    after = state()
    return Words(", ".join(name for name in before if before[name] != after[name]))


def _step_changes(answer, batches) -> Words:
    model = _Small()
    optimizer = _Watched(model.parameters())
    return _changes(model, optimizer, lambda: answer(model, *batches[0], optimizer))


_ONE, _THREE = (_BATCHES[:1],), (_BATCHES[:3],)
_SINGLE = (((_BATCHES[0][0][:1], _BATCHES[0][1][:1]),),)
_DOUBLE = (tuple((images.double(), labels) for images, labels in _BATCHES[:2]),)
_LONG = _lengths(clip=100.0)
_LENGTH = "How long the gradient is when the optimiser uses it"

STEP = Exercise(
    id="7.3",
    name="train_step",
    title="One training step",
    difficulty=2,
    minutes=12,
    reference=train_step,
    hints=(
        "backward() adds to what `.grad` holds, and step() uses what is in it then. What has to "
        "happen before, between, and after?",
        "In this order: training mode, gradients to zero, forward and loss, backward, clip, step. "
        "`torch.nn.utils.clip_grad_norm_` shortens the gradient; `.item()` gives a plain number.",
        "`model.train()`, `optimizer.zero_grad()`, `loss = scene_loss(model(images), labels)`, "
        "`loss.backward()`, `nn.utils.clip_grad_norm_(model.parameters(), clip)`, "
        "`optimizer.step()`, `return loss.item()`.",
    ),
    trials=(
        Trial("The loss that one step returns", _ONE, _returned),
        Trial("What happens to the weights in one step, in order", _ONE, _events),
        _asked(
            f"{_LENGTH}, in three steps with clip=100",
            *(_THREE, _LONG),
            Easier("in the first step", "in later ones", _ONE, _LONG),
        ),
        _asked(
            f"{_LENGTH}, in three steps with clip=0.1",
            *(_THREE, _lengths(clip=0.1)),
            Easier("for gradients shorter than `clip`", "for longer ones", _THREE, _LONG),
        ),
        _asked(
            f"{_LENGTH}, with two groups of parameters and clip=0.1",
            *(_THREE, _lengths(clip=0.1, groups=True)),
            Easier("for one group", "for two", _THREE, _lengths(clip=0.1)),
        ),
        Trial(f"{_LENGTH}, in three steps without `clip`", _THREE, _lengths()),
        Trial("Some weights after one step, clip=100", _ONE, _weights(clip=100.0)),
        Trial("Some weights after three steps without `clip`", _THREE, _weights()),
        Trial("Some weights after one step, clip=0.1", _ONE, _weights(clip=0.1)),
        Trial("Does what it returns hold on to the computation?", _ONE, _holds_the_graph),
        Trial("Is a gradient longer than clip left afterwards?", _ONE, _long_gradient_left),
        _asked(
            "Is a model in evaluation mode put into training mode before it sees the images?",
            *(_ONE, _mode_seen(False)),
            Easier(
                "for a model in training mode", "for one in evaluation mode", _ONE, _mode_seen(True)
            ),
        ),
        Trial("Does a model in training mode stay in training mode?", _ONE, _mode_seen(True)),
        _asked(
            f"{_LENGTH} (clip=100), where an earlier one was left in `.grad`",
            *(_ONE, _lengths(left=True, clip=100.0)),
            Easier("from empty gradients", "with a gradient left in `.grad`", _ONE, _LONG),
        ),
        _asked(
            "Some weights after three steps of an optimiser with momentum",
            *(_THREE, _weights(momentum=0.9, clip=100.0)),
            Easier("without momentum", "with momentum", _THREE, _weights(clip=100.0)),
        ),
        _asked(
            "The loss that one step on a single image returns",
            *(_SINGLE, _returned),
            Easier("for a batch of 5", "for a batch of one", _ONE, _returned),
        ),
        _asked(
            "Some weights after two steps, with a model and images in float64",
            *(_DOUBLE, _weights(clip=100.0)),
            Easier("in float32", "in float64", (_BATCHES[:2],), _weights(clip=100.0)),
            tolerance=1e-9,
        ),
        Trial("What else a step changes", _ONE, _step_changes),
    ),
)

# 7.4 ----------------------------------------------------------------------------------------------


def _train(answer, batches, steps=6, warmup=2, peaks=(0.2, 0.05), momentum=0.0, training=True):
    """The loop on one or two parameter groups: what it returned, model, optimiser, steps asked."""
    model, asked = _Small().train(training), []
    parts = [[model.linear.weight], [model.linear.bias]] if len(peaks) > 1 else [model.parameters()]
    optimizer = _Watched([{"params": part} for part in parts], momentum=momentum)
    for group, peak in zip(optimizer.param_groups, peaks, strict=True):
        group["lr"] = peak

    def batch_at(step):
        asked.append(step)
        return batches[step % len(batches)]

    return answer(model, batch_at, optimizer, steps, warmup), model, optimizer, asked


def _batches_asked(answer, batches) -> list[int]:
    return [int(step) for step in _train(answer, batches)[3]]


def _steps_taken(answer, batches) -> int:
    return len(_train(answer, batches, steps=3)[2].rates)


def _rates(group: int, **settings):
    return lambda answer, batches: torch.tensor(
        [rates[group] for rates in _train(answer, batches, **settings)[2].rates]
    )


def _loop_lengths(answer, batches) -> Tensor:
    return torch.tensor(_train(answer, batches)[2].lengths)


def _in_words(losses) -> Words | None:
    if losses is None:
        return losses
    if not isinstance(losses, (list, tuple)):
        return Words(f"one {type(losses).__name__.lower()}")
    kinds = sorted({f"{type(loss).__name__.lower()}s" for loss in losses})
    return Words(f"a {type(losses).__name__} of {len(losses)} {' and '.join(kinds)}")


def _loop_losses(answer, batches) -> Tensor:
    return torch.tensor(_train(answer, batches)[0], dtype=torch.float64)


def _loop_weights(momentum: float = 0.0):
    return lambda answer, batches: _train(answer, batches, momentum=momentum)[
        1
    ].linear.weight.detach()


def _loop_modes(answer, batches) -> bool:
    return all(_train(answer, batches, steps=3, training=False)[1].modes)


def _two_trainings(answer, batches) -> Words | None:
    kinds = [_in_words(_train(answer, batches, steps)[0]) for steps in (3, 4)]
    return None if None in kinds else Words(", then ".join(kinds))


def _loop_changes(answer, batches) -> Words:
    model = _Small()
    call = lambda: answer(model, lambda step: batches[0], _Watched(model.parameters()), 2, 1)  # noqa: E731
    return _changes(model, None, call)


_ALL = (_BATCHES,)

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
        Trial("Which batches are asked for, in order", _ALL, _batches_asked),
        Trial("How many of 3 steps are taken by the optimiser passed in", _ALL, _steps_taken),
        Trial("The learning rate in each of 6 steps, warmup=2 (peak 0.2)", _ALL, _rates(0)),
        _asked(
            "The learning rate of the second group in each of 6 steps, warmup=2 (peak 0.05)",
            *(_ALL, _rates(1)),
            Easier("for the first group", "for the second", _ALL, _rates(0)),
        ),
        Trial("What it returns for 3 steps, and then for 4", _ALL, _two_trainings),
        Trial("How long the gradient is in each step", _ALL, _loop_lengths),
        Trial("The losses of 6 steps", _ALL, _loop_losses),
        _asked(
            "The learning rate in each of 4 steps, warmup=0 (peak 0.2)",
            *(_ALL, _rates(0, steps=4, warmup=0)),
            Easier("with a warm-up", "with warmup=0", _ALL, _rates(0)),
        ),
        _asked(
            "The learning rate in the only step, warmup=0 (peak 0.2)",
            *(_ALL, _rates(0, steps=1, warmup=0)),
            Easier("for 6 steps", "for one", _ALL, _rates(0)),
        ),
        _asked(
            "The learning rate in each of 4 steps with one group of parameters (peak 0.3)",
            *(_ALL, _rates(0, steps=4, peaks=(0.3,))),
            Easier("with two groups", "with one", _ALL, _rates(0)),
        ),
        _asked(
            "Some weights after 6 steps of an optimiser with momentum",
            *(_ALL, _loop_weights(momentum=0.9)),
            Easier("without momentum", "with momentum", _ALL, _loop_weights()),
        ),
        Trial(
            "Is a model that comes in evaluation mode trained in training mode?", _ALL, _loop_modes
        ),
        Trial("What else the training changes", _ALL, _loop_changes),
    ),
)


# 7.5 ----------------------------------------------------------------------------------------------


def _make_labels(images: Tensor, right: Tensor) -> Tensor:
    """Labels that make right the answers that `right` says."""
    with torch.no_grad():
        answers = _Small().eval()(images).reshape(-1, 2, 8).argmax(2)
    return torch.where(right, answers, (answers + 1 + _answers(len(images), seed=31) % 7) % 8)


# A fair share is right, and another one in each batch of four.
_SOME_RIGHT = [[1, 1, 0, 1, 0, 1, 1, 0, 0, 0], [0, 1, 0, 0, 0, 1, 0, 0, 1, 0]]
_TEST_IMAGES = _fixed(10, 3, 2, 2, seed=30)
_TEST_LABELS = _make_labels(_TEST_IMAGES, torch.tensor(_SOME_RIGHT).bool().T)
_MANY_IMAGES = _fixed(300, 3, 2, 2, seed=32)
_MANY_LABELS = _make_labels(_MANY_IMAGES, _answers(300, seed=33) < torch.tensor([5, 3]))
_TEST = _TEST_IMAGES, _TEST_LABELS
_MANY = _MANY_IMAGES, _MANY_LABELS


def _tidy(result):
    """Rounded, so that a message stays short; anything but a dict of floats stays as it is."""
    if isinstance(result, dict) and all(isinstance(v, float) for v in result.values()):
        return {key: round(float(value), 6) for key, value in result.items()}
    return result


def _first(count: int) -> tuple:
    return _TEST_IMAGES[:count], _TEST_LABELS[:count]


def _measure(*batch_size: int, mirror: bool = False, shift: float = 0.0):
    return lambda answer, images, labels: _tidy(
        answer(_Small(mirror, shift).to(images.dtype), images, labels, *batch_size)
    )


def _only(question: str):
    return lambda answer, images, labels: answer(_Small(), images, labels, 4)[question]


def _three_times(answer, images, labels) -> list:
    model = _Small()
    return [_tidy(answer(model, images[:n], labels[:n], 4)) for n in (10, 5, 10)]


def _afterwards(training: bool):
    def ask(answer, images, labels) -> bool:
        model = _Small().train(training)
        answer(model, images, labels, 4)
        return all(part.training is training for part in model.modules())

    return ask


def _no_gradients(answer, images, labels) -> bool:
    model = _Small()
    answer(model, images, labels, 4)
    return not any(model.recorded)


def _largest(*batch_size: int):
    def ask(answer, images, labels) -> bool:
        model = _Small()
        answer(model, images, labels, *batch_size)
        return max(model.sizes, default=0) > (batch_size or (256,))[0]

    return ask


def _left_changed(recording: bool):
    def ask(answer, images, labels) -> Words:
        model = _Small()
        weights = [parameter.detach().clone() for parameter in model.parameters()]
        with torch.set_grad_enabled(recording):
            changes = _changes(model, None, lambda: answer(model, images, labels, 4), False)
        same = all(map(torch.equal, weights, model.parameters()))
        return Words(changes if same else ", ".join(filter(None, ["the weights", changes])))

    return ask


_TEN = _measure(4)
_PLAIN = _TEST, _TEN
_ONE_BATCH = Easier("for a single batch", "for several", _first(3), _TEN)
_SINGLES = Easier("in batches of one", "in batches of 4", _first(8), _measure(1))
_ONLY_WHAT = Easier("for `what`", "for `where`", _first(8), _only("what"))
_ONLY_WHERE = Easier("for `where`", "for `what`", _first(8), _only("where"))

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
        _asked(
            "accuracy of 8 scenes in batches of 4",
            *(_first(8), _TEN),
            *(_ONE_BATCH, _SINGLES, _ONLY_WHAT, _ONLY_WHERE),
        ),
        _asked(
            "accuracy of 10 scenes in batches of 4",
            *_PLAIN,
            Easier("for full batches", "where the last batch is short", _first(8), _TEN),
        ),
        _asked(
            "accuracy of 9 scenes in batches of 4",
            *(_first(9), _TEN),
            Easier("for 10 scenes", "where a single one is left at the end", *_PLAIN),
        ),
        Trial("accuracy of 10 scenes in one batch of up to 16", _TEST, _measure(16)),
        _asked(
            "accuracy of 10 scenes, with a model that answers differently in training mode",
            *(_TEST, _measure(4, mirror=True)),
            Easier("where the mode makes no difference", "where it does", *_PLAIN),
        ),
        Trial(
            "Is a model in training mode still in that mode afterwards?", _TEST, _afterwards(True)
        ),
        Trial(
            "Is a model in evaluation mode still in that mode afterwards?",
            _TEST,
            _afterwards(False),
        ),
        Trial("Does the model work without recording gradients?", _TEST, _no_gradients),
        Trial("What else measuring changes", _TEST, _left_changed(True)),
        Trial("What else measuring under no_grad() changes", _TEST, _left_changed(False)),
        Trial("Does the model ever get more than 4 scenes at once?", _TEST, _largest(4)),
        Trial("Without batch_size, does it ever get more than 256 at once?", _MANY, _largest()),
        _asked(
            "accuracy of 300 scenes, without batch_size",
            *(_MANY, _measure()),
            Easier("with batch_size", "without it", _MANY, _measure(64)),
        ),
        _asked(
            "accuracy of one scene", _first(1), _TEN, Easier("for 10 scenes", "for one", *_PLAIN)
        ),
        _asked(
            "accuracy of 10 scenes one by one",
            *(_TEST, _measure(1)),
            Easier("in batches of 4", "in batches of one", *_PLAIN),
        ),
        _asked(
            "accuracy of 10 scenes, all scores below zero",
            *(_TEST, _measure(4, shift=-50.0)),
            Easier("for other scores", "for scores below zero", *_PLAIN),
        ),
        _asked(
            "accuracy of 10 scenes, with a model and images in float64",
            *((_TEST_IMAGES.double(), _TEST_LABELS), _TEN),
            Easier("in float32", "in float64", *_PLAIN),
        ),
        Trial("accuracy of 10 scenes, then of 5, then of the same 10", _TEST, _three_times),
    ),
)

EXERCISES = (SCHEDULE, LOSS, STEP, LOOP, ACCURACY)
