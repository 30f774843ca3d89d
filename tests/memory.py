"""How much memory a notebook and JupyterLab take together, looked at again and again."""

import threading
from contextlib import suppress

import psutil

from benchmarks.notebooks import memory

SECONDS_BETWEEN_LOOKS = 0.1


class Together(threading.Thread):
    """The most that JupyterLab and the kernels started meanwhile have had at one moment.

    In Binder, a learner has one kernel beside the server; here earlier ones still lie about, and
    do not count.
    """

    def __init__(self, server: int) -> None:
        super().__init__(daemon=True)
        self.server, self.ended, self.highest = psutil.Process(server), threading.Event(), 0
        self.earlier = {process.pid for process in self._kernels()}

    def run(self) -> None:
        while not self.ended.wait(SECONDS_BETWEEN_LOOKS):
            with suppress(psutil.Error):  # a process has just ended
                self.highest = max(self.highest, self._taken())

    def _taken(self) -> int:
        kernels = self._kernels()
        of_kernels = {one.pid for kernel in kernels for one in kernel.children(recursive=True)}
        of_kernels |= {kernel.pid for kernel in kernels}
        family = [self.server, *self.server.children(recursive=True)]
        servers = [process for process in family if process.pid not in of_kernels]
        return sum(process.memory_info().rss for process in servers) + sum(
            memory(kernel) for kernel in kernels if kernel.pid not in self.earlier
        )

    def __enter__(self) -> "Together":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.ended.set()
        self.join()

    def _kernels(self) -> list[psutil.Process]:
        return [
            process
            for process in self.server.children(recursive=True)
            if "ipykernel_launcher" in " ".join(process.cmdline())
        ]
