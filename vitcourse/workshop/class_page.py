"""The page about a class that does not exist: `python -m vitcourse.workshop.class_page`.

The documentation shows what a teacher sees. The class is drawn from the answers on file by a seed,
handed in as notebooks, and graded like any other, so that every number on the page is computed.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from vitcourse.exercises.bank import ANSWERS, Answer, read_answers, run, single_edits
from vitcourse.exercises.cells import read_notebook
from vitcourse.exercises.engine import Exercise, Verdict, Wrong, find_exercise, judge
from vitcourse.grading.class_page import write_class_page
from vitcourse.grading.made_up import fill_in, made_up_class
from vitcourse.grading.run import grade

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "class_page.html"
MORE_ANSWERS = REPOSITORY / "tests" / "answers"
IN_ANOTHER_WAY = 0.4  # of those who make a mistake, where the bank has it in another way
NOTE = (
    "This class does not exist: its {students} notebooks were made of answers on file, drawn by "
    "seed {seed}, and then graded like any other."
)


def main(
    chapter: Annotated[str, typer.Option(help="Which chapter the class hands in.")] = "01",
    students: Annotated[int, typer.Option(help="How many hand in.", min=1)] = 300,
    seed: Annotated[int, typer.Option(help="Another seed is another class.")] = 0,
    out: Annotated[Path, typer.Option(help="Where the page goes.")] = PAGE,
) -> None:
    """Make up a class, grade it, and write the page about it."""
    with TemporaryDirectory() as place:
        handed_in = Path(place) / "handed_in"
        truth = made_up_class(handed_in, chapter, students, seed)
        in_other_ways(handed_in, truth, random.Random(seed))
        results = grade(handed_in, Path(place) / "graded", chapter=chapter)
        note = NOTE.format(students=students, seed=seed)
        write_class_page(results, out, Path(place) / "class.json", note=note)
    typer.echo(f"Written: {out}")


def in_other_ways(handed_in: Path, truth: dict[str, dict[str, str]], drawn: random.Random) -> None:
    """Let some make their mistake in other words, as people do."""
    known: dict[tuple[str, str], list[str]] = {}
    for student, its in truth.items():
        other = {}
        for number, mistake in its.items():
            if (number, mistake) not in known:
                known[number, mistake] = list(other_ways(find_exercise(number), mistake))
            if known[number, mistake] and drawn.random() < IN_ANOTHER_WAY:
                other[number] = drawn.choice(known[number, mistake])
        if other:
            (path,) = handed_in.glob(f"{student}_*.ipynb")
            text = json.dumps(fill_in(read_notebook(path), other), indent=1)
            path.write_text(text, encoding="utf-8")


def other_ways(exercise: Exercise, mistake: str) -> Iterator[str]:
    """The mistake as others on file make it, and its edit in other right answers.

    Only what the check gives the same name.
    """
    file = f"ex_{exercise.id.replace('.', '_')}.py"
    more = read_answers(MORE_ANSWERS / file) if (MORE_ANSWERS / file).exists() else []
    edits = [(old, new) for name, old, new in single_edits(ANSWERS / file) if name == mistake]
    for answer in more:
        if answer.kind == "wrong" and answer.name == mistake:
            yield answer.code.strip()
        elif answer.kind == "right":
            for old, new in edits:
                code = answer.body.replace(old, new)
                if answer.body.count(old) == 1 and _is(exercise, mistake, answer, code):
                    yield (answer.head + code).strip()


def _is(exercise: Exercise, mistake: str, answer: Answer, code: str) -> bool:
    edited = Answer(answer.exercise, "wrong", mistake, answer.head, code, "", answer.place)
    try:
        judge(exercise, run(edited, exercise.name))
    except Wrong as wrong:
        return str(wrong).partition("\n")[0].endswith(f"wrong ({mistake})")
    except (Verdict, Exception):
        return False
    return False


if __name__ == "__main__":
    typer.run(main)
