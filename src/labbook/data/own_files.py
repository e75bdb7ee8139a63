"""Files and folders of the user's own: their sums, and the one file that a folder becomes.

A folder becomes a tar archive that holds names and contents in order and nothing else, so that
equal folders have equal sums wherever they lie.
"""

import errno
import hashlib
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from labbook.errors import LabbookError
from labbook.files import CONTENT_BYTES
from labbook.identity.code import file_digest
from labbook.params.limits import FILES
from labbook.paths import leads_outside

NOT_MEANT = frozenset({"Thumbs.db", "desktop.ini"})  # that Windows leaves behind
ELSEWHERE = (
    "{}: leads out of this folder by a link, and a study's data belong to it ({}). "
    "Put a copy of the {} itself there."
)
BLOCK = 1 << 20  # bytes
Opened = Mapping[str, Callable[[], IO[bytes]]]  # by name


class Sink(Protocol):
    """What takes an archive piece by piece."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""


class _Sum:
    """A sink that keeps the sum alone."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self.hash.update(data)


def own_sum(path: Path) -> str | None:
    """The SHA-256 of what `copy_own` would make; None where it would refuse."""
    try:
        if leads_outside(path):
            return None
        if not path.is_dir():
            return file_digest(path)
        total = _Sum()
        _pack(members(path), total)
        return total.hash.hexdigest()
    except (OSError, LabbookError):
        return None


def copy_own(setting: str, path: str, project: Path, copy: Path) -> None:
    """Copy the user's file or folder at `path`, relative to the `project` folder, to `copy`.

    As it is, and piece by piece, so that what was studied stays with the results; `setting` is
    where params.yaml names it. Raises `LabbookError` where there is none, or where it leads
    elsewhere, and OSError where the copy cannot be written.
    """
    own = project / path
    if leads_outside(Path(path), project):
        raise LabbookError(ELSEWHERE.format(path, setting, "file" if own.is_file() else "folder"))
    with copy.open("wb") as sink:
        try:
            if own.is_dir():
                _pack(members(Path(path), project, setting), sink)
                return
            for block in _blocks(own):
                sink.write(block)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise LabbookError(
                f"{error.filename or path}: cannot be read ({error.strerror or error}). "
                f"`{setting}` in params.yaml must name a file of yours (or of images a folder), "
                "seen from the folder that params.yaml is in."
            ) from error


def _blocks(path: Path) -> Iterator[bytes]:
    """A plain file's content. Raises OSError for what is none, or larger than can be meant."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    if path.stat().st_size > CONTENT_BYTES:
        raise OSError(errno.EFBIG, f"more than {CONTENT_BYTES:,} bytes", str(path))
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def members(folder: Path, project: Path = Path(), setting: str = "path") -> dict[str, Path]:
    """The files that count in a folder of images, by name in order: "cat/1.png".

    Those in folders of classes; where IDX files lie beside them, these alone. Hidden files are
    passed over. Raises `LabbookError` for links that lead elsewhere, and more than can be meant.
    """
    found, size = {}, 0
    for path in _walk(project / folder, f"{folder} ({setting})"):
        name = path.relative_to(project / folder).as_posix()
        if path.is_symlink() and leads_outside(folder / name, project):
            raise LabbookError(ELSEWHERE.format(folder / name, setting, "file"))
        found[name] = path
        size += path.stat().st_size
        if len(found) > FILES or size > CONTENT_BYTES:
            raise LabbookError(
                f"{folder}: holds more than {FILES:,} files or {CONTENT_BYTES:,} bytes, the most "
                f"that `{setting}` may name. Is it the right folder?"
            )
    counted = list(filter(is_idx, found)) or [name for name in found if "/" in name]
    if not counted:
        raise LabbookError(
            f"{folder}: holds no images. Put PNG or JPEG files there in a folder for each class "
            "(cat/1.png, dog/1.png), or IDX files named as MNIST's (train-images-idx3-ubyte, "
            "train-labels-idx1-ubyte, ...)."
        )
    return {name: found[name] for name in sorted(counted)}


def is_idx(name: str) -> bool:
    """Whether a file, beside no folders, is named as MNIST's are."""
    return (
        "/" not in name
        and name.startswith(("train", "t10k"))
        and ("images" in name or "labels" in name)
    )


def _walk(folder: Path, told: str) -> Iterator[Path]:
    """Files in a folder and in those in it, but for hidden ones."""

    def refuse(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            if Path(place, name).is_symlink():
                raise LabbookError(
                    f"{told}: {name} is a link to a folder. Put the folder itself there."
                )
        for name in names:
            if not name.startswith(".") and name not in NOT_MEANT:
                yield _readable(Path(place, name))


def _readable(path: Path) -> Path:
    """A plain file whose name can be written down."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise LabbookError(f"{path!r}: its name is no text in UTF-8. Rename it.") from error
    if not path.is_file():
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    return path


def _pack(files: Mapping[str, Path], sink: Sink) -> None:
    """Write the archive of these files: no times, no owners."""
    for name, path in files.items():
        content = path.read_bytes()
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        # The short form, which most names fit, is made in half the time; its bytes are the same.
        short = name.isascii() and len(name) <= tarfile.LENGTH_NAME
        sink.write(entry.tobuf(tarfile.USTAR_FORMAT if short else tarfile.PAX_FORMAT))
        sink.write(content)
        sink.write(bytes(-len(content) % tarfile.BLOCKSIZE))
    sink.write(bytes(2 * tarfile.BLOCKSIZE))


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """The files of a folder of images, or of the archive that it became, in order."""
    if path.is_dir():
        yield {name: opener(file) for name, file in members(path).items()}
        return
    try:
        with tarfile.open(path, "r:") as archive:
            yield {entry.name: _extractor(archive, entry) for entry in archive if entry.isfile()}
    except tarfile.TarError as error:
        raise LabbookError(
            f"{path}: cannot be read ({error}). Remove the file to have it made anew."
        ) from error


def opener(path: Path) -> Callable[[], IO[bytes]]:
    """What opens a file."""
    return lambda: path.open("rb")


def _extractor(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
    def extract() -> IO[bytes]:
        file = archive.extractfile(entry)
        assert file is not None  # a plain file
        return file

    return extract
