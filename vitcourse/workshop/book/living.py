"""Sliders and explorers of the chapters, alive without a kernel.

A stored notebook has only their stills, so these few cells are run once more when the book is
built, with the cells that make what they need; nothing else is. What comes out must be what the
notebook shows: the texts of the stills are compared.
"""

import ast
import hashlib
import io
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import matplotlib
from nbformat import NotebookNode

from vitcourse.view.explorer.host import Explorer
from vitcourse.view.widgets import WithStill
from vitcourse.workshop.book.asking import asked_by

ALT = re.compile(r'alt="([^"]+)"')
EXPLORERS = "explorers"
# The explorer's page asks its frame for nothing; it is told the theme and tells its height.
IN_FRAME = """<script>
addEventListener("message", ({ source, data }) => {
  if (source === parent && typeof data?.dark === "boolean") {
    document.body.dataset.jpThemeLight = String(!data.dark);
    document.body.style.background = data.dark ? "#16181c" : "#fff";
  }
});
new ResizeObserver(() => {
  parent.postMessage({ height: document.documentElement.offsetHeight }, "*"); // may shrink, too
}).observe(document.body);
</script>
"""


def is_living(cell: NotebookNode) -> bool:
    """Does the stored output of this cell stand for a widget that needs data from a kernel?"""
    shown = "".join(o.get("data", {}).get("text/html", "") for o in cell.outputs)
    there = 'class="vitcourse-still"' in shown and "<img" in shown
    return there and asked_by(cell.source) is None


def made_again(cells: Sequence[NotebookNode], place: int) -> WithStill | Explorer:
    """What the cell at `place` shows when it is run, as an object.

    Raises ValueError if it does not show what is stored.
    """
    code = [cells[i].source for i in [*needed(cells, place), place]]
    with _quiet():
        value = _run(code)
    still = value._still().html if isinstance(value, Explorer) else value.still.html
    stored = "".join(o.get("data", {}).get("text/html", "") for o in cells[place].outputs)
    if ALT.findall(still) != ALT.findall(stored):
        raise ValueError(
            f"a widget shows {ALT.findall(still)} when its cell is run for the book, and "
            f"{ALT.findall(stored)} in the notebook; build the notebook again:\n"
            f"{cells[place].source}"
        )
    return value


def needed(cells: Sequence[NotebookNode], place: int) -> list[int]:
    """The code cells that define a name which the cell at `place` uses, or which they use."""
    wanted, found = _names(cells[place].source, ast.Load), []
    for i in range(place - 1, -1, -1):
        if cells[i].cell_type == "code" and _names(cells[i].source, ast.Store) & wanted:
            found.append(i)
            wanted |= _names(cells[i].source, ast.Load)
    return found[::-1]


def slider(value: WithStill) -> dict:
    """What the slider's script is given."""
    pictures: Any = value.widget  # a SliderWidget, whose traits are not in the type
    state = {name: getattr(pictures, name) for name in ("label", "pictures", "start")}
    return {"kind": "slider", **state}


def explorer(value: Explorer, book: Path) -> dict:
    """Write the explorer's page and say where it is."""
    page = value.to_html().replace("</body>", f"{IN_FRAME}</body>")
    path = book / EXPLORERS / f"{hashlib.sha256(page.encode()).hexdigest()[:16]}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page, encoding="utf-8", newline="\n")
    return {"kind": "explorer", "src": f"../{EXPLORERS}/{path.name}"}


def _names(source: str, context: type) -> set[str]:
    """Names that a cell reads (ast.Load) or defines (ast.Store)."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            names.add(node.id)
        elif context is ast.Store and isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif context is ast.Store and isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
    return names


def _run(code: Sequence[str]) -> Any:
    names: dict = {"__name__": "__main__"}
    for source in code[:-1]:
        exec(compile(source, "<cell>", "exec"), names)
    *body, last = ast.parse(code[-1]).body
    if not isinstance(last, ast.Expr):
        raise ValueError(f"this cell does not end with what it shows:\n{code[-1]}")
    exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)


@contextmanager
def _quiet() -> Iterator[None]:
    """Nothing printed, no window, no download."""
    before = os.environ.get("VITCOURSE_OFFLINE")
    matplotlib.use("Agg")
    os.environ["VITCOURSE_OFFLINE"] = "1"
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        if before is None:
            del os.environ["VITCOURSE_OFFLINE"]
        else:
            os.environ["VITCOURSE_OFFLINE"] = before
