"""Exports have every figure, with its text where the format has a place for one, and no error.

nbconvert's LaTeX has none. Its WebPDF is the page that Chromium prints, which is done here without
it, since it wants a Chromium of its own.
"""

import re

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter

from tests.browser.test_coming_back import CELLS, POSITIONS
from tests.browser.test_in_jupyterlab import browser, playwright, pytestmark  # noqa: F401

STILLS = [
    ("An empty figure.", ""),
    ("A figure that says 8.", "get the slider"),
    ("The picture, and beside it how much of the attention of the last layer", "explore it"),
    ("A figure that says 8.", "get the slider"),
    ("A figure that says 16.", "get the slider"),
]  # the text of each figure in these cells, and what is said below it
PICTURE = re.compile(r'<img alt="([^"]+)"[^>]* src="data:image/webp;base64,[^"]{200,}"')


@pytest.fixture(scope="module")
def executed():
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS[:POSITIONS]]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", timeout=120, store_widget_state=False).execute()
    return notebook


def test_markdown_has_the_pictures_with_their_texts(executed):
    page, _ = MarkdownExporter().from_notebook_node(executed)
    texts = PICTURE.findall(page)
    assert len(texts) == len(STILLS)
    assert all(text.startswith(still) for text, (still, _) in zip(texts, STILLS, strict=True))


def test_latex_has_the_pictures(executed):
    page, resources = LatexExporter().from_notebook_node(executed)
    included = re.findall(r"\\adjustimage\{[^\n]*\}\{([^}]+\.png)\}", page)
    assert len(included) == len(STILLS)
    assert all(resources["outputs"][name].startswith(b"\x89PNG") for name in included)


def test_html_shows_the_stills_and_no_error(executed, browser, tmp_path):  # noqa: F811
    file = tmp_path / "page.html"
    file.write_text(HTMLExporter().from_notebook_node(executed)[0], encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    shown = page.locator("img:visible")
    texts = [image.get_attribute("alt") for image in shown.all()]
    assert len(texts) == len(STILLS)
    assert all(text.startswith(still) for text, (still, _) in zip(texts, STILLS, strict=True))
    words = page.evaluate("[...document.querySelectorAll('.jp-OutputArea')].map(o => o.innerText)")
    assert not re.search("error|loading|not found", "\n".join(words), re.IGNORECASE)
    invitations = re.findall(r"Run this cell to ([\w ]+)", "\n".join(words))
    assert invitations == [said for _, said in STILLS if said]
    printed = page.pdf()
    assert len(re.findall(rb"/Subtype\s*/Image", printed)) == len(set(STILLS))
    page.close()


def test_a_page_without_its_styles_and_scripts_shows_the_stills(executed, browser):  # noqa: F811
    """As GitHub and others strip them, with all that is in them."""
    html, _ = HTMLExporter().from_notebook_node(executed)
    page = browser.new_page(java_script_enabled=False)
    page.set_content(re.sub(r"(?s)<(style|script)\b.*?</\1>", "", html))
    for text, _ in STILLS:
        assert page.get_by_role("img", name=text).first.is_visible()
    assert "jp-OutputArea" not in page.locator("body").inner_text()  # no style to read
    page.close()
