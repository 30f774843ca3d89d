"""A photograph on its way from the browser to the notebook: large, unreadable, and a usual one."""

import io
import os

import nbformat
import pytest
from PIL import Image

from tests.browser.test_in_jupyterlab import (  # noqa: F401
    MINUTE,
    Notebook,
    browser,
    playwright,
    pytestmark,
    server,
    text_of,
)

CELLS = [
    "from vitcourse import view\nfrom vitcourse.data import load_picture",
    "upload = view.PhotoUpload(load_picture)\nupload.show()",
    "name, picture = upload.photo()\nprint(name, tuple(picture.shape))",
    *["pass"] * 3,
]
BUTTON, PICTURE = 1, 2


def noise(width: int, height: int) -> bytes:
    """A picture that cannot be compressed: three bytes for each pixel."""
    buffer = io.BytesIO()
    pixels = os.urandom(width * height * 3)
    Image.frombytes("RGB", (width, height), pixels).save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


@pytest.fixture
def notebook(browser, server):  # noqa: F811
    address, folder, _ = server
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(made, folder / "upload.ipynb")
    opened = Notebook(browser, address, "upload.ipynb")
    for cell in range(BUTTON + 1):
        opened.run_cell(cell)
    opened.show_cell(BUTTON)
    yield opened
    opened.page.close()


def choose(notebook: Notebook, name: str, content: bytes) -> str:
    """What the cell says once the file has arrived."""
    page = notebook.page
    file = {"name": name, "mimeType": "image/png", "buffer": content}
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photograph").click()
    chooser.value.set_files(file)
    said = page.get_by_role("status").filter(has_text=name)
    said.wait_for(timeout=MINUTE)
    return said.inner_text()


def test_pictures_arrive_whatever_came_before(notebook):
    page = notebook.page
    assert page.get_by_text("Up to 100 MB.").is_visible()

    assert (
        choose(notebook, "<b>large</b>.png", noise(2700, 2700)) == "<b>large</b>.png has arrived."
    )
    preview = page.get_by_role("img", name="Your photograph <b>large</b>.png")
    assert preview.evaluate("image => image.naturalWidth") == 240
    notebook.screenshot("09_upload")
    assert text_of(notebook.run_cell(PICTURE)) == "<b>large</b>.png (3, 1024, 1024)\n"

    said = choose(notebook, "letter.docx", b"Dear Sir or Madam")
    assert said.startswith("letter.docx: not a picture that can be read; JPEG, PNG")
    assert not preview.is_visible()
    notebook.screenshot("09_upload_unreadable")
    assert text_of(notebook.run_cell(PICTURE)).startswith("Grace Hopper (3, ")

    assert choose(notebook, "small.png", noise(30, 20)) == "small.png has arrived."
    assert text_of(notebook.run_cell(PICTURE)) == "small.png (3, 20, 30)\n"
    assert "Traceback" not in page.locator(".jp-Notebook").inner_text()
