"""A solved notebook becomes a page to read: what there is to solve first, answers folded away."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from docutils.nodes import make_id
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from vitcourse.contents import Chapter
from vitcourse.exercises import find_exercise
from vitcourse.places.links import links_to
from vitcourse.view.widgets import STYLE
from vitcourse.workshop import colab_cell
from vitcourse.workshop.book import asking, living
from vitcourse.workshop.book.pictures import Pictures
from vitcourse.workshop.contents import explanation

NAVIGATION = re.compile(r"(---\n\n)?\[[^\]]+\]\(\d\d_\w+\.ipynb[^)]*\)( · \[[^\]]+\]\([^)]+\))*")
EXERCISE = re.compile(r"^### Exercise (\d+\.\d+): ", re.MULTILINE)
NOTEBOOK = re.compile(r"(?P<stem>\d\d_\w+)\.ipynb(?:#(?P<heading>[^\"]+))?(?=\")")
STILL = re.compile(rf'<div class="vitcourse-still"><style>{re.escape(STYLE)}</style>(.*)</div>')
LINES = re.compile(r"\n\nToo hard a start\? Write `lines\([^)]+\)` into a new cell:[^.]+\.[^.]+\.")
INVITATION = re.compile(r"<p>Run this cell [^<]+</p>|(?<=>)Run this cell [^<]+(?=<)")
NOTEBOOK_ONLY = "notebook-only"  # the tag of cells that make sense only where they can be run
IN_BROWSER = ("Binder", "Colab", "Codespaces")


@dataclass(frozen=True)
class Workshop:
    """What all chapters share: where the book grows, and where the course can be opened."""

    book: Path
    pictures: Pictures
    repo: str | None  # OWNER/NAME; None while pyproject.toml has the placeholder
    tag: str


def page(chapter: Chapter, notebooks: Path, workshop: Workshop) -> NotebookNode:
    """The page of a chapter, as a notebook for myst-nb; nothing in it is to be run."""
    solved = nbformat.read(notebooks / "solutions" / chapter.notebook, as_version=4)
    handed_out = nbformat.read(notebooks / chapter.notebook, as_version=4)
    stubs = {
        cell.metadata.exercise: cell.source
        for cell in handed_out.cells
        if "exercise" in cell.metadata
    }
    cells = [made for i in range(len(solved.cells)) for made in _cell(solved.cells, i, workshop)]
    for cell in cells:
        if number := cell.metadata.get("exercise"):
            cell.source, cell.outputs = stubs[number], []
    title, rest = cells[0].source.split("\n", 1)
    cells[0].source = f"{title}\n\n{start(chapter, workshop.repo, workshop.tag)}\n{rest}"
    return nbformat.v4.new_notebook(cells=cells, metadata=solved.metadata)


def start(chapter: Chapter, repo: str | None, tag: str) -> str:
    """How long it takes, and the ways to work through the chapter instead of reading it."""
    links = [f'<a href="../notebooks/{chapter.notebook}" download>Download the notebook</a>']
    if repo:
        links = [
            f'<a href="{html.escape(link.url)}">Open in {link.place}</a>'
            for link in links_to(repo, tag, chapter.notebook)
            if link.place in IN_BROWSER
        ] + links
    items = "".join(f"<li>{link}</li>" for link in links)
    solves = " with the exercises, which are checked in the notebook"
    exercises = solves if chapter.exercises else ""
    return (
        f'<div class="vb-start"><p>About {_hours(chapter.minutes)}{exercises}. Where the text says '
        f"“run”, the result is already here.</p><ul>{items}</ul></div>\n"
    )


def _hours(minutes: int) -> str:
    quarters = round(minutes / 15)
    if quarters < 4:
        return f"{minutes} minutes"
    part = ("", "¼", "½", "¾")[quarters % 4]
    return f"{quarters // 4}{part} hours" if quarters != 4 else "1 hour"


def _cell(cells: list[NotebookNode], place: int, workshop: Workshop) -> Iterator[NotebookNode]:
    """What becomes of one cell: nothing, itself, or several."""
    cell = cells[place]
    tags = cell.metadata.get("tags", [])
    if NOTEBOOK_ONLY in tags:
        return
    if cell.cell_type == "markdown":
        if not NAVIGATION.fullmatch(cell.source) and "solution" not in tags:
            cell.source = EXERCISE.sub(r"(exercise-\1)=\n\g<0>", LINES.sub("", cell.source))
            yield cell
    elif "check" in cell.metadata:
        yield _folds(cells, place, workshop)
    elif colab_cell.TAG not in tags:
        cell.outputs = list(_outputs(cells, place, workshop))
        yield cell


# Exercises ----------------------------------------------------------------------------------------


def _folds(cells: list[NotebookNode], place: int, workshop: Workshop) -> NotebookNode:
    """Hints, one at a time, and the course's answer with its verdict: all folded away."""
    check = cells[place]
    number = check.metadata.check
    answer = next(cell.source for cell in cells if cell.metadata.get("exercise") == number)
    hints = [_fold(f"Hint {i}", hint) for i, hint in enumerate(find_exercise(number).hints, 1)]
    verdict = "".join(o.get("data", {}).get("text/html", "") for o in check.outputs)
    shown = f"```python\n{answer}\n```\n\n{explanation(cells[place + 1 :])}\n\n"
    if verdict:
        shown += f'<div class="vb-verdict">{workshop.pictures.in_page(verdict)}</div>\n'
    solution = _fold(f"Try first; then see the course's answer to {number}", shown)
    said = f'In the notebook, `check("{number}")` says what it thinks of your answer.'
    return new_markdown_cell("\n\n".join([said, *hints, solution]))


def _fold(summary: str, content: str) -> str:
    """A part of a page that opens with a click or Enter; its content is Markdown."""
    return (
        f'<details class="vb-fold"><summary>{html.escape(summary)}</summary>\n\n{content}\n\n'
        "</details>"
    )


# Outputs ------------------------------------------------------------------------------------------


def _outputs(cells: list[NotebookNode], place: int, workshop: Workshop) -> Iterator[NotebookNode]:
    """The outputs of a cell, without what a page does not need, and with widgets alive."""
    cell = cells[place]
    alive = _alive(cells, place, workshop)
    key = asking.compared_by(cell.source)
    pages = [i for i, o in enumerate(cell.outputs) if "text/html" in o.get("data", {})]
    for i, output in enumerate(cell.outputs):
        shown = output.get("data", {}).get("text/html")
        if shown is None:
            yield output
            continue
        shown = INVITATION.sub("", shown)
        if alive and 'class="vitcourse-still"' in shown:
            shown = asking.alive(alive, STILL.sub(r"\1", shown))
        elif key and i == pages[-1]:  # what came out
            shown = f'<div class="vb-outcome" data-key="{html.escape(key)}">{shown}</div>'
        shown = NOTEBOOK.sub(_link, workshop.pictures.in_page(shown))
        yield new_output("display_data", data={"text/html": shown})


def _alive(cells: list[NotebookNode], place: int, workshop: Workshop) -> dict | None:
    """What makes the widget of a cell work in the page; None if it has none."""
    cell = cells[place]
    if what := asking.asked_by(cell.source):
        return {"kind": "question", **what}
    if not living.is_living(cell):
        return None
    value = living.made_again(cells, place)
    if isinstance(value, living.Explorer):
        return living.explorer(value, workshop.book)
    return living.slider(value)


def _link(found: re.Match) -> str:
    """`04_attention.ipynb#Exercise-4.1:-...` as the page calls it."""
    heading = (found["heading"] or "").partition(":")[0]
    return f"{found['stem']}.html" + (f"#{make_id(heading)}" if heading else "")
