"""The glossary: each term in a sentence or two, and where the course builds it."""

from pathlib import Path

import yaml

from vitcourse.contents import chapters, entry
from vitcourse.workshop.book import ROOT


def write(terms: Path, page: Path) -> None:
    """Put the terms of a YAML file into the page. Raises ValueError for a place that is not there.

    Each term has `means`, and `where`: exercises ("4.1"), chapters ("04") and files of the package.
    """
    known = yaml.safe_load(terms.read_text(encoding="utf-8"))
    terms.unlink()  # Sphinx would not know what to do with it
    lines = [line for term in sorted(known, key=str.casefold) for line in _term(term, known[term])]
    text = page.read_text(encoding="utf-8")
    glossary = "\n".join(["```{glossary}", *lines, "```"])
    page.write_text(text.replace("<!-- terms -->", glossary), encoding="utf-8")


def _term(term: str, about: dict) -> list[str]:
    means, where = about["means"].strip(), [str(place) for place in about["where"]]
    places = "; ".join(_place(term, place) for place in where)
    return [term, *(f"  {line}" for line in means.splitlines()), "", f"  *Where:* {places}.", ""]


def _place(term: str, place: str) -> str:
    if "." in place and place.replace(".", "").isdigit():
        try:
            return f"[exercise {place}](#exercise-{place}), `{entry(place).name}`"
        except KeyError:
            raise ValueError(f"glossary: {term!r}: there is no exercise {place}") from None
    for chapter in chapters():
        if chapter.number == place:
            stem = chapter.notebook.removesuffix(".ipynb")
            return f"[chapter {int(place)}](chapters/{stem}.ipynb)"
    if not (ROOT / "vitcourse" / place).exists():
        raise ValueError(f"glossary: {term!r}: {place!r} is no exercise, chapter or file")
    return f"`vitcourse/{place}`"
