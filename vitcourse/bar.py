"""How far something slow is: a bar, with the time that is left.

In a terminal this is tqdm. In a notebook it is one line of HTML, renewed in place: tqdm would leave
a line of characters and times in the file.
"""

import html
import math
import time
from collections.abc import Collection, Generator
from typing import TypeVar

from vitcourse.learner.kernel import somebody_waits
from vitcourse.machine import in_notebook

PATIENCE = 1.0  # seconds until a bar is shown
EVERY = 0.25  # seconds between two looks of it

T = TypeVar("T")


def progress_bar(things: Collection[T], what: str) -> Generator[T, None, None]:
    """One of the things after the other; if that takes long, a bar says how far it is.

        for step in progress_bar(range(150), "steps"):

    What a finished bar leaves in a notebook is empty. Where nobody waits for it, there is none.
    """
    if not in_notebook():
        from tqdm import tqdm

        yield from tqdm(things, what, leave=False, delay=PATIENCE, disable=None)
    elif not somebody_waits():
        yield from things
    else:
        yield from _with_line(things, what)


def _with_line(things: Collection[T], what: str) -> Generator[T, None, None]:
    line, began, drawn = None, time.perf_counter(), 0.0
    try:
        for done, thing in enumerate(things):
            now = time.perf_counter()
            if now - began > PATIENCE and now - drawn > EVERY:
                line, drawn = line or Line(), now
                left = time_left(now - began, done, len(things))
                line.show(done, len(things), what, f"{what}: {done} of {len(things)}{left}")
            yield thing
    finally:  # also where the loop was left early
        if line is not None:
            line.say("")


class Line:
    """A line below a notebook's cell, renewed in place."""

    def __init__(self) -> None:
        from IPython.display import display

        self.handle = display(_Shown("", ""), display_id=True)

    def show(self, done: int, total: int, what: str, text: str) -> None:
        """A bar, and beside it a text; `what` is its name for those who do not see it."""
        name = html.escape(what, quote=True)
        bar = f'<progress value="{done}" max="{total}" aria-label="{name}"></progress>'
        self.handle.update(_Shown(f"{bar} {html.escape(text)}", text))

    def say(self, text: str) -> None:
        """A text alone."""
        self.handle.update(_Shown(html.escape(text), text))


def time_left(seconds: float, done: int, total: int) -> str:
    """ ", about 12 s left", if the rest takes as long a piece as what is done; "" before any is."""
    if done == 0:
        return ""
    left = math.ceil(seconds / done * (total - done))
    return f", about {left} s left" if left < 100 else f", about {round(left / 60)} min left"


class _Shown:
    """HTML, and the same as plain text for a page without it."""

    def __init__(self, page: str, text: str) -> None:
        self.html, self.text = page, text

    def _repr_mimebundle_(self, **_) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}
