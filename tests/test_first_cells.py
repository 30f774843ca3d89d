"""The first cell of each chapter answers within 5 seconds on one core, as Binder gives it.

Measured is processor time, since these tests run beside others. All first cells run one after the
other in one process, which is more than any of them needs alone.
"""

import os
import subprocess
import sys

import jupytext
import pytest

from benchmarks.notebooks import all_sources

# On one core they take about 3 and 4 seconds, the second for eleven cells together, of which the
# tour's, which looks at the installation, takes most.
LIBRARIES, OURS = 8.0, 8.0  # generous, for a machine that is busy
MEASURE = """
import os, sys
from IPython.core.interactiveshell import InteractiveShell

def seconds():  # with those of processes that it started
    return sum(os.times()[:4])

shell = InteractiveShell.instance()
begun = seconds()
shell.run_cell("import torch, torchvision; from matplotlib import pyplot").raise_error()
libraries = seconds()
for cell in {cells!r}:
    shell.run_cell(cell).raise_error()
print("seconds", libraries - begun, seconds() - libraries, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def first_cells() -> dict[str, str]:
    return {
        source.stem: next(
            cell.source for cell in jupytext.read(source).cells if cell.cell_type == "code"
        )
        for source in all_sources()
    }


def test_they_only_import_and_report(first_cells):
    """The tour's looks at the installation; nothing in them computes, loads or draws."""
    for name, cell in first_cells.items():
        done = [line for line in cell.splitlines() if line and line[0] not in " )#"]
        calls = {line.partition("(")[0] for line in done if "import" not in line}
        assert calls <= {"versions", "use_fastest_threads", "doctor"}, name


def test_they_answer_within_five_seconds(first_cells):
    code = MEASURE.format(cells=list(first_cells.values()))
    alone = os.environ | {"OMP_NUM_THREADS": "1", "VITCOURSE_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=alone)
    assert done.returncode == 0, done.stderr
    libraries, ours = map(float, done.stderr.rsplit("seconds", 1)[1].split())
    print(f"imports of torch and others: {libraries:.1f} s, the cells after that: {ours:.1f} s")
    assert libraries < LIBRARIES
    assert ours < OURS
