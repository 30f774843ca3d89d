"""The loop: schedule, optimizers, loss, evaluation, and `train`.

Everything random in step k follows from the seed and from k: the batch is `batch_at(k)`, dropout
draws from a seed made of both. So a run that was cut off continues from its last checkpoint as if
nothing had happened, with the same weights to the last bit (on a CPU).
"""

import hashlib
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from vitcourse import require
from vitcourse.data.inputs import to_input
from vitcourse.threads import restored, threads_for
from vitcourse.training.checkpoint import describe, load, save
from vitcourse.training.muon import BatchedMuon
from vitcourse.training.processes import interrupt_after_step, joined_processes
from vitcourse.training.progress import Bar
from vitcourse.training.recipe import History, Recipe

IN_BLOCK = re.compile(r"(^|\.)(blocks|layers)\.")
PATCH_EMBEDDING = re.compile(r"patch_embed|conv_proj")  # ours and timm's; torchvision's
NOT_DECAYED = re.compile(r"bias|norm|pos|cls|class_token")
ONE_QUESTION = "class"  # the name of the question where there is only one


def schedule(step: int, steps: int, warmup: int, plateau: float = 0.0) -> float:
    """The share of the peak learning rate in `step`: a line up, then half a cosine down to 0.

    Steps count from 0. Of the steps after the warm-up, the share `plateau` stays at the peak before
    the way down. Source: Loshchilov & Hutter 2017; warm-up: Goyal et al. 2017; a plateau: Hägele et
    al. 2024, "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations".
    """
    if step < warmup:
        return (step + 1) / warmup
    descent = warmup + plateau * (steps - warmup)
    return 0.5 * (1 + math.cos(math.pi * max(0.0, (step - descent) / (steps - descent))))


def make_optimizers(model: nn.Module, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of blocks and patch embedding, AdamW for the rest; or AdamW alone.

    Muon makes every update of a matrix (nearly) orthogonal. A fused qkv is three matrices, so
    Muon gets three: parameters of their own that share the memory of the fused one. The patch
    embedding's convolution is a matrix too, with D rows. Biases, norms, positions and the class
    token are not decayed.

    Raises ValueError if Muon finds no matrix: 2-D weights under "blocks" or "layers".
    Source: Jordan 2024, "Muon"; Loshchilov & Hutter 2019, "Decoupled Weight Decay" (AdamW).
    """
    named = {name: p for name, p in model.named_parameters() if p.requires_grad}
    wholes = {}
    if recipe.use_muon:
        wholes = {n: p for n, p in named.items() if p.ndim == 2 and IN_BLOCK.search(n)}
        wholes |= {n: p for n, p in named.items() if p.ndim > 1 and PATCH_EMBEDDING.search(n)}
        if not wholes:
            raise ValueError(
                'use_muon=True: the model has no 2-D weights under "blocks" or "layers"; '
                "use_muon=False trains it with AdamW"
            )
    rest = {name: p for name, p in named.items() if name not in wholes}
    decayed = [p for n, p in rest.items() if p.ndim > 1 and not NOT_DECAYED.search(n)]
    others = [p for n, p in rest.items() if p.ndim < 2 or NOT_DECAYED.search(n)]
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    fused = all(p.device.type in ("cpu", "cuda") for p in rest.values())
    adamw = torch.optim.AdamW(groups, lr=recipe.adamw_lr, fused=fused)
    optimizers: list[torch.optim.Optimizer] = [adamw]
    if wholes:
        optimizers.append(_make_muon(wholes, recipe))
    for group in _groups(optimizers):
        group["peak_lr"] = group["lr"]
    return optimizers


def _make_muon(wholes: dict[str, nn.Parameter], recipe: Recipe) -> BatchedMuon:
    """Muon for these matrices; before each step each part gets its share of the gradients."""
    parts = {}
    for name, whole in wholes.items():
        count = 3 if re.search(r"qkv|in_proj", name) else 1
        rows = whole.detach().view(len(whole), -1)
        parts[whole] = [nn.Parameter(part) for part in rows.chunk(count)]
    muon = BatchedMuon(
        [share for shares in parts.values() for share in shares],
        lr=recipe.muon_lr,
        weight_decay=recipe.weight_decay,
        momentum=recipe.muon_momentum,
    )

    def share_gradients(*_) -> None:
        for whole, shares in parts.items():
            grads: Sequence[Tensor | None] = [None] * len(shares)
            if whole.grad is not None:
                grads = whole.grad.flatten(1).chunk(len(shares))
            for share, grad in zip(shares, grads, strict=True):
                share.grad = grad

    muon.register_step_pre_hook(share_gradients)
    return muon


def loss_and_accuracy(
    logits: Tensor, labels: Tensor, questions: Mapping[str, int] | None = None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Cross-entropy, the mean of all questions, and the share of right answers to each.

    logits (B, K) and labels (B, Q), or (B,) for one question. `questions` names them and says how
    many answers each has: {"what": 8, "where": 8} splits K = 16 logits into 8 and 8.

    Raises ValueError if the shapes do not fit, or a label is not an answer.
    """
    questions = dict(questions or {ONE_QUESTION: logits.shape[-1]})
    if logits.ndim != 2 or sum(questions.values()) != logits.shape[1]:
        raise ValueError(
            f"logits must have shape (B, {sum(questions.values())}) for questions={questions}, "
            f"got {tuple(logits.shape)}"
        )
    _check_labels(labels, len(logits), questions)
    parts = logits.float().split(list(questions.values()), dim=1)
    columns = labels.reshape(len(labels), -1).unbind(1)
    pairs = list(zip(questions, parts, columns, strict=True))
    loss = torch.stack([F.cross_entropy(part, answer) for _, part, answer in pairs]).mean()
    right = {q: (part.argmax(1) == answer).float().mean() for q, part, answer in pairs}
    return loss, right


@torch.inference_mode()
def predict(
    model: nn.Module,
    images: Tensor,
    questions: Mapping[str, int],
    batch_size: int = 256,
) -> Tensor:
    """The answers, in evaluation mode, in float32: images (B, C, H, W) -> (B, Q) int64."""
    was_training, device = model.training, next(model.parameters()).device
    model.eval()
    answers = []
    try:
        for start in range(0, len(images), batch_size):
            logits = model(to_input(images[start : start + batch_size], device))
            parts = logits.split(list(questions.values()), dim=1)
            answers.append(torch.stack([part.argmax(1) for part in parts], dim=1).cpu())
    finally:
        model.train(was_training)
    return torch.cat(answers)


@torch.inference_mode()
def evaluate(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    questions: Mapping[str, int] | None = None,
    batch_size: int = 256,
) -> dict[str, float]:
    """{"loss": ..., and the accuracy of each question}, in evaluation mode, in float32."""
    if len(images) == 0 or batch_size < 1:
        raise ValueError(f"nothing to evaluate: {len(images)} images, batch_size={batch_size}")
    was_training, device = model.training, next(model.parameters()).device
    model.eval()
    totals: dict[str, float] = {}
    try:
        for start in range(0, len(images), batch_size):
            answers = labels[start : start + batch_size]
            logits = model(to_input(images[start : start + batch_size], device))
            loss, right = loss_and_accuracy(logits, answers.to(device), questions)
            for name, value in {"loss": loss, **right}.items():
                totals[name] = totals.get(name, 0.0) + len(answers) * value.item()
    finally:
        model.train(was_training)
    return {name: total / len(images) for name, total in totals.items()}


def train(
    model: nn.Module,
    batch_at: Callable[[int], tuple[Tensor, Tensor]],
    recipe: Recipe | None = None,
    *,
    questions: Mapping[str, int] | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 100,
    on_step: Callable[[History], None] | None = None,
    progress: bool = True,
    device: torch.device | str | None = None,
) -> History:
    """Train the model in place and leave it in evaluation mode.

    batch_at(step) gives (images, labels) of a step and must give the same for the same step:
    images as `to_input` takes them, labels and questions as in `loss_and_accuracy`. If the file
    `checkpoint` exists, training resumes from it; it is written every `checkpoint_every` steps and
    at the end. on_step(history) is called after each step. `device` defaults to the fastest one.
    On a CPU a small model gets as many threads as are fastest, unless somebody chose a number;
    afterwards torch has as many as before.

    Interrupted (Ctrl-C, a notebook's stop button), it finishes the step, writes the checkpoint
    and returns with history.interrupted; a second interrupt does not wait.

    Raises ValueError if arguments, batch and checkpoint do not fit together; FloatingPointError
    if the loss or its gradient is no longer finite (the weights stay those before that step);
    OSError if the checkpoint cannot be written.
    """
    recipe = recipe or Recipe()
    require.positive_ints(checkpoint_every=checkpoint_every)
    checkpoint = Path(checkpoint) if checkpoint is not None else None
    with joined_processes(device) as (rank, world, here):
        if recipe.batch_size % world != 0:
            raise ValueError(
                f"batch_size={recipe.batch_size} must be a multiple of {world} processes"
            )
        with torch.random.fork_rng([here] if here.type == "cuda" else []), restored():
            try:
                training = _Training(model.to(here), batch_at, recipe, questions, rank, world)
                training.prepare(checkpoint)
                return _all_steps(
                    training,
                    checkpoint if rank == 0 else None,
                    checkpoint_every,
                    on_step if rank == 0 else None,
                    progress and rank == 0,
                )
            finally:
                model.eval()
                model.zero_grad()


def _all_steps(
    training: "_Training",
    checkpoint: Path | None,
    every: int,
    on_step: Callable[[History], None] | None,
    progress: bool,
) -> History:
    """Step after step, each recorded; an interrupt ends it between two."""
    history, steps = training.history, training.recipe.steps
    saved = start = len(history)
    batch = training.next_batch
    before, began = (history.seconds[-1] if start else 0.0), time.perf_counter()
    alone = training.world == 1
    with Bar(progress, history) as bar, interrupt_after_step(alone) as asked:
        try:
            for step in range(start, steps):
                numbers = training.gradients(step, *batch)
                if step + 1 < steps:
                    batch = training.batch(step + 1)  # a GPU is still busy with this one
                training.update(step, numbers)
                history.seconds.append(before + time.perf_counter() - began)
                history.interrupted = bool(asked)
                last = history.interrupted or step + 1 == steps
                if checkpoint is not None and (last or (step + 1) % every == 0):
                    training.save(checkpoint)
                    saved = step + 1
                bar.update()
                if on_step is not None:
                    on_step(history)
                if history.interrupted:
                    break
        except KeyboardInterrupt:
            if not alone:
                raise  # the other processes wait for this one; only the end of all helps
            history.interrupted = True
    if history.interrupted and progress:
        where = f"; the checkpoint is at step {saved}" if checkpoint is not None else ""
        bar.say(f"Interrupted after {len(history)} of {steps} steps{where}.")
    return history


class _Training:
    """What a step needs: the model, its optimizers, the data, and which process this is."""

    def __init__(self, model, batch_at, recipe, questions, rank: int, world: int) -> None:
        self.model, self.batch_at, self.recipe = model, batch_at, recipe
        self.questions, self.rank, self.world = questions, rank, world
        self.device = next(model.parameters()).device
        self.optimizers: list[torch.optim.Optimizer] = []
        self.history = History(recipe.steps)

    def prepare(self, checkpoint: Path | None) -> None:
        """Look at the first batch, make the optimizers, and go on from a checkpoint if there is."""
        images, labels = self.batch(0)
        if self.questions is None:
            with torch.no_grad():
                logits = self.model(to_input(images[:1], self.device))
            self.questions = {ONE_QUESTION: logits.shape[-1]}
        self.optimizers = make_optimizers(self.model, self.recipe)
        first = _whole_batch(self.batch_at, self.recipe, 0)
        self.about = describe(self.model, self.recipe, self.questions, first)
        if checkpoint is not None and checkpoint.exists():
            self.history = load(checkpoint, self.model, self.optimizers, self.about)
            self.use_threads(images)
        else:
            self.use_threads(images)
            self.history.precision = self.recipe.precision
            if self.history.precision == "auto":
                inputs = to_input(images, self.device)
                self.history.precision = _faster_precision(self.model, inputs, self.world)
        if self.world > 1:
            dist.barrier()  # all must have looked for the file before one of them writes it
        if checkpoint is not None and self.rank == 0 and not len(self.history):
            self.save(checkpoint)  # better to fail now than later
        self.wrapped = DistributedDataParallel(self.model) if self.world > 1 else self.model
        self.model.train()
        start = len(self.history)
        fresh = 0 < start < self.recipe.steps
        self.next_batch = self.batch(start) if fresh else (images, labels)

    def use_threads(self, images: Tensor) -> None:
        """As many threads as are fastest, or as a run that goes on had. `train` restores them."""
        if self.world == 1:
            torch.set_num_threads(threads_for(self.model, images, self.history.threads))
        self.history.threads = torch.get_num_threads()

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """This process's share of the batch."""
        images, labels = _whole_batch(self.batch_at, self.recipe, step)
        if self.questions is not None:
            _check_labels(labels, len(images), self.questions)
        share = self.recipe.batch_size // self.world
        mine = slice(self.rank * share, (self.rank + 1) * share)
        return images[mine], labels[mine]

    def gradients(self, step: int, images: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Forward and backward: the gradients, clipped, and the figures of this step."""
        factor = _share_of_peak(self.recipe, step)
        for group in _groups(self.optimizers):
            group["lr"] = group["peak_lr"] * factor
        self.images = to_input(images, self.device)
        _seed(self.recipe, step, 1 + self.rank)
        self.model.zero_grad()
        bfloat16 = self.history.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bfloat16):
            logits = self.wrapped(self.images)
        loss, right = loss_and_accuracy(logits, labels.to(self.device), self.questions)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        return {"norm": norm, "loss": loss.detach(), **right}

    def update(self, step: int, figures: dict[str, Tensor]) -> None:
        """Let the optimizers step, unless the loss or its gradient is no longer finite."""
        numbers = torch.stack(list(figures.values()))
        if self.world > 1:
            dist.all_reduce(numbers)
            numbers /= self.world
        norm, loss, *accuracies = numbers.tolist()  # this waits for a GPU
        if not math.isfinite(loss + norm):
            raise FloatingPointError(_explain_divergence(step, loss, self.recipe, self.images))
        for optimizer in self.optimizers:
            optimizer.step()
        self.history.loss.append(loss)
        for name, value in zip(list(figures)[2:], accuracies, strict=True):
            self.history.accuracy.setdefault(name, []).append(value)

    def save(self, checkpoint: Path) -> None:
        save(checkpoint, self.model, self.optimizers, self.history, self.about)


def _groups(optimizers: list[torch.optim.Optimizer]) -> list[dict]:
    return [group for optimizer in optimizers for group in optimizer.param_groups]


def _share_of_peak(recipe: Recipe, step: int) -> float:
    return schedule(step, recipe.steps, recipe.warmup_steps, recipe.plateau)


def _seed(recipe: Recipe, step: int, stream: int = 0) -> None:
    """Stream 0 makes the batch, the same in all processes; each then has its own for dropout."""
    text = f"{recipe.seed} {step} {stream}".encode()
    # torch's CPU generator uses only the low 32 bits, so they must differ.
    torch.manual_seed(int.from_bytes(hashlib.sha256(text).digest()[:4]))


def _check_labels(labels: Tensor, count: int, questions: Mapping[str, int]) -> None:
    shapes = [(count, len(questions))] + [(count,)] * (len(questions) == 1)
    if tuple(labels.shape) not in shapes or labels.dtype != torch.int64:
        wanted = " or ".join(map(str, shapes))
        raise ValueError(
            f"labels must be int64 of shape {wanted} for questions={dict(questions)}, "
            f"got {labels.dtype} of shape {tuple(labels.shape)}"
        )
    if labels.device.type != "cpu":
        return  # looking at them would make a GPU wait; `train` looks before they go there
    for (name, answers), column in zip(
        questions.items(), labels.reshape(count, -1).unbind(1), strict=True
    ):
        low, high = column.min().item(), column.max().item()
        if low < 0 or high >= answers:
            raise ValueError(f"labels of {name!r} must be 0 to {answers - 1}, got {low} to {high}")


def _whole_batch(batch_at, recipe: Recipe, step: int) -> tuple[Tensor, Tensor]:
    _seed(recipe, step)
    batch = batch_at(step)
    if not isinstance(batch, (tuple, list)) or list(map(type, batch)) != [Tensor, Tensor]:
        raise ValueError(f"batch_at({step}) must give (images, labels), two tensors")
    images, labels = batch
    if len(images) != recipe.batch_size or len(labels) != recipe.batch_size:
        raise ValueError(
            f"batch_at({step}) must give batch_size={recipe.batch_size} images and labels, "
            f"got {len(images)} and {len(labels)}"
        )
    return images, labels


def _explain_divergence(step: int, loss: float, recipe: Recipe, images: Tensor) -> str:
    factor = _share_of_peak(recipe, step)
    rates = f"adamw_lr={recipe.adamw_lr * factor:.2g}"
    if recipe.use_muon:
        rates += f", muon_lr={recipe.muon_lr * factor:.2g}"
    what = (
        "its gradient is not finite" if math.isfinite(loss) else "so it can no longer be minimised"
    )
    if not images.isfinite().all():
        advice = "The images of this step hold NaN or infinity: look at the data."
    else:
        advice = (
            "The images are fine, so the steps were too large: try learning rates 3 to 10 times "
            "smaller, more warmup_steps, or a smaller clip."
        )
    return (
        f"step {step}: the loss is {loss}, {what} ({rates} in this step). {advice} "
        "The model has the weights from before this step, and no checkpoint was written after it."
    )


def _faster_precision(model: nn.Module, images: Tensor, world: int) -> str:
    """bfloat16 if a forward and backward pass takes less time in it; all processes agree."""
    device = images.device.type
    capable = device == "cpu" or (device == "cuda" and torch.cuda.is_bf16_supported(False))
    choice = ["float32"]
    if capable and (world == 1 or dist.get_rank() == 0):
        model, images = deepcopy(model).train(), images if device == "cuda" else images[:16]
        fastest = {"float32": math.inf, "bfloat16": math.inf}
        for _ in range(4):  # the first is slow for both
            for name in fastest:
                began = time.perf_counter()
                with torch.autocast(device, torch.bfloat16, enabled=name == "bfloat16"):
                    loss = model(images).float().square().mean()
                loss.backward()
                if device == "cuda":
                    torch.cuda.synchronize()
                fastest[name] = min(fastest[name], time.perf_counter() - began)
        if fastest["bfloat16"] < 0.9 * fastest["float32"]:
            choice = ["bfloat16"]
    if world > 1:
        dist.broadcast_object_list(choice, src=0)
    return choice[0]
