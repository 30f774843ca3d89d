"""The files of a new exercise: `python -m vitcourse.workshop.new 4.6 drop_heads`.

Everything that an exercise needs is there, with TODO where your words or code belong. Then
`python -m vitcourse.workshop.check_exercise 4.6` says what is missing.

With `--folder my_exercises` the exercise is your own and the course stays as it is.
"""

import re
from pathlib import Path
from typing import Annotated

import typer

from vitcourse.exercises import find_exercise
from vitcourse.exercises.engine import CHAPTERS, all_exercises
from vitcourse.files import written_whole

REPOSITORY = Path(__file__).resolve().parents[2]

EXERCISE = '''# {number} {dashes}


def {name}(x: torch.Tensor) -> torch.Tensor:
    """TODO: the course's answer. Where the model has such a thing, import that instead."""
    return x.softmax(dim=-1)


{constant} = Exercise(
    id="{number}",
    name="{name}",
    title="TODO",
    difficulty=1,
    minutes=5,
    reference={name},
    hints=(
        "TODO: a question that points the way",
        "TODO: the idea",
        "TODO: almost the line",
    ),
    trials=(
        Trial("TODO: {name}(x)", (torch.linspace(-2, 3, 60).reshape(3, 4, 5),)),
        *battery("TODO: {name}(x)", (torch.linspace(-2, 3, 60).reshape(3, 4, 5),)),
    ),
)
'''

HEAD = '''"""Exercises of my own."""

import torch

from vitcourse.exercises.battery import battery
from vitcourse.exercises.engine import Exercise, Trial

'''

KNOWN = """# right: TODO, how it does it
def {name}(x):
    return x.softmax(dim=-1)

# wrong: TODO, the mistake in a few words
# > TODO: what the learner is told. Say what was seen, then what to try.
# ~ dim=-1 => dim=1
"""

MORE = """# stub: as handed out
def {name}(x):
    raise NotImplementedError("exercise {number}")

# right: TODO, another style
def {name}(x):
    return torch.softmax(x, -1)

# right: TODO, a third
def {name}(x):
    powers = (x - x.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(-1, keepdim=True)
"""

CELLS = '''# %% [markdown]
# TODO: why this is needed.
#
# ### Exercise {number}

# %% exercise="{number}"
def {name}(x: torch.Tensor) -> torch.Tensor:
    """TODO: (B, N, D) -> (B, N, D).

    - returns: TODO
    - raises: TODO
    """
    ### BEGIN SOLUTION
    return x.softmax(dim=-1)
    ### END SOLUTION


# %% check="{number}"
check("{number}")  # stuck? check("{number}", hint=1), then 2, then 3

# %% [markdown] tags=["solution"]
# **Solution.** TODO

'''


def main(
    number: Annotated[str, typer.Argument(help="The next of its chapter, such as 4.6.")],
    name: Annotated[str, typer.Argument(help="What the learner defines.")],
    folder: Annotated[
        Path | None, typer.Option(help="A folder of your own instead of the course.")
    ] = None,
) -> None:
    """Make the files of a new exercise."""
    try:
        written = new_exercise(number, name, folder)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    for path in written:
        typer.echo(f"wrote  {path}")
    where = f" --folder {folder}" if folder else ""
    typer.echo(f"next   python -m vitcourse.workshop.check_exercise {number}{where}")


def new_exercise(number: str, name: str, folder: Path | None = None) -> list[Path]:
    """Write the files and return their paths. Raises ValueError if number or name is invalid."""
    if not re.fullmatch(r"\w+\.\d+", number):
        raise ValueError(f"number={number!r}: a chapter and a number, such as 4.6 or A.1")
    if not name.isidentifier():
        raise ValueError(f"name={name!r}: the name of a function or a class")
    words = {
        "number": number,
        "name": name,
        "constant": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper(),
        "dashes": "-" * (97 - len(number)),
    }
    file = f"ex_{number.replace('.', '_')}.py"
    if folder is not None:
        return _own(folder, file, words)
    return _courses(file, words)


def _own(folder: Path, file: str, words: dict[str, str]) -> list[Path]:
    exercises, answers = folder / "exercises.py", folder / file
    if answers.exists():
        raise ValueError(f"number={words['number']!r}: {answers} is there already")
    folder.mkdir(parents=True, exist_ok=True)
    text = exercises.read_text(encoding="utf-8") if exercises.exists() else HEAD
    _write(exercises, _with_exercise(text, words))
    stub_first = MORE.format(**words) + "\n" + KNOWN.format(**words)
    _write(answers, stub_first)
    return [exercises, answers]


def _courses(file: str, words: dict[str, str]) -> list[Path]:
    number, name = words["number"], words["name"]
    chapter = number.split(".")[0]
    if chapter not in CHAPTERS:
        raise ValueError(f"number={number!r}: the chapters are {', '.join(CHAPTERS)}")
    if name in {exercise.name for exercise in all_exercises()}:
        raise ValueError(f"name={name!r}: another exercise has this name")
    try:
        find_exercise(number)
    except ValueError:
        pass
    else:
        raise ValueError(f"number={number!r}: this exercise exists")
    package = REPOSITORY / "vitcourse" / "exercises"
    checks = package / f"{CHAPTERS[chapter]}.py"
    (source,) = (REPOSITORY / "notebooks" / "source").glob(f"{int(chapter):02}_*.py")
    cells = source.read_text(encoding="utf-8")
    last = re.search(r"^# %% \[markdown\].*\n# ## What could go wrong", cells, re.MULTILINE)
    if last is None:
        raise ValueError(f"{source.name} has no cell that begins with: ## What could go wrong")
    written = {
        checks: _with_exercise(checks.read_text(encoding="utf-8"), words),
        package / "answers" / file: KNOWN.format(**words),
        REPOSITORY / "tests" / "answers" / file: MORE.format(**words),
        source: cells[: last.start()] + CELLS.format(**words) + cells[last.start() :],
    }
    for path, text in written.items():
        _write(path, text)
    return list(written)


def _with_exercise(text: str, words: dict[str, str]) -> str:
    """The file of a chapter's checks with one more exercise, at its end."""
    before, found, after = text.partition("EXERCISES = (")
    exercise = EXERCISE.format(**words)
    if not found:
        return f"{before.rstrip()}\n\n{exercise}\nEXERCISES = ({words['constant']},)\n"
    listed = after.rstrip().removesuffix(")").rstrip().rstrip(",")
    if "from vitcourse.exercises.battery import battery" not in before:
        engine = "from vitcourse.exercises.engine import"
        line = "from vitcourse.exercises.battery import battery\n"
        before = before.replace(engine, line + engine, 1)
    return f"{before.rstrip()}\n\n{exercise}\nEXERCISES = ({listed}, {words['constant']})\n"


def _write(path: Path, text: str) -> None:
    with written_whole(path) as beside:  # most of it is there already
        beside.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    typer.run(main)
