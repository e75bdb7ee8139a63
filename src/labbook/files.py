"""Files are written whole or not at all, and never through a link into a cache.

And read within bounds: anybody may have put a link to a device there, which never ends.
"""

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labbook.errors import LabbookError

RECORD_BYTES = 64_000_000  # of what labbook or DVC has written down, line by line
CONTENT_BYTES = 4_000_000_000  # of a table, a run or another file that has no limit of its own
OWNER_ALONE = 0o600
# Asked before a file is put in place, with its content, or removed, with None; it may refuse.
Guard = Callable[[Path, bytes | None], None]
_guards: list[Guard] = []


@contextmanager
def guarded(guard: Guard) -> Iterator[None]:
    """Ask `guard` of each file that is written or removed by the functions here."""
    _guards.append(guard)
    try:
        yield
    finally:
        _guards.remove(guard)


def write_bytes(path: Path, content: bytes, *, private: bool = False) -> None:
    """Put `content` at `path` in one step: a reader sees the old file or the new, never half.

    A `private` file is its owner's alone to read and write, whatever the umask. Raises
    `LabbookError` where the disk is full or the folder cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "wb", opener=_privately if private else None) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            for guard in _guards:
                guard(path, content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise LabbookError(
            f"{path}: cannot be written ({error.strerror or error}). Nothing was changed; "
            "free some space or make the folder writable, then run the same command again."
        ) from error


def _privately(path: str, flags: int) -> int:
    """Open a file that nobody else can open, also where it was left by a killed process."""
    descriptor = os.open(path, flags, OWNER_ALONE)
    os.fchmod(descriptor, OWNER_ALONE)
    return descriptor


def remove(path: Path) -> None:
    """Remove a file, if it is there. Raises `LabbookError` where that is impossible."""
    if not os.path.lexists(path):
        return
    for guard in _guards:
        guard(path, None)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise LabbookError(
            f"{path}: cannot be removed or replaced ({error.strerror or error}). Make the folder "
            "writable, then run the same command again."
        ) from error


def write_text(path: Path, text: str) -> None:
    """`write_bytes` for text, in UTF-8 with the line ends as given."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write `value` as readable JSON: sorted keys, no NaN (use None), a line end at the end."""
    text = json.dumps(value, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False)
    write_text(path, text + "\n")


def read_bytes(path: Path, most: int = RECORD_BYTES) -> bytes:
    """The content of a plain file of up to `most` bytes. Raises OSError for anything else.

    A device or a pipe may never end.
    """
    content = beginning(path, most)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"more than {most:,} bytes", str(path))
    return content


def beginning(path: Path, most: int) -> bytes:
    """The first `most` bytes of a plain file, and one more if there are more. Raises OSError."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    with path.open("rb") as file:  # Python takes memory for all that is asked for
        return file.read(min(most, os.fstat(file.fileno()).st_size) + 1)


def read_json(path: Path) -> Any:
    """Read a JSON file that labbook wrote. Raises `LabbookError` if it is missing or broken."""
    try:
        return json.loads(read_bytes(Path(path), CONTENT_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise LabbookError(
            f"{path}: cannot be read ({error}). Move it to another place, then run the same "
            "command again: what labbook had made there is made anew."
        ) from error
