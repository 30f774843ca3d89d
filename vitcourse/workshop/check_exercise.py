"""What is missing in an exercise: `python -m vitcourse.workshop.check_exercise 4.6`.

The same for your own exercise: `... check_exercise A.1 --folder my_exercises`.
"""

import contextlib
import io
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from vitcourse.exercises import engine
from vitcourse.exercises.bank import ANSWERS, Answer, read_answers, run
from vitcourse.exercises.battery import CIRCUMSTANCES
from vitcourse.exercises.engine import Exercise, NotYet, Wrong, find_exercise, judge
from vitcourse.workshop.mutants import Equivalents, tally

REPOSITORY = Path(__file__).resolve().parents[2]
SECONDS_FOR_A_CHECK = 0.5


def main(
    number: Annotated[str, typer.Argument(help="Such as 4.6.")],
    folder: Annotated[
        Path | None, typer.Option(help="Where exercises.py is, if it is not the course's.")
    ] = None,
    mutants: Annotated[bool, typer.Option(help="Ask about all mutants, too.")] = True,
) -> None:
    """Print what an exercise still lacks; exit with 1 if it lacks something."""
    try:
        exercise = find_exercise(number, folder)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    more = REPOSITORY / "tests" / "answers" if folder is None else Path(folder)
    missing = list(problems(exercise, more, mutants=mutants))
    if folder is None:
        missing += notebook_problems(exercise)
    for line in missing:
        typer.echo(f"missing  {line}")
    unasked = [name for name in CIRCUMSTANCES if not _is_asked(exercise, name)]
    if unasked:
        typer.echo(f"note     circumstances that are not asked: {', '.join(unasked)}")
    typer.echo(f"{exercise.label}: " + (f"{len(missing)} missing" if missing else "complete"))
    raise SystemExit(bool(missing))


def problems(exercise: Exercise, more: Path, *, mutants: bool = True) -> Iterator[str]:
    """What the exercise lacks. `more` is where stubs and further answers are."""
    yield from _form(exercise)
    file = f"ex_{exercise.id.replace('.', '_')}.py"
    paths = dict.fromkeys([exercise.folder / file, more.resolve() / file])
    if not (exercise.folder / file).exists():
        yield f"{exercise.folder / file}: right answers and known mistakes"
        return
    try:
        answers = [answer for path in paths if path.exists() for answer in read_answers(path)]
        list(exercise.mistakes)
    except (ValueError, SyntaxError) as error:
        yield str(error)
        return
    if any("TODO" in answer.name + answer.says for answer in answers):
        yield "words instead of TODO (names of answers, messages)"
    right = [answer for answer in answers if answer.kind == "right"]
    if len({answer.name for answer in right}) < 3:
        yield f"three right answers in different styles; there are {len(right)}"
    for kind in ("stub", "wrong"):
        if not any(answer.kind == kind for answer in answers):
            yield f"an answer of the kind `# {kind}: ...`"
    seconds = []
    for answer in answers:
        start = time.process_time()
        said = _verdict(exercise, answer)
        seconds.append(time.process_time() - start)
        expected = {"right": "solved", "stub": "not solved yet"}.get(answer.kind, answer.name)
        named = said.removeprefix("wrong (").removesuffix(")")
        if named != expected and not (expected == "*" and said.startswith("wrong")):
            yield f"{answer.place}, {answer.kind}: {answer.name}: the check says {said!r}"
    if seconds and statistics.median(seconds) > SECONDS_FOR_A_CHECK:
        yield f"speed: a check takes {statistics.median(seconds):.1f} s of processor time"
    if mutants:
        equivalents = Equivalents(more / "equivalent.txt")
        for mutant in tally(exercise, right, equivalents).alive:
            yield f"a trial that notices: {mutant.change} ({mutant.answer.place})"


def _form(exercise: Exercise) -> Iterator[str]:
    texts = [exercise.title, *exercise.hints, *(trial.says for trial in exercise.trials)]
    if any("TODO" in text for text in texts):
        yield "words instead of TODO (title, hints, trials)"
    an_exam = exercise.is_exam and exercise.folder != ANSWERS
    if not an_exam and (len(exercise.hints) != 3 or any(len(h) <= 20 for h in exercise.hints)):
        yield "three hints of more than 20 characters: a question, the idea, almost the line"
    if not 1 <= exercise.difficulty <= 5 or exercise.minutes <= 0:
        yield "a difficulty from 1 to 5 and minutes above 0"
    for trial in exercise.trials:
        outcome = engine._ask(trial, exercise.reference)
        due = trial.raises or ()
        if bool(outcome.error) != bool(due) or (due and not isinstance(outcome.error, due)):
            yield f"a right reference: {trial.says!r} gives {outcome.error!r}"


def _verdict(exercise: Exercise, answer: Answer) -> str:
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            judge(exercise, run(answer, exercise.name))
        except (NotYet, Wrong) as problem:
            return str(problem).splitlines()[0].removeprefix(f"{exercise.label}: ")
    return "solved"


def notebook_problems(exercise: Exercise) -> list[str]:
    """What the chapter's notebook lacks, in the source that it is built from."""
    chapter = int(exercise.id.split(".")[0])
    (source,) = (REPOSITORY / "notebooks" / "source").glob(f"{chapter:02}_*.py")
    text = source.read_text(encoding="utf-8")
    wanted = {
        f"# ### Exercise {exercise.id}\n": "the heading",
        f'exercise="{exercise.id}"': "the cell for the answer",
        f'check="{exercise.id}"': "the cell with the check",
    }
    return [
        f"{source.name}: {what}, {mark.strip()}"
        for mark, what in wanted.items()
        if mark not in text
    ]


def _is_asked(exercise: Exercise, name: str) -> bool:
    return any(trial.circumstance == name for trial in exercise.trials)


if __name__ == "__main__":
    typer.run(main)
