"""Ways to get the same logits in less time. Each is a context manager: off again when it ends.

None makes a copy of the model. Its modules stay the same objects, so hooks, maps and other
people's code find them where they were; and its weights come back as they were, to the last bit.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitcourse.threads import restored


class NotHereError(RuntimeError):
    """The model or the machine has not what an option needs; the message says what."""


# Linear layers, packed ----------------------------------------------------------------------------


class PackedLinear:
    """What a linear layer computes, from a copy of its weights in oneDNN's own order.

    oneDNN multiplies blocks, and otherwise sorts the weights into blocks in every pass (or MKL is
    asked instead, which on some processors reaches half of the speed).
    """

    def __init__(self, linear: nn.Linear) -> None:
        self.linear = linear
        self.source = linear.weight.detach()  # the same memory, and the same count of changes
        self.version = self.source._version
        self.packed = torch.ops.mkldnn._reorder_linear_weight(self.source)

    def __call__(self, x: Tensor) -> Tensor:
        linear = self.linear
        if torch.is_grad_enabled() or not self.fits(x):
            return F.linear(x, linear.weight, linear.bias)
        return torch.ops.mkldnn._linear_pointwise(x, self.packed, linear.bias, "none", [], "")

    def fits(self, x: Tensor) -> bool:
        """Can the copy stand in for the weights? Not if these have changed since, or are others."""
        return (
            self.source._version == self.version
            and self.linear.weight.data_ptr() == self.source.data_ptr()
            and x.dtype == self.source.dtype
            and x.device == self.source.device
            and not torch.is_autocast_enabled("cpu")
        )

    def __reduce__(self) -> tuple:
        """A copy of the model, or its file, gets plain linear layers: it may get other weights."""
        return MethodType, (nn.Linear.forward, self.linear)


@contextmanager
def packed_linears(model: nn.Module) -> Iterator[None]:
    """All linear layers read weights in oneDNN's own order; in float32 the difference is rounding.

    That takes memory for their weights once more. Where gradients are on, all is as it was.
    Source: `torch.utils.mkldnn`, whose layers do so, too, but hide the weights from others.
    """
    linears: list[Any] = [module for module in model.modules() if _can_be_packed(module)]
    if not linears:
        raise NotHereError("no linear layers on a CPU that oneDNN could pack")
    with _forwards({linear: PackedLinear(linear) for linear in linears}):
        yield


def _can_be_packed(module: nn.Module) -> bool:
    """Subclasses are left alone, and so is a layer in whose way somebody else stands."""
    return (
        type(module) is nn.Linear
        and "forward" not in vars(module)
        and module.weight.device.type == "cpu"
        and module.weight.dtype in (torch.float32, torch.bfloat16)
        and torch.backends.mkldnn.is_available()
    )


@contextmanager
def _forwards(others: dict[Any, Callable]) -> Iterator[None]:
    """These modules compute something else."""
    try:
        for module, forward in others.items():
            module.forward = forward
        yield
    finally:
        for module in others:
            vars(module).pop("forward", None)


# Convolutions, channels last ----------------------------------------------------------------------


@contextmanager
def channels_last(model: nn.Module) -> Iterator[None]:
    """Convolutions keep their weights with the channels innermost, as many kernels want them.

    Source: "Channels Last Memory Format in PyTorch", in PyTorch's tutorials.
    """
    weights = [module.weight for module in model.modules() if isinstance(module, nn.Conv2d)]
    if not weights:
        raise NotHereError("no convolution")
    with _replaced(weights, lambda w: w.contiguous(memory_format=torch.channels_last)):
        yield


# bfloat16 -----------------------------------------------------------------------------------------


@contextmanager
def bfloat16(model: nn.Module) -> Iterator[None]:
    """Weights and tokens in bfloat16: half the memory traffic, and three digits instead of seven.

    The weights are converted once; `torch.autocast` does it in every pass. Images are converted
    where they enter, logits come out in float32.
    Source: Kalamkar et al. 2019, "A Study of BFLOAT16 for Deep Learning Training".
    """
    floats = [t for t in (*model.parameters(), *model.buffers()) if t.is_floating_point()]
    if not floats or any(t.dtype != torch.float32 for t in floats):
        raise NotHereError("its weights are not float32")
    entrances = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    with ExitStack() as stack:
        for module in entrances:
            stack.callback(module.register_forward_pre_hook(_as_the_weights).remove)
        stack.callback(model.register_forward_hook(_as_float32).remove)
        stack.enter_context(_replaced(floats, lambda t: t.bfloat16()))
        if any(_can_be_packed(module) for module in entrances):
            stack.enter_context(packed_linears(model))
        yield


def _as_the_weights(module: Any, inputs: tuple) -> tuple:
    return (inputs[0].to(module.weight.dtype), *inputs[1:])


def _as_float32(model: nn.Module, inputs: tuple, output: Any) -> Any:
    if isinstance(output, Tensor):
        return output.float()
    output.logits = output.logits.float()  # Hugging Face's
    return output


@contextmanager
def _replaced(tensors: Sequence[Tensor], replace: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """These tensors hold something else, and are the same objects: an optimiser still knows them.

    Afterwards they hold what they held before. One that has been written to meanwhile keeps that.
    """
    before = [(tensor, tensor.data, tensor._version) for tensor in tensors]
    try:
        for tensor in tensors:
            tensor.data = replace(tensor.data)
        yield
    finally:
        for tensor, data, version in before:
            written = tensor._version != version
            tensor.data = data.copy_(tensor.data) if written else data


# torch.compile and threads ------------------------------------------------------------------------


@contextmanager
def compiled(model: nn.Module) -> Iterator[None]:
    """`torch.compile`: fewer, larger kernels. It needs a C++ compiler, and a minute at first.

    Hooks and maps do not see what a compiled model computes; `vitcourse.maps` runs it uncompiled.
    Source: Ansel et al. 2024, "PyTorch 2".
    """
    before: Any = model._compiled_call_impl
    try:
        model.compile()
        yield
    finally:
        model._compiled_call_impl = before  # there is no other way back


def with_threads(number: int) -> Callable[[nn.Module], Any]:
    """The option to let torch use so many threads."""

    @contextmanager
    def option(model: nn.Module) -> Iterator[None]:
        with restored():
            torch.set_num_threads(number)
            yield

    return option
