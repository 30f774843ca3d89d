"""What lies in a folder of hand-ins: notebooks and other files, also inside of zip archives.

Whatever students upload is looked at here for the first time. So nothing is unpacked onto the disk,
links are not followed, and what is too large is not read.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from vitcourse.printable import printable

NOTEBOOK, ARCHIVE = ".ipynb", ".zip"
LARGEST = 20_000_000  # bytes of a file; a solved chapter with all its pictures has under 3 million
LARGEST_ARCHIVE = 200_000_000  # of an archive inside of an archive, which is held in memory
LARGEST_TOTAL = 4_000_000_000  # that one archive may give
MOST_MEMBERS, DEEPEST = 50_000, 3
# A text of one letter shrinks to a thousandth; notebooks with pictures to a half.
MOST_SHRUNK, WORTH_A_LOOK = 500, 1_000_000
# What systems and editors leave behind, and what vitcourse keeps beside a learner's notebooks.
JUNK = {"__MACOSX", "__pycache__", "backups", "Thumbs.db", "desktop.ini"}
LINK = "it is a link to something else, and was not opened"


@dataclass(frozen=True)
class Found:
    """A file, or what is there in its place."""

    parts: tuple[str, ...]  # its path, with archives as folders
    file: str  # how it is called in reports: "ada.zip/x.ipynb"
    when: float = 0.0  # last changed
    data: bytes = b""  # of notebooks and Python files
    problem: str = ""  # why it was not read

    @property
    def is_notebook(self) -> bool:
        return self.parts[-1].lower().endswith(NOTEBOOK)


def shown_name(name: str) -> str:
    """A file's name as text that can be shown and written anywhere."""
    return printable(os.fsencode(name).decode("utf-8", "replace"))


def found_in(folder: Path, without: Path | None = None) -> Iterator[Found]:
    """All files of a folder except junk, in the order of their names; `without` is left out."""
    without = without.resolve() if without else None
    for place, folders, files in os.walk(folder):
        here = Path(place)
        seen = sorted(name for name in folders if not _is_junk(name))
        linked = [name for name in seen if (here / name).is_symlink()]
        folders[:] = [n for n in seen if n not in linked and (here / n).resolve() != without]
        for name in linked:
            parts = tuple(map(shown_name, (here / name).relative_to(folder).parts))
            yield Found((*parts, f"?{NOTEBOOK}"), "/".join(parts), problem=LINK)
        for name in sorted(files):
            if not _is_junk(name):
                yield from _file(here / name, (here / name).relative_to(folder).parts)


def _is_junk(name: str) -> bool:
    return name in JUNK or (name.startswith((".", "~$")) and name != "..")


def _file(path: Path, names: tuple[str, ...]) -> Iterator[Found]:
    parts = tuple(map(shown_name, names))
    shown = "/".join(parts)
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            yield Found(parts, shown, problem=LINK)
        elif not stat.S_ISREG(status.st_mode):
            yield Found(parts, shown, problem="it is no ordinary file")
        elif path.suffix.lower() == ARCHIVE:
            with path.open("rb") as file:
                yield from _archive(file, parts, shown, 1)
        elif not _is_wanted(names[-1]):
            yield Found(parts, shown, status.st_mtime)
        elif status.st_size > LARGEST:
            yield Found(parts, shown, status.st_mtime, problem=_too_large(status.st_size))
        else:
            yield Found(parts, shown, status.st_mtime, path.read_bytes())
    except OSError as error:
        yield Found(parts, shown, problem=f"it cannot be read: {error.strerror or error}")


def _is_wanted(name: str) -> bool:
    return name.lower().endswith((NOTEBOOK, ".py"))


def _too_large(size: int) -> str:
    return f"it has {size / 1e6:,.0f} MB; more than {LARGEST / 1e6:.0f} MB are not read"


# Archives -----------------------------------------------------------------------------------------


def _archive(file, parts: tuple[str, ...], shown: str, depth: int) -> Iterator[Found]:
    """The files of an archive; if it is refused, one `Found` that says why."""
    inside = (*parts[:-1], parts[-1][: -len(ARCHIVE)])

    def refused(why: str, member: str = "") -> Found:
        return Found(
            (*inside, f"?{NOTEBOOK}"), shown + (f"/{member}" if member else ""), 0, b"", why
        )

    if depth > DEEPEST:
        yield refused("too many archives inside of each other")
        return
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                yield refused(f"the archive has {len(members):,} files")
                return
            left = LARGEST_TOTAL
            for member in sorted(members, key=lambda m: m.filename):
                name = _name(member)
                names = PurePosixPath(name).parts
                if member.is_dir() or any(map(_is_junk, names)):
                    continue
                if why := _refusal(member, name, left):
                    yield refused(why, shown_name(name))
                    continue
                data = b""
                if _is_wanted(name) or name.lower().endswith(ARCHIVE):
                    left -= member.file_size
                    data = _read(archive, member)
                place = (*inside, *map(shown_name, names))
                if name.lower().endswith(ARCHIVE):
                    yield from _archive(
                        io.BytesIO(data), place, f"{shown}/{shown_name(name)}", depth + 1
                    )
                else:
                    yield Found(place, f"{shown}/{shown_name(name)}", _when(member), data)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        yield refused(f"the archive cannot be read: {error}")
    except Exception as error:  # the decoders have errors of their own: zlib.error, lzma.LZMAError
        yield refused(f"the archive is damaged: {type(error).__name__}")


def _name(member: zipfile.ZipInfo) -> str:
    """macOS writes UTF-8 without saying so; zipfile then takes it for the alphabet of DOS."""
    name = member.filename
    if not member.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _refusal(member: zipfile.ZipInfo, name: str, left: int) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name):
        return "its name leads out of the archive (.. or an absolute path)"
    if stat.S_ISLNK(member.external_attr >> 16):
        return LINK
    if not (_is_wanted(name) or name.lower().endswith(ARCHIVE)):
        return ""  # it will not be read
    largest = LARGEST_ARCHIVE if name.lower().endswith(ARCHIVE) else LARGEST
    if member.file_size > largest:
        return _too_large(member.file_size)
    if member.file_size > left:
        return f"the archive holds more than {LARGEST_TOTAL / 1e9:.0f} GB"
    if member.file_size > max(WORTH_A_LOOK, MOST_SHRUNK * member.compress_size):
        return "it grows to more than 500 times its size, as an archive made to do harm"
    return ""


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        data = file.read(member.file_size + 1)
    if len(data) > member.file_size:
        raise zipfile.BadZipFile("a file in it is larger than it says")
    return data


def _when(member: zipfile.ZipInfo) -> float:
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
