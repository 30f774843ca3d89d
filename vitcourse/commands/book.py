"""`vitcourse book`: the course as pages to read, on this computer."""

from __future__ import annotations

from typing import Annotated

import typer

from vitcourse.commands.words import explained
from vitcourse.workshop.book.serve import ready, serve


def book(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to try first.")] = 8123,
) -> None:
    """Read the course as a book in your browser; build it first if need be."""
    with explained():
        serve(ready(typer.echo), port, typer.echo)
