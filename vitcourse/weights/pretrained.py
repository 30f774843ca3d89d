"""Published weights: torchvision's Vision Transformers in our class.

The files are where torch.hub keeps them, so torchvision finds what this downloads, and vice versa.
They are pickles, but `weights_only=True` reads nothing but tensors from them, and only from a file
with the hash that torchvision's address names.
"""

import hashlib
import os
import zipfile
from pathlib import Path

import torch

from vitcourse import download
from vitcourse.model import VisionTransformer
from vitcourse.model.weights import from_torchvision

_ELSEWHERE = (
    "Make room, or set the environment variable TORCH_HOME to a folder that you may write into "
    "and that has room."
)
NAMES = ("vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14")


def pretrained(name: str = "vit_b_16") -> VisionTransformer:
    """torchvision's `name` with its default weights (ImageNet-1k), in evaluation mode.

    Names are torchvision's: vit_b_16, vit_b_32, vit_l_16, vit_l_32, vit_h_14. Images are 224
    pixels on a side, for vit_h_14 518. Preprocessing and the names of the 1000 classes:
    `get_model_weights(name).DEFAULT` (torchvision.models), `.transforms()`, `.meta["categories"]`.

    The first call downloads the file (B 346 MB, L 1.2 GB, H 2.5 GB) into torch.hub's cache, later
    calls read it there and verify its hash. With VITCOURSE_OFFLINE=1 in the environment there are
    no weights, not even from the cache: to run a notebook as somebody offline would.

    Raises ValueError for another name, RuntimeError if there are no weights: its first line is one
    sentence that says why, the others what to do.
    """
    if name not in NAMES:
        raise ValueError(f"name must be one of {', '.join(NAMES)}, got {name!r}")
    from torchvision.models import get_model_weights  # takes a second

    url = get_model_weights(name).DEFAULT.url
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]
    if os.environ.get("VITCOURSE_OFFLINE") == "1":
        raise RuntimeError(f"There are no weights for {name}: VITCOURSE_OFFLINE=1 is set.")
    found = torch.hub.HASH_REGEX.search(file.name)
    assert found is not None  # torchvision names its files after their hash
    start = found[1]
    try:
        download.fetch(url, file, lambda path: sha256(path).startswith(start))
    except download.DownloadError as error:
        raise RuntimeError(_what_to_do(name, url, file, start, error)) from None
    return from_torchvision(read(file), copy=False).eval()


def read(file: Path) -> dict[str, torch.Tensor]:
    """The state dict in a file of torch.save; its tensors stay on disk until they are used."""
    in_pages = zipfile.is_zipfile(file)  # files from before torch 1.6 are not
    return torch.load(file, map_location="cpu", weights_only=True, mmap=in_pages)


def sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _what_to_do(name: str, url: str, file: Path, start: str, error: download.DownloadError) -> str:
    lines = [
        f"There are no weights for {name}: {error.why}.",
        f"- {error.advice or _ELSEWHERE}",
    ]
    if size := download.bytes_so_far(file):
        lines.append(f"- Try again: {download.megabytes(size)} are kept, it continues after them.")
    return "\n".join(
        [
            *lines,
            f"- Or download {url} elsewhere and put it here: {file}",
            f"  (its SHA-256 begins with {start}).",
            "- Or continue with vitcourse.bundled(), which needs no network.",
        ]
    )
