"""Processes for the hand-ins: one each, watched from outside, with what they say read line by line.

Where processes can be forked safely (Linux), torch and the course are imported once and every
process begins with them. Elsewhere each process imports them itself, which takes some seconds.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import psutil

CAN_FORK = sys.platform == "linux"
LONGEST_LINE, MOST_OUTPUT = 20_000_000, 100_000_000  # bytes

Send = Callable[[bytes], None]


class Floods(Exception):
    """A process says more than anybody wants to hear."""


class Process:
    """What the two kinds have in common: lines that arrive, and an end."""

    pid: int

    def __init__(self) -> None:
        self._rest, self._bytes = b"", 0
        self.is_closed = False

    def lines(self) -> list[bytes]:
        """The lines that have arrived since the last look. Raises Floods."""
        data = self._arrived()
        self._bytes += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        if self._bytes > MOST_OUTPUT or len(self._rest) > LONGEST_LINE:
            raise Floods
        return whole

    def _arrived(self) -> bytes:
        raise NotImplementedError

    def kill(self) -> None:
        """End it and all that it has started; wait until it is gone."""
        raise NotImplementedError

    def memory(self) -> int:
        """How much it uses, with what it has started."""
        return sum(self._ask(lambda p: p.memory_info().rss, 0))

    def cpu_seconds(self) -> float:
        return sum(self._ask(lambda p: sum(p.cpu_times()[:2]), 0.0))

    def _ask(self, what: Callable[[psutil.Process], Any], otherwise: Any) -> list:
        found = []
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            # Where the kernel forbids new processes there are none, and looking takes time.
            for one in [process] if CAN_FORK else [process, *process.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    found.append(what(one))
        return found or [otherwise]


class Forked(Process):
    def __init__(self, work: Callable[[Send, int], NoReturn]) -> None:
        super().__init__()
        self._pipe, write = os.pipe()
        # Ctrl-C is the parent's. In the middle of a fork, Python would swallow it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self._pipe)
                work(lambda line: write_all(write, line), write)
            finally:
                os._exit(1)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(write)
        os.set_blocking(self._pipe, False)

    def fileno(self) -> int:
        return self._pipe

    def _arrived(self) -> bytes:
        data = b""
        while not self.is_closed and len(data) <= LONGEST_LINE:
            try:
                part = os.read(self._pipe, 65_536)
            except BlockingIOError:
                break
            self.is_closed = not part
            data += part
        return data

    def kill(self) -> None:
        for end in (os.killpg, os.kill):  # it leads a group of its own, once it has come so far
            with contextlib.suppress(ProcessLookupError, PermissionError):
                end(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        os.close(self._pipe)


class Spawned(Process):
    """A fresh Python, which is told by its input what to do."""

    def __init__(self, work: Any) -> None:
        super().__init__()
        command = [sys.executable, "-c", "from vitcourse.grading.spawned import main; main()"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        )
        self.pid = self._process.pid
        self._parts: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as to_it:
            pickle.dump(work, to_it)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while part := os.read(self._process.stdout.fileno(), 65_536):
            self._parts.put(part)
        self._parts.put(b"")

    def _arrived(self) -> bytes:
        data = b""
        with contextlib.suppress(queue.Empty):
            while not self.is_closed and len(data) <= LONGEST_LINE:
                part = self._parts.get_nowait()
                self.is_closed = not part
                data += part
        return data

    def kill(self) -> None:
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    child.kill()
        self._process.kill()
        self._process.wait()


def wait_for_any(processes: Sequence[Process], seconds: float) -> None:
    """Until one of them has said something, but not longer than this."""
    pipes = [process for process in processes if isinstance(process, Forked)]
    if pipes:
        select.select(pipes, [], [], seconds)
    else:
        time.sleep(min(seconds, 0.02))


def write_all(pipe: int, line: bytes, write: Callable[[int, bytes], int] = os.write) -> None:
    """`write` is held here, whatever happens to the module `os` later."""
    data = line + b"\n"
    while data:
        data = data[write(pipe, data) :]
