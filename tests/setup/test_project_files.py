"""The files of the set-up say the same: README, pyproject.toml, environment.yml, lock, CI."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# Names on conda-forge that differ from those in pyproject.toml.
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
# Which torchvision belongs to which torch: minor versions run in step, this far apart.
TORCHVISION_IS_BEHIND_BY = {"2.11": "0.26", "2.15": "0.29"}
PLATFORMS = [
    {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
]


@pytest.fixture(scope="module")
def project(repository) -> dict:
    return tomllib.loads((repository / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def needed(project) -> dict[str, Requirement]:
    requirements = [Requirement(line) for line in project["dependencies"]]
    return {canonicalize_name(r.name): r for r in requirements}


@pytest.fixture(scope="module")
def locked(repository) -> list[Requirement]:
    lines = (repository / "requirements.lock").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def conda(repository) -> dict:
    return yaml.safe_load((repository / "environment.yml").read_text())


@pytest.fixture(scope="module")
def readme(repository) -> str:
    return (repository / "README.md").read_text(encoding="utf-8")


def exact(requirement: Requirement) -> str:
    (specifier,) = requirement.specifier
    assert specifier.operator == "==", f"{requirement} is not pinned"
    return specifier.version


# ------------------------------------------------------------------------------------------ lock


def test_lock_names_no_address(repository):
    text = (repository / "requirements.lock").read_text()
    for unwanted in ("://", "--find-links", "--index", "--extra-index", "--hash", " @ ", "/"):
        assert unwanted not in text


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: p["sys_platform"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_lock_pins_each_dependency_once_everywhere(project, locked, platform, python):
    environment = default_environment() | platform
    environment |= {"python_version": python, "python_full_version": f"{python}.5", "extra": ""}
    pins: dict[str, str] = {}
    for requirement in locked:
        if requirement.marker is None or requirement.marker.evaluate(environment):
            assert requirement.name not in pins, f"{requirement.name} twice"
            pins[canonicalize_name(requirement.name)] = exact(requirement)
    extras = project["optional-dependencies"]
    lines = project["dependencies"] + extras["teachers"] + extras["authors"]
    for requirement in map(Requirement, lines):
        if requirement.name == "vitcourse":
            continue
        version = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement.name} {version} is too old"


def test_lock_has_torch_and_torchvision_in_step(locked):
    pins = {r.name: exact(r) for r in locked if r.name in ("torch", "torchvision")}
    torch, torchvision = (pins[n].rsplit(".", 1)[0] for n in ("torch", "torchvision"))
    assert TORCHVISION_IS_BEHIND_BY[torch] == torchvision


def test_readme_has_the_command_that_makes_the_lock(repository, readme):
    header = (repository / "requirements.lock").read_text().splitlines()[1]
    command = header.removeprefix("#").strip()
    # uv leaves --upgrade out of what it writes down.
    assert command in readme.replace(" --upgrade", "")


# ----------------------------------------------------------------------------------- environment


def test_conda_has_each_dependency_and_nothing_else(needed, conda):
    assert conda["name"] == "vitcourse"
    assert conda["channels"] == ["conda-forge"]
    assert all(isinstance(entry, str) for entry in conda["dependencies"])  # no `pip:` part
    names = [re.split(r"[=<>]", entry)[0] for entry in conda["dependencies"]]
    assert sorted(names) == sorted(["python", "pip", *(CONDA_NAMES.get(n, n) for n in needed)])


def test_conda_satisfies_the_lower_bounds(project, needed, conda):
    entries = dict(re.match(r"([\w-]+)(.*)", entry).groups() for entry in conda["dependencies"])
    assert re.fullmatch(r"=3\.\d+", entries["python"])  # one "=" or repo2docker takes another
    assert project["requires-python"] == ">=3.11"
    assert Version(entries["python"][1:]) >= Version("3.11")
    for name, requirement in needed.items():
        bound = entries[CONDA_NAMES.get(name, name)]
        (lower,) = requirement.specifier
        assert lower.operator == ">="
        if bound.startswith(">="):
            assert bound == str(lower), f"{name}: {bound} here, {lower} in pyproject.toml"
        else:
            pinned = Version(bound.removeprefix("="))
            parts = len(pinned.release)
            assert pinned.release >= Version(lower.version).release[:parts], f"{name}{bound}"


def test_conda_has_torch_and_torchvision_in_step(conda):
    entries = dict(e.split("=", 1) for e in conda["dependencies"] if "torch" in e)
    assert TORCHVISION_IS_BEHIND_BY[entries["pytorch-cpu"]] == entries["torchvision"]


def test_lowest_torch_and_torchvision_are_in_step(needed):
    lowest = {name: next(iter(needed[name].specifier)).version for name in needed}
    assert TORCHVISION_IS_BEHIND_BY[lowest["torch"]] == lowest["torchvision"]


# -------------------------------------------------------------------------------- README and CI


def test_ci_runs_the_readmes_test_command(repository, readme):
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    shown = subprocess.run(
        ["bash", ".ci/run", "--show-command"], cwd=repository, capture_output=True, text=True
    )
    assert (
        shown.stdout
        == 'python -m pip install -e ".[authors]" ; python -m pytest -n auto --dist loadfile\n'
    )
    assert shown.stdout.strip() in readme
    assert os.access(repository / ".ci" / "run", os.X_OK)


def test_ci_without_a_test_command_fails(repository, tmp_path):
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    (tmp_path / ".ci").mkdir()
    shutil.copy(repository / ".ci" / "run", tmp_path / ".ci")
    (tmp_path / "README.md").write_text("# no command\n```\nrm everything\n```\n")
    done = subprocess.run(["bash", ".ci/run"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "test command" in done.stderr


def test_readme_names_only_commands_that_exist(readme, vitcourse):
    named = set(re.findall(r"(?:python -m|uv run) vitcourse ([a-z-]+)", readme))
    assert {"lab", "check", "doctor", "links"} <= named
    offered = vitcourse("--help").stdout
    for command in named:
        assert f" {command} " in offered


def test_readme_commands_work_in_every_shell(readme):
    blocks = re.findall(r"^```\n(.*?)^```", readme, flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) > 8
    for block in blocks:
        assert "&&" not in block  # not valid in Windows PowerShell 5
        assert "\\\n" not in block
    # Where packages come from is the installer's affair: no address of any index.
    assert set(re.findall(r"https?://([^/\s)]+)", readme)) <= {"docs.astral.sh"}


# ----------------------------------------------------------------------------------------- wheel


def test_a_wheel_carries_notebooks_but_no_solutions(clone, repository, tmp_path):
    pytest.importorskip(
        "hatchling", reason='needs hatchling: python -m pip install -e ".[authors]"'
    )
    shutil.copy(repository / "README.md", clone)
    shutil.copy(repository / "LICENSE", clone)
    (clone / "notebooks" / "source" / "00_tour.py").write_text("# the source")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=clone,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    notebooks = [name for name in names if "notebooks/" in name]
    assert notebooks == [
        "vitcourse/notebooks/00_tour.ipynb",
        "vitcourse/notebooks/01_patch_embedding.ipynb",
    ]
    assert "vitcourse/__main__.py" in names
    assert "vitcourse/exercises/answers/ex_1_1.py" in names  # the checks name mistakes by them
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert all(name.startswith("vitcourse") for name in names)


def test_the_oldest_versions_are_the_lower_bounds(repository, project):
    """CI installs them as constraints: what pyproject.toml promises is tried."""
    lines = (repository / "tests" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins == [line.replace(">=", "==") for line in project["dependencies"]]
