"""How sharp the checks are: `python -m tests.answers`, and with mutants `... --mutants 1.2`."""

import json
import random
import sys
from collections import defaultdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from tests.answers import FOLDER, is_as_expected, load, verdict
from vitcourse.exercises import find_exercise
from vitcourse.workshop.mutants import Equivalents, tally

Exercises = Annotated[list[str] | None, typer.Argument(help="Such as 1.2 or 4 (a whole chapter).")]


def main(
    exercises: Exercises = None,
    mutants: Annotated[bool, typer.Option(help="Ask about mutants of the right answers.")] = False,
    share: Annotated[float, typer.Option(help="Of them, drawn by a seed.")] = 1.0,
    seed: int = 0,
    save: Annotated[Path | None, typer.Option(help="Write the verdicts here, as JSON.")] = None,
) -> None:
    """Judge every answer of the bank, or every mutant of its right answers, and print a table.

    `--save` serves to compare machines: MKL_CBWR=COMPATIBLE python -m tests.answers --save A.json
    """
    by_exercise = defaultdict(list)
    for answer in load(*exercises or ()):
        by_exercise[answer.exercise].append(answer)
    if mutants:
        sys.exit(_mutants(by_exercise, share, seed))
    draw = random.Random(seed)
    drawn = {n: [a for a in some if draw.random() < share] for n, some in by_exercise.items()}
    sys.exit(_answers(drawn, save))


def _answers(by_exercise: dict, save: Path | None) -> bool:
    columns = ("right", "rejected", "wrong", "killed", "known", "named", "stub")
    table = _table("The checks' measure", *columns)
    totals, surprises, said_of = [0] * 7, [], {}
    for exercise, answers in by_exercise.items():
        judged = [(answer, *verdict(answer)) for answer in answers]
        said_of |= {f"{a.place} {a.kind}: {a.name}": [said, message] for a, said, message in judged}
        right = [said for answer, said, _ in judged if answer.kind == "right"]
        wrong = [(answer, said) for answer, said, _ in judged if answer.kind == "wrong"]
        row = [
            len(right),
            sum(said != "solved" for said in right),
            len(wrong),
            sum(said.startswith("wrong") for _, said in wrong),
            sum(answer.name != "*" for answer, _ in wrong),
            sum(answer.name != "*" and is_as_expected(answer, said) for answer, said in wrong),
            sum(said == "not solved yet" for a, said, _ in judged if a.kind == "stub"),
        ]
        totals = [a + b for a, b in zip(totals, row, strict=True)]
        table.add_row(exercise, *map(str, row))
        surprises += [entry for entry in judged if not is_as_expected(*entry[:2])]
    if save:
        save.write_text(json.dumps(said_of, indent=0), encoding="utf-8")
    table.add_section()
    table.add_row("all", *map(str, totals))
    Console().print(table)
    for answer, _, message in surprises:
        print(f"\n{answer.place} {answer.kind}: {answer.name}\n{message}")
    _, rejected, wrong, killed, known, named, _ = totals
    print(
        f"\nright answers rejected: {rejected}; wrong answers killed: {killed} of {wrong}, "
        f"known mistakes named: {named} of {known} ({named / max(known, 1):.1%})"
    )
    return rejected > 0 or killed < wrong or named < 0.95 * known


def _mutants(by_exercise: dict, share: float, seed: int) -> bool:
    equivalents = Equivalents(FOLDER / "equivalent.txt")
    table = _table("Mutants of right answers", "mutants", "killed", "equivalent", "alive")
    totals, alive = [0] * 4, []
    for number, answers in tqdm(by_exercise.items(), unit="exercise", disable=None):
        right = [answer for answer in answers if answer.kind == "right"]
        found = tally(find_exercise(number), right, equivalents, share, seed)
        row = [found.made, found.killed, found.equivalent, len(found.alive)]
        totals = [a + b for a, b in zip(totals, row, strict=True)]
        table.add_row(number, *map(str, row))
        alive += found.alive
    table.add_section()
    table.add_row("all", *map(str, totals))
    Console().print(table)
    for mutant in alive:
        print(f"{mutant.answer.exercise} | {mutant.change} | alive in {mutant.answer.place}")
    unused = equivalents.unused(set(by_exercise)) if share == 1 else []
    for line in unused:
        print(f"no mutant needs this declaration: {line}")
    return bool(alive or unused)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title)
    for column in ("exercise", *columns):
        table.add_column(column, justify="right")
    return table


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
