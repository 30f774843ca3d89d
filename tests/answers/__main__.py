"""`python -m tests.answers`: how sharp the checks are, one line an exercise."""

import sys
from collections import defaultdict

from rich.console import Console
from rich.table import Table

from tests.answers import is_as_expected, load, verdict


def main() -> int:
    results = defaultdict(list)
    for answer in load():
        results[answer.exercise].append((answer, *verdict(answer)))

    table = Table(title="The checks' measure")
    columns = ("exercise", "right", "rejected", "wrong", "killed", "known", "named", "stub")
    for column in columns:
        table.add_column(column, justify="right")
    totals = [0] * (len(columns) - 1)
    surprises = []
    for exercise, judged in results.items():
        right = [said for answer, said, _ in judged if answer.kind == "right"]
        wrong = [(answer, said) for answer, said, _ in judged if answer.kind == "wrong"]
        stubs = [said for answer, said, _ in judged if answer.kind == "stub"]
        row = [
            len(right),
            sum(said != "solved" for said in right),
            len(wrong),
            sum(said.startswith("wrong") for _, said in wrong),
            sum(answer.name != "*" for answer, _ in wrong),
            sum(answer.name != "*" and is_as_expected(answer, said) for answer, said in wrong),
            sum(said == "not solved yet" for said in stubs),
        ]
        totals = [a + b for a, b in zip(totals, row, strict=True)]
        table.add_row(exercise, *map(str, row))
        surprises += [entry for entry in judged if not is_as_expected(*entry[:2])]
    table.add_section()
    table.add_row("all", *map(str, totals))
    Console().print(table)
    for answer, _, message in surprises:
        print(f"\n{answer.place} {answer.kind}: {answer.name}\n{message}")
    _, rejected, wrong, killed, known, named, _ = totals
    print(
        f"\nright answers rejected: {rejected}; wrong answers killed: {killed} of {wrong}, ", end=""
    )
    print(f"known mistakes named: {named} of {known} ({named / max(known, 1):.1%})")
    return int(rejected > 0 or killed < wrong or named < 0.95 * known)


sys.exit(main())
