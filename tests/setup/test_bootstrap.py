"""A fresh clone and a bare Python: the course makes its environment and goes on in it."""

import os
import stat
import subprocess
import sys

import pytest

BARE = [sys.executable, "-S", "-m", "vitcourse"]  # without site-packages nothing is installed


def run(clone, *arguments, **environment):
    return subprocess.run(
        [*BARE, *arguments],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def python_of_venv(clone):
    """A stand-in for .venv's Python that says what it was called with."""
    if os.name == "nt":
        pytest.skip("the stand-in is a shell script")
    path = clone / ".venv" / "bin" / "python"

    def make(has_course: bool):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'#!/bin/sh\nif [ "$1" = -c ]; then exit {0 if has_course else 1}; fi\necho "ran $*"\n'
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return make


def test_an_environment_that_is_there_is_used(clone, python_of_venv):
    python_of_venv(has_course=True)
    done = run(clone, "lab", "--no-browser")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ran -m vitcourse lab --no-browser\n"


def test_one_that_is_not_there_is_made(clone, python_of_venv):
    """With a venv that is a fake, too: `python -m venv` is the module of this folder."""
    python_of_venv(has_course=False)
    (clone / "venv.py").write_text("import sys; print('made', sys.argv[1])")
    done = run(clone, "lab")
    assert done.returncode == 0, done.stderr
    said = sorted(done.stdout.splitlines())
    assert said == sorted(
        [
            f"Making the course's environment, {clone / '.venv'} (once; it takes some minutes).",
            f"made {clone / '.venv'}",
            f"ran -m pip install -e {clone}",
            "ran -m vitcourse lab",
        ]
    )


def test_a_failure_says_what_to_do(clone, python_of_venv):
    python_of_venv(has_course=False)
    (clone / "venv.py").write_text("import sys; sys.exit(1)")
    done = run(clone, "lab")
    assert done.returncode == 1
    assert "This failed: " in done.stderr
    assert "sudo apt install python3-venv" in done.stderr


def test_an_activated_environment_is_left_alone(clone):
    """conda's is told from a bare Python by its folder conda-meta."""
    code = f"import sys; sys.prefix = {str(clone)!r}; sys.argv = ['vitcourse', 'lab']; "
    code += "import runpy; runpy.run_module('vitcourse', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=clone, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "python -m pip install -e ." in done.stderr
    assert not (clone / ".venv").exists()
