"""Codespaces: its set-up and those of conda and pip agree."""

import json
import re
import shlex
import subprocess
import sys

import pytest
import yaml

from vitcourse import bootstrap


@pytest.fixture(scope="module")
def container(repository) -> dict:
    text = (repository / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def installs(container) -> list[list[str]]:
    """The steps that make the environment, each as a list of words."""
    return [shlex.split(step) for step in container["onCreateCommand"].split("&&")]


def test_the_same_python_as_conda(container, repository):
    conda = yaml.safe_load((repository / "environment.yml").read_text(encoding="utf-8"))
    (python,) = (e.split("=")[1] for e in conda["dependencies"] if e.startswith("python="))
    assert container["image"] == f"mcr.microsoft.com/devcontainers/python:{python}"


def test_it_installs_the_lock_and_a_cpu_build_as_conda_does(installs, repository):
    step = installs[-1]
    assert step[step.index("-c") + 1] == "requirements.lock"
    assert step[step.index("-e") + 1] == "."
    assert (repository / "requirements.lock").is_file()
    conda = (repository / "environment.yml").read_text(encoding="utf-8")
    assert ("--torch-backend=cpu" in step) == ("pytorch-cpu" in conda)


def test_the_environment_is_the_one_that_lab_uses(container, installs):
    name = bootstrap.ENVIRONMENT.name
    assert installs[0] == ["python3", "-m", "venv", name]
    assert installs[-1][installs[-1].index("--python") + 1] == name
    assert f"/{name}/bin:" in container["remoteEnv"]["PATH"]
    python = container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python.endswith(f"/{name}/bin/python")


def test_learners_get_copies_of_their_own(container, clone):
    python, *arguments = shlex.split(container["postCreateCommand"])
    assert python == f"{bootstrap.ENVIRONMENT.name}/bin/python"
    subprocess.run([sys.executable, *arguments], cwd=clone, check=True)
    assert (clone / "my_notebooks" / "00_tour.ipynb").is_file()
