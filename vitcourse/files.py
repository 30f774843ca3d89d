"""Files that are written whole or not at all, and a check of the file a command will write."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; what was written there becomes `path` when the block ends.

        with written_whole(path) as beside:
            beside.write_text(text, encoding="utf-8")

    If the block is interrupted, `path` is as before. A replaced file's mode is kept.
    """
    beside = path.with_name(f".{path.name}.tmp")  # what a killed process left is overwritten
    try:
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def is_writable(folder: Path) -> bool:
    """Can files be made in this folder? Only trying tells, on all systems."""
    try:
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def check_out(out: Path, ending: str, overwrite: bool, option: str = "--out") -> None:
    """Raise ValueError if `out` cannot be written, has another ending, or is there already."""
    said, folder = f"{option} {out}", out.absolute().parent
    if out.suffix != ending:
        raise ValueError(f"{said}: the name must end with {ending}")
    if not folder.is_dir():
        raise ValueError(f"{said}: there is no folder {folder}; make it first")
    if out.is_dir():
        raise ValueError(f"{said}: this is a folder; give the name of a file")
    if out.exists() and not overwrite:
        raise ValueError(f"{said}: it exists; give another name, or --overwrite to replace it")
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(f"{said}: cannot be written: {error.strerror}") from None
