"""Data sets of real pictures: Fashion-MNIST and CIFAR-10, downloaded once, or your own folder.

torchvision knows where they are published, with which hash, and how to read them. What it cannot do
is resume a download that was cut off; that is in `vitcourse/download.py`.

The archive of CIFAR-10 holds Python pickles, which must not be opened unless it is known what is in
them. Here it is: torchvision opens only files whose hashes are those of the published ones. (The
same data in a format without pickles is on the same slow host, while copies of this archive are in
many places, perhaps on your disk.)
"""

import gzip
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import torch
from PIL import Image
from torch import Tensor
from tqdm.auto import tqdm

from vitcourse.data.photos import FORMATS, check_size, load_pixels
from vitcourse.download import DiskError, DownloadError, bytes_so_far, fetch, file_lock
from vitcourse.files import written_whole


class Pictures(NamedTuple):
    """n pictures, and for each the number of its class."""

    images: Tensor  # (n, C, H, W) uint8
    labels: Tensor  # (n,) int64: index into classes
    classes: tuple[str, ...]


def fashion_mnist(folder: str | Path, train: bool = True, download: bool = True) -> Pictures:
    """Fashion-MNIST: ten kinds of clothing in grey, (1, 28, 28); 60,000 to train, 10,000 to test.

    Read from `folder`/FashionMNIST/raw; what is missing there is downloaded (31 MB in all),
    continuing where an earlier attempt stopped.

    Raises RuntimeError if it cannot be downloaded, ValueError for files that are broken, or missing
    with download=False, and for a folder that cannot be written to.
    """
    from torchvision.datasets import FashionMNIST

    folder = Path(folder).expanduser()
    raw = folder / FashionMNIST.__name__ / "raw"
    for name, md5 in FashionMNIST.resources:
        archive = raw / name
        if not archive.with_suffix("").is_file():
            urls = [mirror + name for mirror in FashionMNIST.mirrors]
            with _fetched(urls, archive, md5, download):
                _unpack(archive)
    try:
        data = FashionMNIST(folder, train)
        pictures = Pictures(data.data[:, None], data.targets, tuple(data.classes))
        if len(data.data) != len(data.targets) or data.targets.max() >= len(data.classes):
            raise ValueError("images and labels do not match")
    except Exception as error:  # torchvision asserts, and torch raises, where a file is broken
        text = f"{raw}: broken files ({error}); delete this folder and try again"
        raise ValueError(text) from None
    return pictures


def cifar10(folder: str | Path, train: bool = True, download: bool = True) -> Pictures:
    """CIFAR-10: ten kinds of animals and vehicles, (3, 32, 32); 50,000 to train, 10,000 to test.

    Read from `folder`/cifar-10-batches-py, each file's hash verified; if anything is missing there
    it is downloaded (170 MB), continuing where an earlier attempt stopped. In 2026 its host has
    been slow for months: it may take an hour (github.com/pytorch/vision/issues/9536).

    Raises RuntimeError if it cannot be downloaded, and ValueError if it is missing or broken with
    download=False, and for a folder that cannot be written to.
    """
    from torchvision.datasets import CIFAR10

    folder = Path(folder).expanduser()
    try:
        data = CIFAR10(folder, train)
    except RuntimeError:  # not there, or not all of it, or other bytes than were published
        archive = folder / CIFAR10.filename
        with _fetched([CIFAR10.url], archive, CIFAR10.tgz_md5, download):
            data = CIFAR10(folder, train, download=True)  # finds the archive and unpacks it
    images = torch.from_numpy(data.data).movedim(-1, 1).contiguous()
    return Pictures(images, torch.tensor(data.targets), tuple(data.classes))


def image_folder(folder: str | Path, size: int = 64) -> Pictures:
    """Your own pictures: one folder per class, whose name is the class; (3, size, size).

    Classes are in alphabetical order. Pictures may be in folders of folders; the largest square in
    the middle of each is cut out and resized, as by `load_photo`. Hidden files and folders are
    left out; so are other files that are not pictures, with a warning that names them. Everything
    is held in memory: 12 kB per picture at size 64, 150 kB at size 224.

    Raises ValueError if the folder cannot be read, holds fewer than two classes or a class without
    pictures, and for broken pictures, naming them.
    """
    check_size(size)
    folder = Path(folder).expanduser()
    said = f"folder={str(folder)!r}"
    try:
        classes, pictures, others = _list_pictures(folder)
    except OSError as error:
        raise ValueError(f"{said}: cannot be read: {error.strerror}") from None
    if classes and {name.lower() for name in classes} <= _PARTS:
        raise ValueError(f"{said}: {_name_some(classes)}: parts, not classes; give one of them")
    if len(classes) < 2:
        raise ValueError(
            f"{said}: its folders are the classes; there must be at least two; "
            f"found: {_name_some(classes)}"
        )
    labels = torch.tensor([label for _, label in pictures], dtype=torch.int64)
    empty = [name for label, name in enumerate(classes) if label not in labels]
    if empty:
        raise ValueError(f"{said}: no pictures in {_name_some(empty)}; add some or delete it")
    if others:
        warnings.warn(f"{folder}: left out, not pictures: {_name_some(others)}", stacklevel=2)

    images = torch.empty(len(pictures), 3, size, size, dtype=torch.uint8)
    broken = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for row, (file, _) in enumerate(tqdm(pictures, desc="pictures", leave=False)):
            try:
                images[row] = load_pixels(file, size)
            except ValueError as error:
                broken.append(str(error))
    if caught:
        some = _name_some([str(warning.message) for warning in caught])
        warnings.warn(f"{len(caught)} of {len(pictures)} pictures: {some}", stacklevel=2)
    if broken:
        raise ValueError(f"{len(broken)} of {len(pictures)} pictures: {_name_some(broken)}")
    return Pictures(images, labels, tuple(classes))


_PARTS = {"train", "training", "val", "valid", "validation", "test", "testing"}


def _list_pictures(folder: Path) -> tuple[list[str], list[tuple[Path, int]], list[str]]:
    """Classes, each picture with the number of its class, and files that are not pictures."""
    Image.init()
    endings = {ending for ending, kind in Image.registered_extensions().items() if kind in FORMATS}
    classes = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    classes = [name for name in classes if not name.startswith(".")]
    pictures, others = [], []
    for label, name in enumerate(classes):
        for file in sorted((folder / name).rglob("*")):
            inside = file.relative_to(folder)
            if not file.is_file() or any(part.startswith(".") for part in inside.parts):
                continue
            if file.suffix.lower() in endings:
                pictures.append((file, label))
            else:
                others.append(str(inside))
    return classes, pictures, others


def _name_some(names: list[str], most: int = 5) -> str:
    more = [f"and {len(names) - most} more"] if len(names) > most else []
    return ", ".join(names[:most] + more) or "none"


@contextmanager
def _fetched(urls: list[str], file: Path, md5: str, download: bool) -> Iterator[None]:
    """Have `file` there, its hash verified, and keep other processes (notebook, GPU) from it."""
    from torchvision.datasets.utils import check_integrity

    folder = file.parent
    by_hand = f"put it there by hand: {file.resolve()}, MD5 {md5}"
    if download:
        _fetch(urls, file, lambda path: check_integrity(path, md5), by_hand)
    elif not check_integrity(file, md5):
        raise ValueError(f"folder={str(folder)!r}: {file.name}: missing. Download it, or {by_hand}")
    try:
        with file_lock(file):
            yield
    except OSError as error:  # no right to write, no room
        raise ValueError(f"folder={str(folder)!r}: cannot be written: {error}") from None


def _fetch(urls: list[str], file: Path, is_right: Callable[[Path], bool], by_hand: str) -> None:
    failures = {}
    for url in urls:
        try:
            return fetch(url, file, is_right)
        except DiskError as error:
            said = f"folder={str(file.parent)!r}: cannot be written: {error.why}"
            raise ValueError(said) from None
        except DownloadError as error:
            failures[url] = error
    size = bytes_so_far(file)
    so_far = f"; {size:,} bytes are kept, and it continues after them" if size else ""
    raise RuntimeError(
        f"{file.name} could not be downloaded. Tried:\n"
        + "".join(f"  {url}: {error.why}\n" for url, error in failures.items())
        + "".join(f"- {advice}\n" for advice in {e.advice: None for e in failures.values()})
        + f"- Try again later (the host of CIFAR-10 is often overloaded){so_far}.\n"
        f"- Or get the file in another way and {by_hand}\n"
        "- Or continue without it: vitcourse.data.scenes needs no network."
    )


def _unpack(archive: Path) -> None:
    file = archive.with_suffix("")
    if file.is_file():  # another process was faster
        return
    with (
        written_whole(file) as beside,
        gzip.open(archive) as packed,
        beside.open("wb") as unpacked,
    ):
        shutil.copyfileobj(packed, unpacked)
