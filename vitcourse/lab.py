"""Start JupyterLab on the learner's own copies of the notebooks, and check those copies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

MY_NOTEBOOKS = Path("my_notebooks")
JUPYTER_CONFIG = Path(__file__).resolve().parent / "jupyter_config"
NOTEBOOK_PATTERN = "[0-9][0-9]_*.ipynb"

# A learner's cell that kills its kernel would otherwise be noticed after half an hour only.
CELL_TIMEOUT_SECONDS = 600


def course_notebooks() -> list[Path]:
    """The course's own notebooks as students get them, in order.

    In a clone they lie in `notebooks/` beside the package, in an installed wheel inside it.

    Raises FileNotFoundError if there are none.
    """
    package = Path(__file__).resolve().parent
    is_clone = (package.parent / "pyproject.toml").is_file()
    folder = package.parent / "notebooks" if is_clone else package / "notebooks"
    notebooks = sorted(folder.glob(NOTEBOOK_PATTERN))
    if not notebooks:
        raise FileNotFoundError(
            f"The course's notebooks are missing: none in {folder}. Clone or install vitcourse "
            "again; authors write them with: python -m vitcourse.workshop.build"
        )
    return notebooks


def find_notebook(wanted: str, notebooks: Sequence[Path]) -> Path:
    """The one of `notebooks` that `wanted` means: "1", "01", "01_patch_embedding" or its file name.

    Raises ValueError, with a list of what there is, if none or several fit.
    """
    found = _matching(wanted, notebooks)
    if len(found) != 1:
        names = ", ".join(n.name for n in notebooks) or "none"
        how_many = "no notebook" if not found else "more than one notebook"
        raise ValueError(f"{how_many} {wanted!r}. There are: {names}")
    return found[0]


def _matching(wanted: str, notebooks: Sequence[Path]) -> list[Path]:
    stem = wanted.removesuffix(".ipynb")
    number = stem.zfill(2) if stem.isdecimal() else None
    return [n for n in notebooks if n.stem == stem or n.stem.partition("_")[0] == number]


def copy_notebooks(folder: Path) -> list[Path]:
    """Copy the course's notebooks into `folder`, those that are not there yet; return these.

    What a learner has is never overwritten. To get a fresh copy of a notebook, rename the old
    one and call this again.

    Raises ValueError if `folder` is where the originals lie, NotADirectoryError or
    PermissionError if one cannot write there.
    """
    originals = course_notebooks()
    if folder.resolve() == originals[0].parent.resolve():
        raise ValueError(
            f"{folder} holds the course's originals, which must stay as they are. "
            f"Name another folder, for example: {MY_NOTEBOOKS}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        copies = []
        for original in originals:
            copy = folder / original.name
            if not os.path.lexists(copy):
                _copy_whole(original, copy)
                copies.append(copy)
        return copies
    except (FileExistsError, NotADirectoryError):
        raise NotADirectoryError(
            f"{folder} is not a folder. Name another one: python -m vitcourse lab FOLDER"
        ) from None
    except PermissionError:
        raise PermissionError(
            f"Cannot write into {folder.resolve()}. Name a folder of your own: "
            "python -m vitcourse lab FOLDER"
        ) from None


def _copy_whole(source: Path, target: Path) -> None:
    """Copy so that `target` is there whole or not at all, whatever interrupts us."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(source, part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def lab(
    folder: Path = MY_NOTEBOOKS,
    notebook: str = "00",
    browser: bool = True,
    port: int | None = None,
) -> int:
    """Run JupyterLab on `folder` until it is stopped; return its exit code.

    It listens on this computer only and asks for its token. A port in use is no problem:
    JupyterLab takes the next one.

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
    JUPYTER_PREFER_ENV_PATH makes Jupyter take the kernel of this environment first. Our folder of
    settings turns off the pop-up that asks about news and the look-up of updates: a class may be
    offline.
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
        # Whoever ends us (a terminal that is closed, a supervisor) means JupyterLab too.
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                # The terminal sent Ctrl-C to JupyterLab as well. It asks whether to stop and
                # then ends its kernels in order; killing it now would leave them behind.
                continue


def check_notebooks(wanted: Sequence[str], folder: Path = MY_NOTEBOOKS) -> int:
    """Run the notebooks and their checks; return 0 if every exercise is solved, else 1.

    A notebook is named by its path, or by a number that is looked up in `folder` and then in
    the current folder.

    Raises ValueError if there is no such notebook.
    """
    notebooks = [_resolve(name, folder) for name in wanted]
    with tempfile.TemporaryDirectory() as empty:
        # The settings and plugins of whatever project the notebook lies in are none of ours.
        config = Path(empty) / "pytest.ini"
        config.write_text("[pytest]\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-c", str(config), "-p", "no:cacheprovider"]
        command += ["--rootdir", str(notebooks[0].parent), "--noconftest"]
        command += ["-q", "-rN", "--disable-warnings"]  # the plugin says what there is to say
        command += ["--nbval-lax", "--nbval-current-env"]
        command += [f"--nbval-cell-timeout={CELL_TIMEOUT_SECONDS}"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        environment["PYTHONUNBUFFERED"] = "1"  # the progress is seen while it happens
        environment.setdefault("VITCOURSE_QUICK", "1")  # checks need no long training
        environment["VITCOURSE_WHOLE_CHAPTERS"] = "1"  # a check that was deleted is not solved
        code = subprocess.call([*command, *map(str, notebooks)], env=environment)
    return 0 if code == 0 else 1


def _resolve(wanted: str, folder: Path) -> Path:
    if wanted.endswith(".ipynb") and Path(wanted).is_file():
        return Path(wanted).resolve()
    seen: list[Path] = []
    for place in (folder, Path()):
        here = sorted(place.glob(NOTEBOOK_PATTERN))
        if _matching(wanted, here):
            return find_notebook(wanted, here).resolve()
        seen += here
    names = ", ".join(str(n) for n in seen) or "none"
    raise ValueError(
        f"no notebook {wanted!r} in {folder} or here. There are: {names}. "
        "Give a number or a path; to get the notebooks, run: python -m vitcourse lab"
    )
