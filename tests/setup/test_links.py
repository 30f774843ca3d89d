"""The links and badges that a teacher shares, and whether Colab would fetch the same course."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import nbformat
import pytest

from vitcourse import __version__
from vitcourse.places.links import ARCHIVE, fetched_in_colab, links_to

FILE = "01_patch_embedding.ipynb"
ODD = "00_größe & mehr.ipynb"


def urls(*arguments: str) -> dict[str, str]:
    return {link.place: link.url for link in links_to(*arguments)}


def notebook_that_fetches(folder: Path, repo: str, tag: str) -> Path:
    cells = [nbformat.v4.new_markdown_cell("# Title")]
    cells.append(nbformat.v4.new_code_cell(f'COURSE = "{ARCHIVE.format(repo=repo, tag=tag)}"'))
    path = folder / "00_tour.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_links():
    assert urls("ada/vitcourse", "v0.1.0", FILE, "https://hub.example.org/") == {
        "Binder": f"https://mybinder.org/v2/gh/ada/vitcourse/v0.1.0?urlpath=lab/tree/notebooks/{FILE}",
        "Colab": (
            "https://colab.research.google.com/github/ada/vitcourse/blob/v0.1.0/notebooks/" + FILE
        ),
        "Codespaces": "https://codespaces.new/ada/vitcourse?quickstart=1",
        "JupyterHub": (
            "https://hub.example.org/hub/user-redirect/git-pull"
            "?repo=https%3A%2F%2Fgithub.com%2Fada%2Fvitcourse"
            f"&urlpath=lab%2Ftree%2Fvitcourse%2Fnotebooks%2F{FILE}"
        ),
    }


def test_links_are_quoted():
    found = urls("a/b.c", "class/2026#x", ODD)
    assert "/gh/a/b.c/class%2F2026%23x?" in found["Binder"]
    assert "/blob/class/2026%23x/notebooks/00_" in found["Colab"]
    assert unquote(urlsplit(found["Colab"]).path).endswith(f"/notebooks/{ODD}")
    asked = parse_qs(urlsplit(found["JupyterHub"]).query)
    assert asked == {
        "repo": ["https://github.com/a/b.c"],
        "urlpath": [f"lab/tree/b.c/notebooks/{ODD}"],
    }
    for url in found.values():
        assert re.fullmatch(r"[\x21-\x7e]+", url)


def test_badges_are_markdown_links_with_a_text():
    for link in links_to("a/b", "v1", FILE):
        found = re.fullmatch(r"\[!\[([^]]+)\]\((\S+)\)\]\((\S+)\)", link.markdown())
        assert found.groups() == (f"Open in {link.place}", link.badge, link.url)


@pytest.mark.parametrize(
    "repo", ["", "ada", "ada/", "/x", "a/b/c", "https://github.com/a/b", "a b/c", "-a/b", "a/b?c"]
)
def test_bad_repository(repo):
    with pytest.raises(ValueError, match="OWNER/NAME"):
        links_to(repo, "v1", FILE)


@pytest.mark.parametrize("tag", ["", " ", "v 1", "v1\n", "a..b", "v1?", "v1:x"])
def test_bad_tag(tag):
    with pytest.raises(ValueError, match="git tag"):
        links_to("a/b", tag, FILE)


@pytest.mark.parametrize("hub", ["", "hub.example.org", "https://x y", "https://x?y"])
def test_bad_hub(hub):
    with pytest.raises(ValueError, match="JupyterHub"):
        links_to("a/b", "v1", FILE, hub)


def test_what_a_notebook_fetches_in_colab(tmp_path):
    path = notebook_that_fetches(tmp_path, "ada/b.c", "v1.2.3")
    assert fetched_in_colab(path) == ("ada/b.c", "v1.2.3")
    path.write_text(json.dumps({"cells": []}), encoding="utf-8")
    assert fetched_in_colab(path) is None


# --------------------------------------------------------------------------------- the command


@pytest.mark.parametrize("name", ["links", "binder-link"])
def test_command(vitcourse, clone, name):
    notebook_that_fetches(clone / "notebooks", "a/b", "v1")
    done = vitcourse(name, "--repo", "a/b", "--tag", "v1", "--hub", "https://hub.example.org")
    assert (done.returncode, done.stderr) == (0, "")
    for link in links_to("a/b", "v1", "00_tour.ipynb", "https://hub.example.org"):
        assert f"\n  {link.url}\n" in done.stdout
        assert f"\n  {link.markdown()}\n" in done.stdout


@pytest.mark.parametrize("fetched", [("a/b", "v2"), ("x/b", "v1"), None])
def test_it_says_if_colab_would_fetch_something_else(vitcourse, clone, fetched):
    if fetched:
        notebook_that_fetches(clone / "notebooks", *fetched)
    done = vitcourse("links", "--repo", "a/b", "--tag", "v1")
    assert done.returncode == 0
    assert (f"{fetched[0]} at {fetched[1]}" if fetched else "knows no repository") in done.stderr
    assert 'Repository = "https://github.com/a/b"' in done.stderr
    assert f"git tag v{__version__}" in done.stderr
    assert "workshop.build" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--repo", "b", "--tag", "v1"], "OWNER/NAME"),
        (["--repo", "a/b", "--tag", "v1", "--notebook", "77"], "There are: 00_tour.ipynb"),
    ],
)
def test_wrong_use(vitcourse, arguments, said):
    wrong = vitcourse("links", *arguments)
    assert wrong.returncode == 2
    assert said in wrong.stderr
    assert "Traceback" not in wrong.stderr
