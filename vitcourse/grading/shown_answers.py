"""Answers to show in class: nobody's name is in them, and two that are shown really differ.

Comments and docstrings are gone, because they may hold a name, and imports, because they take
place, and answers to other exercises, which this one may use. So are strings, except those that
the known answers to the exercise have, too, and the patterns of einops. An answer that has a name
in an identifier is not shown at all.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import torch
from torch import nn

from vitcourse.contents import chapters
from vitcourse.exercises.bank import ANSWERS, read_answers
from vitcourse.exercises.gather import bound_names, free_names
from vitcourse.grading.names import Names

PATTERN = re.compile(r"[a-zA-Z ().]{1,60}->[a-zA-Z ().]{1,60}|[a-zA-Z,. ]{1,40}->[a-zA-Z. ]{0,40}")
LONGEST = 40  # lines


@dataclass(frozen=True)
class Shown:
    code: str
    count: int  # how many answers are written like this


def two_that_differ(exercise: str, name: str, sources: Iterable[str], names: Names) -> list[Shown]:
    """The most frequent answer, and the most frequent of those that are written in another way."""
    ways: dict[str, Counter[str]] = {}
    for source in sources:
        shown = without_names(exercise, name, source, names)
        if shown:
            ways.setdefault(_way(shown), Counter())[shown] += 1
    frequent = sorted(ways.values(), key=lambda way: -way.total())
    return [Shown(way.most_common(1)[0][0], way.total()) for way in frequent[:2]]


def without_names(exercise: str, name: str, source: str, names: Names) -> str:
    """The code as Python reads it, without what may hold a name; "" if it cannot be shown."""
    try:
        tree = ast.parse(textwrap.dedent(source))
        tree.body = _of_this_exercise(tree.body, name)
        tree = _Cleaner(exercise, names).visit(tree)
        text = ast.unparse(ast.fix_missing_locations(tree))
    except (SyntaxError, ValueError, RecursionError):
        return ""
    identifiers = " ".join(re.findall(r"[^\W\d]\w*", text))
    if names.words_in(identifiers) - _usual_words(exercise):
        return ""
    return text if text.count("\n") < LONGEST else ""


def _of_this_exercise(statements: list[ast.stmt], name: str) -> list[ast.stmt]:
    """The definition of `name` and its helpers, but not what other exercises ask for."""
    others = {entry.name for chapter in chapters() for entry in chapter.exercises} - {name}
    binds = [bound_names(ast.unparse(statement)) for statement in statements]
    wanted, kept = [name], set[int]()
    while wanted:
        asked = wanted.pop()
        for place, its in enumerate(binds):
            if asked in its and place not in kept:
                kept.add(place)
                wanted += sorted(free_names(ast.unparse(statements[place])) - others)
    return [statement for place, statement in enumerate(statements) if place in kept]


class _Cleaner(ast.NodeTransformer):
    """Takes out docstrings, and strings that the exercise does not need."""

    def __init__(self, exercise: str, names: Names) -> None:
        self.usual, self.names = _usual_strings(exercise), names

    def generic_visit(self, node: ast.AST) -> ast.AST:
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [line for line in body if not _is_text(line) and not _is_import(line)]
            whole = kept or ([ast.Pass()] if not isinstance(node, ast.Module) else [])
            setattr(node, "body", whole)  # noqa: B010 (not every node has one)
        return super().generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str | bytes):
            return node
        text = node.value if isinstance(node.value, str) else ""
        fits = text in self.usual or (PATTERN.fullmatch(text) and not self.names.words_in(text))
        return ast.copy_location(node if fits else ast.Constant("…"), node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return ast.copy_location(ast.Constant("…"), node)


def _is_text(line: ast.stmt) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant | ast.JoinedStr)
        and not (isinstance(line.value, ast.Constant) and line.value.value is ...)
    )


def _is_import(line: ast.stmt) -> bool:
    return isinstance(line, ast.Import | ast.ImportFrom)


def _way(source: str) -> str:
    """The answer with its own names numbered: renaming variables makes no other answer."""
    tree = ast.parse(source)
    own: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) or (
            isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ):
            name = node.arg if isinstance(node, ast.arg) else node.id
            own.setdefault(name, f"name{len(own)}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = own.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg, node.annotation = own[node.arg], None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return ast.dump(tree)


@cache
def _known_codes(exercise: str) -> tuple[str, ...]:
    path = ANSWERS / f"ex_{exercise.replace('.', '_')}.py"
    return tuple(answer.code for answer in read_answers(path)) if path.exists() else ()


@cache
def _usual_strings(exercise: str) -> frozenset[str]:
    nodes = (node for code in _known_codes(exercise) for node in ast.walk(ast.parse(code)))
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    return frozenset(value for value in constants if isinstance(value, str))


@cache
def _usual_words(exercise: str) -> frozenset[str]:
    """What may look like a name and is code: `max`, `linear`, and what the known answers say."""
    known = [*dir(torch), *dir(torch.Tensor), *dir(nn), *dir(builtins), *keyword.kwlist]
    text = " ".join([*known, *_known_codes(exercise)])
    apart = re.sub(r"[_\d]+|(?<=[a-z])(?=[A-Z])", " ", text)
    return frozenset(word.casefold() for word in re.findall(r"\w+", apart))
