"""`load_photo`: a picture becomes a tensor, or a clear error."""

import numpy as np
import pytest
import torch
from PIL import Image

from vitcourse import load_photo
from vitcourse.data import photos


def test_the_sample_photograph():
    photo = load_photo()
    assert photo.shape == (3, 224, 224)
    assert photo.dtype == torch.float32
    assert photo.is_contiguous()
    assert 0 <= photo.min() < 0.05
    assert 0.95 < photo.max() <= 1
    red, _, blue = photo[:, 40, 190]  # the blue background on the right
    assert blue > red


def test_the_middle_square_is_cut_out(tmp_path):
    wide = np.zeros((10, 30, 3), dtype=np.uint8)
    wide[:, 10:20] = 255
    Image.fromarray(wide).save(tmp_path / "wide.png")
    photo = load_photo(tmp_path / "wide.png", size=8)
    assert photo.shape == (3, 8, 8)
    assert photo[:, :, 2:6].min() > 0.95


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "P", "1", "I;16"])
def test_every_kind_of_picture_has_three_channels(tmp_path, mode):
    name = tmp_path / ("picture.tif" if mode in ("CMYK", "I;16") else "picture.png")
    Image.new(mode, (6, 5)).save(name)
    assert load_photo(str(name), size=4).shape == (3, 4, 4)


def test_a_rotated_photograph_is_set_upright(tmp_path):
    half = np.zeros((8, 8, 3), dtype=np.uint8)
    half[:4] = 255  # white above
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn right by 90 degrees to see it upright"
    Image.fromarray(half).save(tmp_path / "phone.jpg", exif=exif, quality=100)
    photo = load_photo(tmp_path / "phone.jpg", size=8)
    assert photo[:, :, 5:].mean() > 0.9  # now white on the right
    assert photo[:, :, :3].mean() < 0.1


def test_files_that_are_no_pictures(tmp_path):
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.png").write_text("not a picture")
    Image.new("RGB", (64, 64)).save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    for name in ("empty.jpg", "text.png", "half.png"):
        with pytest.raises(ValueError, match="not a picture that can be read"):
            load_photo(tmp_path / name)
    for path in (tmp_path / "missing.jpg", tmp_path):
        with pytest.raises(ValueError, match="there is no such file"):
            load_photo(path)


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    Image.new("1", (300, 300)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(photos, "MAX_PIXELS", 300 * 300 - 1)
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(ValueError, match="300 x 300 pixels are more than"):
        load_photo(tmp_path / "bomb.png")


@pytest.mark.parametrize("size", [0, -4, 2.5, None])
def test_a_size_is_a_positive_int(size):
    with pytest.raises(ValueError, match=f"size={size}"):
        load_photo(size=size)
