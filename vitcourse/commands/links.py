"""Links that open a notebook of the course in a browser, with nothing to install."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vitcourse import __version__
from vitcourse.commands.words import explained
from vitcourse.learner.notebook_files import course_notebooks, find_notebook
from vitcourse.places.links import NO_HUB, fetched_in_colab, links_to


def links(
    repo: Annotated[str, typer.Option(help="The GitHub repository, OWNER/NAME.")],
    tag: Annotated[str, typer.Option(help="A tag of it, e.g. v0.1.0.")],
    notebook: Annotated[str, typer.Option(help="The notebook to open, e.g. 01.")] = "00",
    hub: Annotated[str, typer.Option(help="Your JupyterHub, if you have one.")] = NO_HUB,
) -> None:
    """Print links and badges for Binder, Colab, Codespaces and your JupyterHub."""
    with explained():
        opened = find_notebook(notebook, course_notebooks())
        found = links_to(repo, tag, opened.name, hub)
        fetched = fetched_in_colab(opened)
    for link in found:
        typer.echo(f"{link.place}\n  {link.url}\n")
    typer.echo("Badges, in Markdown")
    for link in found:
        typer.echo(f"  {link.markdown()}")
    if fetched != (repo, tag):
        typer.secho(f"\n{_not_what_colab_fetches(opened, fetched, repo)}", fg="yellow", err=True)


def _not_what_colab_fetches(notebook: Path, fetched: tuple[str, str] | None, repo: str) -> str:
    now = f"{fetched[0]} at {fetched[1]}" if fetched else "nothing yet, for it knows no repository"
    return (
        f"In Colab, the first cell of {notebook.name} fetches {now}. To let it fetch yours:\n"
        f'  1. Write into pyproject.toml: Repository = "https://github.com/{repo}"\n'
        "  2. python -m vitcourse.workshop.build --keep-outputs\n"
        "  3. Commit, push, and make the tag that the cell fetches, which is that of the course's "
        f"version: git tag v{__version__}, then git push --tags"
    )
