"""Whose parts a model is made of: yours from `my_vit.py`, and the course's for what is missing."""

import linecache
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from vitcourse import model as course
from vitcourse.exercises import engine
from vitcourse.exercises.guard import isolated
from vitcourse.exercises.keep import FILE, MODULE
from vitcourse.learner.kernel import home

# Small sizes to try each part with, in the order of its arguments.
PARTS = {
    "PatchEmbedding": ((8, 12), 4, 3, 12),  # image_size, patch_size, in_channels, embed_dim
    "ClassToken": (12,),
    "PositionEmbedding": (7, 12),
    "MultiHeadSelfAttention": (12, 3),
    "MLP": (12, 20),
    "EncoderBlock": (12, 3, 20),
    "Encoder": (2, 12, 3, 20),
}


@dataclass(frozen=True)
class Part:
    name: str
    value: Any
    exercise: str  # "1.4"
    whose: str  # "yours", or "the course's: why"


class Parts:
    """The parts by name: `parts.Encoder`. Printed, it is a table that says whose each one is."""

    def __init__(self, parts: list[Part], note: str | None) -> None:
        self._parts, self._note = parts, note
        for part in parts:
            setattr(self, part.name, part.value)

    def __repr__(self) -> str:
        rows = [("part", "exercise", "whose")]
        rows += [(part.name, part.exercise, part.whose) for part in self._parts]
        wide = max(len(row[0]) for row in rows)
        lines = [f"{name:<{wide}}  {number:<8}  {whose}" for name, number, whose in rows]
        return "\n".join(([self._note] if self._note else []) + lines)


def kept_parts(folder: str | Path | None = None) -> Parts:
    """The parts of a ViT: yours from the folder's `my_vit.py`, the course's for what is missing.

    Your part is used if it passes its exercise's check and has as many parameters as the course's:
    the formula of this chapter and published weights rely on that. This imports `my_vit.py`, so it
    runs the code in it.
    """
    module, note = _import(Path(folder or home()) / FILE)
    by_name = {exercise.name: exercise for exercise in engine.all_exercises()}
    parts = []
    for name in PARTS:
        exercise, ours = by_name.get(name), getattr(course, name)
        problem = _problem(name, exercise, module)
        parts.append(
            Part(
                name=name,
                value=ours if problem else getattr(module, name),
                exercise=exercise.id if exercise else "",
                whose=f"the course's: {problem}" if problem else "yours",
            )
        )
    return Parts(parts, note)


def _import(path: Path) -> tuple[ModuleType, str | None]:
    """`my_vit.py` as it is now, not as it was at its first import; leaves no `__pycache__`."""
    empty = ModuleType(MODULE)
    if not path.exists():
        return empty, f"There is no {FILE} here yet: no exercise has been solved in this folder."
    module = ModuleType(MODULE)
    module.__file__ = str(path)
    linecache.checkcache(str(path))
    before = sys.modules.get(MODULE)
    sys.modules[MODULE] = module
    try:
        source = path.read_text(encoding="utf-8-sig")
        exec(compile(source, path, "exec", dont_inherit=True), vars(module))
    except (Exception, SystemExit) as error:
        if before is None:
            del sys.modules[MODULE]
        else:
            sys.modules[MODULE] = before
        return empty, f"{FILE} cannot be imported ({type(error).__name__}: {error})."
    return module, None


def _problem(name: str, exercise, module: ModuleType) -> str | None:
    """Why the course's part must stand in, or None."""
    if exercise is None or not is_yours(getattr(module, name, None)):
        return "not solved yet" if exercise else "not an exercise"
    try:
        engine.judge(exercise, vars(module))
        with isolated():
            yours = count(getattr(module, name)(*PARTS[name]))
    except engine.Verdict as verdict:
        said = str(verdict).splitlines()[0].removeprefix(f"{exercise.label}: ")
        return f"yours is {said} now"
    except Exception as error:
        return f"yours raised {type(error).__name__}"
    needed = count(getattr(course, name)(*PARTS[name]))
    if yours != needed:
        return f"yours has {'fewer' if yours < needed else 'more'} parameters (is a bias missing?)"
    return None


def count(module: nn.Module) -> int:
    """How many numbers a module learns."""
    return sum(parameter.numel() for parameter in module.parameters())


def is_yours(value: Any) -> bool:
    """Is this class or function the learner's: from a notebook or `my_vit.py`?"""
    return getattr(value, "__module__", None) in ("__main__", MODULE)


def whose_parts(model: nn.Module) -> str:
    """A table of what a model is made of: each of our classes, how often, and whose it is."""
    found: dict[type, list[nn.Module]] = {}
    for module in model.modules():
        home = type(module).__module__
        if is_yours(type(module)) or home.split(".")[0] == "vitcourse":
            found.setdefault(type(module), []).append(module)
    rows = [
        (kind.__name__, f"{len(modules)} x", "yours" if is_yours(kind) else "the course's")
        for kind, modules in found.items()
    ]
    wide = max(len(row[0]) for row in rows)
    lines = [f"{name:<{wide}}  {times:>5}  {whose}" for name, times, whose in rows]
    yours = sum(is_yours(kind) for kind in found)
    return "\n".join([*lines, f"{yours} of {len(found)} kinds of parts are yours."])
