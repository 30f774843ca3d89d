"""Which way is the fastest on this machine? Ways take turns, and only a clear winner wins.

Whatever else the machine does slows down what happens to run at that moment. So in each round all
ways run once, right after each other, and each round gives a ratio for each of them. The model as
it is runs twice a round: how far these two differ is the noise.
"""

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import torch

from vitcourse.bar import progress_bar

ROUNDS = 8
SAMPLE_SECONDS = 0.02  # a sample lasts at least this long: clocks tick, and kernels start
HOPELESS = 3  # times as slow in its first pass already: not measured any longer
PLAIN, AGAIN = "as it is", "as it is, again"

Way = Callable[[], AbstractContextManager]  # what is switched on for a sample
Times = Mapping[str, Sequence[float]]  # seconds, round by round, by the name of a way
Clock = Callable[[], float]


def clock_for(device: torch.device) -> Clock:
    """One thread waits for nobody: its own time, without other programs', is what counts.

    Several threads wait for each other, and Windows' count of a process's own time is too coarse.
    """
    alone = device.type == "cpu" and torch.get_num_threads() == 1
    return time.process_time if alone and sys.platform != "win32" else time.perf_counter


def take_turns(ways: Mapping[str, Way], work: Callable[[], object], clock: Clock) -> Times:
    """Seconds that `work` takes with each of the ways on, one sample a round."""
    with ways[PLAIN]():
        work()
        calls = max(1, round(SAMPLE_SECONDS / max(seconds(work, clock), 1e-6)))
    times: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for turn in progress_bar(range(ROUNDS), "rounds"):
        first = turn % len(names)  # nobody always runs after the same one
        for name in names[first:] + names[:first]:
            with ways[name]():
                times[name].append(seconds(work, clock, calls))
    return times


def seconds(work: Callable[[], object], clock: Clock, calls: int = 1) -> float:
    """The mean of so many calls."""
    began = clock()
    for _ in range(calls):
        work()
    return (clock() - began) / calls


def ratios(times: Times, name: str) -> list[float]:
    """A way's time over that of the model as it is, round by round."""
    return [way / plain for way, plain in zip(times[name], times[PLAIN], strict=True)]


def scatter(times: Times) -> float:
    """The noise: how far the ratio of the same to the same is from 1 in the middle half of rounds.

    >>> scatter({PLAIN: [10, 10, 10, 10], AGAIN: [10, 10, 11, 9]})
    0.075
    """
    low, _, high = statistics.quantiles(ratios(times, AGAIN), n=4, method="inclusive")
    return round(max(abs(low - 1), abs(high - 1)), 3)


def is_faster(times: Times, name: str) -> bool:
    """Did it win in three of four rounds, by more than the noise?"""
    *_, most = statistics.quantiles(ratios(times, name), n=4, method="inclusive")
    return most < 1 - scatter(times)


def fastest(times: Times) -> str:
    """The way that takes least, of those that are clearly faster; else the model as it is."""
    winners = [name for name in times if name not in (PLAIN, AGAIN) and is_faster(times, name)]
    return min(winners, key=lambda name: statistics.median(ratios(times, name)), default=PLAIN)


def matrix_rate(dtype: torch.dtype, device: torch.device) -> float:
    """What this machine can do at best: floating point operations a second in a matrix product."""
    size = 1024 if device.type == "cpu" else 4096
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))

    def multiply() -> None:
        torch.mm(a, b)
        synchronise(device)

    multiply()
    return 2 * size**3 / min(seconds(multiply, clock_for(device)) for _ in range(ROUNDS))


def flops(run: Callable[[], object]) -> int:
    """Floating point operations of one pass, those of matrix products and convolutions."""
    from torch.utils.flop_counter import FlopCounterMode

    fast_path = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # its operations are not counted
    try:
        with FlopCounterMode(display=False) as counter:
            run()
    finally:
        torch.backends.mha.set_fastpath_enabled(fast_path)
    return counter.get_total_flops()


def synchronise(device: torch.device) -> None:
    """Wait for a GPU, which works on while Python goes ahead."""
    if device.type != "cpu":
        getattr(torch, device.type).synchronize()
