"""Pictures leave the pages: what a notebook holds as data becomes a file, each picture once."""

import base64
import hashlib
import io
import re
from pathlib import Path

from PIL import Image

DATA = re.compile(
    r"data:image/(?P<kind>webp|png|gif|jpeg|svg\+xml);base64,(?P<data>[A-Za-z0-9+/=]+)"
)
IMG = re.compile(r"<img\b(?P<attributes>[^>]*)>")
FOLDER = "figures"
FIRST = 900  # pixels: what the first page shows, and small enough to open at once


def first_picture(old: Path, new: Path) -> None:
    """README's picture, smaller, for the first page."""
    picture = Image.open(old)
    picture.thumbnail((FIRST, FIRST))
    picture.save(new, quality=75, method=6)


class Pictures:
    """The pictures of the book, kept under the hash of what is in them."""

    def __init__(self, book: Path, up: str = "../") -> None:
        self.folder, self.up = book / FOLDER, up
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sizes: dict[str, tuple[int, int]] = {}

    def taken_out(self, html: str) -> str:
        """The HTML (or JSON) with addresses of files in place of data."""
        return DATA.sub(self._file, html)

    def in_page(self, html: str) -> str:
        """`taken_out`, with sizes on the images, so that nothing jumps when they come."""
        return IMG.sub(self._sized, self.taken_out(html))

    def _file(self, found: re.Match) -> str:
        content = base64.b64decode(found["data"])
        ending = found["kind"].removesuffix("+xml")
        name = f"{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
        (self.folder / name).write_bytes(content)
        if ending != "svg":
            self.sizes[name] = Image.open(io.BytesIO(content)).size
        return f"{self.up}{FOLDER}/{name}"

    def _sized(self, found: re.Match) -> str:
        attributes = found["attributes"].rstrip(" /")
        name = re.search(rf'src="[^"]*{FOLDER}/([^"]+)"', attributes)
        if not name or name[1] not in self.sizes or "loading=" in attributes:
            return found[0]
        size = ""
        if not re.search(r'\bwidth="', attributes):  # the style says how wide it is shown
            size = ' width="{}" height="{}"'.format(*self.sizes[name[1]])
        return f'<img{attributes}{size} loading="lazy" decoding="async">'
