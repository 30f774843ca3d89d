"""Pages that are written elsewhere in the project: README's table, guides, teacher's pages."""

import os
import re
import shutil
from functools import partial
from pathlib import Path

ROW = re.compile(r"^\| (\d\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
HOURS = re.compile(r"^That is about .*", re.MULTILINE)
LINK = re.compile(r"\[(?P<words>[^\]]+)\]\((?P<to>[^)#\s]*)(?P<place>#[^)\s]*)?\)")
TEACHING = ("teaching", "classroom")  # folders of docs/ for teachers, and pages of it:
FOR_TEACHERS = ("grading.md",)
WHOLE_PAGES = {  # shown as they are
    "class_page.html": "What to teach tomorrow: an example, of a class that does not exist",
}
START = "teachers/teaching/index"  # leads to the others
PRIVATE = "exams"  # no part of a book that students read


def glance(readme: str, notebooks: list[str]) -> str:
    """README's table of the course, with links to the book's chapters, and the sentences below."""
    pages = {name[:2]: name.removesuffix(".ipynb") for name in notebooks}
    rows = ROW.findall(readme)
    if [number for number, *_ in rows] != sorted(pages):
        raise ValueError("README.md: the course at a glance does not have a row for each notebook")
    lines = ["| | chapter | you build | takes about |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {number} | [{title.strip()}](chapters/{pages[number]}.ipynb) | {build} | {time} |"
        for number, title, build, time in rows
    ]
    return "\n".join([*lines, "", *HOURS.findall(readme)])


class Papers:
    """Copies pages of the project into the source of the book, and mends their links."""

    def __init__(self, root: Path, source: Path, extra: Path, repo: str | None, tag: str) -> None:
        self.root, self.source, self.extra = root.resolve(), source, extra
        self.repo, self.tag = repo, tag
        docs = self.root / "docs"
        self.pages = {self.root / "CONTRIBUTING.md": source / "contributing.md"}
        for path in sorted(docs.glob("*.md")):
            folder = source / "teachers" if path.name in FOR_TEACHERS else source
            self.pages[path] = folder / path.name
        for path in sorted(path for name in TEACHING for path in (docs / name).rglob("*.md")):
            if PRIVATE not in path.parts:
                self.pages[path] = source / "teachers" / path.relative_to(docs)

    def copy(self) -> None:
        """Copy all pages, and those files that they link to."""
        for old, new in self.pages.items():
            new.parent.mkdir(parents=True, exist_ok=True)
            text = old.read_text(encoding="utf-8")
            new.write_text(LINK.sub(partial(self._link, old), text), encoding="utf-8")
        for name in WHOLE_PAGES:
            if (self.root / "docs" / name).exists():
                self._copied(self.root / "docs" / name)

    def names(self, teachers: bool) -> list[str]:
        """The pages as a table of contents names them: the teacher's, or the others."""
        names = [
            page.relative_to(self.source).with_suffix("").as_posix() for page in self.pages.values()
        ]
        names.sort(key=lambda name: (name != START, "/mistakes/" in name))  # else as they were
        return [name for name in names if name.startswith("teachers/") == teachers]

    def whole_pages(self) -> dict[str, str]:
        """Addresses of the pages that are shown as they are, and what they are."""
        there = {n: what for n, what in WHOLE_PAGES.items() if (self.root / "docs" / n).exists()}
        return {f"teachers/{name}": what for name, what in there.items()}

    def set_up(self) -> dict[str, str]:
        """What the set-up says, with the repository's address if it is known."""
        if self.repo:
            address = f"https://github.com/{self.repo}"
            return {"address": address, "where": "", "readme": f"[README]({address}#readme)"}
        where = "In the line below, write the address of the course's repository for ADDRESS. "
        return {"address": "ADDRESS", "where": where, "readme": "README"}

    def _link(self, old: Path, found: re.Match) -> str:
        """The link, if it leads somewhere from where the page is now; else its words."""
        words, to, here = found["words"], found["to"], self.pages[old].parent
        if not to or "://" in to or to.startswith("mailto:"):
            return found[0]
        target = (old.parent / to).resolve()
        if target in self.pages:
            address = os.path.relpath(self.pages[target], here)
            return f"[{words}]({Path(address).as_posix()}{found['place'] or ''})"
        if not target.exists() or not target.is_relative_to(self.root):
            return words
        shown = target.is_file() and target.is_relative_to(self.root / "docs")
        if shown and PRIVATE not in target.parts:
            place = self.source / self._copied(target).relative_to(self.extra)
            return f'<a href="{Path(os.path.relpath(place, here)).as_posix()}">{words}</a>'
        if self.repo:
            name = target.relative_to(self.root).as_posix()
            return f"[{words}](https://github.com/{self.repo}/blob/{self.tag}/{name})"
        return words

    def _copied(self, file: Path) -> Path:
        new = self.extra / "teachers" / file.relative_to(self.root / "docs")
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, new)
        return new
