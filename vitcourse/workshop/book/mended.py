"""What the theme gets wrong for keyboards and screen readers, put right in the built pages.

Each of these axe-core reports, and none can be set in the theme's options.
"""

import re
from pathlib import Path

# The arrow that opens a part of the table of contents has no name.
UNNAMED = re.compile(
    r'(?P<link><a class="[^"]*reference internal[^"]*" href="[^"]*">)(?P<title>[^<]+)</a>'
    r"(?P<between>\s*<details[^>]*>\s*)<summary>"
)
# The sidebar is no landmark, so its logo and its search are in none.
SIDEBAR = re.compile(r'<div id="pst-primary-sidebar" class="')
# A table whose first column needs no heading has an empty one.
EMPTY_HEADING = re.compile(r'<th class="head(?: text-\w+)?"><p></p></th>')


def mend(html: Path) -> None:
    """Mend all pages of a built book, in place."""
    for path in html.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if (better := mended(text)) != text:
            path.write_text(better, encoding="utf-8")


def mended(page: str) -> str:
    """The page without these faults."""
    page = UNNAMED.sub(
        r'\g<link>\g<title></a>\g<between><summary aria-label="Pages of: \g<title>">', page
    )
    page = SIDEBAR.sub(
        '<div id="pst-primary-sidebar" role="navigation" aria-label="Book" class="', page
    )
    return EMPTY_HEADING.sub("<td></td>", page)
