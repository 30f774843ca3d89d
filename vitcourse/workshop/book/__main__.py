"""`python -m vitcourse.workshop.book`: build the book."""

from pathlib import Path
from typing import Annotated

import typer

from vitcourse.workshop.book import OUT, TO_INSTALL

try:
    from vitcourse.workshop.book.make import build
except ImportError as missing:
    raise SystemExit(f"{missing}. Building the book needs: {TO_INSTALL}") from None


def main(
    out: Annotated[
        Path, typer.Argument(help="The folder to write, in place of an older book")
    ] = OUT,
    repo: Annotated[
        str | None, typer.Option(help="OWNER/NAME, for the links to Binder and others")
    ] = None,
) -> None:
    """Build the book of the course. Nothing is downloaded."""
    try:
        built = build(out, repo, print)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    print(f"{built.folder / 'index.html'}: {built.size / 1e6:.1f} MB in {built.seconds:.0f} s")


if __name__ == "__main__":
    typer.run(main)
