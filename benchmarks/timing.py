"""Times that one can believe: ways of doing the same take turns and are compared round by round.

Whatever else a machine does slows down what happens to run at that moment, often by more than the
difference that is looked for. So all ways run once in each round, right after each other, and each
round gives a ratio for each way. Their median hardly notices a disturbance, and drawing rounds
anew, again and again, says how far to trust it. The yardstick runs twice a round: its ratio to
itself should be 1, and how widely it scatters is the noise.
"""

from __future__ import annotations

import ctypes
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

SEES_CHILDREN = resource is not None
Way = Callable[[], object]
AGAIN = " again"  # the yardstick's name, the second time in a round
SAMPLE_SECONDS = 0.02  # a sample lasts at least this long: clocks and schedulers tick
ONE_IS_ENOUGH = 0.5  # seconds; a way that takes longer is warm after one call
FEWEST = 6  # rounds, however long they take
RESAMPLES = 1000
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of malloc.h
TOO_WIDE = 0.03  # of the yardstick's ratio to itself


@dataclass(frozen=True)
class Sample:
    """Seconds that one call took, by the clock on the wall and of processor time."""

    wall: float
    process: float


@dataclass(frozen=True)
class Ratio:
    """The median of a way's time over the yardstick's, and where 95 of 100 such medians lie."""

    median: float
    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def keep_memory() -> None:
    """Have this process keep what it frees, where the C library is glibc.

    Fetching pages anew is up to a fifth of a pass over a batch of 64, and takes very different
    times: most of the noise of such rows.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except OSError:  # another system
        return
    mallopt(M_MMAP_MAX, 0)
    mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def take_turns(
    ways: Mapping[str, Way],
    yardstick: str,
    clock: str,
    seconds: float,
    most_seconds: float,
    synchronise: Way = lambda: None,
) -> dict[str, list[Sample]]:
    """Samples of each way, one a round, for `seconds`; up to `most_seconds` where it is noisy.

    `yardstick` is one of the ways, and is there once more as "NAME again". `clock` is "process" or
    "wall". At least FEWEST rounds are run, however long they take.
    """
    everyone = dict(ways) | {yardstick + AGAIN: ways[yardstick]}
    calls = {name: _calls(way, synchronise) for name, way in everyone.items()}
    samples: dict[str, list[Sample]] = {name: [] for name in everyone}
    order, start, turn = list(everyone), time.perf_counter(), 0
    while True:
        first = turn % len(order)  # nobody always runs after the same one
        for name in order[first:] + order[:first]:
            samples[name].append(sample(everyone[name], calls[name], synchronise))
        turn += 1
        spent = time.perf_counter() - start
        if turn < FEWEST or spent < seconds:
            continue
        if spent > most_seconds or is_quiet(ratio(samples, yardstick + AGAIN, yardstick, clock)):
            return samples


def sample(way: Way, calls: int = 1, synchronise: Way = lambda: None) -> Sample:
    synchronise()
    wall, process = time.perf_counter(), processor_seconds()
    for _ in range(calls):
        way()
    synchronise()
    return Sample(
        (time.perf_counter() - wall) / calls, max(processor_seconds() - process, 0.0) / calls
    )


def processor_seconds() -> float:
    """Of this process and, where SEES_CHILDREN, of those that it started and that have ended."""
    if not SEES_CHILDREN:
        return time.process_time()
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _calls(way: Way, synchronise: Way) -> int:
    """How often to call a way for one sample; these calls are the warm-up."""
    took = sample(way, 1, synchronise).wall
    if took < ONE_IS_ENOUGH:
        took = sample(way, 1, synchronise).wall
    return max(1, round(SAMPLE_SECONDS / took))


def ratio(samples: Mapping[str, Sequence[Sample]], name: str, yardstick: str, clock: str) -> Ratio:
    """A way's time over the yardstick's, pair by pair within a round."""
    pairs = zip(samples[name], samples[yardstick], strict=True)
    found = [getattr(ours, clock) / getattr(theirs, clock) for ours, theirs in pairs]
    drawn = random.Random(0)
    medians = sorted(
        statistics.median(drawn.choices(found, k=len(found))) for _ in range(RESAMPLES)
    )
    cut = round(0.025 * RESAMPLES)
    return Ratio(statistics.median(found), medians[cut], medians[-1 - cut])


def is_quiet(again: Ratio) -> bool:
    """Can the other ratios of these rounds be believed, by that of the yardstick to itself?"""
    return again.width <= TOO_WIDE and again.low <= 1 + TOO_WIDE and again.high >= 1 - TOO_WIDE


def median(samples: Sequence[Sample], clock: str) -> float:
    return statistics.median(getattr(one, clock) for one in samples)
