"""The page for an address that leads nowhere. It is shown at that address, so at any depth."""

import re

PAGE = "404.html"  # the name by which GitHub Pages finds it, at the root of a site
# What leads from a page to another file of the book; `#part` leads nowhere else.
RELATIVE = re.compile(
    r"""(?P<before><[^>]*\b(?:href|src|action|data-content_root)=")(?!#|/|[a-z]+:)(?P<to>[^"]*)"""
)


def at(root: str, page: str) -> str:
    """The page with all its links from `root`, the path of the book's folder on its server."""
    if not (root.startswith("/") and root.endswith("/")):
        raise ValueError(f"root is {root!r}; it should begin and end with a slash, as /vitcourse/")
    return RELATIVE.sub(
        lambda found: f"{found['before']}{root}{found['to'].removeprefix('./')}", page
    )
