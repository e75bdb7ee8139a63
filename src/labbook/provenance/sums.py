"""A cache of checksums: SHA-256 of files, taken anew only of those that have changed since.

So the checksums in key files can be compared with the files each time Snakemake reads the
Snakefile: 10,000 unchanged files cost 10,000 calls of stat and no reading.
"""

import time
from collections.abc import Iterable
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import read_json, write_json
from labbook.identity.code import file_digest
from labbook.paths import leads_outside

CACHE = Path(".labbook/sums.json")
COARSE = 3 * 10**9  # nanoseconds: more than the tick of any file system


class Sums:
    """The checksums of files by path, kept in `CACHE` with what stat said of the file.

    Only what was asked for is kept: files that no node has any more are forgotten.
    """

    def __init__(self) -> None:
        self._before = _read()
        self._taken: dict[str, list[int | str]] = {}

    def of(self, path: Path) -> str | None:
        """The SHA-256 of a file's content; None where it cannot be read, or is not of here."""
        name = path.as_posix()
        try:
            state = _state(path)
            cached = self._taken.get(name) or self._before.get(name)
            if cached and cached[:-1] == state:
                total = str(cached[-1])
            elif leads_outside(path):
                return None
            else:
                total = file_digest(path)
        except (OSError, ValueError):  # no such file, or a path that none can have
            return None
        self._taken[name] = [*state, total]
        return total

    def keep(self, paths: Iterable[Path]) -> None:
        """Only the times of these files were set: their checksums still hold."""
        for path in paths:
            if path.as_posix() in self._taken:
                total = self._taken[path.as_posix()][-1]
                self._taken[path.as_posix()] = [*_state(path), total]

    def save(self) -> None:
        """Keep the checksums for the next time. Raises `LabbookError` on a full disk.

        Not those of files written a moment ago: on a disk with coarse times another write could
        leave the same times behind.
        """
        lately = time.time_ns() - COARSE
        settled = {
            name: entry
            for name, entry in self._taken.items()
            if int(entry[1]) < lately and int(entry[2]) < lately
        }
        if settled != self._before:
            write_json(CACHE, settled)


def _state(path: Path) -> list[int]:
    """What differs after any write: ctime too, which no program can set back."""
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def _read() -> dict[str, list[int | str]]:
    try:
        taken = read_json(CACHE) if CACHE.exists() else {}
    except LabbookError:  # half written by a dying machine: they are taken anew
        return {}
    return taken if isinstance(taken, dict) else {}
