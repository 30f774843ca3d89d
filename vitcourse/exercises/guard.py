"""What a check must not do to the learner: run forever, or leave anything changed."""

import contextlib
import ctypes
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy
import torch
from einops import einops
from torch.nn import functional as F

T = TypeVar("T")


class TooLong(BaseException):
    """Stops the learner's code. A BaseException, so that `except Exception` does not swallow it."""


def time_limit(cpu_seconds: float, clock_seconds: float, body: Callable[[], T]) -> T:
    """body(), or TooLong after `cpu_seconds` of this process or `clock_seconds` by the clock.

    On a crowded server a right answer may wait long for its turn, so the clock gets more. The
    exception is raised in the running thread from another one, which works on every platform
    (signals do not) and takes effect when the body runs its next line of Python. It is raised
    again and again, because a bare `except:` may swallow it.

    It may arrive wherever a function begins or a call has ended. So this is not a context manager:
    its exit is a call too, and the exception could arrive there and keep it from stopping the
    watcher.
    """
    thread = ctypes.c_ulong(threading.get_ident())
    running, planting, planted = threading.Lock(), threading.Lock(), threading.Event()
    cpu_end, clock_end = time.process_time() + cpu_seconds, time.monotonic() + clock_seconds

    def watch() -> None:
        while not running.acquire(timeout=0.05):
            if time.process_time() > cpu_end or time.monotonic() > clock_end:
                with planting:
                    if running.locked():
                        planted.set()
                        plant(thread, ctypes.py_object(TooLong))

    def let_it_arrive() -> None:
        with planting:
            pass
        for _ in range(1000):
            pass

    plant = ctypes.pythonapi.PyThreadState_SetAsyncExc
    running.acquire()
    try:
        threading.Thread(target=watch, daemon=True).start()
        result = body()
    finally:
        try:
            running.release()  # no Python code: nothing can arrive before it is done
            let_it_arrive()
        except TooLong:  # one more may be under way
            let_it_arrive()
    if planted.is_set():
        raise TooLong
    return result


def _forget_lengths() -> None:
    """Make einops work out shapes anew: it takes 2 for the 2.0 that an earlier answer has left.

    Such a float is an error, and would become one of the right answer that follows.
    """
    with contextlib.suppress(AttributeError):  # einops keeps this to itself, so it may go
        einops._reconstruct_from_shape.cache_clear()


@contextlib.contextmanager
def isolated() -> Iterator[None]:
    """Restore what the body may change: random states, default dtype, gradient mode, attention.

    The attention is torch's own function, which code that captures weights replaces with another.

    Inside, torch uses one thread: with tensors this small, several would only wait for each other.
    """
    _forget_lengths()
    states = random.getstate(), numpy.random.get_state()  # noqa: NPY002
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    fused, fast_path = F.scaled_dot_product_attention, torch.backends.mha.get_fastpath_enabled()
    cuda = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
    try:
        with torch.random.fork_rng(devices=cuda), torch.enable_grad():
            torch.set_default_dtype(torch.float32)
            torch.set_num_threads(1)
            yield
    finally:
        torch.set_num_threads(threads)
        random.setstate(states[0])
        numpy.random.set_state(states[1])  # noqa: NPY002
        torch.set_default_dtype(dtype)
        F.scaled_dot_product_attention = fused
        torch.backends.mha.set_fastpath_enabled(fast_path)
