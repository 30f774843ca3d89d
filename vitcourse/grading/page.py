"""What all pages of grading share: one file that asks no network, and in which all text is text.

Names, messages and code come from students. They are escaped, and the page's own policy forbids
scripts that are not the page's and requests to anywhere, should an escape ever be missing.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path

import vitcourse
from vitcourse.exercises import verdicts
from vitcourse.exercises.verdicts import Badge
from vitcourse.files import written_whole
from vitcourse.grading.results import NOT_JUDGED, NOT_YET, SOLVED, WRONG, Answer

HERE = Path(__file__).parent
BADGES = {
    SOLVED: verdicts.SOLVED,
    WRONG: verdicts.WRONG,
    NOT_YET: verdicts.NOT_YET,
    NOT_JUDGED: Badge("?", verdicts.WHITE, (240, "#585858")),
}
# What a browser does not show, or what shows the text beside it in another order.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'; script-src {policy}; base-uri 'none'; form-action 'none'">
<title>{title}</title>
<style>
{style}
</style>
{script}</head>
<body>
{body}
<footer>Made with vitcourse {version}.</footer>
</body>
</html>
"""


def write_page(path: Path, title: str, body: str, kind: str, script: str = "") -> None:
    """Write `body`, which is HTML, as a page in the style of `page.css` and `KIND.css`."""
    style = "\n".join((HERE / f"{name}.css").read_text(encoding="utf-8") for name in ("page", kind))
    digest = base64.b64encode(hashlib.sha256(f"\n{script}\n".encode()).digest()).decode()
    text = PAGE.format(
        title=escaped(title),
        policy=f"'sha256-{digest}'" if script else "'none'",
        style=style.strip(),
        script=f"<script>\n{script}\n</script>\n" if script else "",
        body=body,
        version=vitcourse.__version__,
    )
    write_text(path, text)


def write_text(path: Path, text: str) -> None:
    """Whole or not at all; what UTF-8 has no form for (in a name, say) becomes "?"."""
    with written_whole(path) as beside:
        beside.write_bytes(text.encode("utf-8", "replace"))


def escaped(text: str) -> str:
    """Text for a page; what would be invisible there, or reorder what is seen, becomes "�"."""
    return html.escape(INVISIBLE.sub("�", text.replace("\r\n", "\n")))


def with_code(text: str) -> str:
    """Text for a page, in which `names` and calls such as check(...) are code."""
    text = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escaped(text))
    return re.sub(r"\b(?:check|solution|lines)\([^()]*\)", r"<code>\g<0></code>", text)


def sign(verdict: str) -> str:
    return BADGES.get(verdict, BADGES[NOT_JUDGED]).sign


def badge(verdict: str) -> str:
    """The verdict's sign, for the eye alone: the words stand beside it."""
    return f'<span class="badge {css_class(verdict)}" aria-hidden="true">{sign(verdict)}</span>'


def css_class(verdict: str) -> str:
    return (verdict if verdict in BADGES else NOT_JUDGED).replace(" ", "-")


def head_and_text(answer: Answer) -> tuple[str, str]:
    """ "4.1 attention: wrong (no scale)", and what the notebook says below it."""
    head, _, text = answer.message.partition("\n")
    if head.startswith(f"{answer.exercise} {answer.name}: "):
        return head, text
    return f"{answer.exercise} {answer.name}: {answer.verdict}", answer.message


def counted(number: int, thing: str) -> str:
    """ "1 student", "2 students" """
    return f"{number} {thing}" + ("" if number == 1 else "s")
