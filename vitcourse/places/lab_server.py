"""The JupyterLab that `vitcourse lab` runs: how it is started, found and stopped."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from vitcourse.files import is_writable

JUPYTER_CONFIG = Path(__file__).resolve().parents[1] / "jupyter_config"
MAX_UPLOAD = 100  # MB; jupyter_config says what it takes
SECONDS_TO_STOP = 10.0  # it stops within one, unless it hangs


def command(
    folder: Path,
    notebook: str,
    *,
    browser: bool = True,
    port: int | None = None,
    verbose: bool = False,
) -> list[str]:
    """The command that starts this environment's JupyterLab in `folder`."""
    parts = [
        sys.executable,
        "-m",
        "vitcourse.places.lab_server",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab/tree/{quote(notebook)}",
    ]
    if not verbose:
        parts += ["--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR"]
    if not browser:
        parts.append("--ServerApp.open_browser=False")
    if port is not None:
        parts.append(f"--ServerApp.port={port}")
    if is_root():
        parts.append("--allow-root")  # JupyterLab would refuse to start
    return parts


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def environment() -> dict[str, str]:
    """The environment variables for JupyterLab.

    Many people have a kernel called "python3" of some other Python in their home folder.
    JUPYTER_PREFER_ENV_PATH makes Jupyter prefer the kernel of this environment. Our settings folder
    turns off the pop-up that asks about news and the check for updates: a class may be offline.
    JupyterLab prints a token that it has made itself among five other lines, a given one never.
    """
    config_path = [str(JUPYTER_CONFIG), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return {
        "JUPYTER_TOKEN": secrets.token_hex(24),
        **os.environ,
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_PATH": os.pathsep.join(config_path),
        "VITCOURSE_MAX_UPLOAD": str(MAX_UPLOAD),
    }


@contextlib.contextmanager
def files_of_jupyter() -> Iterator[str]:
    """Let Jupyter write its own files; yields what to say about it, if anything.

    It keeps addresses, settings and signatures in the home folder, and does not start where it
    cannot. Then they go to a temporary folder, which only this user can read.
    """
    from jupyter_core.paths import jupyter_data_dir

    if _can_be_written(Path(jupyter_data_dir())):
        yield ""
        return
    with TemporaryDirectory(prefix="vitcourse-", ignore_cleanup_errors=True) as folder:
        names = ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")
        before = {name: os.environ.get(name) for name in (*names, "IPYTHONDIR", "MPLCONFIGDIR")}
        os.environ |= {name: str(Path(folder) / name.lower()) for name in before}
        try:
            yield "Your home folder cannot be written to: JupyterLab will forget its settings."
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value


def _can_be_written(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return is_writable(folder)


def run_until_stopped(
    parts: list[str], variables: dict[str, str], folder: Path, notebook: str
) -> int:
    """Run JupyterLab, print its address, return its exit code. Ctrl-C is JupyterLab's to handle."""
    started, told = time.time(), False
    with subprocess.Popen(parts, env=variables) as server:
        # Whatever ends this process (a closed terminal, a supervisor) should end JupyterLab too.
        signal.signal(signal.SIGTERM, lambda *_: _stop(server))
        while True:
            try:
                return server.wait(timeout=None if told else 0.2)
            except subprocess.TimeoutExpired:
                if address := find_address(folder, notebook, started):
                    print(f"JupyterLab is at {address}", flush=True)
                    told = True
            except KeyboardInterrupt:
                # The terminal sent Ctrl-C to JupyterLab as well. It asks whether to stop and
                # then ends its kernels in order; killing it now would leave them behind.
                continue


def _stop(server: subprocess.Popen) -> None:
    """Ask JupyterLab to end; where it hangs, as it does if a kernel is just starting, make it."""
    server.terminate()
    late = threading.Timer(SECONDS_TO_STOP, _kill_with_kernels, [server])
    late.daemon = True
    late.start()


def _kill_with_kernels(server: subprocess.Popen) -> None:
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
        for process in [*psutil.Process(server.pid).children(recursive=True), server]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def find_address(folder: Path, notebook: str, since: float) -> str | None:
    """The address of a notebook, with the token, in a JupyterLab started in `folder` since then."""
    from jupyter_core.paths import jupyter_runtime_dir

    for file in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        try:
            if file.stat().st_mtime < int(since):  # some file systems count whole seconds
                continue
            server = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # being written, or another one's that has just ended
            continue
        if Path(server["root_dir"]) == folder.resolve():
            token = f"?token={server['token']}" if server["token"] else ""
            return f"{server['url']}lab/tree/{quote(notebook)}{token}"
    return None


def main() -> None:
    """JupyterLab itself, in a process of its own."""
    try:
        from jupyterlab.labapp import main as jupyterlab

        jupyterlab()
    except KeyboardInterrupt:  # while it was still starting, when it has no answer to Ctrl-C
        sys.exit(130)


if __name__ == "__main__":
    main()
