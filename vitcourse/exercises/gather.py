"""What an answer is made of: its own source, and what else it needs from the learner's notebook.

Functions and classes are found by their code objects, which know the cell they came from;
everything else by the statement that assigned it last. Nothing is executed here.
"""

import ast
import builtins
import inspect
import io
import linecache
import re
import symtable
import sys
import tokenize
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

LONGEST_CONSTANT = 400  # characters


class CannotKeep(Exception):
    """Says in one sentence why an answer cannot be written down."""


@dataclass
class Gathered:
    imports: list[str] = field(default_factory=list)  # "import torch", "from torch import nn"
    statements: list[str] = field(default_factory=list)  # what is needed first, the answer last
    missing: list[str] = field(default_factory=list)  # names whose source was not found

    @property
    def source(self) -> str:
        return "\n\n\n".join(self.statements)


def gather(
    name: str, namespace: dict, cells: Sequence[str], elsewhere: Callable[[str], bool]
) -> Gathered:
    """The source of `namespace[name]` with everything that it needs.

    `cells` are the sources of the cells that were run, the newest last. A name for which
    `elsewhere` says yes is left out: the file has it already. Raises CannotKeep.
    """
    gathered, done = Gathered(), {name}

    def add(name: str, source: str) -> None:
        for needed in sorted(free_names(source) - bound_names(source)):
            if needed not in done and not hasattr(builtins, needed):
                done.add(needed)
                visit(needed)
        gathered.statements.append(source)

    def visit(needed: str) -> None:
        if elsewhere(needed):
            return
        if needed not in namespace:
            gathered.missing.append(needed)
            return
        value = namespace[needed]
        line = None if is_own(value, namespace) else import_line(needed, value, cells)
        if line:
            gathered.imports.append(line)
            return
        source = _statement(needed, value, namespace, cells) or _constant(needed, value, cells)
        if source is None:
            gathered.missing.append(needed)
        else:
            add(needed, source)

    source = _statement(name, namespace[name], namespace, cells)
    if source is None:
        raise CannotKeep(f"the cell that defines `{name}` was not found")
    add(name, source)
    gathered.statements = list(dict.fromkeys(gathered.statements))
    return gathered


def is_own(value: Any, namespace: dict) -> bool:
    """Is it a function or class that the notebook itself defines?"""
    if inspect.isclass(value):
        return value.__module__ == namespace.get("__name__")
    return getattr(_unwrap(value), "__globals__", None) is namespace


def _unwrap(value: Any) -> Any:
    try:
        return inspect.unwrap(value)
    except ValueError:  # it wraps itself
        return value


# Statements ---------------------------------------------------------------------------------------


def _statement(name: str, value: Any, namespace: dict, cells: Sequence[str]) -> str | None:
    """The top-level statement that made the value, with an alias if it has another name."""
    if is_own(value, namespace):
        own_name = _unwrap(value).__name__
        for code in _codes(value):
            text = "".join(linecache.getlines(code.co_filename))
            source = _around(text, code.co_firstlineno, own_name)
            if source:
                _all_inside(value, source)
                return source if own_name == name else f"{source}\n\n\n{name} = {own_name}"
    if not callable(value):
        return None
    for cell in reversed(cells):
        for node in reversed(_nodes(cell)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                continue
            source = _lines(cell, node)
            if name in bound_names(source):
                return source
    return None


def _codes(value: Any) -> list:
    """The code objects of a function, or of the methods that a class itself defines."""
    if inspect.isclass(value):
        members = (getattr(m, "__func__", getattr(m, "fget", m)) for m in vars(value).values())
        functions = [_unwrap(m) for m in members if callable(m)]
        return [f.__code__ for f in functions if hasattr(f, "__code__")]
    return [_unwrap(value).__code__]


def _around(text: str, line: int, name: str) -> str | None:
    """The top-level statement at this line of a cell, if it binds `name`."""
    for node in _nodes(text):
        if _first_line(node) <= line <= node.end_lineno:
            source = _lines(text, node)
            return source if name in bound_names(source) else None
    return None


def _all_inside(value: Any, source: str) -> None:
    """Raise CannotKeep if a class has methods that were put into it from outside."""
    if not inspect.isclass(value):
        return
    for name, member in vars(value).items():
        code = getattr(_unwrap(member), "__code__", None)
        if code and not re.search(rf"def {code.co_name}\b|\b{name}\s*=", source):
            raise CannotKeep(f"`{name}` was put into the class from outside; write it inside")


def _nodes(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError):
        return []


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])


def _lines(text: str, node: ast.stmt) -> str:
    """The whole lines of a statement, with the comments right above it."""
    lines = text.split("\n")
    start = _first_line(node) - 1
    while start > 0 and lines[start - 1].startswith("#"):
        start -= 1
    return "\n".join(line.rstrip() for line in lines[start : node.end_lineno])


def _constant(name: str, value: Any, cells: Sequence[str]) -> str | None:
    """The statement that names a constant: a number, a string, or a tuple, list, dict of them."""
    if not isinstance(value, bool | int | float | str | bytes | tuple | list | dict | set | None):
        return None
    for cell in reversed(cells):
        for node in reversed(_nodes(cell)):
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            is_it = [getattr(target, "id", None) for target in targets] == [name]
            if is_it and _is_literal(getattr(node, "value", None), value):
                return _lines(cell, node)
    text = repr(value)
    if len(text) <= LONGEST_CONSTANT and _is_literal(text, value):
        return f"{name} = {text}"
    return None


def _is_literal(text: str | ast.expr | None, value: Any) -> bool:
    try:
        return bool(ast.literal_eval(text) == value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def lines_that_change_in_place(answer: Any) -> Iterator[tuple[int, str]]:
    """(line, source) of each line of a function's cell that may change one of its arguments."""
    code = getattr(_unwrap(answer), "__code__", None)
    text = "".join(linecache.getlines(code.co_filename)) if code else ""
    for node in ast.walk(ast.Module(_nodes(text), [])):
        is_it = isinstance(node, ast.FunctionDef) and node.name == code.co_name
        if not is_it or node.lineno != code.co_firstlineno:
            continue
        arguments = {argument.arg for argument in node.args.args}
        for line in sorted({n.lineno for n in ast.walk(node) if _changes_in_place(n, arguments)}):
            yield line, text.split("\n")[line - 1].strip()


def _changes_in_place(node: ast.AST, names: set[str]) -> bool:
    """`x += 1`, `x[0] = 1`, `x.add_(1)`, `x.data = y`, `f(..., out=x)`, for `x` of these names."""

    def is_of(target: ast.AST) -> bool:
        while isinstance(target, ast.Subscript | ast.Attribute | ast.Call):
            target = target.func if isinstance(target, ast.Call) else target.value
        return getattr(target, "id", None) in names

    if isinstance(node, ast.AugAssign):
        return is_of(node.target)
    if isinstance(node, ast.Assign):
        return any(is_of(t) for t in node.targets if isinstance(t, ast.Subscript | ast.Attribute))
    if isinstance(node, ast.Call):
        method = getattr(node.func, "attr", "")
        in_place = method.endswith("_") and not method.endswith("__")
        return (in_place and is_of(node.func)) or any(
            keyword.arg == "out" and is_of(keyword.value) for keyword in node.keywords
        )
    return False


# Imports ------------------------------------------------------------------------------------------


def import_line(name: str, value: Any, cells: Sequence[str] = ()) -> str | None:
    """The import statement that gives `value` the name `name`, the learner's own if found."""
    for cell in reversed(cells):
        for node in ast.walk(ast.Module(_nodes(cell), [])):
            for line, imported in _single_imports(node, name):
                if imported() is value:
                    return line
    if inspect.ismodule(value):
        return _module_line(name, value.__name__)
    attribute = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if not (attribute and attribute.isidentifier()):
        return None
    home = getattr(value, "__module__", None) or ""
    steps = home.split(".")
    for i in range(1, len(steps) + 1):  # the shortest way: einops, not einops.einops
        module = ".".join(steps[:i])
        if getattr(sys.modules.get(module), attribute, None) is value:
            return f"from {module} import {_as(attribute, name)}"
    return None


def _module_line(name: str, module: str) -> str:
    package, _, last = module.rpartition(".")
    if package and last == name:
        return f"from {package} import {name}"
    return f"import {_as(module, name)}" if package or module != name else f"import {name}"


def _single_imports(node: ast.AST, name: str):
    """The lines of an import statement that bind `name`, each with a way to look up what it is."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if (alias.asname or alias.name.split(".")[0]) == name:
                module = alias.name if alias.asname else name
                yield f"import {_as(alias.name, alias.asname)}", lambda m=module: sys.modules.get(m)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            if (alias.asname or alias.name) == name:
                line = f"from {node.module} import {_as(alias.name, alias.asname)}"
                yield (
                    line,
                    lambda m=node.module, a=alias.name: getattr(
                        sys.modules.get(m), a, sys.modules.get(f"{m}.{a}")
                    ),
                )


def _as(name: str, asname: str | None) -> str:
    return name if asname in (None, name) else f"{name} as {asname}"


# Names --------------------------------------------------------------------------------------------


def bound_names(source: str) -> set[str]:
    """The global names that these statements define."""
    table = symtable.symtable(source, "<kept>", "exec")
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}


def free_names(source: str) -> set[str]:
    """The global names that these statements use somewhere, at once or when called."""
    found = set()
    tables = [symtable.symtable(source, "<kept>", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_global() or (table.get_type() == "module" and symbol.is_referenced()):
                found.add(symbol.get_name())
    return found


def names_used_at_once(source: str) -> set[str]:
    """The global names that must exist when the statements run: bases, decorators, defaults."""
    finder = _AtOnce()
    finder.visit(ast.parse(source))
    return (finder.used & free_names(source)) - set(dir(builtins)) - bound_names(source)


class _AtOnce(ast.NodeVisitor):
    def __init__(self) -> None:
        self.used: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        self.used.add(node.id)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for part in (*node.decorator_list, node.args, node.returns):
            if part is not None:
                self.visit(part)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)


def rename(source: str, old: str, new: str) -> str:
    """The statements with a global name replaced. Raises CannotKeep where that is not safe."""
    tables = [symtable.symtable(source, "<kept>", "exec")]
    for table in tables:
        tables += table.get_children()
        if table.get_type() != "module" and any(
            s.get_name() == old and not s.is_global() for s in table.get_symbols()
        ):
            raise CannotKeep(f"`{old}` is taken by another exercise; choose another name for it")
    lines, places, depth = source.splitlines(keepends=True), [], 0
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.type == tokenize.OP:
            depth += (before.string in "([{") - (before.string in ")]}")
        is_keyword = depth > 0 and after.string == "="
        if token.string == old and before.string != "." and not is_keyword:
            places.append(token.start)
    if tokens[0].string == old:
        places.insert(0, tokens[0].start)
    for row, column in reversed(places):
        line = lines[row - 1]
        lines[row - 1] = line[:column] + new + line[column + len(old) :]
    renamed = "".join(lines)
    if old in free_names(renamed) | bound_names(renamed):
        raise CannotKeep(f"`{old}` is taken by another exercise; choose another name for it")
    return renamed
