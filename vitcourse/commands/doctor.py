"""`vitcourse doctor`: what this installation is made of, and what is wrong with it."""

from __future__ import annotations

import typer


def doctor() -> None:
    """Examine this installation: versions, device, memory, and known faults."""
    from vitcourse.installation import examine

    raise typer.Exit(0 if examine() else 1)
