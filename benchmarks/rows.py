"""What is measured: each row names its ways, and says how they are compared.

A row builds its models when it is run, so that only one row's models are in memory.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks import peers
from benchmarks.timing import SEES_CHILDREN, Way
from vitcourse.inference import measure
from vitcourse.inference.options import bfloat16, packed_linears
from vitcourse.maps import attention_maps

MEGABYTE = 2**20


@dataclass(frozen=True)
class Row:
    """Ways of doing the same: `make(device)` gives them by name, `yardstick` is one of them."""

    what: str
    make: Callable[[torch.device], dict[str, Way]]
    yardstick: str
    threads: int = 1
    quick: bool = False  # also with --quick
    clock: str = "process"  # or "wall", as for several threads and devices: they wait for others


def rows(all_threads: int) -> list[Row]:
    """The rows for a CPU: with one thread and, where there are more, with all of them."""
    kinds = [1] if all_threads == 1 else [1, all_threads]
    found = [
        Row(f"{step.__name__} {size}, batch {batch}", partial(_peers, step, size, batch),
            peers.yardstick(peers.installed()), threads, quick,
            clock="process" if threads == 1 else "wall")
        for threads in kinds
        for step, size, batch, quick in _steps(threads)
    ]  # fmt: skip
    found += [maps_row(size, batch, quick) for size, batch, quick in MAPS]
    return [*found, FASTER, IMPORTS]


def _steps(threads: int) -> list[tuple[Callable, str, int, bool]]:
    if threads > 1:
        return [(forward, "B/16", 8, False), (training_step, "B/16", 2, False)]
    return [
        (forward, "tiny", 1, False),
        (forward, "tiny", 8, False),
        (forward, "tiny", 64, True),
        (forward, "Ti/16", 1, False),
        (forward, "Ti/16", 8, True),
        (forward, "Ti/16", 64, False),
        (forward, "B/16", 1, True),
        (forward, "B/16", 8, False),
        (training_step, "tiny", 64, True),
        (training_step, "Ti/16", 8, True),
        (training_step, "B/16", 2, False),
    ]


# Forward and backward -----------------------------------------------------------------------------


def forward(model: nn.Module, images: Tensor) -> None:
    with torch.inference_mode():
        model(images)


def training_step(model: nn.Module, images: Tensor) -> None:
    labels = torch.arange(len(images), device=images.device)
    model.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.sub_(parameter.grad, alpha=1e-6)


def pictures(size: str, batch: int, device: torch.device) -> Tensor:
    side = peers.SIZES[size]["image_size"]
    return torch.randn(batch, 3, side, side, device=device)


def _peers(step: Callable, size: str, batch: int, device: torch.device) -> dict[str, Way]:
    images = pictures(size, batch, device)
    return {
        name: partial(step, model.to(device).train(step is training_step), images)
        for name, model in peers.models(size).items()
    }


# What `vitcourse.faster` tries, next to the most that the machine can do --------------------------


def _options(size: str, batch: int, device: torch.device) -> dict[str, Way]:
    images = pictures(size, batch, device)
    names = {"ours", peers.yardstick(peers.installed())}
    models = {name: peers.PEERS[name][1](peers.SIZES[size]).eval() for name in sorted(names)}
    flops = measure.flops(partial(models["ours"], images))
    ways = {name: partial(forward, model, images) for name, model in models.items()}
    for name, option in (("packed", packed_linears), ("bfloat16", bfloat16)):
        model = peers.ours(peers.SIZES[size]).eval()
        ways[f"ours, {name}"] = partial(_forward_with, option(model), model, images)
    for dtype in (torch.float32, torch.bfloat16):
        name = str(dtype).removeprefix("torch.")
        ways[f"limit, {name}"] = partial(_multiply, torch.randn(1024, 1024).to(dtype), flops)
    return ways


def _forward_with(on: AbstractContextManager, model: nn.Module, images: Tensor) -> None:
    if "_on" not in vars(model):  # for good: switching is not what is measured
        on.__enter__()
        vars(model)["_on"] = on
    forward(model, images)


def _multiply(matrix: Tensor, flops: int) -> None:
    """As many operations in matrix products. This time over a model's is the share it reaches."""
    size = len(matrix)
    whole, rest = divmod(flops // (2 * size**2), size)
    for _ in range(whole):
        torch.mm(matrix, matrix)
    torch.mm(matrix[:rest], matrix)


FASTER = Row(
    "faster B/16, batch 1", partial(_options, "B/16", 1), peers.yardstick(peers.installed())
)


# Attention maps, each library's own way -----------------------------------------------------------

MAPS = (("tiny", 64, False), ("Ti/16", 8, True), ("B/16", 2, False))


def maps_row(size: str, batch: int, quick: bool = False, clock: str = "process") -> Row:
    make = partial(_maps, size, batch)
    return Row(f"maps {size}, batch {batch}", make, "plain", quick=quick, clock=clock)


def _maps(size: str, batch: int, device: torch.device) -> dict[str, Way]:
    images, here = pictures(size, batch, device), peers.installed()
    model = peers.ours(peers.SIZES[size]).to(device).eval()
    ways = {
        "plain": partial(forward, model, images),
        "ours, last layer": partial(forward, partial(attention_maps, model, layers=[-1]), images),
        "ours, all layers": partial(forward, partial(attention_maps, model), images),
    }
    for name, make in (("timm", _timm_maps), ("Hugging Face", _hugging_face_maps)):
        if name in here:
            ways[f"{name}, all layers"] = partial(forward, make(size, device), images)
    if "vit-pytorch" in here:
        ways["vit-pytorch, all layers"] = partial(forward, _vit_pytorch_maps(size, device), images)
    return ways


def _timm_maps(size: str, device: torch.device) -> Callable:
    from timm.layers import set_fused_attn
    from timm.utils import AttentionExtract

    set_fused_attn(False)  # while this model is built: there is nothing to see in a fused one
    try:
        model = peers.timm(peers.SIZES[size]).to(device).eval()
    finally:
        set_fused_attn(True)
    return AttentionExtract(model, method="fx")


def _hugging_face_maps(size: str, device: torch.device) -> Callable:
    model = peers.hugging_face(peers.SIZES[size], attention="eager").model.to(device).eval()
    return partial(model, output_attentions=True)


def _vit_pytorch_maps(size: str, device: torch.device) -> Callable:
    from vit_pytorch.recorder import Recorder

    return Recorder(peers.vit_pytorch(peers.SIZES[size]).to(device).eval())


# Imports ------------------------------------------------------------------------------------------


def _imports(device: torch.device) -> dict[str, Way]:
    modules = {"torch": "torch", "ours": "vitcourse.model", "ours, the name alone": "vitcourse"}
    modules |= {name: peers.PEERS[name][0] for name in peers.installed() if name != "ours"}
    return {name: partial(_import, module) for name, module in modules.items()}


def _import(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)


IMPORTS = Row("import", _imports, "torch", clock="process" if SEES_CHILDREN else "wall")


# Memory: a count, not a time ----------------------------------------------------------------------


def saved_for_backward(size: str = "B/16", batch: int = 8) -> dict[str, float]:
    """MB that a forward pass keeps for the backward pass, without the weights."""
    return {
        name: _saved(model.train(), pictures(size, batch, torch.device("cpu"))) / MEGABYTE
        for name, model in peers.models(size).items()
    }


def _saved(model: nn.Module, images: Tensor) -> int:
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, Tensor] = {}  # the tensors too, so that no address is used twice

    def pack(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        logits = model(images)
    sizes = [t.untyped_storage().nbytes() for place, t in kept.items() if place not in weights]
    del logits
    return sum(sizes)


def peak_of_training(size: str = "B/16", batch: int = 8) -> dict[str, float]:
    """MB that a process of its own takes at most, all imports included, for one training step."""
    return {name: _peak(name, size, batch) for name in peers.installed()}


def _peak(name: str, size: str, batch: int) -> float:
    command = [sys.executable, "-m", "benchmarks.rows", name, size, str(batch)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(told)


def _tell_peak(name: str, size: str, batch: str) -> None:
    model = peers.PEERS[name][1](peers.SIZES[size]).train()
    training_step(model, pictures(size, int(batch), torch.device("cpu")))
    print(_most_resident() / MEGABYTE)


def _most_resident() -> int:
    """Bytes of memory that this process has had at most. Not to be had on Windows."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux getrusage counts what the parent had when it started us
        return 1024 * int(status.read_text().split("VmHWM:")[1].split()[0])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


if __name__ == "__main__":
    _tell_peak(*sys.argv[1:])
