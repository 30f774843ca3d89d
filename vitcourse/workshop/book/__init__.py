"""The book: the course as pages to read, made of the executed solutions. Nothing needs a network.

`python -m vitcourse.workshop.book` builds it. In the order in which a page is made:

    chapters.py      a solved notebook becomes a page: stubs, hints, answers folded away
    pictures.py      pictures leave the page and become files
    asking.py        predictions and quizzes that work without a kernel
    living.py        sliders and explorers that work without a kernel
    papers.py        README's table, CONTRIBUTING.md, the teacher's pages, their links
    glossary.py      the terms, and where each is built
    cheat_sheet.py   the whole model on one page, from the shapes of a real one
    make.py          puts all of it into one folder and lets Sphinx build it
    lighter.py       only the icons and styles that the pages use
    lost.py          the page for an address that leads nowhere
    publish.py       one folder for each version on GitHub Pages
    serve.py         shows it on this computer: `python -m vitcourse book`

What is written by hand is in `docs/book`.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "docs" / "book"
OUT = ROOT / "build" / "book"
TO_INSTALL = 'python -m pip install -e ".[book]"'
