"""What a slide takes from a cell of prose: its list, table, formula or code, and the bold first
words of its paragraphs. All of the prose goes to the speaker's notes."""

import html
import re
from collections.abc import Iterator
from itertools import accumulate

ROWS, COLUMNS = 5, 3  # of a table; a longer one has a column less, and one row more
TABLE = 120  # letters of all columns together, if a table has short ones and may keep more of them
MANY = 6  # points; more of them are set smaller, and are shorter
LONG, SHORT = 140, 80  # letters of a point; what is longer ends with its first sentence
SHORT_PROSE = 260  # letters
WIDTH = 1120  # pixels for what a cell prints, and for code
SIZES = {6: 36, 12: 28}  # pixels of a letter, by lines
SMALLEST = 20
LETTER = 0.602  # how wide a letter is, of its height, where all are alike
LEAD = re.compile(r"\*\*(?P<lead>[^*]+[.?:])\*\*")
POINT = re.compile(r"(?:- |\d+\. )")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
END_OF_SENTENCE = re.compile(r"(?<=[.?])\s+(?=\W*[A-Z])")
TUPLE = re.compile(r"\([^()]{1,24}\)")
NOT_SHOWN = ("**Next:**", "**Further reading**")


def on_the_slide(markdown: str, heading: str = "") -> str:
    """The part of a cell's Markdown that is short enough to show.

    If one of the cell's headings is `heading`, only what stands below it counts.
    """
    shown: list[str] = []
    leads: list[str] = []
    for block in _blocks(_below(markdown, heading)):
        if block.startswith(NOT_SHOWN):
            break
        if POINT.match(block):
            shown.append(points(re.split(rf"\n(?={POINT.pattern})", block)))
        elif block.startswith("|"):
            shown.append(_table(block))
        elif block.startswith("```"):
            shown.append(code(block.strip("`\n")))
        elif block.startswith("$$"):
            shown.append(block)
        elif lead := LEAD.match(block):
            leads.append(f"- {lead['lead']}")
    if leads:
        shown.append(points(leads))
    return "\n\n".join(shown)


def before_a_question(markdown: str) -> str:
    """What stands before a prediction, as far as somebody needs it who sees only this slide."""
    whole = without_headings(markdown)
    return whole if len(whole) < SHORT_PROSE else on_the_slide(markdown)


def without_headings(markdown: str) -> str:
    return "\n\n".join(block for block in _blocks(markdown) if not block.startswith("#"))


def points(entries: list[str]) -> str:
    """A list; each entry has its mark, `- ` or `1. `."""
    many = len(entries) > MANY
    text = "\n".join(_shortened(entry, SHORT if many else LONG) for entry in entries)
    return f'<div class="many">\n\n{text}\n\n</div>' if many else text


def code(source: str) -> str:
    """Code in Markdown; nbconvert colours it."""
    return f'<div class="code" style="{_size(source)}">\n\n```python\n{source}\n```\n\n</div>'


def printed(text: str) -> str:
    """What a cell prints, as HTML in which Markdown finds nothing to change."""
    text = _narrowed(text.rstrip())
    page = f'<pre class="said" style="{_size(text)}">{html.escape(text)}</pre>'
    return literal(page) if text else ""


def inline(text: str) -> str:
    """A sentence of a docstring, as HTML: with code, arrows, and tuples that are not torn apart."""
    page = TUPLE.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), html.escape(text))
    pieces = page.replace("-&gt;", "→").split("`")
    pieces[1::2] = [f"<code>{piece}</code>" for piece in pieces[1::2]]
    return literal("".join(pieces))


def literal(page: str) -> str:
    """HTML on one line, in which Markdown finds nothing to change."""
    marks = {"\n": "&#10;", "*": "&#42;", "_": "&#95;", "$": "&#36;", "`": "&#96;"}
    for mark, entity in marks.items():
        page = page.replace(mark, entity)
    return page


def _below(markdown: str, heading: str) -> str:
    """What follows the heading of this name, if there is one."""
    _, found, after = f"\n{markdown}".partition(f"\n## {heading}\n") if heading else ("", "", "")
    return after if found else markdown


def _blocks(markdown: str) -> Iterator[str]:
    """Paragraphs, lists, tables, and fenced code, of which each is whole."""
    at = 0
    for found in FENCE.finditer(markdown):
        yield from _paragraphs(markdown[at : found.start()])
        yield found[0]
        at = found.end()
    yield from _paragraphs(markdown[at:])


def _paragraphs(markdown: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", markdown):
        if block.strip():
            yield block.strip("\n")


def _shortened(point: str, longest: int) -> str:
    mark, words = point.split(maxsplit=1)
    words = " ".join(words.split())
    if len(words) > longest:
        words = END_OF_SENTENCE.split(words, maxsplit=1)[0]
    return f"{mark} {words}"


def _table(block: str) -> str:
    rows = block.splitlines()
    long = len(rows) > ROWS + 2
    kept = rows[: ROWS + 2 + long]
    columns = zip(*map(_cells, [rows[0], *kept[2:]]), strict=True)
    widths = [max(len(cell.strip()) for cell in column) for column in columns]
    short = sum(total <= TABLE for total in accumulate(widths))
    return "\n".join(_first_columns(row, max(short, COLUMNS - long)) for row in kept)


def _cells(row: str) -> list[str]:
    return re.split(r"(?<!\\)\|", row.strip().strip("|"))


def _first_columns(row: str, count: int) -> str:
    return "|" + "|".join(_cells(row)[:count]) + "|"


def _size(lines: str) -> str:
    """A size of letters at which the longest line fits, if it can be read."""
    longest = max((len(line) for line in lines.splitlines()), default=1)
    count = len(lines.splitlines())
    largest = next((size for most, size in SIZES.items() if count <= most), SMALLEST + 4)
    return f"font-size: {max(SMALLEST, min(largest, int(WIDTH / LETTER / longest)))}px"


def _narrowed(text: str) -> str:
    """The lines without the columns of spaces, of which at most three stay together."""
    lines = text.splitlines()
    width = max((len(line) for line in lines), default=0)
    padded = [line.ljust(width) for line in lines]
    empty = [all(line[column] == " " for line in padded) for column in range(width)]
    kept = [
        column for column in range(width) if column < 3 or not all(empty[column - 3 : column + 1])
    ]
    return "\n".join("".join(line[column] for column in kept).rstrip() for line in padded)
