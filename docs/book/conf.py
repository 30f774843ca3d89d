"""Settings of the book. `python -m vitcourse.workshop.book` puts its source together, then Sphinx
reads this file there."""

import vitcourse

project = "vitcourse"
author = "the authors of vitcourse"
copyright = "the authors of vitcourse. Code: MIT. Prose and figures: CC BY 4.0"
version = release = vitcourse.__version__
language = "en-GB"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
]
exclude_patterns = ["extra"]
templates_path = ["_templates"]
nitpicky = False

# Notebooks are shown as they are stored; nothing is run.
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_block"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

# Docstrings write `names` in single backticks.
default_role = "literal"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False  # nothing of nn.Module's own
add_module_names = False
python_use_unqualified_type_names = True

html_theme = "sphinx_book_theme"
html_title = f"vitcourse {version}"
html_static_path = ["_static"]
html_extra_path = ["extra"]  # pictures, explorers, notebooks, MathJax
html_css_files = ["book.css"]
html_js_files = [("book.js", {"defer": "defer"})]
html_favicon = "_static/favicon.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_domain_indices = False
html_use_index = True
html_last_updated_fmt = None
html_permalinks_icon = "#"
html_theme_options = {
    "home_page_in_toc": True,
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_prev_next": True,
    "navbar_persistent": [],
    "navigation_with_keys": False,
    "back_to_top_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "logo": {"text": "vitcourse"},
    "extra_footer": "<!-- other versions -->",  # filled in by publish.py
}

# A button copies code: not what came out, and no prompt.
copybutton_selector = ":not(.output) > div.highlight > pre"
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

# MathJax 3 from the book's own folder; no menu, which would want more files.
mathjax_path = "../mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}}


def setup(app):
    app.connect("autodoc-process-docstring", _as_restructured_text)
    app.connect("html-page-context", _scripts_of_widgets)


def _as_restructured_text(app, what, name, obj, options, lines):
    """Docstrings are for people: a bar is a bar, and what is indented below a gap is code."""
    if lines and lines[0].startswith("Alias for field number"):  # Python's own, of a NamedTuple
        lines.clear()
    made, in_block = [], False
    for before, line in zip(["", *lines], lines, strict=False):
        indented = line.startswith("    ")
        if indented and not before.strip() and not in_block:
            made += ["::", ""]
        in_block = indented or (in_block and not line.strip())
        parts = line.split("`")
        parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
        made.append(line if indented or line.startswith(">>>") else "`".join(parts))
    lines[:] = made


def _scripts_of_widgets(app, pagename, templatename, context, doctree):
    """Only the chapters have widgets."""
    if pagename.startswith("chapters/"):
        app.add_js_file("widgets.js", loading_method="defer", priority=400)
        app.add_css_file("widgets.css")
