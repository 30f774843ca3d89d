"""Mutants: right answers with one thing changed, and whether the check notices.

A check is as sharp as the smallest change that it sees. So from each right answer all one-step
changes are made (an operator, a constant, an axis, a line left out, ...), and the exercise is asked
about each. A mutant that lives is either a hole in the check or no mistake at all; the latter are
declared in a file, one a line, with the reason:

    1.2 | ... => ....contiguous() | the same numbers, laid out differently

Exercise (or *), the line before and after (`...` stands for anything), and why it is equivalent.
"""

import ast
import copy
import random
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from vitcourse.exercises import engine
from vitcourse.exercises.bank import Answer, run
from vitcourse.exercises.guard import TooLong, isolated, time_limit

SECONDS = 2.0  # for one mutant; some of them never finish
# Appended to what is returned, and the first three also to what is assigned.
WRAPPERS = ("squeeze()", "detach()", "float()", "abs()", "clamp(min=0)", "cpu()")
COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult,
}  # fmt: skip
SYMMETRIC = {"transpose", "swapaxes", "swapdims", "gcd", "equal"}  # in their two arguments


@dataclass(frozen=True)
class Mutant:
    answer: Answer
    change: str  # "old line => new line"
    body: str


@dataclass
class Tally:
    """The results for an exercise's mutants."""

    killed: int = 0
    equivalent: int = 0
    alive: list[Mutant] = field(default_factory=list)

    @property
    def made(self) -> int:
        return self.killed + self.equivalent + len(self.alive)


def mutants(answer: Answer) -> Iterator[Mutant]:
    """All one-step changes of a right answer, each once."""
    tree = ast.parse(answer.body)
    before = ast.unparse(tree)
    seen = {before}
    for change in _changes(tree):
        changed = copy.deepcopy(tree)
        nodes = list(ast.walk(changed))
        if change(nodes) is False:
            continue
        body = ast.unparse(ast.fix_missing_locations(changed))
        if body not in seen:
            seen.add(body)
            yield Mutant(answer, _line_changed(before, body), body)


def _changes(tree: ast.Module):
    """Functions that each change one node of a copy, found by its index in ast.walk."""
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.JoinedStr):
            skipped |= set(map(id, ast.walk(node)))  # an error may say what it likes
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if annotation is not None:
                skipped |= set(map(id, ast.walk(annotation)))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped |= set(map(id, ast.walk(node)))
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in skipped or isinstance(node, ast.Raise):
            for make in _MAKERS:
                yield from make(place, node)


def _compare(place, node):
    if isinstance(node, ast.Compare):
        for i, operator in enumerate(node.ops):

            def change(nodes, i=i, operator=operator):
                nodes[place].ops[i] = COMPARISONS[type(operator)]()

            yield change


def _operator(place, node):
    if isinstance(node, ast.BinOp | ast.AugAssign):
        if other := OPERATORS.get(type(node.op)):

            def change(nodes):
                nodes[place].op = other()

            yield change
        if isinstance(node, ast.BinOp) and isinstance(
            node.op, ast.MatMult | ast.Sub | ast.Div | ast.FloorDiv | ast.Mod
        ):

            def swap(nodes):
                here = nodes[place]
                here.left, here.right = here.right, here.left

            yield swap


def _constant(place, node):
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    others: list[float]
    if isinstance(value, bool):
        others = [not value]
    elif isinstance(value, int):
        others = [value + 1, value - 1]
    elif isinstance(value, float):
        others = [value + 1, float(f"{value * 10:.12g}"), -value]
    else:
        return
    for other in others:

        def change(nodes, other=other):
            nodes[place].value = other

        yield change


def _pattern(place, node):
    """Neighbours on the right side of an einops pattern or an einsum are swapped."""
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str) and "->" in node.value):
        return
    left, _, right = node.value.partition("->")
    names = list(re.finditer(r"[a-zA-Z]\w*" if " " in right.strip() else r"[a-zA-Z]", right))
    for one, two in pairwise(names):
        swapped = (
            right[: one.start()] + two[0] + right[one.end() : two.start()] + one[0]
            + right[two.end() :]
        )  # fmt: skip

        def change(nodes, pattern=f"{left}->{swapped}"):
            nodes[place].value = pattern

        yield change


def _arguments(place, node):
    name = getattr(node, "func", None)
    name = getattr(name, "attr", getattr(name, "id", ""))
    if isinstance(node, ast.Call) and name not in SYMMETRIC:
        for i in range(len(node.args) - 1):

            def change(nodes, i=i):
                arguments = nodes[place].args
                arguments[i], arguments[i + 1] = arguments[i + 1], arguments[i]

            yield change


def _line_left_out(place, node):
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if not isinstance(block, list):
            continue
        for i, statement in enumerate(block):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue  # a docstring
            if isinstance(
                statement,
                ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Return | ast.Raise
                | ast.Assert | ast.Break | ast.Continue | ast.Delete,
            ):  # fmt: skip

                def change(nodes, i=i, name=name):
                    getattr(nodes[place], name)[i] = ast.Pass()

                yield change


def _wrapped(place, node):
    """Something appended to a value: `.squeeze()`, `.detach()`, ..."""
    if isinstance(node, ast.Return | ast.Assign | ast.AugAssign) and node.value is not None:
        if isinstance(node.value, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.Lambda):
            return
        for wrapper in WRAPPERS if isinstance(node, ast.Return) else WRAPPERS[:3]:

            def change(nodes, wrapper=wrapper):
                here = nodes[place]
                call: Any = ast.parse(f"(x).{wrapper}", mode="eval").body
                call.func.value = here.value
                here.value = call

            yield change


def _exception(place, node):
    if isinstance(node, ast.Raise) and node.exc is not None:

        def change(nodes):
            raised = nodes[place].exc
            name = raised.func if isinstance(raised, ast.Call) else raised
            if not isinstance(name, ast.Name):
                return False
            name.id = "TypeError" if name.id != "TypeError" else "ValueError"

        yield change


def _condition(place, node):
    if isinstance(node, ast.If | ast.IfExp | ast.While):

        def negate(nodes):
            here = nodes[place]
            here.test = ast.UnaryOp(ast.Not(), here.test)

        yield negate
    if isinstance(node, ast.BoolOp):
        for i in range(len(node.values)):

            def drop(nodes, i=i):
                del nodes[place].values[i]

            yield drop
    if isinstance(node, ast.UnaryOp):

        def bare(nodes):
            here = nodes[place]
            here.op = ast.UAdd() if isinstance(here.op, ast.USub) else here.op
            if isinstance(here.op, ast.Not):
                here.operand = ast.UnaryOp(ast.Not(), here.operand)

        yield bare


_MAKERS = (
    _compare, _operator, _constant, _pattern, _arguments, _line_left_out, _wrapped, _exception,
    _condition,
)  # fmt: skip


def _line_changed(before: str, after: str) -> str:
    old, new = before.split("\n"), after.split("\n")
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return " => ".join(" ".join(line.strip() for line in lines) for lines in (old, new))


# The check asked -------------------------------------------------------------------------------


def is_killed(exercise: engine.Exercise, mutant: Mutant) -> bool:
    """Does the check notice? It is asked only up to the first difference."""
    answer = Answer(exercise.id, "wrong", "*", mutant.answer.head, mutant.body, "", "mutant:1")
    try:
        with isolated(), warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            return time_limit(SECONDS, 4 * SECONDS, lambda: _differs(exercise, answer))
    except TooLong:
        return True


def _differs(exercise: engine.Exercise, answer: Answer) -> bool:
    try:
        found = run(answer, exercise.name)[exercise.name]
    except Exception:
        return True
    if not callable(found):
        return True
    for trial, expected in zip(exercise.trials, exercise.expected, strict=True):
        got = engine._ask(trial, found)
        if got.inputs_changed or not engine._same(trial, expected, got):
            return True
    return False


def tally(
    exercise: engine.Exercise,
    right: Iterable[Answer],
    equivalents: "Equivalents",
    share: float = 1.0,
    seed: int = 0,
) -> Tally:
    """Ask about the mutants of these right answers, or about a `share` of them drawn by a seed."""
    result, draw = Tally(), random.Random(f"{exercise.id} {seed}")
    for answer in right:
        for mutant in mutants(answer):
            if share < 1 and draw.random() >= share:
                continue
            if is_killed(exercise, mutant):
                result.killed += 1
            elif equivalents.covers(exercise.id, mutant.change):
                result.equivalent += 1
            else:
                result.alive.append(mutant)
    return result


class Equivalents:
    """The declarations in a file: which changes are not mistakes, and why."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.used: Counter[str] = Counter()
        self._patterns: list[tuple[str, re.Pattern, str]] = []
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = [part.strip() for part in line.split(" | ")]
            if len(parts) != 3 or " => " not in f" {parts[1]} " or not parts[2]:
                raise ValueError(f"{path.name}:{number}: exercise | old => new | reason")
            pattern = re.escape(parts[1]).replace(re.escape("..."), ".*")
            self._patterns.append((parts[0], re.compile(pattern), line))

    def covers(self, exercise_id: str, change: str) -> bool:
        for number, pattern, line in self._patterns:
            if number in ("*", exercise_id) and pattern.fullmatch(change):
                self.used[line] += 1
                return True
        return False

    def unused(self, exercise_ids: set[str]) -> list[str]:
        """Declarations that no mutant needs any more, among those of these exercises."""
        return [
            line for number, _, line in self._patterns
            if number in exercise_ids and not self.used[line]
        ]  # fmt: skip
