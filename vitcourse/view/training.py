"""Learning curves, drawn again and again in the same place while the model learns."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from vitcourse.machine import in_notebook
from vitcourse.training import History, smooth
from vitcourse.view.figure import still

LINES = ("solid", (0, (5, 2)), (0, (1, 1)), "dashdot")  # told apart by their lines, too


def draw_curves(history: History) -> Figure:
    """Draw loss and accuracy over the steps: pale for each batch, bold for the mean of 25."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
    steps = range(1, len(history) + 1)
    left.plot(steps, history.loss, color="C0", alpha=0.25, linewidth=0.8)
    left.plot(steps, smooth(history.loss), color="C0")
    left.set(title="loss", xlabel="step", xlim=(0, history.steps), ylim=(0, None))
    for number, (name, values) in enumerate(history.accuracy.items()):
        colour, line = f"C{number}", LINES[number % len(LINES)]
        values = [100 * value for value in values]
        right.plot(steps, values, color=colour, alpha=0.2, linewidth=0.8)
        right.plot(steps, smooth(values), color=colour, linestyle=line, label=name)
    right.set(title="right answers, %", xlabel="step", xlim=(0, history.steps), ylim=(0, 101))
    if history.accuracy:
        right.legend(loc="lower right")
    return figure


def live_curves(
    seconds: float = 2.0, draw: Callable[[History], Figure] = draw_curves
) -> Callable[[History], None]:
    """For `train(..., on_step=live_curves())`: the curves in one place, drawn every few seconds.

    Outside notebooks it does nothing. Raises ValueError unless seconds is more than 0.
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be more than 0, got {seconds!r}")
    place, drawn = None, float("-inf")

    def on_step(history: History) -> None:
        nonlocal place, drawn
        last = history.interrupted or len(history) == history.steps
        if not in_notebook() or (time.perf_counter() - drawn < seconds and not last):
            return
        from IPython.display import display

        alt = f"Learning curves up to step {len(history)} of {history.steps}: {history}."
        with _swept():
            picture = still(draw(history), alt)
            if place is None:
                place = display(picture, display_id=True)
            else:
                place.update(picture)
        drawn = time.perf_counter()

    return on_step


@contextmanager
def _swept() -> Iterator[None]:
    """What becomes garbage inside is gone at the end.

    A closed figure is a ring of objects that holds megabytes until Python's collector comes by,
    and a hundred of them may come first. A whole collection takes half a second; that of the
    objects made since `freeze`, milliseconds.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
