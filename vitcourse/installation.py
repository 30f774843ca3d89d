"""Examine an installation, say what is wrong with it and what to do.

First, facts are gathered, each in a way that survives a broken environment: torch is imported in
another process, versions are read without importing anything. Then each finding is a small
function of facts alone. Everything is printed as plain text, in a terminal and in a notebook.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vitcourse import __version__, machine
from vitcourse.places import colab

SHOWN: tuple[str, ...] = ("vitcourse", "torch", "torchvision", "jupyterlab", "ipykernel")
SHOWN += ("ipywidgets", "matplotlib", "numpy", "nbval", "pytest")
OLDEST_PYTHON = (3, 11)
ENOUGH_MEMORY = 1.5e9  # bytes: torch, a chapter and its figures; measured 0.8 to 1.2e9
PROBE_SECONDS = 180  # a first import from a slow disk may take a minute

# Runs in another process, because a torch that does not fit crashes in many ways. One line of
# JSON at a time, so that what went well is known even if the next step kills the process.
PROBE = """
import json
def say(**facts):
    print(json.dumps(facts), flush=True)
try:
    import torch
    from vitcourse.machine import best_device
    device = best_device()
    name = f" ({torch.cuda.get_device_name()})" if device.type == "cuda" else ""
    say(torch_error="", device=f"{device}{name}", threads=torch.get_num_threads())
except Exception as error:
    say(torch_error=f"{type(error).__name__}: {error}")
    raise SystemExit
try:
    import torchvision
    boxes = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
    torchvision.ops.nms(boxes, torch.ones(1), 0.5)
    say(torchvision_error="")
except Exception as error:
    say(torchvision_error=f"{type(error).__name__}: {error}")
    raise SystemExit
try:
    from vitcourse import threads
    if threads.somebody_chose():
        say(threads_chosen=True)
    elif device.type == "cpu":
        say(step_seconds=threads.measured(), best_threads=threads.fastest(threads.measured()))
except Exception:
    pass  # then the report has no line about it
"""


@dataclass(frozen=True)
class Finding:
    """One line of the report. `level` is "ok", "remark" or "problem"; `advice` lists commands."""

    level: str
    text: str
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known about this installation. Memory in bytes; None where it is not known."""

    python: tuple[int, int, int]
    prefix: Path
    in_environment: bool
    installer: str  # "pip", "uv" or "conda": who can reinstall packages here
    versions: dict[str, str | None]  # None: not installed
    requirements: list[str]  # of vitcourse itself, e.g. "torch>=2.11"
    torchvision_requires: list[str]  # e.g. "torch==2.11.0"
    probe: dict = field(default_factory=dict)  # what PROBE said
    memory_total: int | None = None
    memory_available: int | None = None
    memory_limit: int | None = None
    cpus: int | None = None
    cpu_limit: int | None = None
    server_prefix: Path | None = None  # of the JupyterLab that started this kernel
    command_prefix: Path | None = None  # of the `jupyter-lab` that a terminal finds
    kernel_prefix: Path | None = None  # of the kernel "python3" that Jupyter would start
    in_colab: bool = False
    colab_requires: list[str] = field(default_factory=list)  # of Colab itself: "ipykernel==6.17.1"


def doctor() -> None:
    """Print what this installation is made of, what is wrong with it, and what to do."""
    examine()


def examine() -> bool:
    """What `doctor` prints; True if all is well."""
    facts = gather()
    found = findings(facts)
    print(report(facts, found))
    return all(finding.level != "problem" for finding in found)


def versions() -> None:
    """Print one line such as "vitcourse 0.1.0 · Python 3.11.7 · torch 2.15.0 · cpu"."""
    import torch

    import vitcourse

    torch_version = torch.__version__.partition("+")[0]
    parts = [f"vitcourse {vitcourse.__version__}", f"Python {platform.python_version()}"]
    parts += [f"torch {torch_version}", machine.best_device().type]
    print(" · ".join(parts))


# ---------------------------------------------------------------------------------- findings


def findings(facts: Facts) -> list[Finding]:
    """All findings, in a fixed order."""
    return [
        python_is_new_enough(facts),
        inside_an_environment(facts),
        packages_are_there(facts),
        torch_and_torchvision_fit(facts),
        jupyter_is_from_here(facts),
        memory_suffices(facts),
    ]


def python_is_new_enough(facts: Facts) -> Finding:
    version = ".".join(map(str, facts.python))
    if facts.python >= OLDEST_PYTHON:
        return Finding("ok", f"Python {version} is new enough")
    oldest = ".".join(map(str, OLDEST_PYTHON))
    return Finding(
        "problem",
        f"Python {version} is too old; vitcourse needs {oldest} or newer",
        ("make an environment with a newer Python; the README says how",),
    )


def inside_an_environment(facts: Facts) -> Finding:
    if facts.in_colab:
        return Finding(
            "ok", "this is Colab: files that are not on Google Drive go when the session ends"
        )
    if facts.in_environment:
        return Finding("ok", f"an environment of its own: {facts.prefix}")
    return Finding(
        "remark",
        "this is a bare Python, not an environment: other projects can break this one",
        ("python -m venv .venv, activate it, and install there (see README)",),
    )


def packages_are_there(facts: Facts) -> Finding:
    if importlib.util.find_spec("packaging") is None:
        return Finding("problem", "the package packaging is missing", (_install_all(facts),))
    if replaced := _wrong(facts, facts.colab_requires):
        text = f"an installation has replaced packages of Colab's own: {'; '.join(replaced)}"
        return Finding("problem", text, (_start_colab_anew(),))
    needed = facts.requirements
    if facts.in_colab:
        own = colab.NOT_NEEDED | colab.LEFT_ALONE
        needed = [line for line in needed if _name(line) not in own]
    wrong = _wrong(facts, needed)
    if facts.versions.get("vitcourse") is None:
        wrong.insert(0, "vitcourse itself is not installed")
    if wrong:
        return Finding("problem", "; ".join(wrong), (_install_all(facts),))
    return Finding("ok", "all packages that vitcourse needs are there")


def _wrong(facts: Facts, requirements: Sequence[str]) -> list[str]:
    """Which of the requirements, such as "torch>=2.11", are not met, and why."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion

    wrong = []
    for line in requirements:
        try:
            requirement = Requirement(line)
            if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
                continue
            have = facts.versions.get(requirement.name)
            if have is None:
                wrong.append(f"{requirement.name} is missing")
            elif not requirement.specifier.contains(have, prereleases=True):
                wrong.append(f"{requirement.name} is {have}, but must be {requirement.specifier}")
        except (InvalidRequirement, InvalidVersion):
            wrong.append(f"{line} cannot be judged")
    return wrong


def torch_and_torchvision_fit(facts: Facts) -> Finding:
    torch, torchvision = facts.versions.get("torch"), facts.versions.get("torchvision")
    if torch is None or torchvision is None:
        missing = "torch" if torch is None else "torchvision"
        return Finding("problem", f"{missing} is not installed", _reinstall_torch(facts))

    what = f"torch {torch} and torchvision {torchvision}"
    if error := facts.probe.get("torch_error"):
        return Finding("problem", f"torch {torch} fails: {error}", _reinstall_torch(facts))
    # "2.15.0+cpu" and "0.29.2" are builds from different places, whatever their numbers are.
    if torch.partition("+")[2] != torchvision.partition("+")[2]:
        text = f"{what} come from different places"
        return Finding("problem", text, _reinstall_torch(facts))
    for line in facts.torchvision_requires:
        if not _satisfies(torch, line):
            text = f"{what} do not fit: this torchvision needs {line}"
            return Finding("problem", text, _reinstall_torch(facts))
    if error := facts.probe.get("torchvision_error"):
        text = f"{what} do not work together: {error}"
        return Finding("problem", text, _reinstall_torch(facts))
    return Finding("ok", f"{what} fit together")


def jupyter_is_from_here(facts: Facts) -> Finding:
    if facts.in_colab:
        return Finding("ok", "notebooks run in Colab, which needs no JupyterLab")
    start = ("close JupyterLab; activate this environment; run: python -m vitcourse lab",)
    if facts.server_prefix and not _same(facts.server_prefix, facts.prefix):
        text = (
            f"this notebook runs in {facts.prefix}, but JupyterLab itself in "
            f"{facts.server_prefix}: sliders and other widgets will not show"
        )
        return Finding("problem", text, start)
    if facts.kernel_prefix and not _same(facts.kernel_prefix, facts.prefix):
        text = f"Jupyter's kernel python3 belongs to another Python: {facts.kernel_prefix}"
        advice = (
            "start with: python -m vitcourse lab",
            "or make the kernel this one's: python -m ipykernel install --sys-prefix, "
            "and remove the other: jupyter kernelspec list shows where it is",
        )
        return Finding("problem", text, advice)
    if facts.command_prefix and not _same(facts.command_prefix, facts.prefix):
        text = f"the command jupyter-lab is that of another Python: {facts.command_prefix}"
        return Finding("remark", text, ("start with: python -m vitcourse lab",))
    return Finding("ok", "Jupyter and its kernel are this environment's")


def memory_suffices(facts: Facts) -> Finding:
    known = [m for m in (facts.memory_available, facts.memory_limit) if m is not None]
    if not known:
        return Finding("remark", "the memory of this machine is not known")
    usable = min(known)
    if usable >= ENOUGH_MEMORY:
        return Finding("ok", f"{_gigabytes(usable)} of memory can be used")
    return Finding(
        "problem",
        f"only {_gigabytes(usable)} of memory can be used; vitcourse needs "
        f"{_gigabytes(ENOUGH_MEMORY)}: the kernel may die without a message",
        ("close other programs and notebooks (in JupyterLab: Kernel > Shut Down All Kernels)",),
    )


def _satisfies(version: str, requirement: str) -> bool:
    try:
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.version import InvalidVersion

        return Requirement(requirement).specifier.contains(version, prereleases=True)
    except (ImportError, InvalidRequirement, InvalidVersion):
        return True  # not known to be wrong


def _same(one: Path, other: Path) -> bool:
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def _start_colab_anew() -> str:
    return "Runtime > Disconnect and delete runtime; then run the notebook from its first cell"


def _install_all(facts: Facts) -> str:
    if facts.in_colab:
        return "run the first cell of the notebook again"
    if facts.installer == "conda":
        return "in the clone: conda env update -f environment.yml, then pip install --no-deps -e ."
    pip = "uv pip" if facts.installer == "uv" else "python -m pip"
    return f"in the clone: {pip} install -e ."


def _reinstall_torch(facts: Facts) -> tuple[str, ...]:
    """How to get both, always together, from the same place."""
    if facts.in_colab:
        return (_start_colab_anew(),)
    if facts.installer == "conda":
        return (
            "python -m pip uninstall -y torch torchvision",
            "conda install --force-reinstall -c conda-forge pytorch-cpu torchvision",
        )
    cpu_only = "for the smaller CPU-only build: uv pip install --torch-backend=cpu --reinstall "
    cpu_only += "torch torchvision"
    if facts.installer == "uv":
        return ("uv pip install --reinstall torch torchvision", cpu_only)
    return (
        "python -m pip uninstall -y torch torchvision",
        "python -m pip install torch torchvision",
        f"or, {cpu_only}",
    )


# ------------------------------------------------------------------------------------ report


def report(facts: Facts, found: Sequence[Finding]) -> str:
    """Facts and findings as text."""
    lines = ["", f"  {'Python':<12}{'.'.join(map(str, facts.python))}   {facts.prefix}"]
    shown = [name for name in SHOWN if not (facts.in_colab and name in colab.NOT_NEEDED)]
    lines += [f"  {name:<12}{facts.versions.get(name) or 'not installed'}" for name in shown]
    lines += [
        f"  {'device':<12}{facts.probe.get('device', 'not known')}",
        f"  {'memory':<12}{_gigabytes(facts.memory_total)} in all, "
        f"{_gigabytes(facts.memory_available)} available, limit {_gigabytes(facts.memory_limit)}",
        f"  {'CPUs':<12}{facts.cpu_limit} of {facts.cpus} may be used; "
        f"torch uses {facts.probe.get('threads', 'an unknown number of')} threads",
        *_fastest_threads(facts.probe),
        "",
    ]
    for finding in found:
        lines.append(f"{finding.level:<9}{finding.text}")
        lines += [f"{'':<9}-> {step}" for step in finding.advice]
    problems = sum(finding.level == "problem" for finding in found)
    verdict = {0: "Nothing is wrong.", 1: "One problem."}.get(problems, f"{problems} problems.")
    return "\n".join([*lines, "", verdict])


def _fastest_threads(probe: dict) -> list[str]:
    """How many threads small models are trained with, and why; nothing if not measured."""
    if probe.get("threads_chosen"):
        return [f"  {'threads':<12}{probe['threads']}, as somebody chose; the course keeps to it"]
    seconds, best = probe.get("step_seconds", {}), str(probe.get("best_threads"))
    if best not in seconds or len(seconds) < 2:
        return []
    others = [
        f"{number} thread{'' if number == '1' else 's'}: {1000 * taken:.1f} ms"
        for number, taken in seconds.items()
        if number != best
    ]
    text = f"{best} of {probe['threads']} {'is' if best == '1' else 'are'} fastest here for small "
    text += f"models ({1000 * seconds[best]:.1f} ms a step; {', '.join(others)})"
    return [f"  {'threads':<12}{text}"]


def _gigabytes(size: float | None) -> str:
    return "unknown" if size is None else f"{size / 1e9:.1f} GB"


# ------------------------------------------------------------------------------------- facts


def gather() -> Facts:
    """The facts about the Python that runs this. Never raises; what fails is left unknown."""
    requirements = _requires("vitcourse")
    in_colab = colab.in_colab()
    names = {_name(line) for line in requirements}
    prefix = Path(sys.prefix)
    in_jupyter = "JPY_PARENT_PID" in os.environ
    memory = _memory()
    found = {name: _version(name) for name in sorted({*SHOWN, *names})}
    if found["vitcourse"]:  # what an installation in a clone remembers may be older than its files
        found["vitcourse"] = __version__
    return Facts(
        python=sys.version_info[:3],
        prefix=prefix,
        in_environment=sys.prefix != sys.base_prefix or (prefix / "conda-meta").is_dir(),
        installer=_installer(prefix),
        versions=found,
        requirements=requirements,
        torchvision_requires=[
            line for line in _requires("torchvision") if re.match(r"torch\b(?!-)", line)
        ],
        probe=probe(),
        memory_total=memory[0],
        memory_available=memory[1],
        memory_limit=memory[2],
        cpus=os.cpu_count(),
        cpu_limit=machine.cpu_limit(),
        server_prefix=_server_prefix() if in_jupyter else None,
        command_prefix=None if in_jupyter else command_prefix(shutil.which("jupyter-lab")),
        kernel_prefix=None if in_jupyter else _kernel_prefix(),
        in_colab=in_colab,
        colab_requires=[
            line for line in _requires("google-colab") if _name(line) in colab.LEFT_ALONE
        ],
    )


def probe() -> dict:
    """Import torch and torchvision in another process and report how it went."""
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", PROBE],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROBE_SECONDS,
            check=False,
        )
        output, ending = done.stdout, f"the process ended with code {done.returncode}"
        if done.stderr.strip():
            ending += f" ({done.stderr.strip().splitlines()[-1]})"
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
        output = said.decode(errors="replace") if isinstance(said, bytes) else said
        ending = f"no answer within {PROBE_SECONDS} seconds"
    except OSError as error:
        output, ending = "", str(error)
    facts: dict = {}
    for line in output.splitlines():
        if line.startswith("{"):
            facts |= json.loads(line)
    facts = {k: _one_line(v) if k.endswith("_error") else v for k, v in facts.items()}
    if "torch_error" not in facts:
        facts["torch_error"] = ending
    elif not facts["torch_error"] and "torchvision_error" not in facts:
        facts["torchvision_error"] = ending
    return facts


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 200 else text[:197] + "..."


def _version(name: str) -> str | None:
    # Broken metadata raises all sorts of errors; for us they all mean: not properly installed.
    try:
        return importlib.metadata.version(name) or None
    except Exception:
        return None


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0]


def _requires(name: str) -> list[str]:
    try:
        return importlib.metadata.requires(name) or []
    except Exception:
        return []


def _installer(prefix: Path) -> str:
    if (prefix / "conda-meta").is_dir():
        return "conda"
    # uv's environments have no pip. (After find_spec("pip"), setuptools could not be imported.)
    return "pip" if _version("pip") else "uv"


def _memory() -> tuple[int | None, int | None, int | None]:
    try:
        import psutil

        memory = psutil.virtual_memory()
        return memory.total, memory.available, machine.memory_limit()
    except Exception:
        return None, None, None


def prefix_of(python: str) -> Path:
    """The environment that an interpreter belongs to: /x/bin/python -> /x."""
    # The folder is resolved (/bin is often /usr/bin), the file is not: in a virtual environment
    # it is a link to the Python that the environment was made from.
    folder = Path(os.path.realpath(Path(python).parent))
    return folder.parent if folder.name.lower() in ("bin", "scripts") else folder


def command_prefix(command: str | None) -> Path | None:
    """The environment that the installed script `command` runs in; None if that is not clear."""
    if command is None:
        return None
    if command.lower().endswith(".exe"):
        return prefix_of(command)
    try:
        # "#!/x/bin/python", or where that is too long for a system: a shell's "exec" of it.
        head = Path(command).read_bytes()[:1000].decode(errors="replace").splitlines()[:3]
    except OSError:
        return None
    for line in head:
        if match := re.search(r"(/[^\"']*/python[\d.]*)(?=[\"'\s]|$)", line):
            return prefix_of(match[1])
    return None


def _server_prefix() -> Path | None:
    """The environment of the process that started this kernel; None if that is not clear."""
    try:
        import psutil

        # On Windows the variable holds something other than a process id: look at the parents.
        if os.name == "nt":
            candidates = psutil.Process().parents()
        else:
            candidates = [psutil.Process(int(os.environ["JPY_PARENT_PID"]))]
        for process in candidates:
            command = process.cmdline()
            if any("jupyter" in part for part in command):
                python = shutil.which(command[0], path=process.environ().get("PATH"))
                is_python = Path(command[0]).name.lower().startswith("python")
                return prefix_of(python) if python and is_python else None
    except Exception:  # the process is gone, or belongs to somebody else
        return None
    return None


def _kernel_prefix() -> Path | None:
    try:
        from jupyter_client.kernelspec import KernelSpecManager

        python = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except Exception:
        return None
    # A bare "python" means: the Python that runs Jupyter.
    return prefix_of(python) if os.path.isabs(python) else None
