"""Chapter 9's button, without a browser: what arrives, what is said, what stands in."""

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from vitcourse.data import load_picture
from vitcourse.view import PhotoUpload


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def upload(monkeypatch) -> PhotoUpload:
    monkeypatch.delenv("VITCOURSE_MAX_UPLOAD", raising=False)
    return PhotoUpload(load_picture)


def choose(upload: PhotoUpload, name: str, content: bytes) -> None:
    file = {"name": name, "type": "", "size": len(content), "content": memoryview(content)}
    upload.button.value = [file | {"last_modified": datetime.now(UTC)}]


def test_what_arrives_is_shown_and_used(upload):
    choose(upload, "<i>.png", png(400, 300))
    said = upload.message.value
    assert "&lt;i&gt;.png has arrived." in said
    assert 'alt="Your photograph &lt;i&gt;.png" src="data:image/jpeg;base64,' in said
    name, picture = upload.photo("other.png")
    assert name == "<i>.png"
    assert picture.shape == (3, 300, 400)


def test_what_cannot_be_read_is_named_and_the_next_one_is_taken(upload, capsys):
    choose(upload, "letter.docx", b"Dear Sir or Madam")
    assert ">letter.docx: not a picture that can be read; JPEG" in upload.message.value
    assert upload.photo()[0] == "Grace Hopper"
    choose(upload, "small.png", png(3, 2))
    assert upload.photo()[0] == "small.png"
    assert capsys.readouterr() == ("", "")


def test_a_path_and_one_that_cannot_be_used(upload, tmp_path, capsys):
    path = tmp_path / "mine.png"
    path.write_bytes(png(5, 4))
    assert upload.photo(str(path))[1].shape == (3, 4, 5)
    assert upload.photo(str(tmp_path / "gone.png"))[0] == "Grace Hopper"
    assert capsys.readouterr().out.endswith("Grace Hopper stands in.\n")


def test_it_says_how_large_a_file_may_be(upload, monkeypatch):
    assert "Up to 8 MB." in upload.message.value
    monkeypatch.setenv("VITCOURSE_MAX_UPLOAD", "100")
    assert "Up to 100 MB." in PhotoUpload(load_picture).message.value


def test_ipywidgets_7_gives_files_by_name(upload):
    """Colab has it."""
    upload._take({"new": {"small.png": {"metadata": {}, "content": png(3, 2)}}})
    assert upload.photo()[0] == "small.png"
