"""Several processes that train one model, and an interrupt that lets a step end."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist

from vitcourse.machine import best_device


@contextmanager
def joined_processes(
    device: torch.device | str | None,
) -> Iterator[tuple[int, int, torch.device]]:
    """(rank, number of processes, device of this one); under torchrun they are joined."""
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    device = torch.device(device) if device is not None else best_device()
    if world == 1:
        yield 0, 1, device
        return
    if device.type == "cuda":
        local, gpus = int(os.environ.get("LOCAL_RANK", rank)), torch.cuda.device_count()
        if local >= gpus:
            raise ValueError(f"process {local} of this machine needs a GPU, there are {gpus}")
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    elif device.type == "mps":
        device = torch.device("cpu")  # one GPU cannot be shared, and gloo does not support it
    joined_before = dist.is_initialized()
    if not joined_before:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    yield rank, world, device
    # Not after an error: this would wait for the others. torchrun ends them.
    dist.barrier()
    if not joined_before:
        dist.destroy_process_group()


@contextmanager
def interrupt_after_step(wanted: bool) -> Iterator[list[int]]:
    """A list that is no longer empty after the first interrupt; the second raises as usual."""
    asked: list[int] = []
    if not wanted or threading.current_thread() is not threading.main_thread():
        yield asked
        return
    usual = signal.getsignal(signal.SIGINT) or signal.default_int_handler

    def ask(number, frame) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, usual)

    signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, usual)
