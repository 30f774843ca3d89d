"""A GPU as in a Mac, imitated on the CPU: it has no float64, and mixes with no other device.

Tensors on it are wrappers that hold a tensor on the CPU. Every operation unwraps them; what a real
one refuses, raises. They say that they are on "meta", since a PyTorch built without "mps" aborts
where something is said to be there.
"""

from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

GPU = torch.device("meta")
NO_FLOAT64 = "Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support it"


class OnGpu(Tensor):
    """What says that it is on the GPU."""

    @staticmethod
    def __new__(cls, inner: Tensor):
        if inner.dtype == torch.float64:
            raise TypeError(NO_FLOAT64)
        return Tensor._make_wrapper_subclass(
            cls,
            inner.shape,
            inner.stride(),
            inner.storage_offset(),
            dtype=inner.dtype,
            device=GPU,
            requires_grad=inner.requires_grad,
        )

    def __init__(self, inner: Tensor):
        self.inner = inner

    def __repr__(self) -> str:
        return f"OnGpu({self.inner})"

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return _run(function, args, kwargs or {})

    def tolist(self):
        return self.inner.detach().tolist()


def _run(function, args, kwargs):
    flat, _ = tree_flatten((args, kwargs))
    tensors = [value for value in flat if isinstance(value, Tensor)]
    on_gpu = [value for value in tensors if isinstance(value, OnGpu)]
    others = [t for t in tensors if not isinstance(t, OnGpu) and t.ndim > 0]
    copies = function in (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default)
    if on_gpu and others and not copies:
        raise RuntimeError(f"{function}: Expected all tensors to be on the same device")
    device = kwargs.get("device")
    stays = bool(on_gpu) if device is None else torch.device(device).type == "meta"
    if function is torch.ops.aten.copy_.default:
        stays = isinstance(args[0], OnGpu)
    if device is not None:
        kwargs = kwargs | {"device": torch.device("cpu")}
    if stays and kwargs.get("dtype") == torch.float64:
        raise TypeError(NO_FLOAT64)
    unwrap = lambda value: value.inner if isinstance(value, OnGpu) else value  # noqa: E731
    result = function(*tree_map(unwrap, args), **tree_map(unwrap, kwargs))
    if not stays:
        return result
    if function._schema.is_mutable:  # in place: what was given comes back
        return args[0] if args and isinstance(args[0], OnGpu) else kwargs.get("out", result)
    return tree_map(lambda value: OnGpu(value) if isinstance(value, Tensor) else value, result)


class _Factories(TorchDispatchMode):
    """`torch.eye(3, device=...)`, which no tensor announces."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        return _run(function, args, kwargs or {})


class _FromNumbers(TorchFunctionMode):
    """`torch.tensor(0.5, device=...)`, which reaches no dispatch."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        device = kwargs.get("device")
        from_number = function in (torch.tensor, torch.as_tensor) and not isinstance(
            args[0], Tensor
        )
        if from_number and device is not None and torch.device(device).type == GPU.type:
            return OnGpu(function(*args, **kwargs | {"device": "cpu"}))
        return function(*args, **kwargs)


@contextmanager
def imitated_gpu():
    with _Factories(), _FromNumbers():
        yield


def to_gpu(thing):
    """A tensor, or a model in place, on the imitated GPU."""
    if isinstance(thing, Tensor):
        return OnGpu(thing)
    for module in thing.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None:
                on_gpu = OnGpu(parameter.detach())
                module._parameters[name] = nn.Parameter(on_gpu, parameter.requires_grad)
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = OnGpu(buffer)
    return thing
