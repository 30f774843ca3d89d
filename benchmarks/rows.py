"""What is measured: each row names its ways, and says how they are compared.

A row builds its models when it is run, so that only one row's models are in memory.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks import peers
from benchmarks.timing import Way
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
    commands: bool = False  # the ways are other processes

    @property
    def clock(self) -> str:
        """One thread waits for nobody: its own time is what counts. Several wait for each other."""
        return "process" if self.threads == 1 and not self.commands else "wall"


def rows(all_threads: int, device: torch.device) -> list[Row]:
    """The rows for this machine: with one thread and, where there are more, with all of them."""
    cpu = device.type == "cpu"
    kinds = [1] if all_threads == 1 or not cpu else [1, all_threads]
    found = [
        Row(f"{step.__name__} {size}, batch {batch}", partial(_peers, step, size, batch),
            peers.yardstick(peers.installed()), threads, quick)
        for threads in kinds
        for step, size, batch, quick in _steps(device, threads)
    ]  # fmt: skip
    found += [_maps_row(size, batch, quick) for size, batch, quick in MAPS]
    return [*found, IMPORTS] if cpu else found


def _steps(device: torch.device, threads: int) -> list[tuple[Callable, str, int, bool]]:
    if device.type != "cpu":
        return [(step, size, 256, size == "Ti/16") for step in STEPS for size in ("Ti/16", "B/16")]
    if threads > 1:
        return [(forward, "B/16", 8, False), (training_step, "B/16", 8, False)]
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
        (training_step, "B/16", 8, False),
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


STEPS = (forward, training_step)


def pictures(size: str, batch: int, device: torch.device) -> Tensor:
    side = peers.SIZES[size]["image_size"]
    return torch.randn(batch, 3, side, side, device=device)


def _peers(step: Callable, size: str, batch: int, device: torch.device) -> dict[str, Way]:
    images = pictures(size, batch, device)
    return {
        name: partial(step, model.to(device).train(step is training_step), images)
        for name, model in peers.models(size).items()
    }


# Attention maps, each library's own way -----------------------------------------------------------

MAPS = (("tiny", 64, False), ("Ti/16", 8, True), ("B/16", 8, False))


def _maps_row(size: str, batch: int, quick: bool) -> Row:
    return Row(f"maps {size}, batch {batch}", partial(_maps, size, batch), "plain", quick=quick)


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
    modules = {"torch": "torch", "ours": "vitcourse.model"}
    modules |= {name: peers.PEERS[name][0] for name in peers.installed() if name != "ours"}
    return {name: partial(_import, module) for name, module in modules.items()}


def _import(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)


IMPORTS = Row("import", _imports, "torch", commands=True)


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
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def timed(work: Way) -> float:
    """Milliseconds by the clock on the wall."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    _tell_peak(*sys.argv[1:])
