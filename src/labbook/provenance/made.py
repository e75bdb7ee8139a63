"""What labbook has made in this folder: all else under data and results is the user's own.

A file is labbook's if it has a sum that is remembered for its path; a name alone proves nothing:
the user may have put another file there since, or edited it. Key files have the sums, too; but
Snakemake removes a job's key file before the job, and a killed job has written none.
"""

import hashlib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from labbook.documents import read_text
from labbook.errors import LabbookError
from labbook.files import RECORD_BYTES, write_text
from labbook.identity.code import file_digest
from labbook.paths import RAW, RUNS, TOPS, leads_outside
from labbook.wording import few

MADE = Path(".labbook/made.sums")  # sum and path, as in key files; the newest last
NEWEST = 5  # sums of a path that are kept
PART = ".part"  # ends labbook's own name for what is downloaded in part, whatever its sum
UNKNOWN = "-"
RUN = re.compile(r"[0-9a-f]{16}\.safetensors")  # run files say themselves what they are


def remember(sums: Mapping[Path, str]) -> None:
    """Write down what is made, by path. Raises `LabbookError` where that is impossible."""
    mine = {path: total for path, total in sums.items() if path.parent != RUNS}
    known = remembered() if mine else {}
    new = [
        f"\n{total}  {path.as_posix()}"  # a line that a kill cut off must not spoil the next
        for path, total in mine.items()
        if known.get(path, [UNKNOWN])[-1] != total or path not in known
    ]
    if not new:
        return
    try:
        MADE.parent.mkdir(exist_ok=True)
        if MADE.exists() and not MADE.is_file():  # a pipe may never be read
            raise OSError("not a plain file")
        with MADE.open("a", encoding="utf-8") as file:
            file.write("".join(new))  # at once: other jobs write, too
    except OSError as error:
        raise LabbookError(
            f"{MADE}: cannot be written ({error.strerror or error}). Free some space or make the "
            "folder writable, then run the same command again."
        ) from error


def remembered() -> dict[Path, list[str]]:
    """The newest sums of what has been made here, by path; the last is the newest."""
    found: dict[Path, list[str]] = {}
    for line in _lines():
        total, between, path = line.partition("  ")
        if between:
            sums = found.setdefault(Path(path), [])
            sums[:] = [*(one for one in sums if one != total), total][-NEWEST:]
    return found


def shorten() -> None:
    """Leave out older sums where most lines are such. To be called while no job is at work."""
    known = remembered()
    if len(_lines()) > 2 * sum(map(len, known.values())) + 2 * NEWEST:
        lines = [f"{total}  {path.as_posix()}\n" for path, sums in known.items() for total in sums]
        write_text(MADE, "".join(lines))


def is_made(path: Path, sums: Collection[str]) -> bool:
    """Whether the file there has one of these sums; it is read only where there are any."""
    if path.name.endswith(PART) and UNKNOWN in sums:
        return True
    try:
        return bool(sums) and not leads_outside(path) and file_digest(path) in sums
    except OSError:
        return False


def is_run(path: Path) -> bool:
    """Whether a file is a run's, by its place and name."""
    return path.parent.name == RUNS.name and RUN.fullmatch(path.name) is not None


def replace_own_alone(path: Path, content: bytes | None) -> None:
    """Asked before a job writes a file (removes it: None): a user's own is not replaced.

    What is written is remembered before it is there, so that it is known after a kill. Raises
    `LabbookError` where another file than labbook's is in the way; of raw data put.py does.
    """
    if path.is_absolute() or path.parts[0] not in TOPS or path.parent == RUNS:
        return
    total = None if content is None else hashlib.sha256(content).hexdigest()
    if os.path.lexists(path) and not path.is_relative_to(RAW):
        known = {*remembered().get(path, ()), *filter(None, [total])}
        if not is_made(path, known):
            raise LabbookError(in_the_way_text([path]))
    if total is not None:
        remember({path: total})


def in_the_way_text(paths: Sequence[Path]) -> str:
    """What to tell of files of a user's that lie where labbook is about to write."""
    return (
        f"{few(paths)}: in the way of what labbook makes, and not made by labbook as far as is "
        "known here. Nothing of it was changed. Move it to another place, such as notes/ or "
        "tables/, then run the same command again."
    )


def _lines() -> list[str]:
    try:
        return read_text(MADE, RECORD_BYTES).splitlines()
    except (OSError, UnicodeDecodeError):
        return []
