"""The file that a command writes: is there a place for it, before anything is computed?"""

from pathlib import Path
from tempfile import TemporaryFile


def check_out(out: Path, ending: str, overwrite: bool) -> None:
    """Raise ValueError if `out` cannot be written, has another ending, or is there already."""
    said, folder = f"--out {out}", out.absolute().parent
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
