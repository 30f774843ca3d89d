"""A page that opens at once: of the theme's 2 MB, only what the pages use.

The theme brings a script with 2,000 icons, of which a dozen are used, and styles for everything
that a Sphinx page can have. Here the icons become a few lines of CSS, and rules go that can match
no element of any page, nor one that a script may make.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import tinycss2

ICON_SCRIPT = re.compile(r'\s*<script defer src="[^"]*/fontawesome\.js[^"]*"></script>')
PRELOAD = re.compile(r'\s*<link rel="preload" as="script"[^>]*>')
ICON = re.compile(r"\bfa-([a-z-]+)\b")
NAME = re.compile(r"[A-Za-z_][\w-]*")
SELECTED = re.compile(r"[.#]((?:[\w-]|\\.)+)")
NOT_FOR_READERS = (
    "**/*.map",
    "**/*.LICENSE.txt",
    "_static/scripts/fontawesome.js",
    "_static/images/logo_*",
    "_static/*webpack-macros.html",
    "_static/locales/**/*.[mp]o",
    "_static/vendor/**/*",
    "mathjax/**/*.map",
)
PLACED_BY_THEME = ("_static/styles/pydata-sphinx-theme.css", "_static/styles/sphinx-book-theme.css")
ICON_STYLE = """
.fa-solid, .fa-regular, .fa-brands { display: inline-block; width: 1.25em; height: 1em;
  vertical-align: -0.125em; background: currentcolor; mask: var(--icon) center / contain no-repeat }
"""


def lighten(html: Path) -> None:
    """Make the built book smaller, in place."""
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(html.rglob("*.html"))}
    scripts = [path for path in html.rglob("*.js") if path.name != "fontawesome.js"]
    scripts = [path for path in scripts if "mathjax" not in path.parts]
    _icons(html, [*pages.values(), *(path.read_text(encoding="utf-8") for path in scripts)])
    for path, text in pages.items():
        path.write_text(PRELOAD.sub("", ICON_SCRIPT.sub("", text)), encoding="utf-8")
    used = {name for text in pages.values() for name in NAME.findall(text)}
    for path in scripts:
        used |= set(NAME.findall(path.read_text(encoding="utf-8")))
    for name in PLACED_BY_THEME:
        path = html / name
        path.write_text(only_used(path.read_text(encoding="utf-8"), used), encoding="utf-8")
    _one_file_less(html / "_static")
    for pattern in NOT_FOR_READERS:
        for path in [path for path in html.glob(pattern) if path.is_file()]:
            path.unlink()
    for folder in sorted((p for p in html.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _one_file_less(static: Path) -> None:
    """theme.css imports basic.css and nothing else: put it there."""
    basic = (static / "basic.css").read_text(encoding="utf-8")
    (static / "styles/theme.css").write_text(basic.replace("url(", "url(../"), encoding="utf-8")
    (static / "basic.css").unlink()


def _icons(html: Path, texts: list[str]) -> None:
    """Add a rule to book.css for each icon that a page or a script names."""
    known = (html / "_static/scripts/fontawesome.js").read_text(encoding="utf-8")
    rules = [ICON_STYLE]
    for name in sorted({name for text in texts for name in ICON.findall(text)}):
        form = rf'[{{,]"?{name}"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","(M[^"]+)"'
        if found := re.findall(form, known):  # other names are of sizes and the like
            wide, high, path = found[-1]  # the solid form comes after the outlined
            svg = (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}">'
                f'<path d="{path}"/></svg>'
            )
            rules.append(f'.fa-{name} {{ --icon: url("data:image/svg+xml,{quote(svg)}") }}\n')
    if len(rules) == 1:
        raise ValueError("the theme's icons are not where they were: see lighter.py")
    with (html / "_static/book.css").open("a", encoding="utf-8") as file:
        file.write("\n/* Icons: Font Awesome Free, CC BY 4.0 (fontawesome.com/license/free). */")
        file.writelines(rules)


def only_used(css: str, used: set[str]) -> str:
    """The style sheet without rules that name only classes and ids that are not in `used`."""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "\n".join(_kept(rules, used))


def _kept(rules: list, used: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            if _may_match(tinycss2.serialize(rule.prelude), used):
                yield rule.serialize()
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if kept := "".join(_kept(inner, used)):
                yield f"@{rule.at_keyword} {tinycss2.serialize(rule.prelude)}{{{kept}}}"
        elif rule.type == "at-rule" and not _of_icons(rule):
            yield rule.serialize()


def _may_match(selectors: str, used: set[str]) -> bool:
    """Are all classes and ids of one of the selectors in use? Icons have rules of their own."""
    for selector in selectors.split(","):
        names = [name.replace("\\", "") for name in SELECTED.findall(selector)]
        if all(name in used for name in names) and not any(n.startswith("fa-") for n in names):
            return True
    return False


def _of_icons(rule) -> bool:
    text = rule.serialize()
    return "Font Awesome" in text or "FontAwesome" in text or "fa-" in text[:40]
