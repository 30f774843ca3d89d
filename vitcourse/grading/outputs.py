"""The files that grading writes, and the words that it ends with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vitcourse.grading.class_page import write_class_page
from vitcourse.grading.feedback import write_feedback
from vitcourse.grading.names import anonymous
from vitcourse.grading.platforms.canvas import write_canvas
from vitcourse.grading.platforms.gradescope import write_gradescope
from vitcourse.grading.platforms.moodle import write_moodle
from vitcourse.grading.report import exercises_of, write_report
from vitcourse.grading.results import Graded
from vitcourse.grading.tables import write_grades, write_totals

NO_HAND_IN = "no hand-in"
MOST_SHOWN = 12  # hand-ins that could not be graded, named in the terminal; the report has all


@dataclass(frozen=True)
class Wanted:
    """What is to be written besides the tables and pages that every run writes."""

    anonymous: bool = False
    canvas: Path | None = None
    moodle: Path | None = None
    gradescope: bool = False
    feedback: bool = False

    def __post_init__(self) -> None:
        if self.anonymous and (self.canvas or self.moodle or self.gradescope):
            raise ValueError(
                "--anonymous: a learning platform needs to know whose points these are; run twice, "
                "the second time with --canvas, --moodle or --gradescope instead"
            )
        for option, file in (("--canvas", self.canvas), ("--moodle", self.moodle)):
            if file is not None and not file.is_file():
                raise ValueError(f"{option} {file}: there is no such file")


def write_outputs(
    results: list[Graded], out: Path, wanted: Wanted, isolation: str
) -> tuple[list[Path], list[str]]:
    """Write everything into `out`; return the files, and what there is to tell about them."""
    if wanted.anonymous:
        results = anonymous(results)
    there = [graded for graded in results if NO_HAND_IN not in graded.remarks]
    absent = [graded.name for graded in results if NO_HAND_IN in graded.remarks]
    names = ("grades.csv", "totals.csv", "report.html", "class.html", "class.json")
    files = [out / name for name in names]
    write_grades(results, files[0])
    write_totals(results, files[1])
    write_report(results, files[2], [isolation])
    write_class_page(there, files[3], files[4], dict.fromkeys(absent))
    told = []
    if wanted.canvas:
        files.append(out / "canvas.csv")
        told += write_canvas(there, wanted.canvas, files[-1])
    if wanted.moodle:
        files.append(out / "moodle.csv")
        told += write_moodle(there, wanted.moodle, files[-1])
    if wanted.gradescope:
        write_gradescope(there, out / "gradescope")
        files.append(out / "gradescope")
    if wanted.feedback:
        write_feedback(there, out / "feedback")
        files.append(out / "feedback")
    return files, told


def summary(results: Iterable[Graded], files: Iterable[Path], told: Iterable[str]) -> str:
    """How many, what is solved, what could not be graded, and where the files are."""
    results = list(results)
    there = [graded for graded in results if graded.file]
    broken = [graded for graded in there if not graded.answers]
    absent = len(results) - len(there)
    head = f"{_many(len(there) - len(broken), 'hand-in')} graded"
    head += f", {len(broken)} could not be" if broken else ""
    head += f", {absent} on the roster without one" if absent else ""
    parts = [[head + "."], _solved(there), _broken(broken), list(told)]
    parts.append(["Files:", *(f"  {file}" for file in files)])
    return "\n\n".join("\n".join(part) for part in parts if part)


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _solved(results: list[Graded]) -> list[str]:
    """A line for each exercise."""
    lines = []
    exercises = exercises_of(results)
    wide = max((len(f"{number} {name}") for number, name in exercises.items()), default=0)
    for number, name in exercises.items():
        verdicts = [a.verdict for g in results for a in g.answers if a.exercise == number]
        solved = verdicts.count("solved")
        line = f"  {f'{number} {name}':<{wide}}  {solved:>4} of {len(verdicts)} solved"
        line += f"  {solved / len(verdicts):>4.0%}"
        if odd := verdicts.count("not judged"):
            line += f"  ({odd} not judged)"
        lines.append(line)
    return lines


def _broken(broken: list[Graded]) -> list[str]:
    lines = [f"  {graded.file}: {'; '.join(graded.remarks)}" for graded in broken]
    more = (
        [f"  and {len(lines) - MOST_SHOWN} more: see the report"] if len(lines) > MOST_SHOWN else []
    )
    return ["Could not be graded:", *lines[:MOST_SHOWN], *more] if lines else []
