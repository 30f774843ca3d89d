"""50 learners who did anything to a notebook, 10 later versions of the course: nothing is lost."""

import copy
import random
from collections import Counter

import nbformat
import pytest

from vitcourse.learner.update.cells import digest
from vitcourse.learner.update.merge import NOTE, merge

LEARNERS, VERSIONS = range(50), range(10)
CODE, TEXT = "code", "markdown"


def cell_of(kind: str, source: str, **metadata) -> dict:
    cell = {"cell_type": kind, "metadata": metadata, "source": source}
    return cell | {"outputs": [], "execution_count": None} if kind == CODE else cell


def with_ids(cells: list[dict]) -> list[dict]:
    """As the build names cells: by what they say."""
    seen = Counter()
    for cell in cells:
        name = digest(cell["cell_type"], cell["source"])
        seen[name] += 1
        cell["id"] = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return cells


# ------------------------------------------------------------------------------------- the course


def first_version() -> list[dict]:
    """A chapter: prose, code, six exercises, and the same links at both ends."""
    chance = random.Random("first version")
    vocabulary = [f"{a}{b}" for a in ("pa", "to", "at", "en", "he", "ma") for b in "abcdefghij"]

    def line(count: int) -> str:
        return " ".join(chance.choices(vocabulary, k=count))

    cells = [cell_of(TEXT, "links"), cell_of(TEXT, f"# 2 {line(3)}")]
    for number in range(1, 7):
        for _ in range(3):
            cells.append(cell_of(TEXT, "\n".join(line(12) for _ in range(chance.randint(1, 6)))))
            code = [f"{line(1)} = {line(1)}({line(1)})" for _ in range(chance.randint(1, 8))]
            cells.append(cell_of(CODE, "\n".join(code), tags=["nbval-ignore-output"]))
        stub = f'def answer_{number}(x):\n    """{line(6)}\n\n    {line(9)}\n    """\n'
        cells.append(cell_of(TEXT, f"### Exercise 2.{number}: {line(4)}\n\n{line(20)}"))
        stub += "    raise NotImplementedError"
        cells.append(cell_of(CODE, stub, exercise=f"2.{number}"))
        cells.append(cell_of(CODE, f'check("2.{number}")  # stuck?', check=f"2.{number}"))
    return with_ids([*cells, cell_of(TEXT, "links")])


class Course:
    """A version of the course: what it did to each cell of the first one."""

    def __init__(self, first: list[dict], seed: int):
        self.random = random.Random(f"course {seed}")
        self.words = (f"course{seed}word{i}" for i in range(10_000))
        self.cells = copy.deepcopy(first)
        self.from_first = list(range(len(first)))  # None for a new cell
        for change in (self.reword, self.reword, self.add, self.remove, self.move, self.stub):
            for _ in range(self.random.choice((0, 1, 1, 4))):
                change()
        if seed % 3 == 0:
            self.drop_exercise()
        if seed == 9:
            self.renumber()
        with_ids(self.cells)

    def pick(self, wanted=lambda cell: True) -> int:
        return self.random.choice([i for i, c in enumerate(self.cells) if wanted(c)])

    def reword(self):
        cell = self.cells[self.pick(lambda c: "exercise" not in c["metadata"])]
        lines = cell["source"].split("\n")
        sign = "# " if cell["cell_type"] == CODE else ""
        lines[self.random.randrange(len(lines))] += f"  {sign}{next(self.words)}"
        cell["source"] = "\n".join(lines)

    def add(self):
        at, word = self.random.randrange(len(self.cells) + 1), next(self.words)
        self.cells.insert(at, cell_of(self.random.choice((CODE, TEXT)), f"print('{word}')\n{word}"))
        self.from_first.insert(at, None)

    def remove(self):
        self._remove(self.pick(lambda c: not {"exercise", "check"} & set(c["metadata"])))

    def _remove(self, i: int):
        del self.cells[i], self.from_first[i]

    def move(self):
        i, to = self.pick(), self.random.randrange(len(self.cells))
        self.cells.insert(to, self.cells.pop(i))
        self.from_first.insert(to, self.from_first.pop(i))

    def stub(self):
        """Another sentence in the docstring of an exercise, or another argument."""
        cell = self.cells[self.pick(lambda c: "exercise" in c["metadata"])]
        lines = cell["source"].split("\n")
        lines.insert(self.random.randrange(1, len(lines)), f"    # {next(self.words)}")
        cell["source"] = "\n".join(lines)

    def drop_exercise(self):
        number = self.cells[self.pick(lambda c: "exercise" in c["metadata"])]["metadata"][
            "exercise"
        ]
        for key in ("exercise", "check"):
            self._remove(self.pick(lambda c, key=key: c["metadata"].get(key) == number))

    def renumber(self):
        """A new exercise in front: each number is one higher."""
        for cell in self.cells:
            for key in {"exercise", "check"} & set(cell["metadata"]):
                old = cell["metadata"][key]
                cell["metadata"][key] = f"{old[:2]}{int(old[2:]) + 1}"
                cell["source"] = cell["source"].replace(old, cell["metadata"][key])
        new = cell_of(CODE, "def new_one():\n    raise NotImplementedError", exercise="2.1")
        self.cells.insert(3, new)
        self.from_first.insert(3, None)


# ------------------------------------------------------------------------------------ the learner


class Learner:
    """A learner's notebook; each cell with where it comes from and whether its text is theirs."""

    def __init__(self, first: list[dict], seed: int):
        self.first = first
        self.random = random.Random(f"learner {seed}")
        self.words = (f"learner{seed}word{i}" for i in range(10_000))
        self.cells = [
            {"node": node, "first": {i}, "touched": False}
            for i, node in enumerate(copy.deepcopy(first))
        ]
        deeds = [self.answer, self.edit, self.add, self.delete, self.move, self.split, self.join]
        deeds += [self.run, self.change_type, self.duplicate, self.fold, self.empty]
        for deed in self.random.choices(deeds, k=self.random.choice((1, 5, 20, 60))):
            deed()
        self.has_ids = True
        if seed % 5 == 1:  # an old nbformat, or an editor that writes no ids
            self.has_ids = False
            for cell in self.cells:
                cell["node"].pop("id", None)
        if seed % 5 == 2:  # an editor that makes new ones
            self.has_ids = False
            for cell in self.cells:
                cell["node"]["id"] = self.new_id()

    @property
    def nodes(self) -> list[dict]:
        return [cell["node"] for cell in self.cells]

    @property
    def theirs(self) -> list[dict]:
        """The cells whose text is no longer the course's; spaces at the end are no text."""
        course = {(node["cell_type"], node["source"]) for node in self.first}
        nodes = [cell["node"] for cell in self.cells if cell["touched"]]
        return [n for n in nodes if (n["cell_type"], n["source"].rstrip()) not in course]

    def new_id(self) -> str:
        return f"{self.random.getrandbits(32):08x}"

    def pick(self, wanted=lambda node: True) -> int:
        fitting = [i for i, node in enumerate(self.nodes) if wanted(node)]
        return self.random.choice(fitting or range(len(self.cells)))

    def write(self, i: int, source: str):
        self.cells[i]["node"]["source"] = source
        self.cells[i]["touched"] = True

    def answer(self):
        i = self.pick(lambda node: "exercise" in node["metadata"])
        source = self.nodes[i]["source"]
        stub = source.rpartition("    raise NotImplementedError")[0] or source + "\n"
        if self.random.random() < 0.3:  # without the docstring, and after something of their own
            stub = f"def helper():\n    pass\n\n\n{source.partition(chr(10))[0]}\n"
        self.write(i, f"{stub}    x = '{next(self.words)}'\n    return {next(self.words)}")

    def edit(self):
        i = self.pick()
        lines = self.nodes[i]["source"].split("\n")
        lines.insert(self.random.randrange(len(lines) + 1), f"# {next(self.words)}")
        self.write(i, "\n".join(lines))

    def add(self):
        node = cell_of(self.random.choice((CODE, TEXT, "raw")), f"{next(self.words)}\nmine")
        node["id"] = self.new_id()
        if node["cell_type"] == TEXT:
            node["attachments"] = {"photo.png": {"image/png": "iVBORw0KGgo="}}
        at = self.random.randrange(len(self.cells) + 1)
        self.cells.insert(at, {"node": node, "first": set(), "touched": True})

    def delete(self):
        if len(self.cells) > 5:
            del self.cells[self.pick()]

    def move(self):
        self.cells.insert(self.random.randrange(len(self.cells)), self.cells.pop(self.pick()))

    def split(self):
        """As in JupyterLab: both halves have the metadata, one has the id."""
        i = self.pick(lambda node: "\n" in node["source"])
        lines = self.nodes[i]["source"].split("\n")
        if len(lines) < 2:
            return
        at = self.random.randrange(1, len(lines))
        half = copy.deepcopy(self.cells[i])
        half["node"]["id"] = self.new_id()
        self.write(i, "\n".join(lines[:at]))
        self.cells.insert(i + 1, half)
        self.write(i + 1, "\n".join(lines[at:]))

    def join(self):
        i = self.random.randrange(len(self.cells) - 1)
        second = self.cells.pop(i + 1)
        if text := second["node"]["source"]:
            self.write(i, f"{self.nodes[i]['source']}\n\n{text}")
            self.cells[i]["first"] |= second["first"]

    def run(self):
        node = self.nodes[self.pick(lambda node: node["cell_type"] == CODE)]
        if node["cell_type"] == CODE:
            text = f"{next(self.words)}\n"
            node["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
            node["execution_count"] = self.random.randrange(1, 100)

    def change_type(self):
        i = self.pick()
        old, node = self.nodes[i], cell_of(self.random.choice((CODE, TEXT, "raw")), "")
        if node["cell_type"] != old["cell_type"]:
            self.cells[i]["node"] = node | {k: old[k] for k in ("metadata", "id", "source")}
            self.cells[i]["touched"] = True

    def duplicate(self):
        i = self.pick()
        twin = copy.deepcopy(self.cells[i])
        twin["node"]["id"], twin["first"] = self.new_id(), set()
        self.cells.insert(self.random.choice((i, i + 1)), twin)

    def fold(self):
        self.nodes[self.pick()]["metadata"]["collapsed"] = True

    def empty(self):
        self.write(self.pick(), "")


# ---------------------------------------------------------------------------------------- the test


@pytest.fixture(scope="module")
def first() -> list[dict]:
    return first_version()


def notebook_of(cells: list[dict]) -> nbformat.NotebookNode:
    return nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": copy.deepcopy(cells)}
    )


def content(node: dict) -> tuple:
    """All of a cell that a learner can have made."""
    outputs = repr(node["outputs"]) if node["cell_type"] == CODE else ""
    return node["cell_type"], node["source"], outputs, repr(node.get("attachments"))


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_lost(first, version):
    course = Course(first, version)
    for seed in LEARNERS:
        has_base = seed % 4 > 0
        learner = Learner(first, seed)
        before = copy.deepcopy(learner.nodes)
        base = first if has_base else None
        updated = merge(base, learner.nodes, course.cells).cells
        assert learner.nodes == before  # what was given is as it was
        where = f"learner {seed}, course {version}"

        nbformat.validate(notebook_of(updated))
        assert len({cell["id"] for cell in updated}) == len(updated), where
        lost = Counter(map(content, learner.theirs)) - Counter(map(content, updated))
        assert not lost, where
        folded = [n for n in learner.theirs if n["metadata"].get("collapsed") and n["source"]]
        for node in folded:
            twins = [c for c in updated if content(c) == content(node)]
            assert any(c["metadata"].get("collapsed") for c in twins), where
        each_course_cell_is_there_once(course, learner, first, updated, has_base, where)

        again = merge(course.cells, updated, course.cells).cells
        assert again == updated, where
        if seed < 5:  # the new base was not written
            again = merge(base, updated, course.cells).cells
            assert not Counter(map(content, learner.theirs)) - Counter(map(content, again)), where


def each_course_cell_is_there_once(course, learner, first, updated, has_base, where):
    texts = Counter((c["cell_type"], c["source"]) for c in updated)
    wanted = Counter((c["cell_type"], c["source"]) for c in course.cells)
    had = Counter((c["cell_type"], c["source"]) for c in learner.nodes)
    notes = [c["source"] for c in updated if NOTE in c["metadata"]]
    touched = set().union(*(cell["first"] for cell in learner.cells if cell["touched"]))
    joined = [cell["node"]["source"] for cell in learner.cells if cell["touched"]]
    for node, i in zip(course.cells, course.from_first, strict=True):
        content = node["cell_type"], node["source"]
        shown = sum(node["source"] in note for note in notes)
        same_as_first = i is not None and first[i]["source"] == node["source"]
        theirs = same_as_first and (i in touched or any(node["source"] in t for t in joined))
        if not learner.has_ids:  # what is left of one cell may be taken for another one
            theirs |= any(c["id"] == node["id"] and c["source"] in joined for c in updated)
        names = {"exercise", "check"} & set(node["metadata"])
        for key in names:
            named = [c for c in updated if c["metadata"].get(key) == node["metadata"][key]]
            assert named, (where, node)
        assert names or texts[content] + shown + theirs >= 1, (where, node)
        if not had[content]:  # nobody copied it
            assert texts[content] + shown <= wanted[content], (where, node)
    # Nothing of the old text is left, but in the learner's own copies.
    old = {(c["cell_type"], c["source"]) for c in first} - set(wanted)
    copies = Counter(
        (c["node"]["cell_type"], c["node"]["source"])
        for c in learner.cells
        if not c["first"] or c["touched"]
    )
    if has_base or learner.has_ids:
        assert not {c: n for c, n in texts.items() if c in old and n > copies[c]}, where
