"""How many threads are fastest for the small models of this course: measured, once.

torch shares each multiplication among all cores and waits for the last of them. With matrices this
small the waiting costs more than the sharing saves, and if another program is busy on one of the
cores, a training step takes many times as long. A large model, or a GPU, is another matter; so is
a number of threads that somebody chose: both are left alone.
"""

import functools
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from vitcourse.machine import cpu_limit

SMALL = 1_000_000  # a model with fewer parameters than this, on batches of fewer numbers
WORTH_IT = 0.8  # more threads must take at most this share of the time that fewer take
SECONDS, STEPS = 0.05, 3  # how long each number of threads is measured: at least so many of both
HOPELESS = 4  # times as slow in its first step already: not measured any longer

_settled = False  # by `use_fastest_threads`, for this process


def use_fastest_threads() -> None:
    """From now on, torch uses as many threads here as are fastest for small models.

    A number that somebody chose stays, be it by torch.set_num_threads or OMP_NUM_THREADS.
    """
    global _settled
    if not somebody_chose():
        torch.set_num_threads(fastest(measured()))
        _settled = True


@contextmanager
def restored() -> Iterator[None]:
    """Afterwards torch has as many threads as before, however this ends."""
    before = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(before)


def threads_for(model: nn.Module, images: Tensor, before: int | None = None) -> int:
    """How many threads to train this model with, on batches like `images`.

    `before` is what an earlier part of the same training had: it goes on with as many, since the
    order of a sum decides its last bit.
    """
    large = sum(p.numel() for p in model.parameters()) >= SMALL or images.numel() >= SMALL
    on_cpu = next(model.parameters()).device.type == "cpu"
    if large or not on_cpu or somebody_chose():
        return torch.get_num_threads()
    return min(before or fastest(measured()), torch.get_num_threads())


def somebody_chose() -> bool:
    """Has torch another number of threads than it takes by itself?"""
    if _settled:
        return True
    import psutil

    by_itself = {cpu_limit(), os.cpu_count(), psutil.cpu_count(logical=False), _performance_cores()}
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted and wanted != str(cpu_limit()):  # the limit is what `respect_cpu_limit` says itself
        return True
    return torch.get_num_threads() not in by_itself


@functools.cache
def measured() -> dict[int, float]:
    """Seconds that a training step of chapter 7's model takes, by number of threads.

    Takes a fraction of a second; the second time, nothing. Random numbers are drawn as if this had
    not happened.
    """
    from vitcourse.model import VisionTransformer

    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        model = VisionTransformer(
            48, 8, num_classes=16, embed_dim=64, depth=4, num_heads=4, mlp_dim=128
        )
        images = torch.randn(32, 3, 48, 48)

    def step() -> None:
        with torch.enable_grad():
            model(images).square().mean().backward()
        model.zero_grad()

    return compare(step, torch.get_num_threads())


def compare(step: Callable[[], object], most: int) -> dict[int, float]:
    """Seconds that `step` takes with 1, 2, 4, ... `most` threads, as long as more are faster."""
    seconds: dict[int, float] = {}
    with restored():
        for threads in [*(2**k for k in range(most.bit_length()) if 2**k < most), most]:
            torch.set_num_threads(threads)
            best = min(seconds.values(), default=float("inf"))
            seconds[threads] = _seconds(step, HOPELESS * best)
            if seconds[threads] > WORTH_IT * best:
                break
    return seconds


def fastest(seconds: dict[int, float]) -> int:
    """The number of threads to use: more than another only where they are clearly faster."""
    best = 1
    for threads in sorted(seconds):
        if seconds[threads] <= WORTH_IT * seconds[best]:
            best = threads
    return best


def _seconds(step: Callable[[], object], hopeless: float) -> float:
    """The mean of a few steps. The first, which starts the threads, counts only if it is hopeless.

    The mean and not the shortest: what other programs do to a step is what matters here.
    """
    began = time.perf_counter()
    step()
    first = time.perf_counter() - began
    if first > hopeless:
        return first
    began, steps = time.perf_counter(), 0
    while steps < STEPS or time.perf_counter() - began < SECONDS:
        step()
        steps += 1
    return (time.perf_counter() - began) / steps


def _performance_cores() -> int | None:
    """On a Mac with Apple's processor torch takes only the fast cores by itself."""
    if (platform.system(), platform.machine()) != ("Darwin", "arm64"):
        return None
    command = ["sysctl", "-n", "hw.perflevel0.physicalcpu"]
    try:
        return int(subprocess.run(command, capture_output=True, text=True, timeout=5).stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
