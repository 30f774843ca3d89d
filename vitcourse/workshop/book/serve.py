"""The book on this computer: built if it is not there or the course has changed, then served."""

from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

from vitcourse.workshop.book import OUT, ROOT, SOURCE, TO_INSTALL, lost

TOOLS = ("sphinx", "myst_nb", "sphinx_book_theme", "sphinx_copybutton", "jupytext")
MADE_OF = ("README.md", "CONTRIBUTING.md", "pyproject.toml", "docs", "notebooks", "vitcourse")
ENDINGS = {".md", ".toml", ".py", ".ipynb", ".js", ".css", ".yaml", ".json", ".html", ".svg"}
PORTS_TRIED = 20


def ready(say: Callable[[str], None] = print) -> Path:
    """The folder of the book, built first if need be.

    Raises ValueError if there is none and it cannot be built here, saying what is missing.
    """
    if not SOURCE.is_dir():
        raise ValueError(
            "the book is made from the course's own files, and here is only the installed "
            "package. Run this in a clone of the repository"
        )
    there = (OUT / "index.html").exists()
    if there and is_current(OUT):
        return OUT
    missing = [name for name in TOOLS if find_spec(name) is None]
    if missing and not there:
        raise ValueError(f"building the book needs {', '.join(missing)}: {TO_INSTALL}")
    if missing:
        say(f"The course has changed since the book was built. To build it again: {TO_INSTALL}")
        return OUT
    say("Building the book, which takes a minute ...")
    from vitcourse.workshop.book.make import build

    return build(OUT).folder


def is_current(book: Path) -> bool:
    """Is the book newer than everything that it is made of?"""
    built = (book / "index.html").stat().st_mtime
    return all(path.stat().st_mtime <= built for path in _made_of())


def _made_of() -> Iterator[Path]:
    for name in MADE_OF:
        path = ROOT / name
        files = path.rglob("*") if path.is_dir() else [path]
        yield from (file for file in files if file.suffix in ENDINGS and file.is_file())


def serve(book: Path, port: int, say: Callable[[str], None] = print) -> None:
    """Serve the folder to this computer alone, until Ctrl-C."""
    with server(book, port) as found:
        say(f"The book is at http://127.0.0.1:{found.server_port}/ (this computer only).")
        say("Press Ctrl-C to stop.")
        try:
            found.serve_forever()
        except KeyboardInterrupt:
            say("Stopped.")


def server(book: Path, port: int) -> ThreadingHTTPServer:
    """A server on this port or, if it is in use, on the next free one.

    Raises ValueError if none of the next ones is free.
    """
    for number in range(port, min(port + PORTS_TRIED, 65536)):
        try:
            return _Server(("127.0.0.1", number), partial(_Handler, directory=str(book)))
        except OSError:
            continue
    raise ValueError(f"--port {port}: this port and the next ones are in use; name another")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = False  # on Windows it would share a port that is in use


class _Handler(SimpleHTTPRequestHandler):
    def send_error(self, code, message=None, explain=None) -> None:
        """The book's own page for what is not there; anything else as usual."""
        page = Path(self.directory) / lost.PAGE
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            return super().send_error(code, message, explain)
        body = lost.at("/", page.read_text(encoding="utf-8")).encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_args) -> None:
        """Nobody wants a line for each picture."""
