"""Slides from the chapters: `python -m vitcourse.workshop.slides [04 ...] [lecture] --out DIR`.

One file a chapter, and `lecture.html` over all of them for a guest lecture. Each is a page of
Reveal, made by nbconvert, with everything in it: it opens offline, by a double click. Right and
left turn the slides, S opens the speaker's notes, O shows all slides, F fills the screen, ? lists
the other keys; `?print-pdf` behind the address prints, `?theme=dark` is for dark rooms.

In `notebooks/source`, a cell with `slide="What it shows"` becomes a slide with that heading: of
code, its figures or what it prints (and itself, with `slide_code=true`); of prose, what is short.
Exercises, predictions and a question of the quiz become slides of themselves. The prose around a
slide is what the speaker reads. `lecture=true` puts a slide into the guest lecture, too.

Nothing is run: outputs are those of `notebooks/solutions`.
"""

import re
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

try:
    import jupytext
    import nbformat
    from nbconvert import SlidesExporter
except ImportError as missing:
    raise SystemExit(
        f'{missing}. Making slides needs: python -m pip install -e ".[authors]"'
    ) from None

from pygments.formatters import HtmlFormatter

from vitcourse.files import written_whole
from vitcourse.workshop import build, colab_cell
from vitcourse.workshop.slides_cells import (
    Slide,
    objectives_slide,
    question_slide,
    slide_of,
    title_slide,
)
from vitcourse.workshop.slides_formula import with_formulas_drawn
from vitcourse.workshop.slides_text import without_headings

TEMPLATE = Path(__file__).with_name("slides_template")
FILES = ("reveal/reveal.css", "reveal/reveal.js", "reveal/notes.js", "slides.css")
TAG = re.compile(r"<[^>]+>")
LINE = re.compile(r"^- |<li>|<p |^(?=[A-Z])", re.MULTILINE)
LECTURE, LAST = "lecture", "Summary"
SPACIOUS, SPACIOUS_LINES = 330, 7  # letters and lines; a slide of less text has larger ones


def deck(source: Path | None) -> tuple[str, list[Slide]]:
    """The title and the slides of a chapter, or without one of the guest lecture.

    Raises ValueError if the stored outputs are not those of the source.
    """
    if source is None:
        return "Vision Transformers", lecture_slides()
    title = jupytext.read(source).cells[0].source.partition("\n")[0].removeprefix("# ")
    return title, chapter_slides(source)


def chapter_slides(source: Path) -> list[Slide]:
    """The slides of a chapter, from its title to its summary."""
    cells = _with_stored_outputs(source)
    slides = [title_slide(cells[0].source), objectives_slide(source.stem[:2])]
    prose: list[str] = []  # since the last heading, if no slide has come since
    for before, cell in pairwise(cells):
        if cell.cell_type == "markdown" and "solution" in cell.metadata.get("tags", []):
            continue
        slide = slide_of(cell, before)
        if cell.cell_type == "markdown":
            text = without_headings(cell.source)
            if slide:
                slide.notes = [*prose, text]
            elif cell.source.startswith("#"):
                prose = [text]
            elif prose:
                prose.append(text)
            else:
                slides[-1].notes.append(text)
        elif slide:
            slide.notes = prose + slide.notes
        if slide:
            question = question_slide(source.stem[:2]) if slide.heading == LAST else None
            slides += [question, slide] if question else [slide]
            prose = []
    return slides


def lecture_slides() -> list[Slide]:
    """The slides of all chapters that are marked for the guest lecture."""
    slides = [Slide("", TITLE_OF_LECTURE, [FIRST_WORDS_OF_LECTURE], kind="title")]
    for source in _sources():
        slides += [slide for slide in chapter_slides(source) if slide.lecture]
    return [*slides, Slide("Go on by yourself", AFTER_LECTURE, [LAST_WORDS_OF_LECTURE])]


TITLE_OF_LECTURE = """# Vision Transformers, from the inside

A photograph becomes a sentence, its words ask each other, and we watch them do it"""
FIRST_WORDS_OF_LECTURE = """The figures are those of the notebooks. Where a slide says "Predict",
let people vote by hand before you turn the page: they remember what surprised them."""
AFTER_LECTURE = """- The whole course runs on a laptop
- You write the lines yourself; a check says what is wrong and what to try
- `python -m vitcourse lab` opens it"""
LAST_WORDS_OF_LECTURE = """Hand out the link to chapter 1: `python -m vitcourse links` prints those
for Binder, Colab and Codespaces."""


def _with_stored_outputs(source: Path) -> list[nbformat.NotebookNode]:
    """The source's cells, with the outputs of the solutions.

    Raises ValueError if the code has changed since the solutions ran.
    """
    cells = jupytext.read(source).cells
    notebook = build.solution_notebook(source)
    stored = nbformat.read(build.NOTEBOOKS / "solutions" / f"{source.stem}.ipynb", as_version=4)
    try:
        build.with_stored_outputs(notebook, stored)
    except ValueError as error:
        raise ValueError(f"{source.name}: {error}") from None
    run = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and colab_cell.TAG not in cell.metadata.get("tags", [])
    ]
    for cell, executed in zip((c for c in cells if c.cell_type == "code"), run, strict=True):
        cell.outputs = executed.outputs
    return cells


def _sources() -> list[Path]:
    return sorted((build.NOTEBOOKS / "source").glob("[0-9][0-9]_*.py"))


# A page -------------------------------------------------------------------------------------------


def page(slides: list[Slide], title: str) -> str:
    """The slides as one HTML file that needs no other."""
    cells = []
    for slide in slides:
        heading = f"## {slide.heading}\n\n" if slide.heading else ""
        cells.append(_cell(heading + slide.body, "slide", slide.kind or _kind(slide.body)))
        notes = "\n\n".join(part for part in slide.notes if part.strip())
        if notes:
            cells.append(_cell(notes, "notes"))
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"title": title})
    exporter = SlidesExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        exclude_anchor_links=True,
    )
    files = {name: (TEMPLATE / name).read_text(encoding="utf-8") for name in FILES}
    files["highlight.css"] = _highlighting()
    made, _ = exporter.from_notebook_node(notebook, resources={"files": files})
    return made


def _kind(body: str) -> str:
    """Has it so little text that its letters can be larger?"""
    lines = len(LINE.findall(body))
    short = len(TAG.sub("", body)) < SPACIOUS and lines <= SPACIOUS_LINES
    return "spacious" if short and "<img" not in body else ""


def _cell(markdown: str, slide_type: str, kind: str = "") -> nbformat.NotebookNode:
    metadata = {"slideshow": {"slide_type": slide_type}, "kind": kind}
    return nbformat.v4.new_markdown_cell(with_formulas_drawn(markdown), metadata=metadata)


def _highlighting() -> str:
    light = HtmlFormatter(style="a11y-light").get_style_defs(".highlight")
    dark = HtmlFormatter(style="a11y-dark").get_style_defs(".dark .highlight")
    return f"{light}\n{dark}"


def main(
    decks: Annotated[
        list[str] | None, typer.Argument(help="Chapters, such as 04, or lecture; else all")
    ] = None,
    out: Annotated[Path, typer.Option(help="A folder for the slides")] = Path("slides"),
) -> None:
    """Make slides from notebooks/source, one file each; they open offline."""
    made = {source.stem[:2]: source for source in _sources()}
    wanted = decks or [*made, LECTURE]
    unknown = [name for name in wanted if name not in (*made, LECTURE)]
    if unknown:
        raise SystemExit(f"slides: {unknown[0]}: choose from {', '.join(made)}, {LECTURE}")
    out.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        file = out / (f"{made[name].stem}.html" if name in made else f"{LECTURE}.html")
        try:
            title, slides = deck(made.get(name))
        except ValueError as error:
            raise SystemExit(f"slides: {error}") from None
        with written_whole(file) as beside:
            beside.write_text(page(slides, title), encoding="utf-8")
        print(f"{file}: {len(slides)} slides")


if __name__ == "__main__":
    typer.run(main)
