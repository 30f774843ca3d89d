"""The files of `vitcourse update`: which are behind the course, and bring them up to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitcourse.files import written_whole
from vitcourse.learner.notebook_files import (
    back_up,
    copy_notebooks,
    course_notebooks,
    handed_out,
    has_notebooks,
    note_handed_out,
)
from vitcourse.learner.update.merge import Merged, merge

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from nbformat.sign import NotebookNotary


@dataclass
class Update:
    """What an update did to each notebook, and where the old ones are."""

    added: list[Path] = field(default_factory=list)  # chapters that the learner did not have
    merged: dict[Path, Merged] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)  # why
    backup: Path | None = None


def behind(folder: Path) -> list[Path]:
    """The notebooks in a learner's folder that the course has changed since. Quick: no merging."""
    return [copy for original, copy in _both(folder) if _is_behind(original, copy)]


def _is_behind(original: Path, copy: Path) -> bool:
    untouched = handed_out(copy)
    if untouched.is_file():
        return untouched.read_bytes() != original.read_bytes()
    text = copy.read_text(encoding="utf-8", errors="replace")
    cells = json.loads(original.read_text(encoding="utf-8"))["cells"]
    return not all(f'"{cell["id"]}"' in text for cell in cells)


def _both(folder: Path) -> Iterator[tuple[Path, Path]]:
    for original in course_notebooks():
        copy = folder / original.name
        if copy.is_file():
            yield original, copy


def update(folder: Path) -> Update:
    """Bring the learner's notebooks in `folder` up to the course; nothing of theirs is lost.

    Each notebook that changes is copied into the folder `backups` first. A file that is not a
    notebook is left alone.

    Raises ValueError if no notebook of the course is in `folder`.
    """
    if not has_notebooks(folder):
        raise ValueError(
            f"None of the course's notebooks is in {folder}. Name the folder where yours are; if "
            "you have none yet, run: python -m vitcourse lab"
        )
    done = Update(added=copy_notebooks(folder))
    changed: dict[Path, NotebookNode] = {}
    for original, copy in _both(folder):
        try:
            mine = read(copy)
        except (OSError, ValueError, KeyError, TypeError) as error:
            done.unreadable[copy] = str(error) or type(error).__name__
            continue
        merged, notebook = _merged(original, copy, mine)
        if notebook != mine:
            done.merged[copy], changed[copy] = merged, notebook
        else:
            note_handed_out(copy)
    if changed:
        done.backup = back_up(*changed)
    for copy, notebook in changed.items():
        write(copy, notebook)
        note_handed_out(copy)
    return done


def _merged(original: Path, copy: Path, mine: NotebookNode) -> tuple[Merged, NotebookNode]:
    import nbformat

    new = read(original)
    merged = merge(_base(copy), mine.cells, new.cells)
    notebook: dict[str, Any] = {**mine, "cells": merged.cells}
    notebook["metadata"] = {**new.metadata, **mine.metadata}
    notebook["nbformat_minor"] = max(mine.nbformat_minor, new.nbformat_minor)
    return merged, nbformat.from_dict(notebook)


def _base(copy: Path) -> list[NotebookNode] | None:
    try:
        return read(handed_out(copy)).cells
    except (OSError, ValueError, KeyError, TypeError):  # from before there was an update
        return None


def read(path: Path) -> NotebookNode:
    """A notebook of any version, as one of version 4. It need not be valid in all details."""
    import nbformat

    text = path.read_text(encoding="utf-8")
    if json.loads(text)["nbformat"] == 4:
        return nbformat.v4.reads(text)  # nbformat.reads would complain about missing ids
    return nbformat.reads(text, as_version=4)


def write(path: Path, notebook: NotebookNode) -> None:
    """Write a notebook in place of the one at `path`. It is trusted if that was trusted."""
    import nbformat

    notary = _notary()
    trusted = notary is not None and notary.check_signature(read(path))
    with written_whole(path.resolve()) as beside:
        beside.write_text(nbformat.v4.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    if notary and trusted:
        notary.sign(notebook)


def _notary() -> NotebookNotary | None:
    """Who knows which notebooks are trusted; nobody where the home folder cannot be written to."""
    from nbformat.sign import NotebookNotary

    try:
        return NotebookNotary()
    except OSError:
        return None
