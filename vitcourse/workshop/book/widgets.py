"""The widgets' own scripts and styles, as plain files that need no module and no server."""

from pathlib import Path

VIEW = Path(__file__).parents[2] / "view"
WIDGETS = {"question": "questions", "slider": "slider/slider"}
EXPORT = "export default { render };"
# What the notebook says of itself, and what is true in a page.
IN_A_PAGE = {
    "question": {
        '"You can change it until you run the cell that shows the outcome."': (
            '"Kept in this browser. Read on to see what came out."'
        ),
        '"Esc goes back to the notebook."': '""',
    },
    "slider": {},
}


def write(static: Path) -> None:
    """Write widgets.js, which gives `vitcourseWidgets`, and widgets.css."""
    scripts = [f"  {kind}: (() => {{\n{_script(kind)}\n  }})()," for kind in WIDGETS]
    styles = [(VIEW / f"{name}.css").read_text(encoding="utf-8") for name in WIDGETS.values()]
    text = "const vitcourseWidgets = {\n" + "\n".join(scripts) + "\n};\n"
    (static / "widgets.js").write_text(text, encoding="utf-8")
    (static / "widgets.css").write_text("\n".join(styles), encoding="utf-8")


def _script(kind: str) -> str:
    """The module's text as the body of a function. Raises ValueError if it has another form."""
    path = VIEW / f"{WIDGETS[kind]}.js"
    text = path.read_text(encoding="utf-8")
    for old, new in {EXPORT: "return { render };", **IN_A_PAGE[kind]}.items():
        if text.count(old) != 1:
            raise ValueError(f"{path.name}: {old} should be there once; see widgets.py of the book")
        text = text.replace(old, new)
    return text
