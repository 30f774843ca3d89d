"""The built book: it is whole, gives nothing away, needs nothing from elsewhere, and is small."""

import hashlib
import json
import re
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from tests.book import Page, built_book
from vitcourse.contents import chapters
from vitcourse.workshop.book import ROOT, lost
from vitcourse.workshop.book.chapters import NOTEBOOK_ONLY

NOTEBOOKS = ROOT / "notebooks"

MEGABYTES = 25
OUTSIDE = ("http:", "https:", "//")
# What to do in JupyterLab, and nothing for somebody who reads.
IN_A_NOTEBOOK = (
    "Shift+Enter",
    "into a new cell",
    "the button below",
    "Run All Cells",
    "this cell to",
)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return built_book(tmp_path_factory)


@pytest.fixture(scope="module")
def pages(book) -> dict[str, Page]:
    return {p.relative_to(book).as_posix(): Page(p) for p in sorted(book.rglob("*.html"))}


def page_of(chapter) -> str:
    return f"chapters/{chapter.notebook.removesuffix('.ipynb')}.html"


def test_every_chapter_is_there_and_reached_from_the_first_page(book, pages):
    for chapter in chapters():
        page = pages[page_of(chapter)]
        assert chapter.title.split(" ", 1)[1].split(":")[0] in page.open
        assert page_of(chapter) in pages["index.html"].anchors
        assert (book / "notebooks" / chapter.notebook).exists()


def test_each_chapter_opens_elsewhere_and_leads_to_no_notebook_in_the_book(pages):
    for chapter in chapters():
        anchors = pages[page_of(chapter)].anchors
        links = " ".join(anchors)
        for place in ("mybinder.org/v2/gh/ada/vitcourse", "colab.research", "codespaces.new/ada"):
            assert place in links, (chapter.title, place)
        inside = [to for to in anchors if ".ipynb" in to and not to.startswith(OUTSIDE)]
        assert inside == [f"../notebooks/{chapter.notebook}"]


def test_the_first_page_says_where_the_course_is_and_the_appendix_has_no_exercises(pages):
    first = pages["index.html"].open
    assert "git clone https://github.com/ada/vitcourse vitcourse" in first
    assert "ADDRESS" not in first
    assert "15 minutes. Where" in pages["chapters/10_tutorial_repaired.html"].open


def exercises(notebook) -> dict[str, str]:
    """What is in the cells of exercises, by their numbers."""
    cells = nbformat.read(notebook, as_version=4).cells
    return {cell.metadata.exercise: cell.source for cell in cells if "exercise" in cell.metadata}


def test_no_answer_is_shown_unless_somebody_opens_it(pages):
    for chapter in chapters():
        page = pages[page_of(chapter)]
        stubs = exercises(NOTEBOOKS / chapter.notebook)
        for number, answer in exercises(NOTEBOOKS / "solutions" / chapter.notebook).items():
            assert f'raise NotImplementedError("exercise {number}")' in page.open
            assert squeezed(answer) in squeezed(page.folded), number
            assert squeezed(body(answer, stubs[number])) not in squeezed(page.open), number
            assert f"Try first; then see the course's answer to {number}" in page.folded
            assert re.search(rf"{number} \w+: solved", page.folded), number
            assert not re.search(rf"{number} \w+: solved", page.open), number


def body(answer: str, stub: str) -> str:
    """The last statement of an answer that its stub has not."""
    statements = re.split(r"\n(?=\s*(?:return|self\.|yield)\b)", answer)
    return [one for one in statements if squeezed(one) not in squeezed(stub)][-1]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_no_page_speaks_to_somebody_who_has_the_notebook_open(pages):
    left_out = 0
    for chapter in chapters():
        page = pages[page_of(chapter)]
        said = " ".join((page.open + page.folded).split())
        assert [words for words in IN_A_NOTEBOOK if words in said] == [], chapter.title
        cells = nbformat.read(NOTEBOOKS / "solutions" / chapter.notebook, as_version=4).cells
        left_out += sum(NOTEBOOK_ONLY in cell.metadata.get("tags", []) for cell in cells)
    assert left_out > 10


def test_the_page_for_what_is_not_there_has_all_chapters_and_a_search(pages):
    text = pages[lost.PAGE].path.read_text(encoding="utf-8")
    own = text[text.index("<article") : text.index("</article>")]  # without the bar at the side
    assert [chapter for chapter in chapters() if f'href="{page_of(chapter)}"' not in own] == []
    assert 'action="search.html"' in own
    moved = lost.at("/site/v1/", text)
    links = re.findall(r'<[^>]*(?:href|src|action|data-content_root)="([^"]*)"', moved)
    assert [to for to in links if not to.startswith(("/site/v1/", "#", *OUTSIDE))] == []


def test_nothing_is_fetched_from_elsewhere(book, pages):
    for name, page in pages.items():
        assert [to for to in page.needs if to.startswith(OUTSIDE)] == [], name
    for style in book.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", text), style.name


def test_every_link_leads_somewhere(book, pages):
    broken = []
    for name, page in pages.items():
        text = page.path.read_text(encoding="utf-8")
        frames = [json.loads(f'"{src}"') for src in re.findall(r'"src": "(\.\./[^"]+)"', text)]
        for to in {*page.anchors, *page.needs, *frames}:
            parts = urlsplit(to)
            if parts.scheme or to.startswith("//"):
                continue
            target = (page.path.parent / unquote(parts.path)) if parts.path else page.path
            target = target / "index.html" if target.is_dir() else target
            if not target.exists():
                broken.append((name, to))
            elif parts.fragment and target.suffix == ".html":
                there = pages[target.resolve().relative_to(book.resolve()).as_posix()]
                if unquote(parts.fragment) not in there.ids:
                    broken.append((name, to))
    assert broken == []


def test_every_picture_has_a_text(pages):
    images = [(name, image) for name, page in pages.items() for image in page.images]
    assert len(images) > 100
    assert [(name, i.get("src")) for name, i in images if not (i.get("alt") or "").strip()] == []
    assert [name for name, i in images if (i.get("src") or "").startswith("data:")] == []


def test_it_is_small_and_has_each_picture_once(book):
    files = [path for path in book.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= MEGABYTES * 1e6
    pictures = [path for path in files if path.suffix in (".webp", ".png", ".svg")]
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in pictures]
    assert len(set(contents)) == len(contents)


def test_widgets_are_given_what_the_notebook_would_give_them(pages):
    kinds = {"question": 0, "slider": 0, "explorer": 0}
    for chapter in chapters():
        text = pages[page_of(chapter)].path.read_text(encoding="utf-8")
        for given in re.findall(r'<script type="application/json">(.*?)</script>', text):
            what = json.loads(given)
            kinds[what["kind"]] += 1
            if what.get("form") == "quiz":
                assert len(what["given"]["questions"]) == 5
    assert kinds["question"] >= 18
    assert kinds["slider"] >= 3
    assert kinds["explorer"] >= 2


def test_the_cheat_sheet_is_there_as_picture_print_and_text(book, pages):
    sheet = pages["cheat_sheet.html"]
    assert "cheat_sheet.svg" in [image["src"] for image in sheet.images]
    printed = (book / "cheat_sheet.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b(?!s)", printed)) == 1
    assert "(2, 12, 197, 197)" in sheet.open
    assert "86,567,656" in (pages["glossary.html"].open)


def test_the_glossary_says_where_each_thing_is_built(pages):
    page = pages["glossary.html"]
    exercises = {to for to in page.anchors if "#exercise-" in to}
    assert len(exercises) > 20
    assert "vitcourse/model/attention.py" in page.open
