"""No verdict depends on the machine: not on the matrix library's kernels, not on threads.

A sample, drawn by a seed; `python -m tests.answers --save FILE` compares everything, and other
versions of torch.
"""

import json
import os
import subprocess
import sys

from tests.answers import FOLDER

# The fastest that this machine has; and MKL's slowest kernels, no vector instructions, two threads.
HERE = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
ELSEWHERE = {"MKL_CBWR": "COMPATIBLE", "ATEN_CPU_CAPABILITY": "default"}
ELSEWHERE |= {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}


def verdicts(path, **environment: str) -> dict[str, str]:
    command = [sys.executable, "-m", "tests.answers", "--share", "0.05", "--save", str(path)]
    done = subprocess.run(
        command, cwd=FOLDER.parents[1], env={**os.environ, **environment}, capture_output=True
    )
    assert path.exists(), done.stderr.decode()
    return {name: said for name, (said, _) in json.loads(path.read_text()).items()}


def test_the_verdicts_are_the_same(tmp_path):
    here = verdicts(tmp_path / "here.json", **HERE)

    assert len(here) > 100
    assert verdicts(tmp_path / "elsewhere.json", **ELSEWHERE) == here
