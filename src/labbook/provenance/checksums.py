"""SHA-256 checksums of files: taken, cached, and recorded as evidence of what labbook has made.

- A **key file** records what a node's files were made for, and the checksum of each of them. It
  travels with them, so that dvc.lock, which has the checksums of key files, certifies all.
- `.labbook/made.sums` remembers the checksums of all that was made in this folder: Snakemake
  removes a job's key file before the job, and a killed job has written none.
- `.labbook/sums.json` caches checksums, so that key files can be compared with the files each time
  Snakemake reads the Snakefile: 10,000 unchanged files cost 10,000 calls of stat and no reading.

Records have lines as `sha256sum` writes them: `tail -n +2 results/report.key | sha256sum --check`
needs no labbook.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labbook.documents import read_text
from labbook.errors import LabbookError
from labbook.files import RECORD_BYTES, read_json, write_json, write_text
from labbook.identity.code import file_digest
from labbook.paths import RUNS, leads_outside
from labbook.provenance.node import Node

UNKNOWN = "-"  # stands for the checksum of a file that is still downloaded
LINE = re.compile(rf"(?P<sum>[0-9a-f]{{64}}|{UNKNOWN})  (?P<path>[^\0]+)")
CACHE = Path(".labbook/sums.json")
COARSE = 3 * 10**9  # nanoseconds: more than the tick of any file system
MADE = Path(".labbook/made.sums")  # the newest last
NEWEST = 5  # checksums of a path that are remembered


def read_sums(path: Path) -> list[tuple[Path, str]]:
    """The paths and checksums in a record, in order; none where it cannot be read."""
    matches = map(LINE.fullmatch, _read_lines(path))
    return [(Path(match["path"]), match["sum"]) for match in matches if match]


def _read_lines(path: Path) -> list[str]:
    try:
        return read_text(path, RECORD_BYTES).splitlines()
    except (OSError, UnicodeDecodeError):
        return []


class Sums:
    """The checksums of files by path, cached in `CACHE` with what stat said of the file.

    Only what was asked for is kept: files that no node has any more are forgotten.
    """

    def __init__(self) -> None:
        try:
            before = read_json(CACHE) if CACHE.exists() else {}
        except LabbookError:  # half written by a dying machine: they are taken anew
            before = {}
        self._before: dict[str, list[int | str]] = before if isinstance(before, dict) else {}
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


@dataclass(frozen=True)
class KeyFile:
    """What a key file says: the key (None without a key file), and the SHA-256 of files by path."""

    key: str | None = None
    sums: Mapping[Path, str] = field(default_factory=dict)


def read_key_file(path: Path) -> KeyFile:
    """What a key file says; nothing where it cannot be read, or is a link out of the project."""
    if not path.is_file() or leads_outside(path) or not (lines := _read_lines(path)):
        return KeyFile()
    matches = map(LINE.fullmatch, lines[1:])
    return KeyFile(lines[0], {Path(match["path"]): match["sum"] for match in matches if match})


def write_key(node: Node) -> None:
    """Record the node's key and its files' checksums. Raises `LabbookError` if one is missing."""
    files = [path for path in (*node.outputs, *node.extras) if path != node.key_file]
    try:
        sums = {path: file_digest(path) for path in sorted(files)}
    except OSError as error:
        raise LabbookError(
            f"{node.name}: {error.filename} cannot be read ({error.strerror}) after it was made. "
            "Run snakemake again: it is made anew."
        ) from error
    remember(sums)
    lines = (f"{total}  {path.as_posix()}\n" for path, total in sums.items())
    write_text(node.key_file, node.key + "\n" + "".join(lines))


def changed_files(node: Node, recorded: KeyFile, sums: Sums) -> list[Path]:
    """The node's files that are missing, or have another checksum than its key file says.

    Key file and files disagree where a `dvc pull`, a `dvc checkout` or a copy broke off.
    """
    files = {*node.outputs, *node.extras, *recorded.sums} - {node.key_file}
    return sorted(p for p in files if p not in recorded.sums or sums.of(p) != recorded.sums[p])


def is_fresh(node: Node, sums: Sums) -> bool:
    """Whether a node's files are all there, made for its key of today, and as its job left them."""
    recorded = read_key_file(node.key_file)
    return recorded.key == node.key and not changed_files(node, recorded, sums)


def is_made(node: Node) -> bool:
    """Whether a node's files are there, made for its key of today. They are not read."""
    there = all(path.exists() for path in node.outputs)
    return there and read_key_file(node.key_file).key == node.key


def remember(sums: Mapping[Path, str]) -> None:
    """Write down what is made, by path. Raises `LabbookError` where that is impossible."""
    mine = {path: total for path, total in sums.items() if path.parent != RUNS}
    before = remembered() if mine else {}
    lines = [
        f"\n{total}  {path.as_posix()}"  # a line that a kill cut off must not spoil the next
        for path, total in mine.items()
        if before.get(path, [""])[-1] != total
    ]
    if not lines:
        return
    try:
        MADE.parent.mkdir(exist_ok=True)
        if MADE.exists() and not MADE.is_file():  # a pipe may never be read
            raise OSError("not a plain file")
        with MADE.open("a", encoding="utf-8") as file:
            file.write("".join(lines))  # at once: other jobs write, too
    except OSError as error:
        raise LabbookError(
            f"{MADE}: cannot be written ({error.strerror or error}). Free some space or make the "
            "folder writable, then run the same command again."
        ) from error


def remembered() -> dict[Path, list[str]]:
    """The newest checksums of what has been made here, by path; the last is the newest."""
    by_path: dict[Path, list[str]] = {}
    for path, total in read_sums(MADE):
        sums = by_path.setdefault(path, [])
        sums[:] = [*(other for other in sums if other != total), total][-NEWEST:]
    return by_path


def shorten_memory() -> None:
    """Leave out older checksums where most are such. To be called while no job is at work."""
    newest = [
        f"{total}  {path.as_posix()}\n" for path, sums in remembered().items() for total in sums
    ]
    if len(read_sums(MADE)) > 2 * len(newest) + 2 * NEWEST:
        write_text(MADE, "".join(newest))
