"""What makes the book, part by part; the whole book is looked at in test_book.py."""

import os
import re
import socket
import threading
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import urlopen

import nbformat
import pytest

from vitcourse.workshop.book import lost, publish, serve, widgets
from vitcourse.workshop.book.asking import asked_by, compared_by
from vitcourse.workshop.book.living import needed
from vitcourse.workshop.book.papers import Papers, glance
from vitcourse.workshop.book.pictures import Pictures

cheat_sheet = pytest.importorskip("vitcourse.workshop.book.cheat_sheet")
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD"
    "hgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_a_picture_becomes_one_file_however_often_it_is_shown(tmp_path):
    pictures = Pictures(tmp_path)
    shown = pictures.in_page(f'<img alt="a" src="{PIXEL}"><img alt="b" src="{PIXEL}">')
    (file,) = (tmp_path / "figures").iterdir()
    assert shown.count(f'src="../figures/{file.name}" width="1" height="1"') == 2
    assert "data:" not in shown


def test_what_is_asked_is_read_without_running_the_cell():
    asked = asked_by('predict("03-x", "How *many*?", ["one", "two"])')
    assert (asked["form"], asked["key"]) == ("choices", "03-x")
    assert asked["given"]["choices"] == [[["", "one"]], [["", "two"]]]
    rows = asked_by('predict("03-y", "How many?", rows=["a", "b"], unit="%")')
    assert rows["given"]["highest"] == 100
    assert rows["said"] == [[None], [None]]
    assert asked_by("print(predict)") is None
    assert compared_by('x = 1\noutcome("03-x", "one" if x else "two")') == "03-x"
    assert compared_by('draw(measured, predicted("03-y"))') == "03-y"


def test_a_widgets_cell_needs_only_the_cells_that_define_what_it_uses():
    sources = ["import math", "a = math.pi", "b = 1", "def c():\n    return a", "print(b)", "c()"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    assert needed(cells, 5) == [0, 1, 3]


def test_the_widgets_scripts_need_no_module(tmp_path):
    widgets.write(tmp_path)
    script = (tmp_path / "widgets.js").read_text(encoding="utf-8")
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert "goes back to the notebook" not in script


def test_readmes_table_must_have_each_notebook():
    table = "| 00 | Tour | nothing yet | 10 min |\n| 01 | Patches | vectors | 1 h |"
    found = glance(f"{table}\n\nThat is about 2 hours.\n", ["00_tour.ipynb", "01_p.ipynb"])
    assert "[Tour](chapters/00_tour.ipynb)" in found
    assert found.endswith("\n\nThat is about 2 hours.")
    with pytest.raises(ValueError, match="a row for each notebook"):
        glance(table, ["00_tour.ipynb"])


@pytest.fixture
def papers(tmp_path):
    """A project with guides and teacher's pages, and the book's source to copy them to."""
    docs = tmp_path / "docs"
    (docs / "teaching" / "exams").mkdir(parents=True)
    (docs / "teaching" / "exams" / "secret.py").write_text("")
    (docs / "teaching" / "plan.yml").write_text("")
    (tmp_path / "README.md").write_text("")
    (tmp_path / "CONTRIBUTING.md").write_text("[guide](docs/guide.md) [readme](README.md)")
    (docs / "guide.md").write_text("[out](https://example.org) [gone](nowhere.md)")
    (docs / "teaching" / "week.md").write_text(
        "[plan](plan.yml) [exam](exams/secret.py) [guide](../guide.md#start)"
    )
    source = tmp_path / "source"
    return Papers(tmp_path, source, source / "extra", "ada/vitcourse", "v1.0")


def test_links_lead_somewhere_from_where_a_page_is_now(papers):
    papers.copy()
    text = {path.name: path.read_text() for path in papers.source.rglob("*.md")}
    assert "[guide](guide.md)" in text["contributing.md"]
    assert "https://github.com/ada/vitcourse/blob/v1.0/README.md" in text["contributing.md"]
    assert text["guide.md"] == "[out](https://example.org) gone"
    assert '<a href="plan.yml">plan</a>' in text["week.md"]
    assert "[guide](../../guide.md#start)" in text["week.md"]
    assert papers.names(teachers=True) == ["teachers/teaching/week"]


def test_exams_are_no_part_of_the_book(papers):
    papers.copy()
    assert not list(papers.source.rglob("secret*"))


def test_old_versions_stay_and_the_newest_is_in_front(tmp_path):
    book, site = tmp_path / "book", tmp_path / "site"
    (book / "chapters").mkdir(parents=True)
    for name in ("index.html", "chapters/01.html"):
        (book / name).write_text(f"new {publish.MARK}")
    site.mkdir()
    publish.publish(book, site, "v0.9.0")
    (site / "v0.9.0" / "index.html").write_text("as it was")
    assert publish.publish(book, site, "v0.10.0") == ["v0.10.0", "v0.9.0"]
    assert (site / "v0.9.0" / "index.html").read_text() == "as it was"
    assert 'href="../versions.html"' in (site / "v0.10.0" / "index.html").read_text()
    assert 'href="../../versions.html"' in (site / "v0.10.0/chapters/01.html").read_text()
    assert "url=v0.10.0/" in (site / "index.html").read_text()
    assert publish.publish(book, site, "v0.11.0rc1")[0] == "v0.10.0"
    for wrong in ("../up", "main", "v"):
        with pytest.raises(ValueError, match=re.escape(wrong)):
            publish.publish(book, site, wrong)


def test_it_is_served_to_this_computer_alone_on_the_next_free_port(tmp_path):
    (tmp_path / "index.html").write_text("the book")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with serve.server(tmp_path, taken.getsockname()[1]) as found:
            assert found.server_address[0] == "127.0.0.1"
            assert found.server_port != taken.getsockname()[1]


LOST = """<html data-content_root="./"><head><link href="_static/a.css"></head>
<a href="#main">Skip</a> <a href="index.html">Front</a> <a href="https://example.org">Away</a>
<form action="search.html"></form><img src="data:,x">"""


def test_the_page_for_what_is_not_there_leads_on_from_any_depth():
    page = lost.at("/vitcourse/v0.1.0/", LOST)
    for to in ("_static/a.css", "index.html", "search.html", ""):
        assert f'="/vitcourse/v0.1.0/{to}"' in page
    for kept in ('href="#main"', 'href="https://example.org"', 'src="data:,x"'):
        assert kept in page
    with pytest.raises(ValueError, match=r"'vitcourse'.*slash"):
        lost.at("vitcourse", LOST)


def test_a_site_has_the_newest_books_page_for_what_is_not_there(tmp_path):
    book, site = tmp_path / "book", tmp_path / "site"
    for folder in (book, site):
        folder.mkdir()
    (book / "index.html").write_text("")
    (book / lost.PAGE).write_text(LOST)
    for version, root in (("v0.2.0", "/vitcourse/"), ("v0.1.0", "/vitcourse/")):
        publish.publish(book, site, version, root)
    assert 'href="/vitcourse/v0.2.0/index.html"' in (site / lost.PAGE).read_text()
    assert publish.root_of("ada/vitcourse") == "/vitcourse/"
    assert publish.root_of("ada/ada.github.io") == publish.root_of(None) == "/"


def test_this_computer_shows_that_page_too(tmp_path):
    (tmp_path / lost.PAGE).write_text(LOST)
    with running(serve.server(tmp_path, 8123)) as port:
        with pytest.raises(HTTPError) as found:
            urlopen(f"http://127.0.0.1:{port}/v0/chapters/none.html")
        assert found.value.code == 404
        assert 'href="/index.html"' in found.value.read().decode()


@contextmanager
def running(server):
    with server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_book_older_than_the_course_is_built_again(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "OUT", tmp_path)
    page = tmp_path / "index.html"
    page.write_text("")
    assert serve.is_current(tmp_path)
    os.utime(page, (0, 0))
    assert not serve.is_current(tmp_path)
    monkeypatch.setattr(serve, "find_spec", lambda _: None)
    said = []
    assert serve.ready(said.append) == tmp_path
    assert 'pip install -e ".[book]"' in said[0]
    page.unlink()
    with pytest.raises(ValueError, match=r"building the book needs sphinx"):
        serve.ready()


def test_the_cheat_sheet_has_the_shapes_of_a_real_model():
    found = cheat_sheet.steps()
    assert found[0].shape == (2, 3, 224, 224)
    assert found[-1].shape == (2, 1000)
    assert cheat_sheet.total(found) == 86_567_656
    assert [s.shape for s in found if s.letters == "(B, h, N + 1, N + 1)"] == [(2, 12, 197, 197)]
