"""The link that opens a notebook of the course on mybinder.org, with nothing to install."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote

import typer

from vitcourse.commands.words import explained
from vitcourse.notebook_files import course_notebooks, find_notebook

OWNER_AND_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
# What git allows in the name of a tag, a branch or a commit, as far as it matters in a link.
TAG = re.compile(r"[^\s~^:?*\[\\]+")


def binder_link(
    repo: Annotated[str, typer.Option(help="The GitHub repository, OWNER/NAME.")],
    tag: Annotated[str, typer.Option(help="A tag of it, e.g. v0.1.0.")],
    notebook: Annotated[str, typer.Option(help="The notebook to open, e.g. 01.")] = "00",
) -> None:
    """Print the link that opens a notebook on mybinder.org."""
    with explained():
        link = link_to_binder(repo, tag, notebook)
    typer.echo(link)


def link_to_binder(repo: str, tag: str, notebook: str = "00") -> str:
    """The link for the GitHub repository `repo` ("OWNER/NAME") at `tag`, open at `notebook`.

    A tag rather than a branch: Binder builds the image of a tag once, for the whole class, and
    rebuilds that of a branch after every commit.

    Raises ValueError if one of the three cannot be right.
    """
    if not OWNER_AND_NAME.fullmatch(repo):
        raise ValueError(
            f"repo is {repo!r}; give OWNER/NAME as GitHub writes it, for example ada/vitcourse"
        )
    if not TAG.fullmatch(tag) or ".." in tag:
        raise ValueError(
            f"tag is {tag!r}; give the name of a tag (or a commit), for example v0.1.0. "
            "To make one: git tag v0.1.0, then git push --tags"
        )
    name = find_notebook(notebook, course_notebooks()).name
    path = quote(f"lab/tree/notebooks/{name}")
    return f"https://mybinder.org/v2/gh/{repo}/{quote(tag, safe='')}?urlpath={path}"
