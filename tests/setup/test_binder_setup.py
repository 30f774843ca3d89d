"""Binder: the launch link, and what repo2docker would build."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from vitcourse.commands import binder_link as binder


@pytest.fixture
def notebooks(monkeypatch):
    paths = [Path("notebooks") / name for name in ("00_tour.ipynb", "01_patch_embedding.ipynb")]
    monkeypatch.setattr(binder, "course_notebooks", lambda: paths)


def test_link(notebooks):
    assert binder.link_to_binder("ada/vitcourse", "v0.1.0", "01") == (
        "https://mybinder.org/v2/gh/ada/vitcourse/v0.1.0"
        "?urlpath=lab/tree/notebooks/01_patch_embedding.ipynb"
    )


def test_link_is_quoted(notebooks, monkeypatch):
    assert "/gh/a/b.c/class%2F2026%23x?" in binder.link_to_binder("a/b.c", "class/2026#x")
    monkeypatch.setattr(binder, "course_notebooks", lambda: [Path("00_größe & mehr.ipynb")])
    assert binder.link_to_binder("a/b", "v1").endswith("/00_gr%C3%B6%C3%9Fe%20%26%20mehr.ipynb")


@pytest.mark.parametrize(
    "repo", ["", "ada", "ada/", "/x", "a/b/c", "https://github.com/a/b", "a b/c", "-a/b", "a/b?c"]
)
def test_bad_repository(notebooks, repo):
    with pytest.raises(ValueError, match="OWNER/NAME"):
        binder.link_to_binder(repo, "v1")


@pytest.mark.parametrize("tag", ["", " ", "v 1", "v1\n", "a..b", "v1?", "v1:x"])
def test_bad_tag(notebooks, tag):
    with pytest.raises(ValueError, match="git tag"):
        binder.link_to_binder("a/b", tag)


def test_unknown_notebook(notebooks):
    with pytest.raises(ValueError, match=r"There are: 00_tour.ipynb"):
        binder.link_to_binder("a/b", "v1", "77")


def test_command(vitcourse):
    done = vitcourse("binder-link", "--repo", "a/b", "--tag", "v1", "--notebook", "01")
    assert done.returncode == 0
    assert done.stdout == (
        "https://mybinder.org/v2/gh/a/b/v1?urlpath=lab/tree/notebooks/01_patch_embedding.ipynb\n"
    )
    wrong = vitcourse("binder-link", "--repo", "b", "--tag", "v1")
    assert wrong.returncode == 2
    assert "OWNER/NAME" in wrong.stderr
    assert "Traceback" not in wrong.stderr


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
