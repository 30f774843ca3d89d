"""Chapter 9's button: choose a photograph, see that it has arrived, or why it cannot be used."""

import base64
import io
import os
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets as widgets
from PIL import Image
from torch import Tensor

from vitcourse.view.widgets import with_still
from vitcourse.view.words import Words

USUAL_LIMIT = 8  # MB; JupyterLab's is 10, of which a message takes some
PREVIEW = 240  # pixels
INVITATION = "Run this cell to choose a photograph."


class PhotoUpload:
    """A button for uploading a photograph, with a preview of what has arrived below it.

    `load` makes a uint8 picture (3, H, W) of a path, of the contents of a file, or of None; it
    raises ValueError for what is no picture: `load_picture`.
    """

    def __init__(self, load: Callable[..., Tensor]) -> None:
        self.load = load
        self._arrived: tuple[str, Tensor] | None = None
        self.button = widgets.FileUpload(
            accept="image/*",
            description="Choose a photograph",
            layout=widgets.Layout(width="max-content"),
        )
        self.message = widgets.HTML(_said(_limit()))
        self.button.observe(self._take, names="value")

    def photo(self, path: str | None = None) -> tuple[str, Tensor]:
        """The name and the picture that was uploaded; else those of `path`; else Grace Hopper's.

        A file that cannot be used is named in one line, and Grace Hopper stands in.
        """
        if self._arrived:
            return self._arrived
        try:
            return path or "Grace Hopper", self.load(path)
        except ValueError as error:
            print(f"{error}. Grace Hopper stands in.")
            return "Grace Hopper", self.load()

    def _take(self, change: Mapping[str, Any]) -> None:
        name, content = _only_file(change["new"])
        try:
            self._arrived = name, self.load(content)
        except ValueError as error:
            self._arrived = None
            why = str(error).removeprefix("the upload: ")
            self.message.value = _said(f"{name}: {why}. Choose another one.")
        else:
            self.message.value = _said(f"{name} has arrived.") + _preview(*self._arrived)

    def show(self) -> None:
        """Show the button below the cell."""
        from IPython.display import display

        box = widgets.VBox([self.button, self.message])
        box.add_class("vitcourse-living")
        display(with_still(box, Words("", INVITATION, INVITATION), INVITATION))


def _limit() -> str:
    if known := os.environ.get("VITCOURSE_MAX_UPLOAD"):
        return f"Up to {known} MB."
    return (
        f"Up to {USUAL_LIMIT} MB. JupyterLab loses a larger file without a word, unless it was "
        "started with: python -m vitcourse lab"
    )


def _only_file(value: Any) -> tuple[str, bytes]:
    if isinstance(value, Mapping):  # ipywidgets 7, which Colab has
        ((name, file),) = value.items()
        return name, bytes(file["content"])
    return value[0]["name"], bytes(value[0]["content"])


def _said(words: str) -> str:
    return f'<div role="status">{escape(words)}</div>'


def _preview(name: str, picture: Tensor) -> str:
    image = Image.fromarray(picture.movedim(0, 2).numpy())
    image.thumbnail((PREVIEW, PREVIEW))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img alt="Your photograph {escape(name)}" src="data:image/jpeg;base64,{data}">'
