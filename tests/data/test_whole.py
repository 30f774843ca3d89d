"""Whole photographs: of any shape, from a file or from an upload."""

import io
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from vitcourse.data import load_photo
from vitcourse.data.whole import load_picture


def as_bytes(image: Image.Image, kind: str = "PNG", **how) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def test_the_built_in_photograph_is_whole():
    picture = load_picture()
    assert picture.shape == (3, 600, 512)
    assert picture.dtype == torch.uint8
    middle = picture[:, 44:556].float() / 255
    assert (middle - load_photo(size=512)).abs().mean() < 0.05  # the same face in the same place


def test_a_file_and_its_bytes_are_the_same(tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (30, 20, 3), dtype=np.uint8)
    content = as_bytes(Image.fromarray(values))
    (tmp_path / "mine.png").write_bytes(content)
    expected = torch.from_numpy(values).movedim(2, 0)
    for source in (content, memoryview(content), tmp_path / "mine.png", str(tmp_path / "mine.png")):
        assert torch.equal(load_picture(source), expected)


@pytest.mark.parametrize(("size", "shape"), [((400, 100), (3, 16, 64)), ((90, 300), (3, 64, 19))])
def test_large_ones_shrink_in_proportion_small_ones_stay(size, shape):
    content = as_bytes(Image.new("RGB", size, "red"))
    assert load_picture(content, longest=64).shape == shape
    assert load_picture(content).shape == (3, size[1], size[0])


def test_upright_and_on_white():
    lying = Image.new("RGB", (40, 20), "red")
    exif = lying.getexif()
    exif[0x0112] = 6  # turn by 90 degrees to see it upright
    assert load_picture(as_bytes(lying, "JPEG", exif=exif)).shape == (3, 40, 20)
    glass = as_bytes(Image.new("RGBA", (4, 4), (255, 0, 0, 0)))
    assert load_picture(glass).unique().tolist() == [255]


def trap(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + kind + body + check

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    pixels = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels


@pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(20_000, 6000), (60_000, 60_000)])
def test_its_size_is_checked_before_it_is_decoded(size):
    with pytest.raises(ValueError, match=r"the upload: .*more than 100 megapixels"):
        load_picture(trap(*size))


@pytest.mark.parametrize("content", [b"", b"no picture", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_what_is_no_picture(content):
    with pytest.raises(ValueError, match="the upload: not a picture that can be read"):
        load_picture(content)


def test_a_broken_picture():
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    content = as_bytes(Image.fromarray(noise))
    with pytest.raises(ValueError, match="the upload: not a picture that can be read"):
        load_picture(content[: len(content) // 2])


def test_a_missing_file_and_a_wrong_size(tmp_path):
    for path in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(ValueError, match="there is no such file"):
            load_picture(path)
    with pytest.raises(ValueError, match="size must be a positive int, got 0"):
        load_picture(longest=0)
