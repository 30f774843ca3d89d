"""Links that open a notebook of the course where nothing needs to be installed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

OWNER_AND_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
# What git allows in the name of a tag, a branch or a commit, as far as it matters in a link.
TAG = re.compile(r"[^\s~^:?*\[\\]+")
HUB = re.compile(r"https?://[^\s?#]+")
NO_HUB = "https://YOUR-HUB"
# What a notebook's first cell fetches in Colab.
ARCHIVE = "https://github.com/{repo}/archive/refs/tags/{tag}.zip"


@dataclass(frozen=True)
class Link:
    """Where it leads, the address, and the address of a badge to click on."""

    place: str
    url: str
    badge: str

    def markdown(self) -> str:
        return f"[![Open in {self.place}]({self.badge})]({self.url})"


def links_to(repo: str, tag: str, notebook: str, hub: str = NO_HUB) -> list[Link]:
    """The links to a notebook's file name in the GitHub repository `repo` ("OWNER/NAME") at `tag`.

    A tag rather than a branch: Binder builds the image of a tag once, for the whole class, and
    rebuilds that of a branch after every commit. Codespaces and nbgitpuller, which brings updates
    to learners on a JupyterHub, work with branches alone: these links lead to the default branch.

    Raises ValueError if `repo`, `tag` or `hub` cannot be right.
    """
    check_place(repo, tag, hub)
    file = quote(f"notebooks/{notebook}")
    name = repo.split("/")[1]
    ref = quote(tag, safe="")
    pull = f"repo={quote(f'https://github.com/{repo}', safe='')}"
    pull += f"&urlpath={quote(f'lab/tree/{name}/notebooks/{notebook}', safe='')}"
    return [
        Link(
            "Binder",
            f"https://mybinder.org/v2/gh/{repo}/{ref}?urlpath=lab/tree/{file}",
            "https://mybinder.org/badge_logo.svg",
        ),
        Link(
            "Colab",
            f"https://colab.research.google.com/github/{repo}/blob/{quote(tag)}/{file}",
            "https://colab.research.google.com/assets/colab-badge.svg",
        ),
        Link(
            "Codespaces",
            f"https://codespaces.new/{repo}?quickstart=1",
            "https://github.com/codespaces/badge.svg",
        ),
        Link(
            "JupyterHub",
            f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{pull}",
            "https://img.shields.io/badge/open_in-JupyterHub-f37726",
        ),
    ]


def check_place(repo: str, tag: str, hub: str) -> None:
    """Raise ValueError if one of the three cannot be right."""
    if not OWNER_AND_NAME.fullmatch(repo):
        raise ValueError(
            f"repo is {repo!r}; give OWNER/NAME as GitHub writes it, for example ada/vitcourse"
        )
    if not TAG.fullmatch(tag) or ".." in tag:
        raise ValueError(
            f"tag is {tag!r}; give the name of a tag (or a commit), for example v0.1.0. "
            "To make one: git tag v0.1.0, then git push --tags"
        )
    if not HUB.fullmatch(hub):
        raise ValueError(
            f"hub is {hub!r}; give your JupyterHub's address, for example https://hub.example.org"
        )


def fetched_in_colab(notebook: Path) -> tuple[str, str] | None:
    """Repository and tag that the notebook's first cell fetches in Colab; None if it names none."""
    pattern = re.escape(ARCHIVE).replace(r"\{repo\}", "(.+?)").replace(r"\{tag\}", "(.+?)")
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            found = re.search(pattern, "".join(cell["source"]))
            return (found[1], found[2]) if found else None
    return None
