"""`vitcourse lab`: JupyterLab on the learner's own copies of the notebooks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from vitcourse.commands.words import explained
from vitcourse.notebook_files import MY_NOTEBOOKS, copy_notebooks, course_notebooks, find_notebook

JUPYTER_CONFIG = Path(__file__).resolve().parents[1] / "jupyter_config"


def lab(
    folder: Annotated[Path, typer.Argument(help="Where your copies live.")] = MY_NOTEBOOKS,
    notebook: Annotated[str, typer.Option(help="The notebook to open, e.g. 01.")] = "00",
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser window.")
    ] = True,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to try first.")] = None,
) -> None:
    """Open JupyterLab on your own copies of the notebooks."""
    with explained():
        code = run_lab(folder, notebook=notebook, browser=browser, port=port)
    raise typer.Exit(code)


def run_lab(
    folder: Path = MY_NOTEBOOKS,
    notebook: str = "00",
    browser: bool = True,
    port: int | None = None,
) -> int:
    """Run JupyterLab on `folder` until it is stopped; return its exit code.

    It listens only on this computer and asks for its token. If a port is in use, JupyterLab takes
    the next one.

    Raises ValueError, NotADirectoryError or PermissionError before anything is started.
    """
    opened = find_notebook(notebook, course_notebooks()).name
    copied = copy_notebooks(folder)
    what = f"{len(copied)} new" if copied else "nothing new, your work is as you left it"
    print(f"Your copies of the notebooks are in {folder.resolve()} ({what}).")
    print("The course's originals stay as they are. To stop JupyterLab: press Ctrl-C here.")
    if is_root():
        print("You are root: usual in a container, unwise elsewhere. Notebooks may do anything.")
    sys.stdout.flush()
    return _run_until_stopped(
        jupyterlab_command(folder, opened, browser=browser, port=port), jupyterlab_environment()
    )


def jupyterlab_command(
    folder: Path, notebook: str, *, browser: bool = True, port: int | None = None
) -> list[str]:
    """The command that starts this environment's JupyterLab in `folder`."""
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab/tree/{quote(notebook)}",
    ]
    if not browser:
        command.append("--ServerApp.open_browser=False")
    if port is not None:
        command.append(f"--ServerApp.port={port}")
    if is_root():
        command.append("--allow-root")  # JupyterLab would refuse to start
    return command


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def jupyterlab_environment() -> dict[str, str]:
    """The environment variables for JupyterLab.

    Many people have a kernel called "python3" of some other Python in their home folder.
    JUPYTER_PREFER_ENV_PATH makes Jupyter prefer the kernel of this environment. Our settings folder
    turns off the pop-up that asks about news and the check for updates: a class may be offline.
    """
    config_path = [str(JUPYTER_CONFIG), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return {
        **os.environ,
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_PATH": os.pathsep.join(config_path),
    }


def _run_until_stopped(command: list[str], environment: dict[str, str]) -> int:
    """Run `command` and return its exit code. Ctrl-C is the child's to handle."""
    with subprocess.Popen(command, env=environment) as server:
        # Whatever ends this process (a closed terminal, a supervisor) should end JupyterLab too.
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                # The terminal sent Ctrl-C to JupyterLab as well. It asks whether to stop and
                # then ends its kernels in order; killing it now would leave them behind.
                continue
