"""The instrument: ratios are formed within a round, and noise is called noise."""

import itertools
import json
import subprocess
import sys
import time

import pytest
import torch

from benchmarks import report, rows
from benchmarks.timing import AGAIN, FEWEST, Ratio, Sample, is_quiet, ratio, take_turns


def same(*seconds: float) -> list[Sample]:
    return [Sample(s, s) for s in seconds]


def test_a_ratio_is_formed_round_by_round():
    """The machine gets slower all the time; ours always takes 0.9 of theirs."""
    theirs = [1.0, 2, 4, 8, 16, 32, 64, 128]
    samples = {"timm": same(*theirs), "ours": same(*(0.9 * t for t in theirs))}
    found = ratio(samples, "ours", "timm", "wall")
    assert (found.median, found.low, found.high) == pytest.approx((0.9, 0.9, 0.9))


def test_one_disturbed_round_does_not_matter():
    samples = {"timm": same(*[1.0] * 20), "ours": same(*[0.9] * 19, 9.0)}
    assert ratio(samples, "ours", "timm", "wall").median == 0.9


def test_the_interval_tells_steady_from_scattered():
    scattered = same(*itertools.islice(itertools.cycle([0.5, 1.0, 1.5]), 21))
    samples = {"timm": same(*[1.0] * 21), "ours": scattered}
    found = ratio(samples, "ours", "timm", "wall")
    assert found.low < found.median < found.high


def test_each_clock_has_its_own_ratio():
    samples = {"timm": [Sample(1, 1)] * 9, "ours": [Sample(2, 0.5)] * 9}
    assert ratio(samples, "ours", "timm", "wall").median == 2
    assert ratio(samples, "ours", "timm", "process").median == 0.5


@pytest.mark.parametrize(
    ("again", "quiet"),
    [
        (Ratio(1.0, 0.99, 1.01), True),
        (Ratio(1.0, 0.98, 1.02), False),
        (Ratio(1.08, 1.07, 1.09), False),  # steady, and yet it is the same code
    ],
)
def test_noise(again, quiet):
    assert is_quiet(again) == quiet


def test_all_take_turns_and_the_yardstick_twice():
    run = []
    ways = {name: lambda name=name: (run.append(name), time.sleep(0.02)) for name in ("a", "b")}
    samples = take_turns(ways, "a", "wall", 0.0, 0.0)
    assert set(samples) == {"a", "b", "a" + AGAIN}
    assert {len(taken) for taken in samples.values()} == {FEWEST}
    rounds = [run[i : i + 3] for i in range(len(run) % 3, len(run), 3)]
    assert all(sorted(one) == ["a", "a", "b"] for one in rounds[-FEWEST:])
    assert len({tuple(one) for one in rounds[-FEWEST:]}) > 1  # nobody always follows the same


def test_a_row_says_that_it_is_too_noisy():
    samples = {
        "timm": same(*[1.0] * 9),
        "ours": same(*[0.9] * 9),
        "timm" + AGAIN: same(*[1.0, 1.5, 0.5] * 3),
    }
    row = report.compared(samples, "timm", "wall", 1, "forward B/16, batch 8")
    assert not row["believable"]
    assert report.TOO_NOISY in report.lines(row)[0]
    assert report.TOO_NOISY in report.description({"rows": [row]})


def test_the_figure_and_its_words(tmp_path):
    samples = {name: same(*[1.0] * 9) for name in ("timm", "timm" + AGAIN)}
    samples |= {"ours": same(*[0.9] * 9), "torchvision": same(*[1.1] * 9)}
    row = report.compared(samples, "timm", "process", 1, "training_step Ti/16, batch 8")
    report.draw({"rows": [row, row]}, tmp_path / "figure.svg")
    assert (tmp_path / "figure.svg").stat().st_size > 1000
    assert "training step Ti/16, batch 8: ours 0.90" in report.description({"rows": [row]})


def test_readme_tells_what_was_measured_last():
    newest = max(report.RESULTS.glob("*-cpu.json"))
    found = json.loads(newest.read_text(encoding="utf-8"))
    readme = report.FIGURE.parents[1].joinpath("README.md").read_text(encoding="utf-8")
    assert f"![{report.description(found)}](docs/benchmarks.svg)" in readme
    assert f"(benchmarks/results/{newest.name})" in readme


@pytest.mark.skipif(sys.platform == "win32", reason="no such measurement there")
def test_the_peak_of_a_small_process_started_by_a_large_one():
    """On Linux, getrusage would give the starter's."""
    filled = torch.ones(500 * rows.MEGABYTE // 4)
    command = "from benchmarks import rows; print(rows._most_resident() / rows.MEGABYTE)"
    alone = subprocess.run(
        [sys.executable, "-c", command], check=True, capture_output=True, text=True
    ).stdout
    ours = rows._most_resident() / rows.MEGABYTE
    assert ours > filled.nbytes / rows.MEGABYTE
    assert float(alone) < ours - 300


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's")
@pytest.mark.parametrize("kept", [True, False])
def test_memory_that_is_kept_stays(kept):
    filled = ["filled = torch.ones(50_000_000)", "del filled"]  # 200 MB
    more = _megabytes_after(["keep_memory()"] * kept + filled) - _megabytes_after([])
    assert (more > 150) == kept


def _megabytes_after(lines: list[str]) -> int:
    """What a process of its own has in memory when it has run these lines."""
    first = "import os, torch; from benchmarks.timing import keep_memory"
    pages = "int(open('/proc/self/statm').read().split()[1])"
    last = f"print({pages} * os.sysconf('SC_PAGE_SIZE') // 2**20)"
    command = [sys.executable, "-c", "\n".join([first, *lines, last])]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
