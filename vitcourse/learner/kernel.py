"""The notebook that this code runs in: its folder, and whether a person works in it."""

import contextlib
import os
import sys
from pathlib import Path


def shell():
    """IPython's shell, in a notebook or a terminal; None in plain Python."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def home() -> Path:
    """The folder of the notebook: where its kernel started."""
    here = shell()
    started = here.user_ns.get("_dh") if here else None
    return Path(started[0] if started else Path.cwd()).resolve()


def move_to(folder: Path) -> None:
    """From now on, this notebook's files are in `folder`, as if its kernel had started there."""
    os.chdir(folder)
    here = shell()
    if here is not None:
        here.user_ns["_dh"] = [str(folder)]


def workplace() -> Path | None:
    """The folder in which a learner's files are kept, or None if nothing is to be kept.

    A person who runs a notebook or IPython has one. Batch runs (pytest, nbconvert, nbgrader, the
    course's own build) cannot answer a question at the keyboard, and say so in each request: they
    leave no files. Nothing is kept in a folder called `solutions` either.
    """
    here = shell()
    if here is None or not _somebody_is_there(here) or home().name == "solutions":
        return None
    return home()


def somebody_waits() -> bool:
    """Does a person look at this notebook while it runs? Batch runs are described above."""
    here = shell()
    return here is not None and _somebody_is_there(here)


def _somebody_is_there(here) -> bool:
    kernel = getattr(here, "kernel", None)
    if kernel is None:
        return True  # IPython in a terminal
    with contextlib.suppress(Exception):  # a kernel of another kind
        return bool(kernel.get_parent()["content"].get("allow_stdin", True))
    return True
