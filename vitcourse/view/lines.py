"""Lines of code to be put in order, as a Jupyter widget. The page does everything but try them."""

from collections.abc import Callable
from pathlib import Path

import anywidget
import traitlets

from vitcourse.learner.kernel import shell

HERE = Path(__file__).parent


class LinesWidget(anywidget.AnyWidget):
    """Carries lines to the browser, and asks `on_try` for a verdict on what a person made of them.

    `given` is {"label", "fixed", "lines"}: code before, between and behind the gaps, and the lines.
    `on_try` gets the places of the lines in each gap, and returns {"state", "text", "code"}.
    """

    _esm = (HERE / "lines.js").read_text(encoding="utf-8")
    _css = (HERE / "lines.css").read_text(encoding="utf-8")
    given = traitlets.Dict().tag(sync=True)
    placed: traitlets.List = traitlets.List().tag(sync=True)  # the page's, not kept up here
    verdict = traitlets.Dict().tag(sync=True)  # with the number of the try, so that each is new

    def __init__(self, given: dict, gaps: int, on_try: Callable[[list], dict]) -> None:
        super().__init__(given=given, placed=[[] for _ in range(gaps)], verdict={})
        self._on_try = on_try
        self.on_msg(self._hear)

    def _hear(self, _widget: "LinesWidget", content: dict, _buffers: list) -> None:
        # A message may arrive in a thread of its own, while a cell runs. What is tried waits for
        # the end of the cell, as every cell does.
        shell().kernel.io_loop.add_callback(self._try, content["placed"])

    def _try(self, placed: list[list[int]]) -> None:
        number = self.verdict.get("number", 0) + 1
        self.verdict = {"number": number, **self._on_try(placed)}
