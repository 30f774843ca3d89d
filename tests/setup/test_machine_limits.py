"""CPU and memory limits, on made-up trees of control groups; torch's threads."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from vitcourse import machine

HOST_CPUS = 64
HOST_MEMORY = 256 * 2**30


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A big machine without limits; the returned function writes files of its control groups."""
    monkeypatch.setattr(machine, "CGROUP_ROOT", tmp_path / "cgroup")
    monkeypatch.setattr(machine, "OWN_CGROUPS", tmp_path / "own")
    monkeypatch.setattr(os, "cpu_count", lambda: HOST_CPUS)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(HOST_CPUS)), raising=False)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=HOST_MEMORY))
    for name in ("CPU_LIMIT", "MEM_LIMIT", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)

    def write(own: str, **files: str) -> None:
        (tmp_path / "own").write_text(own + "\n")
        for name, text in files.items():
            file = tmp_path / "cgroup" / Path(name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "\n")

    return write


def test_without_limits_the_whole_machine(host):
    assert machine.cpu_limit() == HOST_CPUS
    assert machine.memory_limit() == HOST_MEMORY


def test_version_2_at_the_root_of_a_container(host):
    host("0::/", **{"cpu.max": "200000 100000", "memory.max": str(2**31)})
    assert machine.cpu_limit() == 2
    assert machine.memory_limit() == 2**31


def test_version_2_own_group_is_not_the_root(host):
    host("0::/user/session", **{"user/session/cpu.max": "300000 100000", "cpu.max": "max 100000"})
    assert machine.cpu_limit() == 3


def test_version_2_the_strictest_group_above_counts(host):
    host(
        "0::/user/session",
        **{
            "user/session/cpu.max": "800000 100000",
            "user/cpu.max": "400000 100000",
            "user/session/memory.max": "max",
            "user/memory.max": str(3 * 2**30),
        },
    )
    assert machine.cpu_limit() == 4
    assert machine.memory_limit() == 3 * 2**30


def test_version_2_limits_of_strangers_do_not_count(host):
    host("0::/user/session", **{"other/cpu.max": "100000 100000"})
    assert machine.cpu_limit() == HOST_CPUS


def test_version_2_path_from_outside_the_namespace(host):
    host("0::/../../pod", **{"pod/cpu.max": "500000 100000"})
    assert machine.cpu_limit() == 5


def test_version_1(host):
    host(
        "5:memory:/docker/ab\n4:cpu,cpuacct:/docker/ab\n0::/",
        **{
            "cpu,cpuacct/docker/ab/cpu.cfs_quota_us": "250000",
            "cpu,cpuacct/docker/ab/cpu.cfs_period_us": "100000",
            "memory/docker/ab/memory.limit_in_bytes": str(2**30),
        },
    )
    assert machine.cpu_limit() == 3  # 2.5 rounded up
    assert machine.memory_limit() == 2**30


def test_version_1_without_limit(host):
    host(
        "4:cpu:/\n5:memory:/",
        **{
            "cpu/cpu.cfs_quota_us": "-1",
            "cpu/cpu.cfs_period_us": "100000",
            "memory/memory.limit_in_bytes": "9223372036854771712",
        },
    )
    assert machine.cpu_limit() == HOST_CPUS
    assert machine.memory_limit() == HOST_MEMORY


@pytest.mark.parametrize(
    ("quota", "expected"), [("1000 100000", 1), ("150000 100000", 2), ("99900000 100000", 64)]
)
def test_rounded_up_and_never_more_than_there_are(host, quota, expected):
    host("0::/", **{"cpu.max": quota})
    assert machine.cpu_limit() == expected


def test_affinity(host, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 7}, raising=False)
    assert machine.cpu_limit() == 2


def test_where_there_is_no_affinity(host, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")  # macOS, Windows
    assert machine.cpu_limit() == HOST_CPUS


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.0", 1), ("0.5", 1), ("2.5", 3), ("0", 64), ("None", 64), ("", 64), ("nan", 64)],
)
def test_jupyterhub_cpu_limit(host, monkeypatch, value, expected):
    monkeypatch.setenv("CPU_LIMIT", value)
    assert machine.cpu_limit() == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("2147483648", 2**31), ("0", HOST_MEMORY), ("x", HOST_MEMORY)]
)
def test_jupyterhub_memory_limit(host, monkeypatch, value, expected):
    monkeypatch.setenv("MEM_LIMIT", value)
    assert machine.memory_limit() == expected


class FakeTorch:
    def __init__(self, threads: int):
        self.threads = threads

    def get_num_threads(self) -> int:
        return self.threads

    def set_num_threads(self, threads: int) -> None:
        self.threads = threads


def test_threads_are_limited_before_and_after_the_import_of_torch(host, monkeypatch):
    torch = FakeTorch(32)
    monkeypatch.setitem(sys.modules, "torch", torch)
    host("0::/", **{"cpu.max": "200000 100000"})
    machine.respect_cpu_limit()
    assert os.environ.pop("OMP_NUM_THREADS") == "2"
    assert torch.threads == 2


def test_fewer_threads_stay_fewer(host, monkeypatch):
    torch = FakeTorch(1)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setenv("CPU_LIMIT", "4")
    machine.respect_cpu_limit()
    assert os.environ.pop("OMP_NUM_THREADS") == "4"
    assert torch.threads == 1


def test_a_chosen_number_of_threads_is_respected(host, monkeypatch):
    torch = FakeTorch(32)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setenv("CPU_LIMIT", "2")
    monkeypatch.setenv("OMP_NUM_THREADS", "32")
    machine.respect_cpu_limit()
    assert os.environ["OMP_NUM_THREADS"] == "32"
    assert torch.threads == 32


def test_without_a_limit_nothing_is_touched(host, monkeypatch):
    torch = FakeTorch(64)
    monkeypatch.setitem(sys.modules, "torch", torch)
    machine.respect_cpu_limit()
    assert "OMP_NUM_THREADS" not in os.environ
    assert torch.threads == 64


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two CPUs to limit them to one")
def test_torch_itself_listens():
    code = "import vitcourse, torch; print(torch.get_num_threads())"
    environment = {**os.environ, "CPU_LIMIT": "1"}
    environment.pop("OMP_NUM_THREADS", None)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1"]


def test_best_device_is_the_best(monkeypatch):
    import torch

    for cuda, mps, expected in [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")]:
        monkeypatch.setattr(torch.cuda, "is_available", lambda cuda=cuda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda mps=mps: mps)
        assert machine.best_device() == torch.device(expected)


# What `import vitcourse` may cost on top of a bare Python, in seconds. It is 0.01 to 0.02.
IMPORT_SECONDS = 0.2


def test_import_is_cheap_and_brings_no_torch():
    code = (
        "import time; start = time.perf_counter(); import vitcourse; "
        "seconds = time.perf_counter() - start; import sys; "
        "print(seconds, sorted({'torch', 'psutil', 'numpy', 'matplotlib'} & set(sys.modules)))"
    )
    best = float("inf")
    for _ in range(3):  # a busy machine may be slow once
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        seconds, _, heavy = done.stdout.strip().partition(" ")
        assert heavy == "[]"
        best = min(best, float(seconds))
    assert best < IMPORT_SECONDS
