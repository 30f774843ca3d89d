"""A photograph in its own proportions, from a file or from a browser's upload."""

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from vitcourse.data.photos import Unfit, check_size, open_upright, sample_path, unreadable


def load_picture(source: str | Path | bytes | None = None, longest: int = 1024) -> Tensor:
    """A whole photograph as a uint8 tensor (3, H, W), its longer side at most `longest`.

    `source` is a path, or the contents of a file (bytes, as an upload gives them); without it, the
    photograph is the portrait of Grace Hopper that ships with matplotlib. The rest is as in
    `load_photo`: set upright, white for what is transparent, its size read before it is decoded.

    Raises ValueError for what is missing, not a picture, broken, or larger than 100 megapixels.
    """
    check_size(longest)
    file: io.BytesIO | Path
    if isinstance(source, bytes | memoryview):
        file, said = io.BytesIO(source), "the upload"
    else:
        file = sample_path() if source is None else Path(source).expanduser()
        said = f"source={str(source)!r}"
        if not file.is_file():
            raise ValueError(f"{said}: there is no such file in {Path.cwd()}")
    try:
        upright = open_upright(file)
    except Unfit as error:
        raise ValueError(f"{said}: {error}") from None
    except UnidentifiedImageError:
        raise ValueError(f"{said}: {unreadable(file)}") from None
    except Exception as error:  # from a broken file Pillow raises nearly anything
        raise ValueError(f"{said}: not a picture that can be read: {error}") from None
    upright.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(upright)).movedim(2, 0).contiguous()
