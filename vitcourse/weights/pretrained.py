"""Published weights: torchvision's Vision Transformers, and Meta's DINOv2 and DINOv3.

The files are where torch.hub keeps them, so others find what this downloads, and vice versa. They
are pickles, but `weights_only=True` reads nothing but tensors from them, and only from a file with
the right hash: the one that torchvision's or Meta's address names, or, for DINOv2, the one below.
"""

import hashlib
import os
import zipfile
from pathlib import Path
from typing import NamedTuple

import torch

from vitcourse import download
from vitcourse.model import VisionTransformer
from vitcourse.model.modern import ModernVisionTransformer
from vitcourse.model.weights import from_timm, from_torchvision

_ELSEWHERE = (
    "Make room, or set the environment variable TORCH_HOME to a folder that you may write into "
    "and that has room."
)
TORCHVISION = ("vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14")
HUB = "https://dl.fbaipublicfiles.com/"


class Published(NamedTuple):
    """Where a file is, and how its SHA-256 begins."""

    url: str
    sha256: str
    gate: str = ""  # where to ask for it, if not everybody gets it


# The addresses are those in Meta's own code (dinov2/hub/backbones.py, dinov3/hub/backbones.py), and
# so is DINOv3's hash. Meta names none for DINOv2: these are what others report of their downloads,
# more than ten of the first, two of the second.
META = {
    "dinov2_vits14": Published(
        f"{HUB}dinov2/dinov2_vits14/dinov2_vits14_pretrain.pth",
        "b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9",
    ),
    "dinov2_vits14_reg": Published(
        f"{HUB}dinov2/dinov2_vits14/dinov2_vits14_reg4_pretrain.pth",
        "f433177089a681826f849f194ece3bb48f4d63fb38d32fc837e3dc7a4e5641fb",
    ),
    "dinov3_vits16": Published(
        f"{HUB}dinov3/dinov3_vits16/dinov3_vits16_pretrain_lvd1689m-08c60483.pth",
        "08c60483",
        "https://ai.meta.com/resources/models-and-libraries/dinov3-downloads/",
    ),
}
NAMES = (*TORCHVISION, *META)


def pretrained(name: str = "vit_b_16") -> VisionTransformer | ModernVisionTransformer:
    """A published model in our own class, in evaluation mode.

    torchvision's (ImageNet-1k): vit_b_16, vit_b_32, vit_l_16, vit_l_32, vit_h_14. Images are 224
    pixels on a side, for vit_h_14 518. Preprocessing and the names of the 1000 classes:
    `get_model_weights(name).DEFAULT` (torchvision.models), `.transforms()`, `.meta["categories"]`.

    Meta's, which were trained without labels and give features: dinov2_vits14, dinov2_vits14_reg
    (with registers), dinov3_vits16. Images of any size that patches of 14 or 16 pixels tile, with
    torchvision's preprocessing. DINOv3 is only for those who have accepted its licence: the error
    says where to get the file and where to put it.

    The first call downloads the file (S 88 MB, B 346 MB, L 1.2 GB, H 2.5 GB) into torch.hub's
    cache, later calls read it there and verify its hash. With VITCOURSE_OFFLINE=1 in the
    environment there are no weights, not even from the cache: to run a notebook as somebody
    offline would.

    Raises ValueError for another name, RuntimeError if there are no weights: its first line is one
    sentence that says why, the others what to do.
    """
    if name not in NAMES:
        raise ValueError(f"name must be one of {', '.join(NAMES)}, got {name!r}")
    published = META[name] if name in META else _torchvisions(name)
    file = Path(torch.hub.get_dir()) / "checkpoints" / published.url.rpartition("/")[2]
    if os.environ.get("VITCOURSE_OFFLINE") == "1":
        raise RuntimeError(f"There are no weights for {name}: VITCOURSE_OFFLINE=1 is set.")
    if published.gate:
        _require_own_copy(name, published, file)
    else:
        try:
            download.fetch(published.url, file, lambda path: _is_right(path, published))
        except download.DownloadError as error:
            raise RuntimeError(_what_to_do(name, published, file, error)) from None
    build = from_timm if name in META else from_torchvision
    return build(read(file), copy=False).eval()


def read(file: Path) -> dict[str, torch.Tensor]:
    """The state dict in a file of torch.save; its tensors stay on disk until they are used."""
    in_pages = zipfile.is_zipfile(file)  # files from before torch 1.6 are not
    return torch.load(file, map_location="cpu", weights_only=True, mmap=in_pages)


def sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _torchvisions(name: str) -> Published:
    from torchvision.models import get_model_weights  # takes a second

    url = get_model_weights(name).DEFAULT.url
    found = torch.hub.HASH_REGEX.search(url.rpartition("/")[2])
    assert found is not None  # torchvision names its files after their hash
    return Published(url, found[1])


def _is_right(file: Path, published: Published) -> bool:
    return sha256(file).startswith(published.sha256)


def _require_own_copy(name: str, published: Published, file: Path) -> None:
    """Raise RuntimeError, saying what to do, unless the file was put in its place by hand."""
    why = "Meta gives them only to those who have accepted their licence"
    if file.is_file():
        if _is_right(file, published):
            return
        why = f"{file} is not the published file (another SHA-256)"
    raise RuntimeError(
        f"There are no weights for {name}: {why}.\n"
        f"- Ask for them at {published.gate}\n"
        f"  Then download {file.name}\n"
        f"  and put it here: {file}\n"
        f"  (its SHA-256 begins with {published.sha256}).\n"
        f"- Or continue with dinov2_vits14_reg, which everybody may download."
    )


def _what_to_do(name: str, published: Published, file: Path, error: download.DownloadError) -> str:
    lines = [
        f"There are no weights for {name}: {error.why}.",
        f"- {error.advice or _ELSEWHERE}",
    ]
    if size := download.bytes_so_far(file):
        lines.append(f"- Try again: {download.megabytes(size)} are kept, it continues after them.")
    return "\n".join(
        [
            *lines,
            f"- Or download {published.url} elsewhere and put it here: {file}",
            f"  (its SHA-256 begins with {published.sha256[:8]}).",
            "- Or continue with vitcourse.bundled(), which needs no network.",
        ]
    )
