"""Linux' own means to confine a process, none of which needs root.

Each function does one thing to the current process, for good, and says whether that worked. The
numbers are those of the kernel's headers. On other systems all of them say no.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
CLONE_THREAD, CLONE_NEWUSER, CLONE_NEWNET = 0x10000, 0x10000000, 0x40000000
IS_LINUX = sys.platform == "linux"
libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None


def _call(name: str, *arguments: Any) -> bool:
    return libc is not None and getattr(libc, name)(*arguments) == 0


def _system_call(*arguments: Any) -> int:
    return libc.syscall(*arguments) if libc is not None else -1


def ends_with_parent() -> bool:
    return _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def no_new_privileges() -> bool:
    """No program that it starts gets more rights. The two below ask for it."""
    return _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def no_network() -> bool:
    """A network of its own, which is connected to nothing."""
    return _call("unshare", CLONE_NEWUSER | CLONE_NEWNET) or _call("unshare", CLONE_NEWNET)


# Landlock: which files it may read and write ------------------------------------------------------

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same for all processors
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
# How many rights on files each version of Landlock knows, counted from the lowest bit.
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}


def landlock_version() -> int:
    return max(0, _system_call(CREATE_RULESET, None, 0, 1))


def files_only(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """From now on it can read these files and folders only, and write into those only."""
    version = landlock_version()
    if not version:
        return False
    files = (1 << RIGHTS.get(version, 16)) - 1
    network = 0b11 if version >= 4 else 0  # bind and connect
    scoped = 0b11 if version >= 6 else 0  # other processes' sockets and signals
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = struct.pack("QQQ", files, network, scoped)[:size]
    ruleset = _system_call(CREATE_RULESET, ctypes.c_char_p(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow(ruleset, path, files & (EXECUTE | READ_FILE | READ_DIR), files)
        for path in writable:
            _allow(ruleset, path, files & ~EXECUTE, files)
        return _system_call(RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int, all_rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not path.is_dir():
        rights &= EXECUTE | WRITE_FILE | READ_FILE | (TRUNCATE & all_rights)
    rule = struct.pack("=Qi", rights, opened)
    _system_call(ADD_RULE, ruleset, 1, ctypes.c_char_p(rule), 0)
    os.close(opened)


# Seccomp: which services of the kernel it may use -------------------------------------------------

# Numbers of system calls: x86_64, aarch64.
PROCESSES = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}
NETWORK = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
}
KERNEL = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
CLONE, CLONE3, KILL, TGKILL = (56, 220), (435, 435), (62, 129), (234, 131)
OTHERS = {  # what is another process's, and what stays behind in the kernel
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "process_madvise": (440, 440),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
}
PRLIMIT = (302, 261)  # asked for one's own limits, too
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x00050001, 0x00050026  # what the call answers instead of doing anything


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _load(offset: int) -> bytes:
    return _step(0x20, offset)


def _answer(value: int) -> bytes:
    return _step(0x06, value)


def _filter(column: int, architecture: int) -> bytes:
    """The rules as a program: of each call, it sees the number (at 0) and the arguments (from 16).

    New threads are allowed, new processes are not; signals and limits are for itself only.
    """
    equal, at_least, any_bit = 0x15, 0x35, 0x45
    program = [_load(4), _step(equal, architecture, 1, 0), _answer(KILL_PROCESS), _load(0)]
    if column == 0:  # a second set of numbers, for programs of 32 bits
        program += [_step(at_least, 0x40000000, 0, 1), _answer(EPERM)]
    for numbers in (PROCESSES | NETWORK | KERNEL | OTHERS).values():
        if number := numbers[column]:
            program += [_step(equal, number, 0, 1), _answer(EPERM)]
    program += [_step(equal, CLONE3[column], 0, 1), _answer(ENOSYS)]  # its flags cannot be seen
    program += [_step(equal, CLONE[column], 0, 4), _load(16)]
    program += [_step(any_bit, CLONE_THREAD, 0, 1), _answer(ALLOW), _answer(EPERM)]
    for number in (KILL[column], TGKILL[column]):
        program += [_step(equal, number, 0, 4), _load(16)]
        program += [_step(equal, os.getpid(), 0, 1), _answer(ALLOW), _answer(EPERM)]
    program += [_step(equal, PRLIMIT[column], 0, 5), _load(16), _step(equal, 0, 1, 0)]
    program += [_step(equal, os.getpid(), 0, 1), _answer(ALLOW), _answer(EPERM)]
    return b"".join([*program, _answer(ALLOW)])


def no_processes() -> bool:
    """No new processes, no sockets, no signals to others, no tricks with the kernel."""
    known = ARCHITECTURES.get(platform.machine())
    if libc is None or known is None or sys.maxsize < 2**32:
        return False
    program = _filter(*known)
    steps = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    return _call("prctl", PR_SET_SECCOMP, 2, ctypes.c_char_p(described), 0, 0)
