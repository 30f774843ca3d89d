"""Which paragraph of a chapter treats a mistake: the one that shares most words with it.

Looked for are the paragraphs up to the exercise, and the explanation that comes with the solution.
A rare word counts for more than a common one. If nothing fits, it is the text of the exercise.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from vitcourse.contents import entry
from vitcourse.exercises.cells import chapter_of, exercise_cells, read_notebook, source_of
from vitcourse.learner.notebook_files import course_notebooks, find_notebook

WORD = re.compile(r"[a-z]+|√\w*", re.IGNORECASE)
HEADING = re.compile(r"(#{1,6}) +(.+)$")
LIST = re.compile(r"[-*] ")
WHY = "the explanation of the solution"
# Tables, pictures, formulas by themselves, "Difficulty 3 of 5": nothing to read out in class.
NO_PROSE = re.compile(r"[|<!$]|\*Difficulty |\[.*\]\(")
FITS, NEAR = 1.8, 1.4  # tried on the known mistakes of chapters 1, 2, 4 and 5
FEWEST_SHARED = 2  # one word may be chance
FEWEST_WORDS = 8
COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be but by can each for from has have here how if in into is it its not "
        "of on one or other out so than that the their them then there they this to up what when "
        "where which with would you your yours",
    )
)


@dataclass(frozen=True)
class Passage:
    text: str  # Markdown
    heading: str  # of the section that it stands in
    notebook: str  # "04_attention.ipynb", or "" for the explanation of the solution
    is_near: bool = False  # it belongs to the exercise itself


def passage_about(exercise_id: str, mistake: str, advice: str) -> Passage | None:
    """The passage for a known mistake and what the check advises; without advice, the exercise's.

    None for an exercise that is not in the course's notebooks.
    """
    passages = _passages(exercise_id)
    if not passages:
        return None
    known = [set(_words(passage.text)) for passage in passages]
    often = Counter(word for words in known for word in words)
    about = set(_words(f"{mistake} {advice}")) if advice else set()

    def score(place: int) -> float:
        shared = about & known[place]
        if len(shared) < FEWEST_SHARED:
            return 0.0
        rare = sum(math.log(len(known) / often[word]) for word in shared)
        near = NEAR if passages[place].is_near else 1.0
        return near * rare / math.sqrt(len(known[place]))

    # Of two alike, the one nearer to the exercise.
    best = max(range(len(known)), key=lambda place: (score(place), place))
    return passages[best] if score(best) >= FITS else _of_the_exercise(passages)


def _of_the_exercise(passages: tuple[Passage, ...]) -> Passage:
    """How the notebook introduces the exercise, or else how the solution is explained."""
    near = [passage for passage in passages if passage.is_near] or passages
    return near[0]


@cache
def _passages(exercise_id: str) -> tuple[Passage, ...]:
    try:
        path = find_notebook(chapter_of(exercise_id), course_notebooks())
        cells = read_notebook(path)["cells"]
        explanation = entry(exercise_id).explanation
    except (KeyError, ValueError, FileNotFoundError):
        return ()
    answers = exercise_cells({"cells": cells}, exercise_id)
    if not answers:
        return ()
    before = cells[: cells.index(answers[0])]
    text = "\n\n".join(source_of(cell) for cell in before if cell["cell_type"] == "markdown")
    found = list(_of_notebook(text, path.name, f"Exercise {exercise_id}:"))
    why = [Passage(text, WHY, "", True) for text in _blocks(explanation)]
    return (*found, *why)


def _of_notebook(text: str, notebook: str, own_heading: str) -> Iterator[Passage]:
    """The paragraphs after the introduction, which names everything and explains nothing."""
    heading, level = "", 1
    for block in _blocks(text):
        if head := HEADING.match(block):
            level, heading = len(head[1]), head[2]
        elif level > 1:
            yield Passage(block, heading, notebook, heading.startswith(own_heading))


def _blocks(text: str) -> Iterator[str]:
    """Headings and paragraphs; a list belongs to the line above it."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    for place, block in enumerate(blocks):
        if HEADING.match(block):
            yield block
        elif not NO_PROSE.match(block) and not LIST.match(block):
            after = blocks[place + 1] if place + 1 < len(blocks) else ""
            whole = f"{block}\n\n{after}" if LIST.match(after) else block
            if len(whole.split()) >= FEWEST_WORDS:
                yield whole


def _words(text: str) -> list[str]:
    """Without endings that only say how many: "queries" and "query" are one word."""
    words = (word.lower() for word in WORD.findall(text))
    return [_stem(word) for word in words if word not in COMMON and len(word) > 1]


def _stem(word: str) -> str:
    for ending, instead in (("ies", "y"), ("ing", ""), ("ied", "y"), ("ed", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + instead
    return word
