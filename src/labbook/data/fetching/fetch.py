"""One pinned file from wherever it can be had: in place, from the mirror, from its origins.

With time-outs, retries, resumption and sparing progress.
"""

import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests
from urllib3.exceptions import HTTPError, MaxRetryError

from labbook.addresses import shown
from labbook.errors import LabbookError
from labbook.identity.code import file_digest
from labbook.params.sources import File

CONNECT_TIMEOUT = 5.0  # seconds; not tried again, so that a machine without network fails soon
READ_TIMEOUT = 30.0  # seconds without a byte
ATTEMPTS = 4  # for a transfer that breaks off
PAUSE = 0.5  # seconds before the second attempt, twice as long before each further one
PROGRESS = 1.0  # seconds between two lines of progress
BLOCK = 1 << 18  # bytes
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})  # answers that may change soon


class UnreachableError(LabbookError):
    """Nothing could be fetched from an address; another one may have the file."""


class _BrokenOffError(Exception):
    """A transfer that is worth another attempt, which goes on where this one ended."""


def obtain(dataset: str, name: str, file: File, folder: Path, mirror: str | None) -> Path:
    """A path in `folder` with the right content: `name` itself, or `<name>.part`, to be renamed.

    `mirror` is a folder or an address laid out as <data set>/<file name>. Raises
    `UnreachableError` with all that was tried where no address has the file, and `LabbookError`
    where one has other content.
    """
    whole, part = folder / name, folder / f"{name}.part"
    for path in (whole, part):
        if (
            path.is_file()
            and path.stat().st_size == file.bytes
            and file_digest(path) == file.sha256
        ):
            return path
    if part.is_file() and part.stat().st_size >= file.bytes:
        part.unlink()
    failures = []
    addresses = list(file.origins)
    if mirror:
        if not mirror.startswith(("http://", "https://", "file://")):
            mirror = Path(mirror).expanduser().absolute().as_uri()
        addresses.insert(0, f"{mirror.rstrip('/')}/{dataset}/{name}")
    for address in addresses:
        try:
            return _checked(address, part, file, f"{dataset}: {name}")
        except UnreachableError as error:
            failures.append(f"  {shown(address)}: {error}")
    tried = "\n".join(failures)
    raise UnreachableError(f"{dataset}: {name} could not be fetched from anywhere:\n{tried}")


def _checked(address: str, part: Path, file: File, label: str) -> Path:
    kept = transfer(address, part, file.bytes, label)
    total = file_digest(part)
    if total != file.sha256 and kept:  # perhaps only the piece of an earlier attempt is wrong
        part.unlink()
        transfer(address, part, file.bytes, label)
        total = file_digest(part)
    if total == file.sha256:
        return part
    size = part.stat().st_size
    length = f"more than {file.bytes}" if size > file.bytes else str(size)
    part.unlink()
    raise LabbookError(
        f"{label} from {shown(address)} has other content than params.yaml says: expected SHA-256 "
        f"{file.sha256} ({file.bytes} bytes), found {total} ({length} bytes). It was removed. "
        "If the file was changed on purpose, put its new sum and size into params.yaml; else "
        "use another origin or mirror."
    )


def transfer(address: str, part: Path, size: int, label: str) -> bool:
    """Bring the file at `address` (http, https or file) to `part`, going on where `part` ends.

    `size` is the expected number of bytes; of a longer file one byte more is fetched. Returns
    whether bytes of an earlier attempt were kept. Raises `UnreachableError`, or `LabbookError`
    where the disk cannot be written.
    """
    try:
        if urlsplit(address).scheme == "file":
            _copy(Path(url2pathname(urlsplit(address).path)), part, size)
            return False
        return _fetch(address, part, _Progress(label, size))
    except OSError as error:
        raise LabbookError(
            f"{part}: cannot be written ({error.strerror or error}). Free some space or make the "
            "folder writable, then run the same command again: it goes on where it was."
        ) from error


def _copy(source: Path, part: Path, size: int) -> None:
    """Up to one byte too many: a device would never end."""
    if source.exists() and not source.is_file():
        raise UnreachableError("not a plain file")
    try:
        file = source.open("rb")
    except OSError as error:
        raise UnreachableError(error.strerror or str(error)) from error
    with file, part.open("wb") as target:
        left = size + 1
        while left and (block := file.read(min(BLOCK, left))):
            target.write(block)
            left -= len(block)


class _Progress:
    """Says on stderr how far a file is, at most once a second and not for short transfers."""

    def __init__(self, label: str, size: int) -> None:
        self.label, self.size = label, size
        self.last = time.monotonic()

    def __call__(self, done: int) -> None:
        if time.monotonic() - self.last >= PROGRESS:
            self.last = time.monotonic()
            print(f"{self.label}: {done / 1e6:.1f} of {self.size / 1e6:.1f} MB", file=sys.stderr)


def _fetch(address: str, part: Path, progress: _Progress) -> bool:
    kept, reason = False, ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE * 2 ** (attempt - 1))
        try:
            return _receive(address, part, progress) or kept
        except _BrokenOffError as error:
            kept, reason = part.exists(), str(error)
    raise UnreachableError(f"{reason}, {ATTEMPTS} times")


def _receive(address: str, part: Path, progress: _Progress) -> bool:
    """One request; whether it went on from bytes that were there."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with requests.get(
            address, headers=headers, stream=True, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT)
        ) as response:
            resumes = _judge(response, have, part)
            _append(response.raw, part, have if resumes else 0, progress)
            if "Content-Length" not in response.headers and part.stat().st_size < progress.size:
                raise _BrokenOffError("ended early")  # without a length, a cut looks like an end
            return resumes
    except requests.ReadTimeout as error:
        raise _BrokenOffError(f"no answer for {READ_TIMEOUT:g} s") from error
    except requests.ConnectionError as error:
        if isinstance(error, (requests.ConnectTimeout, requests.exceptions.SSLError)) or (
            error.args and isinstance(error.args[0], MaxRetryError)
        ):
            raise UnreachableError(_why(error)) from error
        raise _BrokenOffError("the connection broke off") from error
    except requests.RequestException as error:
        raise UnreachableError(_why(error)) from error
    except HTTPError as error:
        raise _BrokenOffError("the connection broke off") from error


def _judge(response: requests.Response, have: int, part: Path) -> bool:
    """Whether the answer goes on after `have` bytes; raises where it brings nothing."""
    status = response.status_code
    if status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        return True
    if status in (206, 416):  # not the range that was asked for: all of it, next time
        part.unlink(missing_ok=True)
        raise _BrokenOffError("the file cannot be continued")
    if status in BUSY:
        raise _BrokenOffError(f"answers {status} {response.reason}")
    if status != 200:
        raise UnreachableError(f"answers {status} {response.reason}")
    return False


def _append(stream: Any, part: Path, have: int, progress: _Progress) -> None:
    """Write what comes behind the first `have` bytes of `part`, up to one byte too many."""
    with part.open("ab" if have else "wb") as file:
        while have <= progress.size:
            block = stream.read(min(BLOCK, progress.size + 1 - have))
            if not block:
                return
            file.write(block)
            have += len(block)
            progress(have)


def _why(error: Exception) -> str:
    text = repr(error)
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {CONNECT_TIMEOUT:g} s"
    for sign, reason in (
        ("NameResolutionError", "the name is not known (no network?)"),
        ("refused", "the connection was refused"),
        ("SSL", "no secure connection could be made"),
        ("Proxy", "the proxy gives no connection"),
    ):
        if sign in text:
            return reason
    return f"no connection ({type(error).__name__})"
