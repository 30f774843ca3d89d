"""How far the training is: a bar in a terminal, a line in a notebook."""

import time

from vitcourse.bar import EVERY, Line, time_left
from vitcourse.machine import in_notebook
from vitcourse.training.recipe import History


class Bar:
    """Progress: tqdm in a terminal, a line that updates itself in a notebook, else none."""

    def __init__(self, wanted: bool, history: History) -> None:
        self.history, self.line, self.terminal, self.drawn = history, None, None, 0.0
        self.start, self.began = len(history), time.perf_counter()
        if wanted and in_notebook():
            self.line = Line()
        elif wanted:
            from tqdm import tqdm

            self.terminal = tqdm(total=history.steps, initial=self.start, unit="step", disable=None)

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_) -> None:
        if self.line is not None and len(self.history) == self.history.steps:
            self.say(f"Trained for {self.history.steps} steps.")
        if self.terminal is not None:
            self.terminal.close()

    def update(self) -> None:
        if self.terminal is not None:
            self.terminal.update()
            self.terminal.set_postfix_str(str(self.history), refresh=False)
        now = time.perf_counter()
        if self.line is not None and now - self.drawn > EVERY:
            self.drawn = now
            done, steps = len(self.history), self.history.steps
            left = time_left(now - self.began, done - self.start, steps - self.start)
            text = f"step {done} of {steps}: {self.history}{left}"
            self.line.show(done, steps, "training", text)

    def say(self, text: str) -> None:
        if self.line is not None:
            self.line.say(text)
        elif self.terminal is not None:
            self.terminal.write(text)
