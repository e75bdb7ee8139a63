"""Files of any size beside the user's own: written whole or not at all, never over another."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from labbook.errors import LabbookError
from labbook.evaluate.writing import null_for_nan


def refuse_taken(path: Path, force: bool, *inputs: Path) -> None:
    """Raise `LabbookError` where something lies at `path`, unless it is a file to be replaced.

    Never one of the `inputs`.
    """
    for one in inputs:
        if path.exists() and one.exists() and path.samefile(one):
            raise LabbookError(
                f"{path}: is read here and is not to be written over; give another name."
            )
    if path.exists() and not path.is_file():
        raise LabbookError(f"{path}: is not a plain file; give the name of a file.")
    if os.path.lexists(path) and not force:
        raise LabbookError(
            f"{path}: is there already, and nothing was changed. Give another name, or --force to "
            "replace it."
        )


def json_bytes(content: Any) -> bytes:
    """A readable JSON file: null in place of what is no number."""
    plain = null_for_nan(content)
    text = json.dumps(plain, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return (text + "\n").encode()


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file to be filled, which is at `path` once the block has ended, and else leaves nothing.

    Raises `LabbookError` where the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise LabbookError(
            f"{path}: cannot be written ({error.strerror or error}). Nothing was changed; free "
            "some space or give a folder that can be written, then run the same command again."
        ) from error
