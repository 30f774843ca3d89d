"""A photograph as a tensor: the one that comes with matplotlib, or your own."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    SAMPLEFORMAT,
    SAMPLESPERPIXEL,
    ImageFileDirectory_v2,
)
from torch import Tensor

from vitcourse import require

MAX_PIXELS = 100_000_000  # a 100-megapixel camera; beyond it, a small file may be a trap
# Pillow knows more kinds of files; some of them are programs, which it would have to run (EPS).
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "PPM", "AVIF", "JPEG2000")
NEARLY_BLACK = 16  # the brightest value is at most one 16th of white, as of 12 bits in 16
_TOO_LARGE = f"more than {MAX_PIXELS // 10**6} megapixels; give a smaller picture"


def load_photo(path: str | Path | None = None, size: int = 224) -> Tensor:
    """A photograph as a float tensor (3, size, size) with values 0 to 1.

    The largest square in its middle is cut out and resized. Without `path` it is the portrait of
    Grace Hopper that ships with matplotlib (U.S. Navy, public domain).

    A photograph that a phone stores lying on its side is set upright, what is transparent becomes
    white, grey gets three equal channels, 16 bits are scaled to 8, and an animation gives its
    first picture. The size is read before the picture is decoded. A grey picture of 16 bits or
    more that uses only the lowest few comes with a warning: it is nearly black. Raises ValueError
    for a file that is missing, not a picture, broken, or larger than 100 megapixels, and for a
    size that is not a positive int.
    """
    return load_pixels(sample_path() if path is None else path, size).float() / 255


def load_pixels(path: str | Path, size: int) -> Tensor:
    """Like `load_photo`, but as the file has it: a uint8 tensor (3, size, size), 0 to 255."""
    check_size(size)
    file, said = Path(path).expanduser(), f"path={str(path)!r}"
    if file.is_dir():
        raise ValueError(f"{said}: this is a folder; give the path of a picture in it")
    if not file.is_file():
        raise ValueError(f"{said}: there is no such file in {Path.cwd()}")
    if file.stat().st_size == 0:
        raise ValueError(f"{said}: not a picture that can be read: the file is empty")
    try:
        with _named(said):
            upright = open_upright(file)
        square = ImageOps.fit(upright, (size, size), Image.Resampling.BICUBIC)
    except Unfit as error:
        raise ValueError(f"{said}: {error}") from None
    except UnidentifiedImageError:
        raise ValueError(f"{said}: {unreadable(file)}") from None
    except Exception as error:  # from a broken file Pillow raises nearly anything
        raise ValueError(f"{said}: not a picture that can be read: {error}") from None
    return torch.from_numpy(np.array(square)).movedim(2, 0).contiguous()


@contextmanager
def _named(said: str) -> Iterator[None]:
    """Warnings about a picture say which."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        warnings.warn(f"{said}: {warning.message}", warning.category, stacklevel=4)


def check_size(size: int) -> None:
    require.positive_ints(size=size)


class Unfit(Exception):
    """A picture that cannot be used; the message says why."""


def unreadable(file: Path | BinaryIO) -> str:
    """Why Pillow knows nothing of a file: what is in it if it is a TIFF, else what can be read."""
    if bands := _in_tiff(file):
        return (
            f"this TIFF has {bands}; those that can be read are RGB (8 bits) or grey (8, 16 or 32 "
            "bits), with or without transparency: save it as one of these"
        )
    return (
        "not a picture that can be read; JPEG, PNG, WebP, GIF, TIFF and BMP can (save a phone's "
        "HEIC or a camera's RAW as JPEG first)"
    )


def _in_tiff(file: Path | BinaryIO) -> str:
    """What a TIFF has, such as "5 bands of 8-bit whole numbers"; nothing for any other file."""
    try:
        with file.open("rb") if isinstance(file, Path) else nullcontext(file) as opened:
            opened.seek(0)
            tags = ImageFileDirectory_v2(opened.read(8))
            opened.seek(tags.next)
            tags.load(opened)
    except Exception:  # from a broken file Pillow raises nearly anything
        return ""
    bands, bits = tags.get(SAMPLESPERPIXEL, 1), tags.get(BITSPERSAMPLE, (1,))[0]
    kinds = {2: "signed whole numbers", 3: "floating-point numbers", 5: "complex numbers"}
    kind = kinds.get(tags.get(SAMPLEFORMAT, (1,))[0], "whole numbers")
    return f"{bands} band{'s' * (bands > 1)} of {bits}-bit {kind}"


def open_upright(file: Path | BinaryIO) -> Image.Image:
    """The whole picture, 8-bit RGB. Raises Unfit, or what Pillow raises if it is not one."""
    Image.init()
    formats = [name for name in FORMATS if name in Image.OPEN]  # AVIF: from Pillow 11.3 on
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our limit is MAX_PIXELS
        try:
            image = Image.open(file, formats=formats)  # reads the first few bytes only
        except Image.DecompressionBombError:
            raise Unfit(_TOO_LARGE) from None
    with image:
        if image.width * image.height > MAX_PIXELS:
            raise Unfit(f"{image.width} x {image.height} pixels: {_TOO_LARGE}")
        return _to_rgb(ImageOps.exif_transpose(image))


def _to_rgb(image: Image.Image) -> Image.Image:
    """Any picture as 8-bit RGB: greys of more than 8 bits scaled, transparency over white."""
    if image.mode.startswith(("I", "F")):  # Pillow's own conversion would clip, not scale
        grey, white = np.asarray(image, dtype=np.float32), 1 if image.mode == "F" else 65535
        if not (grey.min() >= 0 and grey.max() <= white):  # true for NaN, too
            raise Unfit(
                f"its values go from {grey.min():g} to {grey.max():g}; those of a picture of this "
                f"kind go from 0 (black) to {white} (white)"
            )
        if 0 < grey.max() <= white / NEARLY_BLACK:
            warnings.warn(
                f"its brightest value is {grey.max():g} of {white}, so it is nearly black; if it "
                "has 12 bits in 16, say, multiply its values by 16 first",
                stacklevel=2,
            )
        image = Image.fromarray((grey * (255 / white) + 0.5).astype(np.uint8))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def sample_path() -> Path:
    from matplotlib import cbook

    try:
        return Path(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    except FileNotFoundError:
        raise ValueError(
            "path=None: this matplotlib comes without its sample photograph; "
            "give a path to a picture of your own"
        ) from None
