"""No verdict depends on the machine: not on the matrix library's kernels, not on threads.

A sample, drawn by a seed; `python -m tests.answers --save FILE` compares everything, and other
versions of torch.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.answers import FOLDER

MACHINES = {
    "MKL's slowest kernels": {"MKL_CBWR": "COMPATIBLE"},
    "torch without vector instructions": {"ATEN_CPU_CAPABILITY": "default"},
    "one thread": {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
}


def verdicts(path, **environment: str) -> dict[str, str]:
    command = [sys.executable, "-m", "tests.answers", "--share", "0.05", "--save", str(path)]
    done = subprocess.run(
        command, cwd=FOLDER.parents[1], env={**os.environ, **environment}, capture_output=True
    )
    assert path.exists(), done.stderr.decode()
    return {name: said for name, (said, _) in json.loads(path.read_text()).items()}


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return verdicts(tmp_path_factory.mktemp("here") / "verdicts.json")


@pytest.mark.parametrize("machine", MACHINES)
def test_the_verdicts_are_the_same(machine, here, tmp_path):
    assert len(here) > 100
    assert verdicts(tmp_path / "verdicts.json", **MACHINES[machine]) == here
