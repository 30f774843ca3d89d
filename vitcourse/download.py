"""Large files from the network: fetched once, resumed where they were cut, verified, then named.

Until its hash is verified, a file is called NAME.part, which nobody reads. torch.hub's own download
verifies too, but starts again after each cut, and two notebooks at once download twice.
"""

import errno
import shutil
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from socket import gaierror
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, build_opener, getproxies, proxy_bypass

from filelock import FileLock, Timeout
from tqdm.auto import tqdm

PATIENCE = 20  # seconds without a byte before a connection counts as cut
PAUSE = 1  # seconds before it is opened again
CHUNK = 2**18
FULL = {errno.ENOSPC, errno.EDQUOT}


class DownloadError(Exception):
    """Why there is no file: `why`, half a sentence, and `advice`, what to do about it."""

    def __init__(self, why: str, advice: str) -> None:
        super().__init__(why)
        self.why, self.advice = why, advice


class DiskError(DownloadError):
    """No room in the folder, or no permission to write; whoever chose it knows what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(why, "")


def fetch(url: str, file: Path, is_right: Callable[[Path], bool]) -> None:
    """Make sure that `file` is there and right; if it is not, download it from `url`.

    `is_right(path)` verifies a hash. A file that fails it is fetched again. A connection that is
    cut is reopened and continues where it broke off, as long as new bytes arrive; NAME.part stays
    for the next call. Of several processes that ask at once, one downloads and the others wait.

    Raises DownloadError, and DiskError if the folder is at fault, not the network.
    """
    try:
        if file.is_file() and is_right(file):
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        with file_lock(file):
            _fetch(url, file, is_right)
    except OSError as error:  # those of the network are DownloadError already
        raise _disk_error(error, file.parent) from None


def bytes_so_far(file: Path) -> int:
    """How many bytes of an unfinished download the next call can continue from."""
    part = _part(file)
    return part.stat().st_size if part.is_file() else 0


def _part(file: Path) -> Path:
    return file.with_name(f"{file.name}.part")


@contextmanager
def file_lock(file: Path) -> Iterator[None]:
    """Let no other notebook or process be busy with `file` at the same time."""
    lock = FileLock(file.with_name(f".{file.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"Another notebook or process is busy with {file.name}; this one waits for it.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _fetch(url: str, file: Path, is_right: Callable[[Path], bool]) -> None:
    part = _part(file)
    if file.is_file():
        if is_right(file):  # the process that we waited for was successful
            return
        print(f"{file.name} was damaged; downloading it again.")
        file.replace(part)  # perhaps it was only cut short, and its beginning is good
    start = longest = bytes_so_far(file)
    while True:
        try:
            _receive(url, part)
        except DownloadError:
            if bytes_so_far(file) <= longest:
                raise
            longest = bytes_so_far(file)
            time.sleep(PAUSE)
            continue
        if is_right(part):
            part.replace(file)
            return
        part.unlink()
        if start == 0:
            raise DownloadError(
                f"{urlsplit(url).hostname} sent a different file from the published one",
                "Something on the way may have changed it. Try again later or on another network.",
            )
        start = longest = (
            0  # what was there was not the beginning of this file: once more, all of it
        )


def _receive(url: str, part: Path) -> None:
    """Append what is missing to `part`. A server that cannot do so sends all of it again."""
    start = part.stat().st_size if part.is_file() else 0
    headers = {"User-Agent": "vitcourse"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        # Not urlopen: it does not notice a proxy that is set after its first call.
        response = build_opener().open(Request(url, headers=headers), timeout=PATIENCE)
    except HTTPError as error:
        error.close()  # it is the response too, and holds the connection
        if error.code == 416 and start:  # "there is nothing after that": the hash will tell
            return
        raise _no_file(error, url) from None
    except (OSError, HTTPException) as error:
        raise _no_connection(error, url) from None
    with response:
        start = start if response.status == 206 else 0
        chunk = _read(response)
        # Checked before it could overwrite a good beginning.
        if response.headers.get_content_type() == "text/html" or (start == 0 and chunk[:1] == b"<"):
            raise _web_page(url)
        length = response.headers["Content-Length"]
        total = start + int(length) if length else None
        _check_room(part, (total or 0) - start)
        try:
            _write(response, chunk, part, start, total)
        except OSError as error:
            if error.errno in FULL:
                part.unlink(missing_ok=True)
            raise
    if total is not None and part.stat().st_size < total:  # a cut connection looks like an end
        raise _cut()


def _write(response, chunk: bytes, part: Path, start: int, total: int | None) -> None:
    name = part.name.removesuffix(".part")
    with (
        part.open("ab" if start else "wb", buffering=0) as file,
        tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=name, leave=False) as bar,
    ):
        while chunk:
            file.write(chunk)
            bar.update(len(chunk))
            chunk = _read(response)


def _read(response) -> bytes:
    try:
        return response.read1(CHUNK)  # what there is now: a cut must not swallow what came before
    except TimeoutError:
        raise DownloadError(
            f"nothing more came for {PATIENCE} seconds", "The server or the network may be busy."
        ) from None
    except (OSError, HTTPException):
        raise _cut() from None


# What went wrong, in words.


def _cut() -> DownloadError:
    return DownloadError("the connection was cut", "The network may be unsteady.")


def _web_page(url: str) -> DownloadError:
    return DownloadError(
        f"{urlsplit(url).hostname} seems to have sent a web page instead of the file",
        "It may be the log-in page of this network, or a firewall's: open any page in a browser, "
        "log in, and try again.",
    )


def _no_file(error: HTTPError, url: str) -> DownloadError:
    if error.code in (404, 410):
        return DownloadError(
            f"{urlsplit(url).hostname} has no such file (HTTP {error.code})",
            "Its address may have changed: update torchvision and the course.",
        )
    if error.code == 407:
        return _no_connection(OSError("Proxy Authentication Required"), url)
    return DownloadError(
        f"{urlsplit(url).hostname} answered HTTP {error.code} ({error.reason})",
        "A firewall may forbid it (4xx), or the server has a problem (5xx): try again later.",
    )


def _no_connection(error: Exception, url: str) -> DownloadError:
    reason, host = getattr(error, "reason", error), urlsplit(url).hostname
    if isinstance(reason, ssl.SSLError):
        said = getattr(reason, "verify_message", "") or reason
        return DownloadError(
            f"the certificate of {host} cannot be trusted ({said})",
            "A firewall or virus scanner may look into the connection, or this Python has no "
            "certificates. Whoever runs the network has a file for the variable SSL_CERT_FILE.",
        )
    if proxy := _proxy(url):
        return DownloadError(
            f"the proxy {proxy} could not connect to {host} ({_words(reason)})",
            "The environment variables http_proxy, https_proxy and no_proxy say which is used.",
        )
    if isinstance(reason, gaierror):
        return DownloadError(
            f"{host} cannot be found", "This computer is offline, or cannot look up names."
        )
    return DownloadError(
        f"no connection to {host} ({_words(reason)})",
        "This computer may be offline, or behind a firewall: try another network.",
    )


def _proxy(url: str) -> str:
    """Host and port of the proxy that is used for `url`, without name and password; or ""."""
    parts = urlsplit(url)
    address = getproxies().get(parts.scheme, "")
    if not address or proxy_bypass(parts.hostname or ""):
        return ""
    return (address if "//" in address else f"//{address}").partition("//")[2].rpartition("@")[2]


def _words(reason) -> str:
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__


def _check_room(part: Path, needed: int) -> None:
    # If all of it is sent again, the old part is overwritten, so this asks for a little too much.
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise DiskError(
            f"{megabytes(needed)} are needed, but only {megabytes(free)} are free in {part.parent}"
        )


def _disk_error(error: OSError, folder: Path) -> DiskError:
    if error.errno in FULL:
        return DiskError(f"the disk is full ({folder})")
    return DiskError(f"{folder} cannot be used ({_words(error)})")


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
