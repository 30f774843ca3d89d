"""A cell of a notebook, and how to tell that it is, or was, a certain cell of the course."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cached_property

# What the build writes: a digest of the content, numbered if two cells say the same.
COURSE_ID = re.compile(r"([0-9a-f]{12})(-\d+)?")
DEFINITION = re.compile(r"^(?:async )?(?:def|class)\s+(\w+)", re.MULTILINE)
WORD = re.compile(r"\w+")


def digest(cell_type: str, source: str) -> str:
    """Twelve hexadecimal digits for what a cell says; the build makes cell ids of it."""
    return hashlib.sha256(f"{cell_type}\n{source}".encode()).hexdigest()[:12]


class Cell:
    """A cell of a notebook file with what is needed to compare it with others."""

    def __init__(self, node: dict):
        self.node = node
        # Editors differ in how they end a line and a file.
        self.text = node["source"].replace("\r\n", "\n").rstrip()
        self.digest = digest(node["cell_type"], self.text)
        self.id: str = node.get("id", "")
        metadata = node.get("metadata", {})
        self.exercise: str | None = metadata.get("exercise")
        self.check: str | None = metadata.get("check")

    @property
    def is_named(self) -> bool:
        """Is it an exercise, or its check? They have names that stay when the text changes."""
        return bool(self.exercise or self.check)

    @cached_property
    def defines(self) -> set[str]:
        """The functions and classes that a cell of code defines."""
        is_code = self.node["cell_type"] == "code"
        return set(DEFINITION.findall(self.text)) if is_code else set()

    @cached_property
    def words(self) -> list[str]:
        return WORD.findall(self.text)

    @property
    def handed_out_as(self) -> str | None:
        """The digest of the course's cell that this one once was, by its id; None if unknown."""
        found = COURSE_ID.fullmatch(self.id)
        return found[1] if found else None

    def __repr__(self) -> str:
        return f"<{self.id} {self.text[:40]!r}>"


def likeness(cell: Cell, others: Sequence[Cell], at_least: float = 0.0) -> list[float]:
    """Which share of their words a cell has in common with others, in order: 0 to 1.

    What is less than `at_least` counts as 0.
    """
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(cell.words)  # what it finds out about these serves all comparisons
    shares = []
    for other in others:
        matcher.set_seq1(other.words)
        may_be = matcher.real_quick_ratio() >= at_least and matcher.quick_ratio() >= at_least
        share = matcher.ratio() if may_be else 0.0
        shares.append(share if share >= at_least else 0.0)
    return shares
