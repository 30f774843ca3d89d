"""The circumstances in which an answer is tested, so that no author has to remember them all.

Nearly every subtle mistake shows in one of them: a `squeeze` with a batch of one, a cache in the
second call, a detour through float32 in float64, a `view` where memory is laid out differently.
From one plain question, `battery` makes one for each circumstance. When an answer is right for the
plain question and wrong for one of these, the verdict says exactly that.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy
import torch
from torch import Tensor, nn

from vitcourse.exercises.compare import Words
from vitcourse.exercises.engine import Easier, Trial

Build = Callable[[Any], Callable]


def _itself(answer: Any) -> Callable:
    return answer


def battery(
    says: str,
    inputs: tuple,
    *,
    build: Build = _itself,
    batched: Sequence[int] = (0,),
    without: Sequence[str] = (),
) -> tuple[Trial, ...]:
    """One trial for each circumstance: the plain question "`says`, of `inputs`", asked there.

    `build(answer)` gives what is called with the inputs: the answer itself, or for a class the
    module with its weights set. `batched` says which inputs have the batch as their first axis.
    `without` names circumstances that the exercise's text leaves open or that cannot occur; the
    names are the keys of `CIRCUMSTANCES`, where a comment says what each of them catches.
    """
    unknown = set(without) - set(CIRCUMSTANCES)
    if unknown:
        raise ValueError(f"without={sorted(unknown)}: the names are {', '.join(CIRCUMSTANCES)}")
    plain = Trial(says, inputs, partial(_call, build))
    trials = []
    for name, make in CIRCUMSTANCES.items():
        if name not in without:
            trials += [replace(t, circumstance=name) for t in make(plain, build, batched)]
    return tuple(trials)


def _call(build: Build, answer: Any, *inputs: Any) -> Any:
    return build(answer)(*inputs)


def _trial(plain: Trial, right: str, wrong: str, inputs: tuple, ask: Callable, **more) -> Trial:
    easier = (Easier(right, wrong, plain.inputs, plain.ask),)
    return Trial(f"{plain.says} {wrong}", inputs, ask, easier=easier, **more)


def _other_inputs(plain: Trial, change: Callable[[Tensor], Tensor]) -> tuple:
    """The inputs with every tensor of floating point changed."""
    return tuple(
        change(x) if isinstance(x, Tensor) and x.is_floating_point() else x for x in plain.inputs
    )


def _batch_of_one(plain: Trial, build: Build, batched: Sequence[int]) -> list[Trial]:
    if not batched:
        return []
    inputs = tuple(x[:1] if i in batched else x for i, x in enumerate(plain.inputs))
    size = len(plain.inputs[batched[0]])
    return [_trial(plain, f"for a batch of {size}", "for a batch of one", inputs, plain.ask)]


def _numbers(plain: Trial, build: Build, batched: Sequence[int]) -> list[Trial]:
    """Negative, fractional, large and tiny ones."""

    def ask(wrong: str, change: Callable[[Tensor], Tensor]) -> Trial:
        inputs = _other_inputs(plain, change)
        return _trial(plain, "for other numbers", wrong, inputs, plain.ask)

    return [
        ask("for numbers below zero", lambda x: -x.abs() - 1 / 3),
        ask("for numbers around 10,000", lambda x: x * 1e4),
        ask("for numbers around 0.0001", lambda x: x * 1e-4),
    ]


def _dtype(dtype: torch.dtype, tolerance: float):
    words = f"in {str(dtype).removeprefix('torch.')}"

    def ask(build: Build, answer: Any, *inputs: Any) -> Any:
        called = build(answer)
        return (called.to(dtype) if isinstance(called, nn.Module) else called)(*inputs)

    def make(plain: Trial, build: Build, batched: Sequence[int]) -> list[Trial]:
        inputs = _other_inputs(plain, lambda x: x.to(dtype) / 3)
        more = {"tolerance": tolerance}
        return [_trial(plain, "in float32", words, inputs, partial(ask, build), **more)]

    return make


def _memory(plain: Trial, build: Build, batched: Sequence[int]) -> list[Trial]:
    """The same numbers with other strides, as after a transpose or a slice."""

    def spread(x: Tensor) -> Tensor:
        backwards = tuple(reversed(range(x.ndim)))  # the last axis becomes the slowest
        turned = x.permute(backwards).contiguous().permute(backwards)
        return torch.stack([x, x], -1)[..., 0] if turned.is_contiguous() else turned

    inputs = _other_inputs(plain, spread)
    words = "where memory is laid out in reading order", "where memory is laid out differently"
    return [_trial(plain, *words, inputs, plain.ask)]


def _again(plain: Trial, build: Build, batched: Sequence[int]) -> list[Trial]:
    """The same object again: with other numbers, with a larger batch, with the first once more."""

    def ask(build: Build, answer: Any, *inputs: Any) -> list:
        called = build(answer)
        larger = [
            torch.cat([x * 0.7 if x.is_floating_point() else x.flip(0), x]) if i in batched else x
            for i, x in enumerate(inputs)
        ]
        other = [
            (x * 0.7 if x.is_floating_point() else x.flip(0)) if isinstance(x, Tensor) else x
            for x in inputs
        ]
        return [called(*args) for args in (inputs, other, larger, inputs)]

    return [_trial(plain, "the first time", "called again", plain.inputs, partial(ask, build))]


def _gradients(plain: Trial, build: Build, batched: Sequence[int]) -> list[Trial]:
    """The gradient that reaches each input, and no `.grad` left behind anywhere."""

    def ask(build: Build, answer: Any, *inputs: Any) -> list:
        called = build(answer)
        leaves = [
            x.detach().clone().requires_grad_()
            if isinstance(x, Tensor) and x.is_floating_point()
            else x
            for x in inputs
        ]
        wanted = [x for x in leaves if isinstance(x, Tensor) and x.requires_grad]
        # times 1: an input that asks for gradients may not be changed in place, others may
        results = _tensors(called(*(x * 1 if isinstance(x, Tensor) else x for x in leaves)))
        total = sum((r * (torch.arange(r.numel()).view(r.shape) % 5 - 1.7)).sum() for r in results)
        if not (isinstance(total, Tensor) and total.requires_grad):
            return [Words("no gradient")] * len(wanted)
        found = torch.autograd.grad(total, wanted, allow_unused=True)
        return [Words("no gradient") if g is None else g for g in found]

    asks = f"The gradient of {plain.says.replace('The ', 'the ', 1)}"
    easier = (Easier("in its result", "in its gradient", plain.inputs, plain.ask),)
    return [Trial(asks, plain.inputs, partial(ask, build), easier=easier)]


def _without_gradients(plain: Trial, build: Build, batched: Sequence[int]) -> list[Trial]:
    @torch.no_grad()
    def ask(build: Build, answer: Any, *inputs: Any) -> Any:
        return build(answer)(*inputs)

    words = "while gradients are recorded", "under torch.no_grad()"
    return [_trial(plain, *words, plain.inputs, partial(ask, build))]


def _leaves_alone(plain: Trial, build: Build, batched: Sequence[int]) -> list[Trial]:
    """Global state and whatever was passed in are as before."""

    def ask(build: Build, answer: Any, *inputs: Any) -> Words:
        called = build(answer)
        torch.manual_seed(7), random.seed(7), numpy.random.seed(7)  # noqa: NPY002
        tensors = [x for x in inputs if isinstance(x, Tensor)]

        def state() -> dict[str, Any]:
            modules = list(called.modules()) if isinstance(called, nn.Module) else []
            return {
                "torch's random numbers": torch.get_rng_state().tolist(),
                "Python's random numbers": random.getstate(),
                "numpy's random numbers": numpy.random.get_state()[1].tolist(),  # noqa: NPY002
                "the default dtype": torch.get_default_dtype(),
                "whether gradients are recorded": torch.is_grad_enabled(),
                "whether an input wants gradients": [x.requires_grad for x in tensors],
                "an input's `.grad`": [x.grad is None for x in tensors],
                "training or evaluation mode": [m.training for m in modules],
                "the parameters' `.grad`": [
                    p.grad is None for m in modules for p in m.parameters(recurse=False)
                ],
            }

        before = state()
        called(*inputs)
        after = state()
        return Words(", ".join(name for name in before if before[name] != after[name]) or "nothing")

    return [
        Trial(
            f"What has changed after {plain.says}",
            plain.inputs,
            partial(ask, build),
            easier=(Easier("in its result", "in what it leaves changed", plain.inputs, plain.ask),),
        )
    ]


def _modes(plain: Trial, build: Build, batched: Sequence[int]) -> list[Trial]:
    """Modules only: in training and in evaluation mode."""

    def ask(mode: bool, build: Build, answer: Any, *inputs: Any) -> Any:
        called = build(answer)
        return (called.train(mode) if isinstance(called, nn.Module) else called)(*inputs)

    if build is _itself:
        return []
    words = {True: "in training mode", False: "in evaluation mode"}
    return [
        Trial(
            f"{plain.says} {words[mode]}",
            plain.inputs,
            partial(ask, mode, build),
            easier=(
                Easier(words[not mode], words[mode], plain.inputs, partial(ask, not mode, build)),
            ),
        )
        for mode in (True, False)
    ]


def _tensors(result: Any) -> list[Tensor]:
    parts = result if isinstance(result, (tuple, list)) else [result]
    return [part for part in parts if isinstance(part, Tensor)]


# Each circumstance by name, in the order asked: what an answer leaves behind would spoil the rest.
# The comment says what would get past without it.
CIRCUMSTANCES = {
    "again": _again,  # caches, mutable defaults, layers made in forward
    "left alone": _leaves_alone,  # seeds and modes set and not put back
    "batch of one": _batch_of_one,  # squeeze; a statistic over the batch
    "modes": _modes,  # softmax or dropout in one mode only
    "float64": _dtype(torch.float64, 1e-10),  # a detour through float32
    "bfloat16": _dtype(torch.bfloat16, 0.03),  # a result in another dtype
    "memory": _memory,  # view
    "numbers": _numbers,  # clamp, abs, round, absolute tolerances
    "gradients": _gradients,  # detach, .data, numpy
    "no_grad": _without_gradients,  # what works only while gradients are recorded
}
