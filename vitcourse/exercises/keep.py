"""Your answers, kept: a solved exercise is written to `my_vit.py` beside the notebooks.

The file is plain Python: imports at the top, then one marked section for each exercise, in the
order of the course. Only what is between two marks is ever replaced, by another right answer;
the old one goes to `my_vit_older.py`, and a file that cannot be parsed is set aside whole.
Nothing in it is executed here.
"""

import ast
import builtins
import contextlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType

from filelock import FileLock, Timeout

from vitcourse.exercises import engine
from vitcourse.exercises.gather import (
    CannotKeep,
    bound_names,
    free_names,
    gather,
    import_line,
    is_own,
    names_used_at_once,
    rename,
)
from vitcourse.files import written_whole
from vitcourse.learner.kept import BEGIN, END, FILE, OLDER, section
from vitcourse.learner.kernel import shell, workplace

MODULE = Path(FILE).stem
HEAD = '''"""My Vision Transformer: what I solved in vitcourse, in the order of the course.

`check` writes an answer here when it is right. It replaces only what is between the two marks of
an exercise; everything else in this file is left as it is, so it can be edited by hand.
"""
'''
SECONDS_TO_WAIT = 10  # for another notebook that is writing


def keep_answer(exercise, namespace: dict) -> str | None:
    """After a passed check: keep the answer if a person works here. A line to print, or None.

    Kept is what the notebook itself defines, where a person works: see `kernel.workplace`.
    """
    here = shell()
    if here is None or here.user_ns is not namespace or (folder := workplace()) is None:
        return None
    return keep(exercise, namespace, folder, cells_that_were_run())


def cells_that_were_run() -> list[str]:
    """The sources of the notebook's cells, as often as they were run, the newest last."""
    history = getattr(shell(), "history_manager", None)
    return [c for c in getattr(history, "input_hist_parsed", []) if isinstance(c, str)]


def keep(exercise, namespace: dict, folder: Path, cells: list[str]) -> str | None:
    """Write a right answer into the folder's `my_vit.py`. A line to print, or None if all is well.

    Whatever happens here, the answer stays right: this never raises.
    """
    return _while_locked(folder, "Not kept in", lambda p: _keep(exercise, namespace, p, cells))


def take_out(exercise, folder: Path, sources: list[str]) -> str | None:
    """Take an answer out of the folder's `my_vit.py`. A line to print, or None if all is well.

    What was there and the `sources` of its cells go to `my_vit_older.py`. Never raises.
    """
    return _while_locked(folder, "Not taken out of", lambda p: _take_out(exercise, p, sources))


def _while_locked(folder: Path, failed: str, do: Callable[[Path], str | None]) -> str | None:
    path = Path(folder) / FILE
    try:
        with FileLock(path.with_name(f".{FILE}.lock"), timeout=SECONDS_TO_WAIT):
            return do(path.resolve())
    except CannotKeep as why:
        return f"({failed} {FILE}: {why}.)"
    except Timeout:
        return f"({failed} {FILE}: another notebook is writing to it. Try again in a moment.)"
    except OSError as error:
        return f"({failed} {FILE}: {error.strerror or error} in {path.parent}.)"
    except Exception as error:
        return f"({failed} {FILE}: {type(error).__name__}: {error}.)"


# The file -----------------------------------------------------------------------------------------


@dataclass
class KeptFile:
    """`my_vit.py`: the head, then blocks: sections, and what the learner wrote around them."""

    head: str
    blocks: list[tuple[str | None, str]] = field(default_factory=list)  # (exercise or None, text)

    @property
    def sections(self) -> dict[str, str]:
        return {number: text for number, text in self.blocks if number}

    def names(self) -> dict[str, str]:
        """What each piece defines: name -> the piece's exercise, or "" outside of sections."""
        return {name: number or "" for number, text in self.blocks for name in bound_names(text)}

    def __str__(self) -> str:
        parts = [self.head.rstrip()]
        for number, text in self.blocks:
            if number:
                name = engine.find_exercise(number).name
                text = f"# ---- {number} {name} ----\n{text}\n# ---- end of {number} ----"
            parts.append(text)
        return "\n\n\n".join(parts) + "\n"


def read(text: str) -> KeptFile:
    """The blocks of a file. A section without an end reaches to the next one."""
    blocks: list[tuple[str | None, list[str]]] = [(None, [])]
    opened = ""  # the number in the mark, which need not be the exercise's any more
    for line in text.split("\n"):  # splitlines would also split at form feeds in strings
        begins, end = section(line), END.match(line)
        if end and end[1] == opened:
            blocks.append((None, []))
            opened = ""
        elif begins and _exists(begins):
            blocks.append((begins, []))
            opened = BEGIN.match(line)[1]
        else:
            blocks[-1][1].append(line)
    (_, head), *rest = blocks
    joined = [(number, "\n".join(lines).strip("\n")) for number, lines in rest]
    return KeptFile("\n".join(head), [(number, text) for number, text in joined if text.strip()])


def _exists(number: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(engine.find_exercise(number))
    return False


def _keep(exercise, namespace: dict, path: Path, cells: list[str]) -> str | None:
    kept, aside, note = _open(path)
    before = list(kept.blocks)
    missing = _add(kept, exercise, namespace, cells)
    _check_that_it_can_be_imported(kept)
    for number, text in before:
        if number and (number, text) not in kept.blocks:
            _append(path.with_name(OLDER), number, text, "another right answer replaced it")
    if aside:
        shutil.copy2(path, aside)
    _write(path, str(kept))
    notes = [note] if note else []
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        notes.append(f"(Kept in {FILE}, but it also uses {names}, which only this notebook has.)")
    return "\n".join(notes) or None


def _open(path: Path) -> tuple[KeptFile, Path | None, str | None]:
    """The file; if it cannot be parsed, what is left of it, where it goes, and what to say."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return KeptFile(HEAD), None, None
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        compile(text, FILE, "exec", dont_inherit=True)
        return read(text), None, None
    except (SyntaxError, ValueError) as error:
        aside = _free_name(path)
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        kept = read(data.decode("utf-8", errors="replace").replace("\r\n", "\n"))
        whole = [(number, text) for number, text in kept.blocks if number and _compiles(text)]
        rescued = KeptFile(kept.head if _compiles(kept.head) else HEAD, whole)
        lost = ", ".join(n for n in kept.sections if n not in rescued.sections)
        again = f" Check again: {lost}." if lost else ""
        return (
            rescued,
            aside,
            f"({FILE} could not be parsed{where}. It is now {aside.name}.{again})",
        )


def _compiles(text: str) -> bool:
    try:
        compile(text, FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"my_vit_broken_{number}.py")).exists():
        number += 1
    return aside


def _append(path: Path, number: str, text: str, until: str) -> None:
    """Write down an answer that is being replaced, unless it is there already."""
    known = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if text not in known:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"# {number}, until {until}\n{text}\n\n\n")


def _write(path: Path, text: str) -> None:
    """The file is complete before and after, whatever interrupts the writing."""
    if path.exists() and path.read_bytes() == text.encode():
        return
    with written_whole(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


# One more answer ----------------------------------------------------------------------------------


def _add(
    kept: KeptFile, exercise, namespace: dict, cells: list[str], doing: frozenset = frozenset()
) -> list[str]:
    """Put an answer into the file; return the names that it needs and that are nowhere defined."""
    answer = namespace[exercise.name]
    if (getattr(answer, "__module__", None) or "").split(".")[0] == "vitcourse":
        raise CannotKeep(f"`{exercise.name}` is the course's own, not yours")
    if getattr(answer, "__module__", None) == MODULE:
        return []  # it comes from the file
    by_name = {other.name: other for other in engine.all_exercises()}
    doing |= {exercise.name}

    def elsewhere(name: str) -> bool:
        """Does the file have, or get, what the notebook calls `name`?"""
        value = namespace.get(name)
        if isinstance(value, type | FunctionType) and value.__module__ == MODULE:
            if value.__name__ not in kept.names():
                raise CannotKeep(f"`{name}` comes from a {FILE} that is no longer here")
            return True
        if name in doing or name not in by_name:
            return name in doing
        other = by_name[name]
        if not is_own(value, namespace):
            return other.id in kept.sections
        if not _right(other, namespace):
            return False
        if other.id not in kept.sections:  # right, but not checked yet
            _add(kept, other, namespace, cells, doing)
        return True

    gathered = gather(exercise.name, namespace, cells, elsewhere)
    source = _without_clashes(kept, exercise, gathered.source, set(by_name))
    if any(BEGIN.match(line) or END.match(line) for line in source.splitlines()):
        raise CannotKeep("it contains a line that looks like the marks in the file")
    _put_in_order(kept, exercise.id, source)
    _import(kept, gathered.imports)
    return gathered.missing


def _right(exercise, namespace: dict) -> bool:
    with contextlib.suppress(AssertionError):
        engine.judge(exercise, namespace)
        return True
    return False


def _without_clashes(kept: KeptFile, exercise, source: str, answers: set[str]) -> str:
    """The source with its helpers renamed where another block uses their names for other things."""
    others = KeptFile("", [(n, text) for n, text in kept.blocks if n != exercise.id])
    taken = set(others.names()) | bound_names(kept.head) | answers
    for name in sorted(bound_names(source) - {exercise.name}):
        if name in taken and not _same_everywhere(name, source, others, kept.head, answers):
            source = rename(source, name, f"{name}_{exercise.id.replace('.', '_')}")
    return source


def _same_everywhere(
    name: str, source: str, others: KeptFile, head: str, answers: set[str]
) -> bool:
    """Does every other block that defines `name` define it in the same words?"""
    if name in answers or name in bound_names(head):
        return False
    definitions = {
        ast.dump(node)
        for text in (source, *(text for _, text in others.blocks))
        for node in ast.parse(text).body
        if name in bound_names(ast.unparse(node))
    }
    return len(definitions) == 1


def _put_in_order(kept: KeptFile, number: str, source: str) -> None:
    def place(number: str) -> tuple[int, ...]:
        return tuple(map(int, number.split(".")))

    same = [i for i, (other, _) in enumerate(kept.blocks) if other == number]
    if same:
        kept.blocks[same[0]] = (number, source)
        for i in reversed(same[1:]):
            del kept.blocks[i]
        return
    before = [i for i, (n, _) in enumerate(kept.blocks) if n and place(n) < place(number)]
    kept.blocks.insert(before[-1] + 1 if before else 0, (number, source))


def _import(kept: KeptFile, lines: list[str]) -> None:
    """Put import lines into the head; drop the course's stand-ins for what is now solved."""
    solved = {name for name, number in kept.names().items() if number}
    there = {}  # what the head imports: name -> line
    for node in ast.parse(kept.head).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                there[alias.asname or alias.name.split(".")[0]] = ast.unparse(node)
    head = kept.head.split("\n")
    for name in solved & set(there):
        if there[name].startswith("from vitcourse.") and "," not in there[name]:
            head = [line for line in head if line.partition("#")[0].strip() != there.get(name)]
    new = []
    for line in lines:
        (alias,) = ast.parse(line).body[0].names
        name = alias.asname or alias.name.split(".")[0]
        if name in solved:
            if not line.startswith("from vitcourse."):
                raise CannotKeep(f"`{name}` means something else in another exercise")
        elif name not in there:
            is_course = line.startswith("from vitcourse.")
            new.append(line + ("  # the course's, for now" if is_course else ""))
        elif not _binds_the_same(there[name], line, name):
            raise CannotKeep(f"`{name}` is imported from elsewhere in another exercise")
    kept.head = _insert_imports(head, new)


def _binds_the_same(line: str, other: str, name: str) -> bool:
    """Do two import statements give `name` the same meaning? (`line` may import more.)"""

    def origin(text: str) -> tuple:
        node = ast.parse(text).body[0]
        for alias in node.names:
            if (alias.asname or alias.name.split(".")[0]) == name:
                if isinstance(node, ast.ImportFrom):
                    return (f"{node.module}.{alias.name}",)
                return (alias.name if alias.asname else name,)
        return ()

    return origin(line) == origin(other)


def _insert_imports(head: list[str], new: list[str]) -> str:
    """The head with new lines after its last import, sorted if it has nothing but imports."""
    nodes = ast.parse("\n".join(head)).body
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    if not imports:
        end = nodes[0].end_lineno if nodes else len(head)
        block = sorted(new, key=_import_order)
        return "\n".join([*head[:end], "", *block, *head[end:]]) if block else "\n".join(head)
    first, last = imports[0].lineno - 1, imports[-1].end_lineno
    block = head[first:last]
    plain = len(block) == len(imports) and all(n.lineno == n.end_lineno for n in imports)
    block = sorted([*block, *new], key=_import_order) if plain else [*block, *new]
    return "\n".join([*head[:first], *block, *head[last:]])


def _import_order(line: str) -> tuple[bool, bool, str]:
    return "vitcourse" in line, line.startswith("from"), line


def _check_that_it_can_be_imported(kept: KeptFile) -> None:
    """Raise CannotKeep unless the file can be imported: it parses, and no name comes too late."""
    compile(str(kept), FILE, "exec", dont_inherit=True)
    if re.search(r"^from .* import \*", str(kept), re.MULTILINE):
        return  # who knows what that imports
    known = bound_names(kept.head) | set(dir(builtins))
    for number, text in kept.blocks:
        late = names_used_at_once(text) - known
        if number and late:
            names = ", ".join(f"`{name}`" for name in sorted(late))
            raise CannotKeep(f"{number} needs {names} on import, and the file does not have it")
        known |= bound_names(text)


# One answer less ----------------------------------------------------------------------------------


def _take_out(exercise, path: Path, sources: list[str]) -> str | None:
    kept, aside, note = _open(path)
    answers = [text for number, text in kept.blocks if number == exercise.id]
    for text in [*answers, *sources]:
        _append(path.with_name(OLDER), exercise.id, text.strip("\n"), "it was reset")
    if not answers:
        return None
    kept.blocks = [block for block in kept.blocks if block[0] != exercise.id]
    _stand_in(kept, exercise, "\n\n\n".join(answers))
    _check_that_it_can_be_imported(kept)
    if aside:
        shutil.copy2(path, aside)
    _write(path, str(kept))
    return note


def _stand_in(kept: KeptFile, exercise, gone: str) -> None:
    """Import the course's version if the file still uses the answer that is gone.

    Raises CannotKeep if it uses something else of what is gone.
    """
    known = bound_names(kept.head) | set(kept.names())
    for number, text in kept.blocks:
        for name in sorted(free_names(text) & bound_names(gone) - known):
            if name != exercise.name:
                raise CannotKeep(f"{number or 'a line of yours'} uses `{name}`, which goes with it")
            _import(kept, [import_line(name, exercise.reference)])
            known.add(name)
