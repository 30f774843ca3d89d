"""Which code of a notebook decides about an answer, and in which order it runs.

A whole chapter is not run: some train for minutes. For each exercise the statement is taken that
gives its name a value before its check, and what that needs, by the names that it uses, from the
statements above it. They run in the notebook's order, with the checks in their places, so that an
answer meets what it would meet in the notebook.

Nothing is executed here, but it reads code of strangers: it runs inside the sandbox.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from vitcourse.exercises.gather import bound_names, free_names, names_used_at_once
from vitcourse.grading.cells import Cell

BUILTINS = frozenset(dir(builtins))
SURE = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
    ast.Assign,
    ast.AnnAssign,
)
IMPORTS = (ast.Import, ast.ImportFrom)
DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, *IMPORTS)
BY_STRING = {"exec", "eval", "globals", "locals", "vars", "setattr"}
BODY_IS_PYTHON = ("time", "capture", "prun")  # magics whose cell gives the notebook its names


@dataclass(frozen=True)
class Statement:
    """A statement at the top level of a cell."""

    cell: int
    node: ast.stmt
    source: str

    @property
    def binds(self) -> set[str]:
        return _binds(self.node)

    @property
    def is_sure(self) -> bool:
        """Does it always give its names a value, whatever they were before?"""
        return isinstance(self.node, SURE)

    @property
    def is_star_import(self) -> bool:
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"

    @property
    def now(self) -> set[str]:
        """The names that it needs when it runs."""
        return _now(self.node)

    @property
    def later(self) -> set[str]:
        """The names that what it defines needs when it is called."""
        return _later(self.node)

    @property
    def changes(self) -> set[str]:
        """`x[0] = 1`, `x.y = 1`, `x += 1`, `setattr(x, ...)`: the names of what it changes."""
        return _changes(self.node)

    @property
    def calls_methods_of(self) -> set[str]:
        """`x.append(1)` may change x."""
        call = self.node.value if isinstance(self.node, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            return {_root(call.func)} - {""}
        return set()

    def may_define_by_string(self, name: str) -> bool:
        """`globals()["patchify"] = f`, `exec("def patchify...")`"""
        if isinstance(self.node, DEFINES) or name not in self.source:
            return False
        nodes = list(ast.walk(self.node))
        called = {getattr(n.func, "id", "") for n in nodes if isinstance(n, ast.Call)}
        strings = [n.value for n in nodes if isinstance(n, ast.Constant) and type(n.value) is str]
        return bool(called & BY_STRING) and any(re.search(rf"\b{name}\b", s) for s in strings)


# Worked out once: the cells that a student has not touched are the course's, and known before.


@cache
def _text(node: ast.stmt) -> str:
    return ast.unparse(node)


@cache
def _binds(node: ast.stmt) -> set[str]:
    return bound_names(_text(node))


@cache
def _now(node: ast.stmt) -> set[str]:
    symbols = symtable.symtable(_text(node), "<cell>", "exec").get_symbols()
    own = {s.get_name() for s in symbols if s.is_assigned() and s.is_referenced()}
    return (names_used_at_once(_text(node)) | own | _changes(node)) - BUILTINS


@cache
def _later(node: ast.stmt) -> set[str]:
    return free_names(_text(node)) - _now(node) - BUILTINS


@cache
def _changes(node: ast.stmt) -> set[str]:
    return {name for name in map(_changed, _outside_of_functions(node)) if name}


def _changed(node: ast.AST) -> str:
    if isinstance(node, ast.AugAssign):
        return _root(node.target)
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(
        node.ctx, ast.Store | ast.Del
    ):
        return _root(node)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setattr" and node.args:
        return _root(node.args[0])
    return ""


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _outside_of_functions(node: ast.AST) -> Iterable[ast.AST]:
    todo = [node]
    while todo:
        one = todo.pop()
        yield one
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo += ast.iter_child_nodes(one)


# Programs -----------------------------------------------------------------------------------------


@dataclass
class Program:
    """The cells of a notebook as Python: its statements in order."""

    cells: Sequence[Cell]
    texts: list[str] = field(default_factory=list)  # as IPython would run them
    statements: list[Statement] = field(default_factory=list)
    futures: set[str] = field(default_factory=set)  # from __future__ import ...

    def __post_init__(self) -> None:
        for number, cell in enumerate(self.cells):
            text, nodes = _read(cell.source)
            self.texts.append(text)
            for node in nodes:
                if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                    self.futures |= {alias.name for alias in node.names}
                    continue
                source = _lines(text, node)
                self.statements.append(Statement(number, node, source))

    def end_of(self, cell: int) -> int:
        """How many statements there are up to the end of this cell."""
        return sum(statement.cell <= cell for statement in self.statements)

    def read_ahead(self) -> None:
        """Work out what may be asked of its statements, so that forked processes know it."""
        for statement in self.statements:
            statement.binds, statement.later  # noqa: B018


@cache
def _read(source: str) -> tuple[str, list[ast.stmt]]:
    text = _as_python(source)
    return text, _parsed(text)


def _as_python(text: str) -> str:
    """A cell without magics; what is not Python at all becomes empty."""
    from IPython.core.inputtransformer2 import TransformerManager

    if found := re.match(r"\s*%%(\w+).*", text):
        if found[1] not in BODY_IS_PYTHON:
            return f"get_ipython().run_cell_magic({found[1]!r}, '', {text[found.end() :]!r})\n"
        text = text[: found.start()] + text[found.end() :]  # the line break stays: same numbers
    try:
        return TransformerManager().transform_cell(text)
    except Exception:  # whatever is wrong with it, Python says when it reads it
        return text


def _parsed(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _lines(text: str, node: ast.stmt) -> str:
    """Whole lines, with the comments right above."""
    lines = text.split("\n")
    start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
    while start > 0 and lines[start - 1].startswith("#"):
        start -= 1
    return "\n".join(lines[start : node.end_lineno])


# What an answer needs -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """One exercise in a notebook."""

    exercise: str
    name: str
    at: int  # its check comes before the statement of this number
    cells: int  # and in the last of so many cells
    again: int | None  # where to ask once more if there is nothing yet at its check
    own: tuple[int, ...]  # the statements of the notebook that decide about it
    course: tuple[int, ...]  # and of the course's notebook
    source: str  # the student's code for it


class Reader:
    """Finds what the exercises of a chapter need in a notebook and, as a last resort, in the
    course's own copy of it: its imports always, its other cells as far as they come before the
    exercise."""

    def __init__(self, own: Program, course: Program, names: Iterable[str]) -> None:
        self.own, self.course, self.names = own, course, set(names)

    def asked(self, exercise: str, name: str) -> Asked:
        at, cells, again = self._places(exercise, name)
        limit = self._limit(exercise)
        own: set[int] = set()
        course: set[int] = set()
        for place in (at, again):
            if place is not None:
                self._need(name, place, limit, own, course)
        source = self._source(exercise, name, own)
        return Asked(
            exercise, name, at, cells, again, tuple(sorted(own)), tuple(sorted(course)), source
        )

    def _places(self, exercise: str, name: str) -> tuple[int, int, int | None]:
        """Where the last check of the exercise is (before which statement, in which cell), and the
        last definition below it, if any."""
        statements, cells = self.own.statements, self.own.cells
        checks = [(i, s.cell + 1) for i, s in enumerate(statements) if _checks(s.node, exercise)]
        for n, cell in enumerate(cells):
            if cell.check == exercise and not any(n + 1 == place for _, place in checks):
                checks.append((self.own.end_of(n), n + 1))  # the check was edited away
        defined = [
            i
            for i, s in enumerate(statements)
            if name in s.binds and not isinstance(s.node, IMPORTS)
        ]
        if not checks:
            return len(statements), len(cells), None
        at, place = max(checks, key=lambda check: (check[1], check[0]))
        return at, place, defined[-1] + 1 if defined and defined[-1] >= at else None

    def _limit(self, exercise: str) -> int:
        """Up to where the course's notebook may help."""
        cells = [n for n, cell in enumerate(self.course.cells) if cell.exercise == exercise]
        return self.course.end_of(cells[0] - 1) if cells else len(self.course.statements)

    def _need(self, name: str, place: int, limit: int, own: set[int], course: set[int]) -> None:
        """Add the statements that decide what `name` is, and does, at a place."""
        todo, done = [(name, place, False)], set()
        while todo:
            item = todo.pop()
            if item in done:
                continue
            done.add(item)
            wanted, where, in_course = item
            statements = self.course.statements if in_course else self.own.statements
            found, sure = _definitions(statements, wanted, where, limit if in_course else None)
            (course if in_course else own).update(found)
            for i in found:
                todo += [(other, i, in_course) for other in statements[i].now]
                todo += [(other, where, in_course) for other in statements[i].later]
            is_asked_for = wanted == name and where == place
            if not (sure or in_course or is_asked_for):
                todo.append((wanted, len(self.course.statements), True))

    def _source(self, exercise: str, name: str, own: set[int]) -> str:
        """What the student has written for it: its cells, or else the statements that count.

        Answers to other exercises are not shown with it, though it may need them.
        """
        marked = [n for n, cell in enumerate(self.own.cells) if cell.exercise == exercise]
        used = [self.own.statements[i] for i in sorted(own)]
        others = self.names - {name}
        written = [s for s in used if not (isinstance(s.node, IMPORTS) or s.binds & others)]
        if marked and (not any(name in s.binds for s in written if s.cell not in marked)):
            helpers = [s.source for s in written if s.cell not in marked and self._is_new(s)]
            return "\n\n".join([*helpers, *(self.own.cells[n].source for n in marked)])
        return "\n\n".join(s.source for s in written)

    def _is_new(self, statement: Statement) -> bool:
        """Is it not the course's?"""
        return all(ast.dump(statement.node) != ast.dump(s.node) for s in self.course.statements)


def _definitions(
    statements: Sequence[Statement], name: str, where: int, limit: int | None
) -> tuple[list[int], bool]:
    """The statements above `where` that decide what `name` is; did one of them surely set it?

    With `limit`, only imports and what comes before it, and no exercise.
    """
    found: list[int] = []
    methods: list[int] = []
    for i in range(where - 1, -1, -1):
        statement = statements[i]
        if limit is not None and i >= limit and not isinstance(statement.node, IMPORTS):
            continue
        if name in statement.binds:
            found.append(i)
            if statement.is_sure:
                is_value = not isinstance(statement.node, DEFINES)
                return found + (methods if is_value else []), True
        elif (
            name in statement.changes
            or statement.is_star_import
            or statement.may_define_by_string(name)
        ):
            found.append(i)
        elif name in statement.calls_methods_of:
            methods.append(i)
    return found, False


def _checks(node: ast.stmt, exercise: str) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) == "check"
        and bool(call.args)
        and getattr(call.args[0], "value", None) == exercise
    )


def course_cells(cells: Iterable[Cell]) -> list[Cell]:
    """The course's notebook without what it leaves to the student."""
    return [Cell("", cell.exercise) if cell.exercise or cell.check else cell for cell in cells]
