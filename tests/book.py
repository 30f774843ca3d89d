"""The book, built once for all tests that look at it, and a server that shows it to a browser."""

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock


def built_book(tmp_path_factory) -> Path:
    """The folder of the book; the workers of pytest-xdist share it."""
    for name in ("sphinx", "myst_nb", "sphinx_book_theme", "sphinx_copybutton", "jupytext"):
        pytest.importorskip(name, reason="what builds the book is not installed")
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if shared.name.startswith("popen-") else shared
    folder = shared / "book"
    with FileLock(shared / "book.lock"):
        if not folder.exists():
            command = [sys.executable, "-m", "vitcourse.workshop.book", folder]
            command += ["--repo", "ada/vitcourse"]
            done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
            assert done.returncode == 0, done.stdout + done.stderr
    return folder


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the folder's files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args) -> None:
        pass


class Page(HTMLParser):
    """A page without a browser: its links, pictures and ids, and the text in and out of folds."""

    def __init__(self, path: Path):
        super().__init__()
        self.path = path
        self.anchors: list[str] = []  # href of <a>
        self.needs: list[str] = []  # what the browser fetches by itself
        self.images: list[dict] = []
        self.ids: set[str] = set()
        self.folded, self.open = "", ""
        self._depth, self._script = 0, False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        self.ids |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.anchors.append(given["href"])
        elif tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload"):
            self.needs.append(given["href"])
        elif given.get("src"):
            self.needs.append(given["src"])
        if tag == "img":
            self.images.append(given)
        self._depth += tag == "details"
        self._script = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "details"
        self._script = False

    def handle_data(self, data: str) -> None:
        if self._script:
            return
        if self._depth:
            self.folded += data
        else:
            self.open += data
