"""Questions as a Jupyter widget. The page does everything but keep the answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

VIEW = Path(__file__).parents[1] / "view"


class QuestionWidget(anywidget.AnyWidget):
    """Carries a question to the browser, and what a person says back to `on_said`."""

    _esm = (VIEW / "questions.js").read_text(encoding="utf-8")
    _css = (VIEW / "questions.css").read_text(encoding="utf-8")
    form = traitlets.Enum(["choices", "numbers", "quiz"]).tag(sync=True)
    given = traitlets.Dict().tag(sync=True)  # the question: see questions.js
    said = traitlets.Any().tag(sync=True)  # a place, a table of numbers, or a result
    compared = traitlets.Bool(False).tag(sync=True)  # a prediction that can no longer be changed

    def __init__(self, form: str, given: dict, said: Any, on_said: Callable[[Any], None], **traits):
        super().__init__(form=form, given=given, said=said, **traits)
        self._on_said = on_said
        self.observe(self._pass_on, "said")

    def _pass_on(self, change: dict) -> None:
        self._on_said(change["new"])
