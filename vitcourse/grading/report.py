"""`report.html`: every hand-in with its verdicts, messages and code, in one file.

The table is there without JavaScript, then with everything unfolded. With it, rows fold, columns
sort, and the list can be searched, all by keyboard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from vitcourse.contents import chapters
from vitcourse.grading.page import (
    BADGES,
    HERE,
    badge,
    counted,
    css_class,
    escaped,
    head_and_text,
    with_code,
    write_page,
)
from vitcourse.grading.results import NOT_JUDGED, SOLVED, Answer, Graded

ORDER = {verdict: place for place, verdict in enumerate(BADGES)}
COMMON_MISTAKES = 3
TOOLS = """<form class="tools screen" role="search">
<p><label>Search <input type="search" id="words" placeholder="name, mistake, remark"></label>
<label>Exercise <select id="exercise"><option value="">any</option>{exercises}</select></label>
<label>Verdict <select id="verdict"><option value="">any</option>{verdicts}
<option value="remark">with a remark</option></select></label></p>
<p><button type="button" id="unfold">Unfold what is shown</button>
<button type="button" id="fold">Fold all</button> <span role="status" id="shown"></span></p>
</form>"""


def write_report(results: Iterable[Graded], path: Path, notes: Sequence[str] = ()) -> None:
    """Write the page. `notes` go under the heading: how hand-ins were isolated, and the like."""
    results = sorted(results, key=lambda graded: (graded.name.casefold(), graded.student))
    numbers = sorted({graded.chapter for graded in results})
    parts = [_chapter([g for g in results if g.chapter == n], n, i) for i, n in enumerate(numbers)]
    title = "Verdicts: " + (", ".join(map(chapter_title, numbers)) or "no hand-ins")
    body = f"""<main>
<h1>{escaped(title)}</h1>
{"".join(f'<p class="soft">{escaped(note)}</p>' for note in notes)}
{_tools(results)}
{"".join(parts)}
</main>"""
    write_page(path, title, body, "report", (HERE / "report.js").read_text(encoding="utf-8"))


def chapter_title(number: str) -> str:
    """ "4 Attention", or the number itself if the course has no such chapter."""
    titles = {chapter.number: chapter.title for chapter in chapters()}
    own = number if number.isdecimal() else number.removeprefix("0")  # "0A": a teacher's own
    return titles.get(number, f"chapter {own}" if number else "chapter unknown")


def exercises_of(results: Iterable[Graded]) -> dict[str, str]:
    """{"4.1": "attention"}: what was asked, in order."""
    asked = {answer.exercise: answer.name for graded in results for answer in graded.answers}
    return dict(sorted(asked.items(), key=lambda item: _in_order(item[0])))


def _in_order(exercise: str) -> list[tuple[bool, int, str]]:
    """4.2 before 4.10, and numbers before the letters of a teacher's own exercises."""
    parts = exercise.split(".")
    return [(not p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts]


def _tools(results: list[Graded]) -> str:
    exercises = "".join(
        f'<option value="{escaped(number)}">{escaped(number)} {escaped(name)}</option>'
        for number, name in exercises_of(results).items()
    )
    verdicts = "".join(f'<option value="{css_class(v)}">{v}</option>' for v in BADGES)
    return TOOLS.format(exercises=exercises, verdicts=verdicts)


def _chapter(results: list[Graded], number: str, place: int) -> str:
    exercises = exercises_of(results)
    title = escaped(chapter_title(number))
    heads = "".join(_head(e, e, name) for e, name in exercises.items())
    rows = "".join(_student(g, exercises, f"{place}-{i}") for i, g in enumerate(results))
    absent = [graded.name or graded.student for graded in results if not graded.file]
    missing = f"<p>No hand-in from {escaped('; '.join(absent))}.</p>" if absent else ""
    return f"""<section>
<h2>{title}: {counted(len(results) - len(absent), "hand-in")}</h2>
{missing}
{_summary(results, exercises)}
<div class="wide" role="region" tabindex="0" aria-label="Verdicts, {title}">
<table class="verdicts"><caption class="unseen">Verdicts, {title}</caption>
<thead><tr>{_head("", "Student")}{heads}{_head("", "Points", kind="number")}</tr></thead>
{rows}</table></div>
</section>"""


def _head(exercise: str, words: str, name: str = "", kind: str = "") -> str:
    label = escaped(words) + (f' <span class="name">{escaped(name)}</span>' if name else "")
    return f'<th scope="col" class="{kind}" data-exercise="{escaped(exercise)}">{label}</th>'


def _summary(results: list[Graded], exercises: dict[str, str]) -> str:
    rows = []
    for number, name in exercises.items():
        answers = [a for g in results for a in g.answers if a.exercise == number]
        counts = Counter(answer.verdict for answer in answers)
        mistakes = Counter(answer.mistake for answer in answers if answer.mistake)
        common = "; ".join(f"{m} ({n})" for m, n in mistakes.most_common(COMMON_MISTAKES))
        cells = "".join(f'<td class="number">{counts[verdict]}</td>' for verdict in BADGES)
        label = f"{escaped(number)} <code>{escaped(name)}</code>"
        rows.append(f'<tr><th scope="row">{label}</th>{cells}<td>{escaped(common)}</td></tr>')
    heads = "".join(
        f'<th scope="col" class="number">{badge(v)} <span class="word">{v}</span></th>'
        for v in BADGES
    )
    return f"""<div class="wide" role="region" tabindex="0" aria-label="Summary">
<table class="summary"><caption class="unseen">How many got which verdict</caption>
<thead><tr><th scope="col">Exercise</th>{heads}<th scope="col">Most frequent mistakes</th></tr>
</thead><tbody>{"".join(rows)}</tbody></table></div>"""


def _student(graded: Graded, exercises: dict[str, str], place: str) -> str:
    """Two rows: the verdicts at a glance, and below, folded, all there is to say."""
    answers = {answer.exercise: answer for answer in graded.answers}
    cells = "".join(_cell(answers.get(number)) for number in exercises)
    words = [graded.name, graded.student, graded.file, *graded.remarks]
    find = escaped(" ".join([*words, *(a.mistake for a in graded.answers)]).lower())
    name = escaped(graded.name or graded.student or graded.file)
    remark = f'<span class="remark">{escaped("; ".join(graded.remarks))}</span>'
    kind = ' class="remarked"' if graded.remarks else ""
    head = (
        f'<th scope="row"><button type="button" aria-expanded="true" aria-controls="m{place}">'
        f"{name}</button>{remark if graded.remarks else ''}</th>"
    )
    points = f'<td class="number" data-key="{graded.points}">{graded.points}</td>'
    more = f'<td colspan="{len(exercises) + 2}"><div>{_details(graded)}</div></td>'
    return (
        f'<tbody{kind} data-find="{find}"><tr>{head}{cells}{points}</tr>\n'
        f'<tr class="more" id="m{place}">{more}</tr></tbody>\n'
    )


def _cell(answer: Answer | None) -> str:
    verdict = answer.verdict if answer else NOT_JUDGED
    words = (answer.mistake if answer else "") or verdict
    kind = "unseen" if verdict == SOLVED else "word"
    key = f"{ORDER.get(verdict, len(ORDER))} {words}"
    return (
        f'<td data-verdict="{css_class(verdict)}" data-key="{escaped(key)}">{badge(verdict)} '
        f'<span class="{kind}">{escaped(words)}</span></td>'
    )


def _details(graded: Graded) -> str:
    known = [graded.file, *([f"student {graded.student}"] if graded.student != graded.name else [])]
    known += [f"identifier {graded.identifier}"] if graded.identifier else []
    about = f'<p class="soft">{escaped(", ".join(known))}</p>'
    return about + "".join(map(_answer, graded.answers))


def _answer(answer: Answer) -> str:
    said, rest = head_and_text(answer)
    message = f'<p class="message">{with_code(rest)}</p>' if rest else ""
    code = answer.source.strip("\n")
    code = f"<pre>{escaped(code)}</pre>" if code.strip() else '<p class="soft">No code.</p>'
    return f"<h3>{badge(answer.verdict)} {escaped(said)}</h3>{message}{code}"
