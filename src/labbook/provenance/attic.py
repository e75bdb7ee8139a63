"""Moves files that nothing asks for to the attic, and restores runs that are asked for again.

Nothing is removed. Checkpoints of runs that were stopped are moved and restored, too.
`.labbook/attic.sums` has the checksums of what was moved, as `sha256sum` writes them: a run that
was changed since is not restored. Which files may be moved: provenance/ownership.py.
"""

import contextlib
import sys
from collections.abc import Iterable
from pathlib import Path

from labbook.errors import LabbookError
from labbook.identity.code import file_digest
from labbook.paths import ATTIC, CHECKPOINTS, RUNS, leads_outside
from labbook.provenance.checksums import read_sums
from labbook.training.runfile import run_path


def move_aside(paths: Iterable[Path], to: Path = ATTIC) -> None:
    """Move files into the attic or another folder, under the path that they had.

    Another file that lies there already keeps its name; the new one gets one with a number. Raises
    `LabbookError` where a file cannot be moved.
    """
    for path in paths:
        try:
            total = "" if leads_outside(path) else file_digest(path)
            aside, number = to / path, 0
            while aside.exists() and file_digest(aside) != total:
                number += 1
                aside = (to / path).with_name(f"{path.name}.{number}")
            aside.parent.mkdir(parents=True, exist_ok=True)
            path.replace(aside)
            if total:  # else a link, which alone was moved
                with _sums_of(to).open("a", encoding="utf-8") as sums:
                    sums.write(f"{total}  {aside.relative_to(to).as_posix()}\n")
        except OSError as error:
            raise LabbookError(
                f"{path}: cannot be moved to {to} ({error.strerror or error}). Make both folders "
                "writable and of one disk, then run the same command again."
            ) from error
        with contextlib.suppress(OSError):  # not empty yet
            path.parent.rmdir()


def bring_back(run_ids: Iterable[str]) -> None:
    """Restore those of the runs that lie in the attic unchanged, and not in results/runs.

    Of a run that is not in the attic either its checkpoint.
    """
    sums = dict(read_sums(_sums_of(ATTIC)))  # the newest of each path
    for run_id in run_ids:
        for path in (run_path(RUNS, run_id), run_path(CHECKPOINTS, run_id)):
            aside = ATTIC / path
            if path.exists():
                break
            if aside.exists() and sums.get(path) not in (None, file_digest(aside)):
                print(f"{aside}: not what was moved there; it is not used.", file=sys.stderr)
            elif aside.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                aside.replace(path)
                break


def _sums_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.sums")
