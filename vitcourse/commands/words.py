"""What the commands share: an error is one message without a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

# Exit codes: 0 success; 1 an exercise is not solved, or doctor found a problem; 2 wrong use.
WRONG_USE = 2


@contextmanager
def explained() -> Iterator[None]:
    """Show what went wrong as one message without a traceback."""
    try:
        yield
    except (ValueError, OSError) as error:
        said = str(error)
        if isinstance(error, OSError) and error.strerror and error.filename:  # the system's words
            said = f"{error.filename}: {error.strerror}"
        typer.secho(f"vitcourse: {said}", fg="red", err=True)
        raise typer.Exit(WRONG_USE) from None
