"""What this machine really gives us: CPUs, memory, the best device.

A container usually sees all CPUs and all memory of its host but may use only a part of them. How
much is written in its control groups ("cgroups", versions 1 and 2) and, under JupyterHub and
Binder, in the environment variables CPU_LIMIT and MEM_LIMIT.

Importing this module imports neither torch nor psutil: `import vitcourse` must stay cheap.
"""

from __future__ import annotations  # so that even an old Python gets as far as our friendly message

import math
import os
import sys
from pathlib import Path, PurePosixPath

CGROUP_ROOT = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")


def cpu_limit() -> int:
    """The number of CPUs that this process may use: at least 1, fractions rounded up."""
    limits = [float(os.cpu_count() or 1)]
    if hasattr(os, "sched_getaffinity"):  # Linux only
        limits.append(float(len(os.sched_getaffinity(0))))
    for folder in _own_cgroup_folders("cpu"):
        # Version 2: one file with "quota period", or "max period" where there is no limit.
        quota, _, period = _read(folder / "cpu.max").partition(" ")
        limits += _quotient(quota, period)
        # Version 1: two files; a quota of -1 means no limit.
        limits += _quotient(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))
    limits += _positive(os.environ.get("CPU_LIMIT", ""))
    return max(1, math.ceil(min(limits)))


def memory_limit() -> int:
    """The memory that this process may use, in bytes: the machine's, or less in a container."""
    import psutil

    limits = [float(psutil.virtual_memory().total)]
    for folder in _own_cgroup_folders("memory"):
        limits += _positive(_read(folder / "memory.max"))  # version 2
        limits += _positive(_read(folder / "memory.limit_in_bytes"))  # version 1
    limits += _positive(os.environ.get("MEM_LIMIT", ""))
    return int(min(limits))


def respect_cpu_limit() -> None:
    """Keep torch from starting more threads than there are CPUs for us.

    torch counts the CPUs of the host. With 64 threads on a quota of 1 CPU it is many times
    slower than with 1. A value of OMP_NUM_THREADS that somebody chose is left alone.
    """
    limit = cpu_limit()
    if os.environ.get("OMP_NUM_THREADS") or limit >= (os.cpu_count() or 1):
        return
    os.environ["OMP_NUM_THREADS"] = str(limit)  # for a torch that is imported later
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() > limit:
        torch.set_num_threads(limit)


def best_device():
    """The fastest `torch.device` here: "cuda", else "mps" (Apple), else "cpu"."""
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def in_notebook() -> bool:
    """Is this a notebook's kernel, which shows HTML?"""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")


def _own_cgroup_folders(controller: str) -> list[Path]:
    """The folders of our own control group and of all groups above it; all their limits apply."""
    folders = []
    for line in _read(OWN_CGROUPS).splitlines():
        # "0::/user.slice/session" in version 2, "4:cpu,cpuacct:/docker/0123" in version 1.
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if names == "":
            roots = [CGROUP_ROOT, CGROUP_ROOT / "unified"]
        elif controller in names.split(","):
            roots = [CGROUP_ROOT / names, CGROUP_ROOT / controller]
        else:
            continue
        # A path seen from inside a container may start with "/.."; only what follows is ours.
        parts = [part for part in PurePosixPath(path).parts if part not in ("/", "..")]
        for root in roots:
            folders += [root.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1)]
    return folders


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:  # not Linux, or no such limit
        return ""


def _positive(text: str) -> list[float]:
    """[the number], or [] for whatever stands for "no limit": "", "max", "0", "-1", "None"."""
    try:
        value = float(text)
    except ValueError:
        return []
    return [value] if 0 < value < math.inf else []


def _quotient(quota: str, period: str) -> list[float]:
    return [q / p for q in _positive(quota) for p in _positive(period)]
