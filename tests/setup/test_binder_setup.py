"""Binder: what repo2docker would build."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def test_what_repo2docker_would_build(tracked_copy):
    repo2docker = pytest.importorskip(
        "repo2docker", reason='needs repo2docker: python -m pip install -e ".[authors]"'
    )
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug"]
    command += ["--user-name", "jovyan", "--user-id", "1000", "."]
    done = subprocess.run(command, cwd=tracked_copy, capture_output=True, text=True)
    dockerfile = done.stdout + done.stderr
    assert done.returncode == 0, dockerfile

    # Python 3.12 with the base environment that belongs to it, which has JupyterLab.
    assert "Building conda environment for python=3.12" in dockerfile
    assert "environment-2epy-2d3-2e12-2d" in dockerfile
    conda = Path(repo2docker.__file__).parent / "buildpacks" / "conda"
    base = next(conda.glob("environment.py-3.12-linux-64.lock")).read_text()
    assert re.search(r"/jupyterlab-4\.", base)

    # In this order: only a change of environment.yml rebuilds the environment.
    steps = [
        r"COPY .*src/environment\.yml ",
        r'env update -p \$\{NB_PYTHON_PREFIX\} --file "environment\.yml"',
        r"COPY .*src/ \$\{REPO_DIR\}/",
        r"RUN \./postBuild",
    ]
    places = []
    for step in steps:
        found = list(re.finditer(step, dockerfile))
        assert len(found) == 1, f"{step} is there {len(found)} times"
        places.append(found[0].start())
    assert places == sorted(places)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permission")
def test_post_build(repository):
    script = repository / "postBuild"
    assert os.access(script, os.X_OK)
    lines = [line for line in script.read_text().splitlines() if not line.startswith("#")]
    assert lines == ["set -e", "python -m pip install --no-deps -e ."]
    for folder in ("binder", ".binder"):  # repo2docker would read these and nothing else
        assert not (repository / folder).exists()
