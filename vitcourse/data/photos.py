"""A photograph as a tensor: the one that comes with matplotlib, or your own."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

MAX_PIXELS = 100_000_000  # a 100-megapixel camera; beyond it, a small file may be a trap


def load_photo(path: str | Path | None = None, size: int = 224) -> Tensor:
    """A photograph as a float tensor (3, size, size) with values 0 to 1.

    The largest square in its middle is cut out and resized. Without `path` it is the portrait of
    Grace Hopper that ships with matplotlib (U.S. Navy, public domain). The picture's size is read
    before it is decoded. Raises ValueError for a file that is missing, no image, broken, or larger
    than 100 megapixels, and for a size that is not a positive int.
    """
    if not isinstance(size, int) or size < 1:
        raise ValueError(f"size={size!r}: give a positive int, in pixels")
    file = _sample() if path is None else Path(path).expanduser()
    if not file.is_file():
        raise ValueError(f"path={str(path)!r}: there is no such file in {Path.cwd()}")
    try:
        with Image.open(file) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(
                    f"path={str(path)!r}: {image.width} x {image.height} pixels are more than "
                    f"{MAX_PIXELS // 10**6} megapixels; give a smaller picture"
                )
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"path={str(path)!r}: not a picture that can be read: {error}") from None
    square = ImageOps.fit(upright, (size, size), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.asarray(square, dtype=np.float32) / 255).movedim(2, 0).contiguous()


def _sample() -> Path:
    from matplotlib import cbook

    try:
        return Path(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    except FileNotFoundError:
        raise ValueError(
            "path=None: this matplotlib comes without its sample photograph; "
            "give a path to a picture of your own"
        ) from None
