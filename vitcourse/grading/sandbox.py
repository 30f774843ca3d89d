"""What code of strangers can do while it is judged, and what it cannot.

Each hand-in runs in a process and a scratch folder of its own. Around it are several walls; each is
there where the system has it:

- everywhere, a hook sees what Python is about to do, and refuses to write outside of the scratch
  folder, to start programs, to use the network, to stop other processes;
- where there are limits for processes (not on Windows): memory, computing time, size of files;
- on Linux, the kernel itself refuses the same (see linux.py), which no Python code can undo.

What this is not: a prison. Without the kernel's walls, code that reaches below Python gets around
the hook; and everywhere the code runs in the process that judges it. What that process calls solved
is confirmed in another one (`confirm.py`); attempts are noticed as far as `integrity.py` goes, and
`suspicious.py` points at code that looks like one. Against people who mean it, run grading in a
container or a virtual machine without network: docs/grading.md.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import site
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from vitcourse.grading import linux
from vitcourse.learner.notebook_files import course_location

MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Of one hand-in. The course's checks themselves need a second and 200 MB more than torch."""

    cpu_seconds: float = 120.0  # all exercises together
    step_seconds: float = 25.0  # of computing, for one exercise or one cell; a check needs under 5
    step_clock: float = 150.0  # the same by the clock, for code that waits
    memory: int = 3_000 * MB  # more than there was before the student's code
    file: int = 20 * MB
    scratch: int = 100 * MB


# Refused whoever asks: the course needs none of these while it judges.
REFUSED = {
    "start a program": (
        *("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"),
        *("os.startfile", "os.startfile/2", "subprocess.Popen", "pty.spawn"),
        *("_winapi.CreateProcess", "_winapi.OpenProcess", "_winapi.TerminateProcess"),
    ),
    "use the network": (
        *("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo"),
        *("socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto", "socket.sendmsg"),
    ),
    "stop a process": ("os.killpg", "signal.pthread_kill"),
    "lift its limits": ("resource.setrlimit", "resource.prlimit", "sys.addaudithook"),
    "change the registry": (
        *("winreg.CreateKey", "winreg.DeleteKey", "winreg.DeleteValue", "winreg.SetValue"),
        *("winreg.SaveKey", "winreg.LoadKey", "winreg.OpenKey"),
    ),
}
# Of these the arguments that are paths must be inside of the scratch folder.
CHANGES_FILES = {
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.mkdir": 1,
    "os.link": 2,
    "os.symlink": 2,
    "os.truncate": 1,
    "os.chmod": 1,
    "os.chown": 1,
    "os.utime": 1,
    "os.setxattr": 1,
    "os.removexattr": 1,
    "os.chflags": 1,
    "os.mkfifo": 1,
    "os.mknod": 1,
    "shutil.rmtree": 1,
    "sqlite3.connect": 1,
}
# Refused if the student's own code asks; libraries need them for good purposes.
REACHES_BELOW = {
    *("ctypes.dlopen", "ctypes.dlsym", "ctypes.dlsym/handle", "ctypes.call_function"),
    *("ctypes.addressof", "ctypes.cdata", "ctypes.cdata/buffer", "ctypes.string_at"),
    *("ctypes.wstring_at", "ctypes.PyObj_FromPtr", "ctypes.memoryview_at"),
    *("sys._getframe", "sys._getframemodulename", "code.__new__", "mmap.__new__"),
}
# Refused if the student's code is anywhere among the callers.
REACHES_EVERYTHING = {
    *("gc.get_objects", "gc.get_referrers", "gc.get_referents", "sys._current_frames"),
    *("sys.settrace", "sys.setprofile", "sys.monitoring.register_callback"),
}
FRAMES = {"gi_frame", "cr_frame", "ag_frame", "tb_frame"}
PASS_ON = {
    "ctypes",
    "inspect",
    "threading",
    "concurrent.futures.thread",
}  # modules that call for it
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Refused(PermissionError):
    """What student's code gets instead of what it has asked for."""


def enter(
    scratch: Path,
    limits: Limits,
    is_students: Callable[[FrameType], bool],
    keep_open: Iterable[int] = (),
    secret: Iterable[Path] = (),
) -> list[str]:
    """Confine this process for good; return what is in force, in words.

    `secret` are folders that the code must not read: other students' hand-ins.
    """
    os.chdir(scratch)
    _close_files(set(keep_open))
    _without_environment(scratch)
    walls = []
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):
            os.setsid()
    if _limit_resources(limits):
        walls.append("limits of the system")
    if linux.IS_LINUX:
        linux.ends_with_parent()
        privileges = linux.no_new_privileges()
        if linux.no_network():
            walls.append("no network")
        if linux.files_only(_readable(), [scratch, Path(os.devnull)]):
            walls.append(f"files kept apart by the kernel (Landlock {linux.landlock_version()})")
        if privileges and linux.no_processes():
            walls.append("no new processes (seccomp)")
    sys.addaudithook(_hook(scratch, is_students, tuple(secret)))
    return ["a hook in Python", *walls]


def _close_files(keep: set[int]) -> None:
    """Nothing that the parent has open can be reached; what is printed goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    if os.name == "posix":
        ends = [2, *sorted(keep), 65_536]
        for low, high in itertools.pairwise(ends):
            os.closerange(low + 1, high)
    for name in ("stdin", "stdout", "stderr"):
        mode = "r" if name == "stdin" else "w"
        setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _without_environment(scratch: Path) -> None:
    """No names, no passwords, no tokens of whoever grades."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "SYSTEMROOT", "LANG", "LC_ALL")}
    os.environ.clear()
    os.environ.update(kept, HOME=str(scratch), TMPDIR=str(scratch), TEMP=str(scratch))
    os.environ.update(OMP_NUM_THREADS="1", VITCOURSE_OFFLINE="1", VITCOURSE_QUICK="1")


def _limit_resources(limits: Limits) -> bool:
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return False
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": limits.file,
        "RLIMIT_CPU": int(limits.cpu_seconds) + 10,
        "RLIMIT_NOFILE": 256,
    }
    if linux.IS_LINUX:  # elsewhere it is not heeded, or counts what is not used; see watch.py
        wanted["RLIMIT_AS"] = _address_space() + limits.memory
    done = []
    for name, value in wanted.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (value, value))
            done.append(name)
    return len(done) == len(wanted)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def places_of_code() -> list[Path]:
    """Where Python, its packages and the course are."""
    places = [sys.prefix, sys.base_prefix, *site.getsitepackages(), site.getusersitepackages()]
    loaded = (sys.modules.get(name) for name in ("torch", "torchvision", "numpy"))
    packages = [Path(module.__file__).parent for module in loaded if module and module.__file__]
    found = [*map(Path, places), *packages, course_location(), Path(os.__file__).parent]
    return [path for path in found if path.exists()]


def _readable() -> list[Path]:
    """Code, and what the system's libraries look at."""
    system = ["/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom"]
    system += ["/proc/cpuinfo", "/proc/meminfo", "/proc/stat"]
    return [*places_of_code(), course_location().parent / "notebooks", *map(Path, system)]


# The hook -----------------------------------------------------------------------------------------


def _hook(scratch: Path, is_students: Callable[[FrameType], bool], secret: tuple[Path, ...]):
    """A function for `sys.addaudithook`. It keeps what it needs to itself."""
    inside = os.path.realpath(scratch) + os.sep
    hidden = tuple(os.path.realpath(path) + os.sep for path in secret)
    refused = {event: what for what, events in REFUSED.items() for event in events}
    changes, below = dict(CHANGES_FILES), frozenset(REACHES_BELOW)
    everything, frames, pass_on = map(frozenset, (REACHES_EVERYTHING, FRAMES, PASS_ON))
    realpath, getframe, pid, nowhere = os.path.realpath, sys._getframe, os.getpid(), os.devnull
    here = _hook.__code__.co_filename
    decode, path_types, is_busy = os.fsdecode, (str, bytes, type(Path())), threading.local()

    def place(path: Any) -> str:
        if type(path) not in path_types:  # something that may be another path at the next look
            refuse("use paths of a type of its own")
        return realpath(decode(path))

    def refuse(what: str) -> None:
        raise Refused(f"grading does not let it {what}")

    def may_change(path: Any) -> None:
        where = place(path)
        if not (where + os.sep).startswith(inside):
            refuse(f"change {where}, which is outside of its folder")

    def opened(path: Any, mode: Any, flags: Any) -> None:
        if isinstance(path, int):
            return
        writes = set(mode or "") & set("wax+") or (flags or 0) & WRITING
        if writes and path != nowhere:
            may_change(path)
        elif hidden and place(path).startswith(hidden):
            refuse("read other hand-ins")

    def outside() -> FrameType | None:
        """Who has done what the hook is asked about: the first frame that is not of this file."""
        frame: FrameType | None = getframe(1)
        while frame is not None and frame.f_code.co_filename == here:
            frame = frame.f_back
        return frame

    def asked_by_student() -> bool:
        frame: FrameType | None = outside()
        while frame is not None and frame.f_globals.get("__name__") in pass_on:
            frame = frame.f_back
        return frame is not None and is_students(frame)

    def student_calls() -> bool:
        frame: FrameType | None = outside()
        while frame is not None and not is_students(frame):
            frame = frame.f_back
        return frame is not None

    def reaches_below(event: str, arguments: tuple) -> bool:
        if event == "object.__getattr__":
            return arguments[1] in frames and asked_by_student()
        return (event in below and asked_by_student()) or (event in everything and student_calls())

    def decide(event: str, arguments: tuple) -> None:
        if event == "open":
            opened(*arguments)
        elif event in refused:
            refuse(refused[event])
        elif event == "os.kill":
            if arguments[0] != pid:
                refuse("stop a process")
        elif event in changes:
            for path in arguments[: changes[event]]:
                if not isinstance(path, int):
                    may_change(path)
        elif event in ("os.listdir", "os.scandir"):
            if hidden and (place(arguments[0] or ".") + os.sep).startswith(hidden):
                refuse("read other hand-ins")
        elif reaches_below(event, arguments):
            refuse("reach below Python")
        elif event == "object.__setattr__" and asked_by_student():
            refuse("change the code of functions")

    def hook(event: str, arguments: tuple) -> None:
        if getattr(is_busy, "now", False):
            return
        is_busy.now = True
        try:
            decide(event, arguments)
        finally:
            is_busy.now = False

    return hook
