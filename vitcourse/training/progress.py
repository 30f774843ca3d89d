"""How far the training is: a bar in a terminal, a line in a notebook."""

import time

from vitcourse.machine import in_notebook
from vitcourse.training.recipe import History


class Bar:
    """Progress: tqdm in a terminal, a line of HTML that updates itself in a notebook, else none.

    Not tqdm in notebooks: it leaves a line of text characters and times in the file.
    """

    def __init__(self, wanted: bool, history: History) -> None:
        self.history, self.line, self.terminal, self.drawn = history, None, None, 0.0
        if wanted and in_notebook():
            from IPython.display import HTML, display

            self.html = HTML
            self.line = display(HTML(""), display_id=True)
        elif wanted:
            from tqdm import tqdm

            self.terminal = tqdm(
                total=history.steps, initial=len(history), unit="step", disable=None
            )

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
        if self.line is not None and time.perf_counter() - self.drawn > 0.5:
            self.drawn = time.perf_counter()
            done, steps = len(self.history), self.history.steps
            text = f"step {done} of {steps}: {self.history}"
            bar = f'<progress value="{done}" max="{steps}" aria-label="training"></progress>'
            self.line.update(self.html(f"{bar} {text}"))

    def say(self, text: str) -> None:
        if self.line is not None:
            self.line.update(self.html(text))
        elif self.terminal is not None:
            self.terminal.write(text)
