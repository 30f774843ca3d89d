"""`class.html` and `class.json`: what to teach tomorrow.

The five most frequent mistakes come first, each with what the check says, two answers in which it
can be seen, and the paragraph of the chapter that treats it. It can be shown to the class: names
stand only in a part that is folded, and is not printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from markdown_it import MarkdownIt

import vitcourse
from vitcourse.contents import chapters
from vitcourse.exercises.cells import chapter_of
from vitcourse.grading.lesson import NOT_BEGUN, OTHERWISE, TOP, Lesson, Met, Mistake, Step, lesson
from vitcourse.grading.page import (
    badge,
    counted,
    css_class,
    escaped,
    sign,
    with_code,
    write_page,
    write_text,
)
from vitcourse.grading.passages import Passage
from vitcourse.grading.results import NOT_JUDGED, NOT_YET, SOLVED, WRONG, Graded
from vitcourse.learner.overview import link

VERDICTS = (SOLVED, WRONG, NOT_YET, NOT_JUDGED)
LABEL, BAR, GAP = 20, 22, 14  # heights in the figure, in pixels
FEWEST_FOR_A_NUMBER = 0.13  # of the bar's width, so that it can be read on a telephone
LONG_ENOUGH_TO_LEAVE_OUT = 4  # lines
MARKDOWN = MarkdownIt("commonmark", {"html": False})
FORMULA = re.compile(r"(`[^`]*`)|\$\$?([^$]+)\$\$?")  # but not inside of code


def write_class_page(
    results: Iterable[Graded],
    page: Path,
    data: Path,
    absent: Iterable[str] = (),
    *,
    notebooks: str | None = None,
    note: str = "",
) -> None:
    """Write the page, and as JSON what it shows.

    `absent` are the names of those who handed in nothing. `notebooks` is the address of the folder
    with the notebooks, for links; without one, it is the course's on GitHub, if it has been
    published. `note` goes under the heading.
    """
    notebooks = published_notebooks() if notebooks is None else notebooks
    found = lesson(list(results), absent)
    write_text(data, json.dumps(found.to_json(), ensure_ascii=False, indent=1) + "\n")
    title = f"What to teach tomorrow: {', '.join(found.chapters) or 'no hand-ins'}"
    solved = sum(met.solved for met in found.exercises)
    asked = sum(met.asked for met in found.exercises)
    in_short = f"{counted(found.handed_in, 'hand-in')}; {_percent(solved, asked)} of all answers "
    in_short += f"are right. {counted(len(found.mistakes), 'different mistake')} with a name."
    body = f"""<main>
<h1>{escaped(title)}</h1>
<p>{escaped(in_short)}</p>
{f'<p class="soft">{escaped(note)}</p>' if note else ""}
{_plan(found)}
{_mistakes(found, notebooks)}
{_exercises(found)}
{_stuck(found)}
</main>"""
    write_page(page, title, body, "class_page")


def published_notebooks() -> str:
    """Where the notebooks of this version are on GitHub; "" while pyproject.toml does not say."""
    try:
        addresses = metadata("vitcourse").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    for address in addresses:
        kind, _, repository = address.partition(", ")
        if kind == "Repository" and "/OWNER/" not in repository:
            return f"{repository}/blob/v{vitcourse.__version__}/notebooks"
    return ""


# The lesson ---------------------------------------------------------------------------------------


def _plan(found: Lesson) -> str:
    if not found.steps:
        return ""
    steps = "".join(f"<li>{_step(step)}</li>" for step in found.steps)
    limit = _percent(NOT_BEGUN, 1)
    return f"""<section class="plan"><h2>A lesson for tomorrow</h2>
<ol>{steps}</ol>
{_for_the_stuck(found)}
<p class="soft">The {TOP} most frequent mistakes, and what {limit} or more have not begun, in the \
order of the chapter: later exercises use the earlier ones.</p></section>"""


def _step(step: Step) -> str:
    what = f"<strong>{escaped(step.exercise)} <code>{escaped(step.name)}</code></strong>"
    said = []
    if step.mistakes:
        links = "; ".join(
            f'<a href="#{_anchor(step.exercise, mistake)}">{escaped(mistake)}</a>'
            for mistake in step.mistakes
        )
        said.append(f"talk about: {links} ({counted(step.students, 'student')})")
    if step.not_begun:
        said.append(f"begin it together: {counted(step.not_begun, 'student')} have not")
    return f"{what}: {'; '.join(said)}."


def _for_the_stuck(found: Lesson) -> str:
    stuck = len(found.stuck.nothing_solved)
    if not stuck:
        return ""
    easiest = max(found.exercises, key=lambda met: met.share)
    return (
        f"<p>{counted(stuck, 'student')} solved nothing. To begin with: "
        f"{escaped(easiest.exercise)} <code>{escaped(easiest.name)}</code>, which most solved.</p>"
    )


# The mistakes -------------------------------------------------------------------------------------


def _mistakes(found: Lesson, notebooks: str) -> str:
    top, rest = found.mistakes[:TOP], found.mistakes[TOP:]
    if not top:
        return "<section><h2>Mistakes</h2><p>No mistake that has a name.</p></section>"
    most = (
        "The most frequent mistake" if len(top) == 1 else f"The {len(top)} most frequent mistakes"
    )
    shown = "".join(_mistake(mistake, notebooks) for mistake in top)
    folded = ""
    if rest:
        answers = counted(sum(mistake.count for mistake in rest), "answer")
        more = "".join(_mistake(mistake, notebooks) for mistake in rest)
        folded = (
            f"<details><summary>{counted(len(rest), 'more mistake')} ({answers})</summary>"
            f"{more}</details>"
        )
    return f'<section class="mistakes"><h2>{most}</h2>{shown}{folded}</section>'


def _mistake(mistake: Mistake, notebooks: str) -> str:
    example = "For example: " if mistake.messages_differ else ""
    passage = _passage(mistake, notebooks)
    return f"""<article id="{_anchor(mistake.exercise, mistake.mistake)}">
<h3>{escaped(mistake.exercise)} <code>{escaped(mistake.name)}</code>: {escaped(mistake.mistake)} \
<span class="count">{counted(mistake.count, "student")}</span></h3>
<div class="pair"><div><p class="message">{example}{with_code(mistake.message)}</p>
{passage}</div>{_answers(mistake)}</div></article>
"""


def _answers(mistake: Mistake) -> str:
    if not mistake.answers:
        return '<p class="soft">No answer can be shown without a name.</p>'
    first = mistake.answers[0].code
    shown = [_answer(first, f"Written like this by {mistake.answers[0].count} of {mistake.count}")]
    for answer in mistake.answers[1:]:
        code = without_what_is_alike(answer.code, first)
        words = f"Another way, by {answer.count} of {mistake.count}"
        shown.append(_answer(code, words + ("; … as above" if code != answer.code else "")))
    return f'<div class="answers">{"".join(shown)}</div>'


def _answer(code: str, words: str) -> str:
    return f"<figure><figcaption>{words}</figcaption><pre>{escaped(code)}</pre></figure>"


def without_what_is_alike(code: str, other: str) -> str:
    """The code, in which "…" stands for several lines that are the same in both."""
    lines = code.splitlines()
    alike = SequenceMatcher(None, other.splitlines(), lines, autojunk=False)
    kept: list[str] = []
    for kind, _, _, start, end in alike.get_opcodes():
        block = lines[start:end]
        if kind == "equal" and len(block) >= LONG_ENOUGH_TO_LEAVE_OUT:
            indent = len(block[1]) - len(block[1].lstrip()) if block[1].strip() else 4
            block = [block[0], " " * indent + "…", block[-1]]
        kept += block
    return "\n".join(kept)


def _passage(mistake: Mistake, notebooks: str) -> str:
    passage = mistake.passage
    if passage is None:
        return ""
    text = FORMULA.sub(lambda found: found[1] or f"`{found[2].strip()}`", passage.text)
    return (
        f'<p class="where">{_place(passage, mistake.exercise, notebooks)}:</p>'
        f"<blockquote>{MARKDOWN.render(text)}</blockquote>"
    )


def _place(passage: Passage, exercise: str, notebooks: str) -> str:
    chapter = next(c for c in chapters() if c.number == chapter_of(exercise))
    entry = next(e for e in chapter.exercises if e.id == exercise)
    where = f"{chapter.notebook}, “{passage.heading}”"
    if not passage.notebook:
        where = (
            f"{passage.heading} of {exercise}"[0].upper() + f"{passage.heading} of {exercise}"[1:]
        )
    if notebooks:
        address = f"{notebooks.rstrip('/')}/{link(chapter, entry)}"
        return f'<a href="{escaped(address)}">{escaped(where)}</a>'
    return escaped(where)


def _anchor(exercise: str, mistake: str) -> str:
    words = "".join(letter if letter.isalnum() else "-" for letter in f"{exercise} {mistake}")
    return escaped(words)


# The exercises ------------------------------------------------------------------------------------


def _exercises(found: Lesson) -> str:
    hardest_first = sorted(found.exercises, key=lambda met: (met.share, met.exercise))
    if not hardest_first:
        return ""
    return f"""<section class="exercises"><h2>Exercises, the hardest first</h2>
<figure>{_figure(hardest_first)}<figcaption>{_key()}</figcaption></figure>
{_table(hardest_first)}
{_otherwise(hardest_first)}</section>"""


def _figure(exercises: Sequence[Met]) -> str:
    """Bars as wide as the page; the text keeps its size, also on a telephone."""
    step = LABEL + BAR + GAP
    parts = [_bar(met, place * step) for place, met in enumerate(exercises)]
    alt = "Bars, the exercise that fewest solved first. " + " ".join(map(_in_words, exercises))
    return (
        f'<svg class="bars" role="img" aria-label="{escaped(alt)}" width="100%" '
        f'height="{step * len(exercises)}">{"".join(parts)}</svg>'
    )


def _bar(met: Met, top: int) -> str:
    label = f"{met.exercise} {met.name}: {_percent(met.solved, met.asked)} solved"
    parts = [f'<text x="0" y="{top + 15}">{escaped(label)}</text>']
    start = 0.0
    for verdict, count in zip(VERDICTS, _counts(met), strict=True):
        share = count / met.asked
        if not count:
            continue
        parts.append(
            f'<rect class="{css_class(verdict)}" x="{100 * start:.2f}%" y="{top + LABEL}" '
            f'width="{100 * share:.2f}%" height="{BAR}"/>'
        )
        if share >= FEWEST_FOR_A_NUMBER:
            parts.append(
                f'<text class="{css_class(verdict)}" x="{100 * (start + share / 2):.2f}%" '
                f'y="{top + LABEL + 16}" text-anchor="middle">{sign(verdict)} {count}</text>'
            )
        start += share
    return "".join(parts)


def _in_words(met: Met) -> str:
    counts = [f"{n} {v}" for n, v in zip(_counts(met), VERDICTS, strict=True) if n]
    return f"{met.exercise} {met.name}: {', '.join(counts)}."


def _key() -> str:
    return " ".join(f'<span class="key">{badge(verdict)} {verdict}</span>' for verdict in VERDICTS)


def _otherwise(exercises: Sequence[Met]) -> str:
    """The exercises that were much harder, or much easier, than the course says."""
    said = []
    for met in exercises:
        if met.difficulty and abs(met.met - met.difficulty) >= OTHERWISE:
            way = "harder" if met.met > met.difficulty else "easier"
            said.append(
                f"{met.exercise} <code>{escaped(met.name)}</code> was {way} than the course says "
                f"({met.difficulty} of 5)"
            )
    return f"<p>{'; '.join(said)}.</p>" if said else ""


def _table(exercises: Sequence[Met]) -> str:
    heads = ("The course says", "Your class", SOLVED, WRONG, "of these no name", *VERDICTS[2:])
    head = "".join(f'<th scope="col" class="number">{text}</th>' for text in heads)
    return f"""<div class="wide" role="region" tabindex="0" aria-label="Exercises in numbers">
<table><caption>Difficulty, of 5, and answers</caption><thead><tr>\
<th scope="col">Exercise</th>{head}</tr></thead>
<tbody>{"".join(map(_row, exercises))}</tbody></table></div>
<p class="soft">Your class: 1 if 90% or more solved it, then down to 75%, 60%, 40%; 5 below. “No \
name”: wrong in a way that the check cannot name.</p>"""


def _row(met: Met) -> str:
    title = f"{escaped(met.exercise)} <code>{escaped(met.name)}</code>"
    solved, wrong, *others = _counts(met)
    cells = [met.difficulty or "", met.met, solved, wrong, met.unnamed, *others]
    numbers = "".join(f'<td class="number">{cell}</td>' for cell in cells)
    return f'<tr><th scope="row">{title}</th>{numbers}</tr>'


def _counts(met: Met) -> tuple[int, int, int, int]:
    return met.solved, met.wrong, met.not_yet, met.not_judged


# Who is stuck -------------------------------------------------------------------------------------


def _stuck(found: Lesson) -> str:
    kinds = (
        ("solved nothing", found.stuck.nothing_solved),
        ("handed in what could not be judged", found.stuck.nothing_judged),
        ("handed in nothing", found.stuck.no_hand_in),
    )
    lists = "".join(
        f"<h3>{counted(len(names), 'student')} {what}</h3><p>{escaped(', '.join(names))}</p>"
        for what, names in kinds
        if names
    )
    said = ", ".join(f"{counted(len(names), 'student')} {what}" for what, names in kinds if names)
    if not lists:
        return ""
    return f"""<section><h2>Who is stuck</h2><p>{said[0].upper()}{said[1:]}.</p>
<details class="screen"><summary>Names, for you alone</summary>{lists}</details></section>"""


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "0%"
