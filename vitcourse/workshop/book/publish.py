"""`python -m vitcourse.workshop.book.publish BOOK SITE`: one folder for each version.

SITE is what GitHub Pages shows (the branch gh-pages, see .github/workflows/book.yml). Older
versions stay where they are; the front of the site, and its page for what is not there, lead to
the newest.
"""

import html
import re
import shutil
from pathlib import Path
from typing import Annotated

import typer
from packaging.version import InvalidVersion, Version

from vitcourse import __version__
from vitcourse.workshop.book import lost

MARK = "<!-- other versions -->"  # in the footer of each page; see conf.py
NAME = re.compile(r"v\d[\w.+-]*")
FRONT = """<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.1rem/1.6 system-ui, sans-serif; margin: 2rem }}
</style>
<main>
<h1>{title}</h1>
{body}
</main>
</html>
"""


def publish(book: Path, site: Path, version: str, root: str = "/") -> list[str]:
    """Put the book into the site as this version; return all versions, the newest first.

    `root` is where the site is on its server, such as /vitcourse/.

    Raises ValueError for a version of another form, or a folder without a book.
    """
    if not NAME.fullmatch(version):
        raise ValueError(f"version is {version!r}; it should be the name of a tag, such as v0.1.0")
    if not (book / "index.html").is_file():
        raise ValueError(f"{book} has no index.html; build the book first")
    target = site / version
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(book, target)
    for page in target.rglob("*.html"):
        _link_to_versions(page, target)
    found = versions(site)
    (site / ".nojekyll").touch()  # GitHub would leave out folders that begin with _
    _write_fronts(site, found)
    _write_lost(site, f"{root}{found[0]}/")
    return found


def versions(site: Path) -> list[str]:
    """The versions that the site has, the newest first; versions before release come after it."""
    names = [path.name for path in site.iterdir() if path.is_dir() and NAME.fullmatch(path.name)]
    return sorted(names, key=_order, reverse=True)


def _order(name: str) -> tuple[bool, Version, str]:
    try:
        number = Version(name)
    except InvalidVersion:
        return False, Version("0"), name
    return not number.is_prerelease, number, name


def _link_to_versions(page: Path, target: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if MARK in text:
        up = "../" * len(page.relative_to(target).parts)
        link = f'<a href="{up}versions.html">Other versions</a>'
        page.write_text(text.replace(MARK, link), encoding="utf-8")


def _write_fronts(site: Path, found: list[str]) -> None:
    newest = html.escape(found[0])
    links = "".join(f'<li><a href="{html.escape(v)}/">{html.escape(v)}</a></li>' for v in found)
    pages = {
        "versions.html": ("vitcourse: all versions", "", f"<ul>{links}</ul>"),
        "index.html": (
            "vitcourse",
            f'<meta http-equiv="refresh" content="0; url={newest}/">\n',
            f'<p><a href="{newest}/">To the book</a></p>',
        ),
    }
    for name, (title, head, body) in pages.items():
        (site / name).write_text(
            FRONT.format(title=title, head=head, body=body), encoding="utf-8", newline="\n"
        )


def _write_lost(site: Path, newest: str) -> None:
    """The newest book's page for what is not there, for the whole site, if the book has one."""
    page = site / newest.rstrip("/").rpartition("/")[2] / lost.PAGE
    if page.is_file():
        (site / lost.PAGE).write_text(
            lost.at(newest, page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n"
        )


def root_of(repo: str | None) -> str:
    """Where GitHub Pages has the site of OWNER/NAME."""
    name = (repo or "").rpartition("/")[2]
    return f"/{name}/" if name and not name.endswith(".github.io") else "/"


def main(
    book: Annotated[Path, typer.Argument(help="The built book")],
    site: Annotated[Path, typer.Argument(help="The folder that is published")],
    version: Annotated[str, typer.Option(help="Its folder in the site")] = f"v{__version__}",
    repo: Annotated[
        str | None, typer.Option(help="OWNER/NAME, whose GitHub Pages the site is")
    ] = None,
) -> None:
    """Put the built book into the site, beside older versions."""
    try:
        found = publish(book, site, version, root_of(repo))
    except ValueError as error:
        raise SystemExit(str(error)) from None
    print("The site has", ", ".join(found))


if __name__ == "__main__":
    typer.run(main)
