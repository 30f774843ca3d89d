"""The explorer's JavaScript: node's own test runner, on the functions that need no browser."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.skipif(not shutil.which("node"), reason="no node on the PATH (Debian: nodejs)")
def test_the_functions_of_the_explorer():
    tests = sorted(map(str, HERE.glob("*.test.mjs")))
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", *tests],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
