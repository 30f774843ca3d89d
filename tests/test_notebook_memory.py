"""The table of what the notebooks take: how it is counted, and what it says."""

import json
import subprocess
import sys

import psutil
import pytest

from benchmarks.notebooks import (
    LIMIT,
    RESULTS,
    TABLE,
    Run,
    all_sources,
    memory,
    table,
)


@pytest.mark.skipif(not RESULTS.exists(), reason="python -m benchmarks.notebooks has not been run")
def test_the_stored_measurement_of_whole_runs():
    stored = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert sorted(stored["notebooks"]) == [source.stem for source in all_sources()]
    for name, run in stored["notebooks"].items():
        assert run["peak"] <= LIMIT, name
    assert TABLE.read_text(encoding="utf-8") == table(stored)


HOLDS = "kept = bytearray({bytes}); print('up', flush=True); input()"


def process(code: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_what_helpers_take_is_counted():
    code = (
        "import subprocess, sys; helper = subprocess.Popen([sys.executable, '-c', "
        f"{HOLDS.format(bytes=10**8)!r}]); helper.wait()"
    )
    with process(code) as parent:
        assert parent.stdout.readline() == "up\n"
        alone = psutil.Process(parent.pid).memory_info().rss
        together = memory(psutil.Process(parent.pid))
        parent.communicate("\n")
    assert 1e8 < together - alone < 1.5e8


def test_a_process_that_has_ended_takes_nothing():
    with process("pass") as ended:
        gone = psutil.Process(ended.pid)
        ended.communicate()
    assert memory(gone) == 0


def test_the_table_says_what_was_measured():
    slow = [
        {"begins": "train(", "seconds": 40.0, "bar": True},
        {"begins": "import torch", "seconds": 2.5, "bar": False},
    ]
    runs = {
        "07_training": Run(321.4, 330.0, 1_080_000_000, slow),
        "01_patches": Run(8, 9, 7 * 10**8),
    }
    content = {"machine": "x86_64, Linux", "torch": "2.15.0", "notebooks": runs}
    content["notebooks"] = {name: vars(run) for name, run in runs.items()}
    lines = table(content).splitlines()
    assert lines[-2:] == [
        "| 01_patches | 8 | 0.70 GB | none |",
        "| 07_training | 321 | 1.08 GB | 2, 1 with a bar |",
    ]
