"""The explorer as a Jupyter widget. Imported only where one is shown: anywidget may be missing."""

from collections.abc import Callable
from pathlib import Path

import anywidget
import traitlets

from vitcourse.view.explorer.host import script

HERE = Path(__file__).parent


class ExplorerWidget(anywidget.AnyWidget):
    """Carries header and block to the browser, once, and questions back."""

    _esm = script()
    _css = (HERE / "explorer.css").read_text(encoding="utf-8")
    header = traitlets.Dict().tag(sync=True)
    block = traitlets.Bytes().tag(sync=True)
    asks = traitlets.List(traitlets.Unicode()).tag(
        sync=True
    )  # the kinds of questions that the kernel can answer

    def __init__(self, answer: Callable[[dict], dict], **traits):
        super().__init__(**traits)
        self._answer = answer
        self.on_msg(self._on_question)

    def _on_question(self, _widget, question: dict, _buffers: list) -> None:
        """Answer under the question's number; what goes wrong is reported, not swallowed."""
        try:
            answer = self._answer(question)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        self.send({"number": question.get("number"), **answer})
