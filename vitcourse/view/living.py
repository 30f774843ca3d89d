"""HTML that comes alive where scripts run, also without a kernel: one output with all in it."""

import html
import json
from pathlib import Path

HERE = Path(__file__).parent


def living_html(name: str, css_class: str, given: dict, still: str) -> str:
    """An element with the HTML `still`, the style of `name`.css, and the script of `name`.js.

    The script finds `given` in its element's dataset.given, and shows something better than
    `still`. Where scripts do not run (an untrusted notebook, a page that strips them), `still` it
    is.
    """
    style = (HERE / f"{name}.css").read_text(encoding="utf-8")
    script = (HERE / f"{name}.js").read_text(encoding="utf-8")
    return (
        f'<div class="{css_class}" data-given="{html.escape(json.dumps(given))}">'
        f"<style>{style}</style>{still}<script>{script}</script></div>"
    )
