"""What the build writes about all chapters together: their contents, and links between them."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import jupytext
import nbformat

from vitcourse.exercises import find_exercise

TITLE = re.compile(r"^# # ([^:\n]+)", re.MULTILINE)
ANSWER_MARK = re.compile(r"^ *### (BEGIN|END) SOLUTION\n?", re.MULTILINE)


def contents(sources: Iterable[Path]) -> str:
    """The text of `vitcourse/contents.json`."""
    return json.dumps([_chapter(source) for source in sources], indent=1, ensure_ascii=False) + "\n"


def add_links(notebook: nbformat.NotebookNode, source: Path) -> None:
    """Put one line above and below a chapter: previous, contents, next."""
    line = links(source)
    if line:
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(line))
        # With a rule above it, so that no two cells are alike: `vitcourse update` tells cells by
        # what they say.
        notebook.cells.append(nbformat.v4.new_markdown_cell(f"---\n\n{line}"))


def links(source: Path) -> str:
    """`[← 3 Positions](03_positions.ipynb) · [Contents](00_tour.ipynb) · [5 The encoder →](...)`"""
    chapters = sorted(source.parent.glob("[0-9][0-9]_*.py"))
    here = chapters.index(source)
    parts = []
    if here:
        parts.append(_link(f"← {title(chapters[here - 1])}", chapters[here - 1]))
        parts.append(_link("Contents", chapters[0], "#Contents"))
    if here + 1 < len(chapters):
        parts.append(_link(f"{title(chapters[here + 1])} →", chapters[here + 1]))
    return " · ".join(parts)


def title(source: Path) -> str:
    """The title of a chapter up to its colon: "4 Attention"."""
    found = TITLE.search(source.read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{source.name}: no line begins with `# # `, so the chapter has no title")
    return found[1].strip()


def _link(words: str, chapter: Path, place: str = "") -> str:
    return f"[{words}]({chapter.stem}.ipynb{place})"


def _chapter(source: Path) -> dict:
    cells = jupytext.read(source).cells
    exercises = list(_exercises(cells))
    minutes = sum(exercise["minutes"] for exercise in exercises)
    return {
        "notebook": f"{source.stem}.ipynb",
        "title": title(source),
        "minutes": cells[0].metadata.get("minutes", minutes),
        "exercises": exercises,
    }


def _exercises(cells: list[nbformat.NotebookNode]) -> Iterator[dict]:
    for place, cell in enumerate(cells):
        if number := cell.metadata.get("exercise"):
            exercise = find_exercise(number)
            yield {
                "id": exercise.id,
                "name": exercise.name,
                "title": exercise.title,
                "minutes": exercise.minutes,
                "answer": ANSWER_MARK.sub("", cell.source).strip(),
                "explanation": explanation(cells[place + 1 :]),
            }


def explanation(after: list[nbformat.NotebookNode]) -> str:
    """The text tagged `solution` that follows an exercise, before the next one."""
    for cell in after:
        if "exercise" in cell.metadata:
            break
        if "solution" in cell.metadata.get("tags", []):
            return cell.source.removeprefix("**Solution.** ")
    return ""
