"""Everything into one folder, Sphinx over it, and the book in its place: whole or not at all."""

import io
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from sphinx.application import Sphinx

import vitcourse
from vitcourse.contents import chapters
from vitcourse.workshop import colab_cell
from vitcourse.workshop.book import (
    OUT,
    ROOT,
    SOURCE,
    cheat_sheet,
    glossary,
    lighter,
    mended,
    widgets,
)
from vitcourse.workshop.book.chapters import Workshop, page
from vitcourse.workshop.book.papers import Papers, glance
from vitcourse.workshop.book.pictures import Pictures, first_picture

MATHJAX = "sphinx-mathjax-offline"  # a package whose files are MathJax's; not used as an extension


@dataclass(frozen=True)
class Built:
    """A book that is ready."""

    folder: Path
    seconds: float

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


def build(
    out: Path = OUT, repo: str | None = None, say: Callable[[str], None] = lambda _: None
) -> Built:
    """Build the book into the folder `out`, in place of an older one.

    `repo` is the repository on GitHub, OWNER/NAME, for the links to Binder and others; without it,
    that of pyproject.toml. Raises ValueError with what Sphinx warns of.
    """
    begun = time.monotonic()
    out = out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
        source, html = Path(folder) / "source", Path(folder) / "html"
        say("chapters ...")
        assemble(source, repo or colab_cell.repository())
        say("pages ...")
        _sphinx(source, html)
        mended.mend(html)
        lighter.lighten(html)
        if out.exists():
            out.rename(Path(folder) / "before")
        html.rename(out)
    return Built(out, time.monotonic() - begun)


def assemble(source: Path, repo: str | None) -> None:
    """Write all that Sphinx reads. `source/extra` goes into the book as it is."""
    shutil.copytree(SOURCE, source)
    extra, tag = source / "extra", f"v{vitcourse.__version__}"
    workshop = Workshop(extra, Pictures(extra), repo, tag)
    (source / "chapters").mkdir()
    (extra / "notebooks").mkdir()
    for chapter in chapters():
        made = page(chapter, ROOT / "notebooks", workshop)
        nbformat.write(made, source / "chapters" / chapter.notebook)
        shutil.copyfile(
            ROOT / "notebooks" / chapter.notebook, extra / "notebooks" / chapter.notebook
        )
    widgets.write(source / "_static")
    glossary.write(source / "glossary.yaml", source / "glossary.md")
    cheat_sheet.write(source, extra)
    first_picture(ROOT / "docs" / "tour.webp", source / "tour.webp")
    papers = Papers(ROOT, source, extra, repo, tag)
    _fill_in(source, papers)
    _mathjax(extra)


def _fill_in(source: Path, papers: Papers) -> None:
    """Put what the project knows into the pages that are written by hand."""
    names = [chapter.notebook for chapter in chapters()]
    papers.copy()
    whole = papers.whole_pages()
    guides = [name for name in papers.names(teachers=False) if name != "contributing"]
    parts = {
        "glance": glance((ROOT / "README.md").read_text(encoding="utf-8"), names),
        "chapters": "\n".join(f"chapters/{name.removesuffix('.ipynb')}" for name in names),
        "chapter list": "\n".join(f"- [](chapters/{name})" for name in names),
        "guides": "\n".join(guides),
        "teachers": "\n".join(papers.names(teachers=True)),
        "whole pages": "\n".join(f'- <a href="{to}">{title}</a>' for to, title in whole.items()),
        **papers.set_up(),
    }
    for path in (source / "index.md", source / "teachers.md", source / "404.md"):
        text = path.read_text(encoding="utf-8")
        for name, part in parts.items():
            text = text.replace(f"<!-- {name} -->", part)
        path.write_text(text, encoding="utf-8")


def _sphinx(source: Path, html: Path) -> None:
    """Run Sphinx. Raises ValueError with its warnings, if it has any."""
    warnings = io.StringIO()
    app = Sphinx(
        source,
        source,
        html,
        html.with_name("doctrees"),
        "html",
        status=None,
        warning=warnings,
        freshenv=True,
    )
    app.build(force_all=True)
    if app.statuscode or warnings.getvalue():
        raise ValueError(f"the book cannot be built:\n{warnings.getvalue()}")
    shutil.rmtree(html / ".doctrees", ignore_errors=True)


def _mathjax(extra: Path) -> None:
    """MathJax's one file that makes HTML of formulas, and its fonts, from a package's files."""
    scripts = [path for path in files(MATHJAX) or () if path.name == "tex-chtml.js"]
    found = Path(str(scripts[0].locate())).parent
    target = extra / "mathjax"
    target.mkdir()
    shutil.copyfile(found / "tex-chtml.js", target / "tex-chtml.js")
    fonts = Path("output") / "chtml" / "fonts"
    shutil.copytree(found / fonts, target / fonts)
