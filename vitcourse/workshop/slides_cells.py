"""One cell of a source as a slide: what the audience sees, and what only the speaker reads."""

import ast
import base64
import html
import re
from dataclasses import dataclass, field
from io import BytesIO

import nbformat
from PIL import Image

from vitcourse.exercises import find_exercise
from vitcourse.exercises.bank import ANSWERS, read_answers
from vitcourse.questions import markup
from vitcourse.questions.reader import chapters as chapters_with_questions
from vitcourse.questions.reader import read as read_questions
from vitcourse.workshop.slides_text import (
    before_a_question,
    code,
    inline,
    literal,
    on_the_slide,
    printed,
)
from vitcourse.workshop.teaching import objectives

FIGURE = re.compile(r'<figure[^>]*><img alt="(?P<alt>[^"]+)"[^>]*\bsrc="(?P<src>data:[^"]+)"')
PART_OF_DOCSTRING = re.compile(r"\n\s*\n|\n(?=- )")
ROOM, NEW_LINE = 380, 30  # letters of an exercise's text, and what a line costs that is not full
ROOM_FOR_MANY = 640  # smaller ones
WIDTH, HEIGHT = 1168, 560  # pixels of a slide below its heading
LONGEST_TOLD = 420  # letters of a figure's text that fit beside it
TOLD_LINE, TOLD_LETTERS = 32, 90  # pixels of a line of it, and letters in one below a figure
SHORT_OPTION = 8  # letters; such options stand side by side


@dataclass
class Slide:
    heading: str  # Markdown, as all of it
    body: str = ""
    notes: list[str] = field(default_factory=list)
    kind: str = ""
    lecture: bool = False


def slide_of(cell: nbformat.NotebookNode, before: nbformat.NotebookNode) -> Slide | None:
    """The slide that a cell makes, if it makes one; its notes so far are what it knows itself."""
    marks = cell.metadata
    if marks.get("exercise"):
        slide = _exercise(cell)
    elif cell.source.startswith("predict("):
        slide = _prediction(cell.source, before.source if before.cell_type == "markdown" else "")
    elif not marks.get("slide"):
        return None
    elif cell.cell_type == "markdown":
        slide = Slide(marks["slide"], on_the_slide(cell.source, marks["slide"]))
    else:
        shown = f"{code(_code_of(cell.source))}\n\n" if marks.get("slide_code") else ""
        slide = Slide(marks["slide"], shown + _outputs_of(cell.outputs))
    slide.lecture = bool(marks.get("lecture"))
    return slide


def title_slide(first_cell: str) -> Slide:
    """`# 4 Attention: every token looks at every other` and what the chapter says first."""
    heading, _, rest = first_cell.partition("\n")
    number, _, title = heading.removeprefix("# ").partition(" ")
    name, _, claim = title.partition(": ")
    claim = claim[:1].upper() + claim[1:]
    body = f'<p class="above">Chapter {number}</p>\n\n# {name}\n\n{claim}'
    return Slide("", body, [rest.strip()], kind="title")


def objectives_slide(chapter: str) -> Slide:
    points = [f"- {objective.can}" for objective in objectives()[chapter]]
    return Slide("After this chapter you can", "\n".join(points))


def _exercise(cell: nbformat.NotebookNode) -> Slide:
    exercise = find_exercise(cell.metadata["exercise"])
    definition = next(
        node
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == exercise.name
    )
    docstring = ast.get_docstring(definition) or ""
    summary, *specification = [
        " ".join(part.split()) for part in PART_OF_DOCSTRING.split(docstring)
    ]
    minutes = f"about {exercise.minutes} minutes, difficulty {exercise.difficulty} of 5"
    body = (
        f'<p class="above">Your turn: exercise {exercise.id}, {minutes}</p>\n\n'
        f"{code(_signature(definition))}\n\n"
        f'<p class="question">{inline(summary)}</p>\n\n{_first_of(specification)}'
    )
    wrong = _names_of_mistakes(exercise.id)
    notes = [
        "The text of the exercise:",
        "\n".join(specification),
        f"A first hint: {exercise.hints[0]}",
        f"What you will meet in the room: {', '.join(wrong)}.",
    ]
    return Slide(exercise.title, body, notes)


def _first_of(specification: list[str]) -> str:
    """The first points of what is asked for, as many as have room; the notebook has all.

    If it is not in points, its first paragraphs. What is long has smaller letters.
    """
    points = [part for part in specification if part.startswith("- ")]
    parts = points or specification
    long = sum(len(part) + NEW_LINE for part in parts) > ROOM
    shown, letters = [], 0
    for part in parts:
        letters += len(part) + NEW_LINE
        if letters > (ROOM_FOR_MANY if long else ROOM):
            break
        shown.append(f"- {inline(part[2:])}" if points else f"<p>{inline(part)}</p>")
    text = "\n".join(shown)
    return f'<div class="many">\n\n{text}\n\n</div>' if long else text


def _signature(definition: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(definition, ast.ClassDef):
        bases = ", ".join(ast.unparse(base) for base in definition.bases)
        return f"class {definition.name}({bases}):"
    names = [argument.arg for argument in definition.args.args]
    returns = f" -> {ast.unparse(definition.returns)}" if definition.returns else ""
    return f"def {definition.name}({', '.join(names)}){returns}:"


def _names_of_mistakes(exercise: str) -> list[str]:
    path = ANSWERS / f"ex_{exercise.replace('.', '_')}.py"
    if not path.exists():
        return ["no known mistakes"]
    wrong = [answer.name for answer in read_answers(path) if answer.kind == "wrong"]
    return list(dict.fromkeys(wrong))


def _prediction(source: str, before: str) -> Slide:
    """`predict(id, question, choices)`, or with rows instead of choices, as a vote."""
    call = ast.parse(source).body[0].value  # type: ignore[attr-defined]
    question, *choices = [ast.literal_eval(argument) for argument in call.args[1:]]
    named = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    if choices:
        answers = _options([markup.as_html(choice) for choice in choices[0]])
    else:
        unit = html.escape(named.get("unit", ""))
        answers = "\n".join(f"- {markup.as_html(row)}: ? {unit}" for row in named["rows"])
    asked = f'<p class="question">{markup.as_html(question)}</p>'
    return Slide("Predict", f"{before_a_question(before)}\n\n{asked}\n\n{answers}")


def question_slide(chapter: str) -> Slide | None:
    """The shortest question of the chapter's quiz; its answer is in the notes."""
    if chapter not in chapters_with_questions():
        return None
    known = read_questions(chapter)
    own = [known.questions[id] for id in known.quiz if id in known.questions]
    asked = [question for question in own if question.kind != "picture" and not question.picture]
    if not asked:
        return None
    question = min(asked, key=lambda q: len(q.asks) + sum(len(c.text) for c in q.choices))
    letters = _options([markup.as_html(choice.text) for choice in question.choices])
    told = [
        f"{'ABCDE'[place]} is {'right' if choice.right else 'wrong'}. {choice.because}"
        for place, choice in enumerate(question.choices)
    ]
    body = f'<p class="question">{markup.as_html(question.asks)}</p>\n\n{letters}'
    return Slide("A question", body, told)


def _options(options: list[str]) -> str:
    kind = "letters short" if max(map(len, options)) < SHORT_OPTION else "letters"
    return f'<ol class="{kind}">' + "".join(f"<li>{o}</li>" for o in options) + "</ol>"


# What a cell shows --------------------------------------------------------------------------------


def _outputs_of(outputs: list) -> str:
    """The figures of a cell; if it has none, what it prints."""
    pages = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    figures = list(FIGURE.finditer(pages))
    if not figures:
        return printed("".join(output.get("text", "") for output in outputs))
    images = [f'<img alt="{found["alt"]}" src="{found["src"]}">' for found in figures]
    kind = "figures"
    told = _place_of_text(**figures[0].groupdict()) if len(figures) == 1 else ""
    if told:
        kind = f"figures {told}"
        images.append(f'<p aria-hidden="true">{literal(figures[0]["alt"])}</p>')
    return f'<div class="{kind}">{"".join(images)}</div>'


def _place_of_text(src: str, alt: str) -> str:
    """Where there is room for a figure's text, if its letters are small: "told" beside it, or
    "told below"; else nowhere, ""."""
    picture = Image.open(BytesIO(base64.b64decode(src.partition("base64,")[2])))
    enlarged = min(HEIGHT / picture.height, WIDTH / picture.width) * 2  # stored at twice the size
    if enlarged >= 1.45 or len(alt) >= LONGEST_TOLD:
        return ""
    if picture.width < 1.5 * picture.height:
        return "told"
    lines = -(-len(alt) // TOLD_LETTERS)
    room = HEIGHT - WIDTH * picture.height / picture.width
    return "told below" if lines * TOLD_LINE < room else ""


def _code_of(source: str) -> str:
    """A cell without the lines that only keep torch quiet."""
    lines = source.strip().splitlines()
    for node in reversed(ast.parse(source.strip()).body):
        if ast.unparse(node).startswith("warnings."):
            first = node.lineno - 1
            while first and lines[first - 1].startswith("#"):
                first -= 1
            del lines[first : node.end_lineno]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip())
