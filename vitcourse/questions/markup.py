"""The little markup that questions may have, `code` and *emphasis*, and what becomes of it.

Everything else is text: it is escaped for a page, and goes to the browser as text, never as HTML.
"""

import html
import re

MARKS = re.compile(r"`(?P<code>[^`]+)`|\*(?P<em>[^*\s](?:[^*]*[^*\s])?)\*")
Runs = list[list[str]]  # ["", text], ["code", text] and ["em", text], in order


def runs(text: str) -> Runs:
    """The text in pieces, each with its mark. Raises ValueError for a mark without its partner."""
    pieces, end = [], 0
    for found in MARKS.finditer(text):
        mark = "code" if found["code"] else "em"
        pieces += [["", text[end : found.start()]], [mark, found[mark]]]
        end = found.end()
    pieces = [piece for piece in [*pieces, ["", text[end:]]] if piece[1]]
    for mark, piece in pieces:
        if not mark and ("`" in piece or "*" in piece):
            raise ValueError(f"a ` or * has no partner in {text!r}")
    return pieces


def as_html(text: str) -> str:
    """The text for a page: escaped, with <code> and <em>."""
    return "".join(
        f"<{mark}>{html.escape(piece)}</{mark}>" if mark else html.escape(piece)
        for mark, piece in runs(text)
    )


def as_text(text: str) -> str:
    """The text without its marks."""
    return "".join(piece for _, piece in runs(text))
