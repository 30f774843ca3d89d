"""`load_photo`: a picture becomes a tensor, or a clear error."""

import struct
import warnings
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from vitcourse import load_photo
from vitcourse.data import image_folder, load_picture, photos


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


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (2, 3)])
def test_tiny_and_thin_pictures(tmp_path, shape):
    Image.new("RGB", shape, "red").save(tmp_path / "thin.png")
    photo = load_photo(tmp_path / "thin.png", size=5)
    assert photo.shape == (3, 5, 5)
    assert torch.equal(photo.amax((1, 2)), torch.tensor([1.0, 0, 0]))


# Kinds of pictures: a colour, and the red, green and blue that it is read as


@pytest.mark.parametrize(
    ("mode", "colour", "ending", "expected"),
    [
        ("L", 51, "png", (51, 51, 51)),
        ("1", 1, "png", (255, 255, 255)),
        ("P", 0, "png", (0, 0, 0)),
        ("RGB", (10, 20, 30), "bmp", (10, 20, 30)),
        ("RGB", (10, 20, 30), "webp", (10, 20, 30)),
        ("CMYK", (0, 255, 255, 0), "tif", (255, 0, 0)),
        ("CMYK", (0, 255, 255, 0), "jpg", (254, 0, 0)),
        ("YCbCr", (255, 128, 128), "tif", (255, 255, 255)),
        # More than 8 bits: scaled, so that white stays white and a fifth of it a fifth.
        ("I;16", 65535, "png", (255, 255, 255)),
        ("I;16", 13107, "png", (51, 51, 51)),
        ("I;16", 13107, "tif", (51, 51, 51)),
        ("I;16B", 13107, "tif", (51, 51, 51)),
        ("I", 13107, "tif", (51, 51, 51)),
        ("F", 0.2, "tif", (51, 51, 51)),
        # What is transparent becomes white, what is half transparent a mixture.
        ("RGBA", (10, 20, 30, 255), "png", (10, 20, 30)),
        ("RGBA", (10, 20, 30, 0), "png", (255, 255, 255)),
        ("RGBA", (255, 0, 0, 128), "png", (255, 127, 127)),
        ("RGBA", (0, 0, 0, 0), "webp", (255, 255, 255)),
        ("LA", (0, 0), "png", (255, 255, 255)),
        ("LA", (51, 255), "png", (51, 51, 51)),
    ],
)
def test_every_kind_of_picture(tmp_path, mode, colour, ending, expected):
    file = tmp_path / f"picture.{ending}"
    options = {"lossless": True} if ending == "webp" else {}
    Image.new(mode, (6, 5), colour).save(file, **options)
    photo = load_photo(str(file), size=4)
    assert photo.shape == (3, 4, 4)
    found = (photo * 255).round().int()
    assert found[:, 2, 2].tolist() == pytest.approx(expected, abs=1)
    assert torch.equal(found, found[:, :1, :1].expand_as(found))


def test_a_transparent_colour_of_a_palette(tmp_path):
    picture = Image.new("P", (4, 4), 1)
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.save(tmp_path / "palette.png", transparency=1)
    assert load_photo(tmp_path / "palette.png", size=2).min() == 1
    picture.save(tmp_path / "opaque.png")
    assert load_photo(tmp_path / "opaque.png", size=2)[:, 0, 0].tolist() == [0, 0, 1]


def test_colours_of_16_bits_are_scaled(tmp_path):
    """Pillow cannot write such a file: this is one by hand, 2 x 2 pixels of the same colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    rows = 2 * (b"\0" + 2 * struct.pack(">3H", 65535, 13107, 0))
    header = struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)
    (tmp_path / "deep.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    photo = load_photo(tmp_path / "deep.png", size=2)
    assert (photo[:, 0, 0] * 255).round().tolist() == [255, 51, 0]


def test_a_ramp_of_16_bits_stays_a_ramp(tmp_path):
    ramp = np.linspace(0, 65535, 32, dtype=np.uint16)[None].repeat(32, axis=0)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    row = load_photo(tmp_path / "ramp.png", size=32)[0, 16]
    assert torch.allclose(row, torch.linspace(0, 1, 32), atol=0.003)


@pytest.mark.parametrize("value", [-1.0, 300.0, float("nan")])
def test_values_that_no_picture_has(tmp_path, value):
    Image.new("F", (4, 4), value).save(tmp_path / "depth.tif")
    with pytest.raises(ValueError, match=r"its values go from .* from 0 \(black\) to 1 \(white\)"):
        load_photo(tmp_path / "depth.tif")


@pytest.mark.parametrize("ending", ["gif", "webp", "png", "tif"])
def test_of_an_animation_it_is_the_first_picture(tmp_path, ending):
    first, *others = (Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green"))
    options = {"lossless": True} if ending == "webp" else {}
    first.save(tmp_path / f"moves.{ending}", save_all=True, append_images=others, **options)
    with Image.open(tmp_path / f"moves.{ending}") as moves:
        assert moves.n_frames == 3
    assert load_photo(tmp_path / f"moves.{ending}", size=4)[:, 2, 2].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("orientation", "corners"),  # as a viewer shows them: top left, top right, bottom left, right
    [
        (1, "ABCD"),
        (2, "BADC"),  # mirrored
        (3, "DCBA"),  # upside down
        (4, "CDAB"),
        (5, "ACBD"),
        (6, "CADB"),  # to be turned right, as most phones write
        (7, "DBCA"),
        (8, "BDAC"),  # to be turned left
    ],
)
@pytest.mark.parametrize("mode", ["L", "I;16"])
def test_a_photograph_is_set_upright(tmp_path, orientation, corners, mode):
    grey = dict(zip("ABCD", (0, 85, 170, 255), strict=True))
    pixels = np.array([[0, 85], [170, 255]], dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    deep = mode == "I;16"
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(pixels.astype(np.uint16) * 257 if deep else pixels)
    file = tmp_path / ("phone.png" if deep else "phone.jpg")
    image.save(file, exif=exif, **({} if deep else {"quality": 100}))
    photo = (load_photo(file, size=16)[0] * 255).round()
    found = [photo[row, column].item() for row in (3, 12) for column in (3, 12)]
    assert found == pytest.approx([grey[corner] for corner in corners], abs=2)


# Files that are no pictures


def test_files_that_are_no_pictures(tmp_path):
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.png").write_text("not a picture")
    for ending in ("png", "jpg", "webp", "gif", "tif"):
        Image.effect_noise((64, 64), 50).save(tmp_path / f"whole.{ending}")
        whole = (tmp_path / f"whole.{ending}").read_bytes()
        assert load_photo(tmp_path / f"whole.{ending}").shape == (3, 224, 224)
        (tmp_path / f"half.{ending}").write_bytes(whole[: len(whole) // 2])
    broken = [file.name for file in tmp_path.iterdir() if not file.name.startswith("whole")]
    assert len(broken) == 7
    for name in broken:
        with pytest.raises(ValueError, match=rf"{name}.*: not a picture that can be read"):
            load_photo(tmp_path / name)
    with pytest.raises(ValueError, match="the file is empty"):
        load_photo(tmp_path / "empty.jpg")
    with pytest.raises(ValueError, match=r"JPEG, PNG, WebP.*HEIC"):
        load_photo(tmp_path / "text.png")


def test_paths_that_lead_to_no_file(tmp_path):
    with pytest.raises(ValueError, match="there is no such file"):
        load_photo(tmp_path / "missing.jpg")
    with pytest.raises(ValueError, match="this is a folder"):
        load_photo(tmp_path)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about what it found in the file
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "gif", "tif", "bmp", "ppm"])
def test_damaged_files_give_a_picture_or_a_clear_error(tmp_path, ending):
    random = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"exif": exif} if ending in ("jpg", "png", "webp", "tif") else {}
    Image.effect_noise((20, 24), 50).convert("RGB").save(tmp_path / f"a.{ending}", **options)
    whole = (tmp_path / f"a.{ending}").read_bytes()
    refused = 0
    for _ in range(60):
        damaged = bytearray(whole)
        for place in random.integers(0, min(len(whole), 200), 4):
            damaged[place] = random.integers(256)
        (tmp_path / "damaged").write_bytes(damaged)
        try:
            assert load_photo(tmp_path / "damaged", size=4).shape == (3, 4, 4)
        except ValueError:
            refused += 1
    assert refused > 0


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    Image.new("1", (300, 300)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(photos, "MAX_PIXELS", 300 * 300 - 1)
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(ValueError, match="300 x 300 pixels: more than"):
        load_photo(tmp_path / "bomb.png")


@pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [9_600, 10_001, 14_000])  # Pillow: would warn, warn, refuse
def test_a_bomb_of_a_few_bytes(tmp_path, side, monkeypatch):
    """92, 100.02 and 196 megapixels of one colour: as files they are 11 to 24 kB."""
    Image.new("1", (side, side)).save(tmp_path / "bomb.png")
    decoded = []
    monkeypatch.setattr(
        photos, "_to_rgb", lambda image: decoded.append(1) or Image.new("RGB", (1, 1))
    )
    monkeypatch.setattr(photos.ImageOps, "exif_transpose", lambda image: image)
    if side == 9_600:
        assert load_photo(tmp_path / "bomb.png").shape == (3, 224, 224)
        assert decoded
    else:
        with pytest.raises(ValueError, match="more than 100 megapixels; give a smaller picture"):
            load_photo(tmp_path / "bomb.png")
        assert not decoded


def test_programs_are_not_run(tmp_path):
    """An EPS file is a PostScript program, and Pillow would hand it to an interpreter."""
    Image.new("RGB", (4, 4)).save(tmp_path / "program.eps")
    with pytest.raises(ValueError, match="that can be read; JPEG, PNG"):
        load_photo(tmp_path / "program.eps")


@pytest.mark.parametrize("size", [0, -4, 2.5, None, True])
def test_a_size_is_a_positive_int(size):
    with pytest.raises(ValueError, match=f"size must be a positive int, got {size}"):
        load_photo(size=size)


def raw_tiff(file, array, sample_format=1):
    """An uncompressed TIFF of any kind, also of those that Pillow cannot write."""
    height, width, bands = array.shape
    data, bits = array.tobytes(), 8 * array.dtype.itemsize
    tags = {256: [width], 257: [height], 258: [bits] * bands, 259: [1], 262: [1], 277: [bands]}
    tags |= {273: [0], 278: [height], 279: [len(data)], 339: [sample_format] * bands}
    after = 8 + 2 + 12 * len(tags) + 4  # where values stand that are longer than 4 bytes
    longer, entries = b"", {}
    for tag, values in tags.items():
        kind, letter = (4, "I") if tag in (273, 279) else (3, "H")
        raw = struct.pack(f"<{len(values)}{letter}", *values)
        if len(raw) > 4:
            raw, longer = struct.pack("<I", after + len(longer)), longer + raw
        entries[tag] = struct.pack("<HHI", tag, kind, len(values)) + raw.ljust(4, b"\0")
    entries[273] = entries[273][:8] + struct.pack("<I", after + len(longer))
    head = b"II*\0" + struct.pack("<IH", 8, len(tags))
    file.write_bytes(
        head + b"".join(entries[t] for t in sorted(entries)) + bytes(4) + longer + data
    )
    return file


@pytest.mark.parametrize(
    ("shape", "dtype", "sample_format", "said"),
    [
        ((9, 9, 5), np.uint8, 1, "5 bands of 8-bit whole numbers"),
        ((9, 9, 1), np.float64, 3, "1 band of 64-bit floating-point numbers"),
        ((9, 9, 3), np.uint16, 1, "3 bands of 16-bit whole numbers"),
    ],
)
@pytest.mark.parametrize("read", [load_photo, load_picture, lambda f: load_picture(f.read_bytes())])
def test_a_tiff_that_is_no_photograph_says_what_it_has(
    tmp_path, shape, dtype, sample_format, said, read
):
    file = raw_tiff(tmp_path / "a.tif", np.ones(shape, dtype), sample_format)
    with pytest.raises(ValueError, match=f"this TIFF has {said}; those that can be read are RGB"):
        read(file)


def test_12_bits_in_16_are_nearly_black_and_it_is_said(tmp_path):
    pixels = np.full((9, 9), 4095, np.uint16)
    Image.fromarray(pixels).save(tmp_path / "deep.png")
    with pytest.warns(
        UserWarning, match=r"deep\.png.*brightest value is 4095 of 65535, so it is nea"
    ):
        photo = load_photo(tmp_path / "deep.png", size=8)
    assert photo.max() < 0.07
    Image.fromarray(pixels + 1).save(tmp_path / "bright.png")
    Image.fromarray(pixels * 0).save(tmp_path / "black.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        load_photo(tmp_path / "bright.png", size=8)
        load_photo(tmp_path / "black.png", size=8)


def test_a_folder_of_dark_pictures_says_it_once(tmp_path):
    for name in ("cats/1", "cats/2", "dogs/1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((9, 9), 900, np.uint16)).save(tmp_path / f"{name}.png")
    with pytest.warns(UserWarning, match="3 of 3 pictures: .*1.png.*nearly black") as caught:
        image_folder(tmp_path, 8)
    assert len(caught) == 1
