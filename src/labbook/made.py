"""What labbook has made in this folder, by name: all else under data and results is the user's own.

Key files name what is there; but Snakemake removes a job's key file before the job, and afterwards
it names only what was made last. So what they have named is written down here as well.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from labbook.errors import LabbookError
from labbook.graph import RUNS

MADE = Path(".labbook/made.sums")  # sum and path, as in key files; "-" where the sum is not known
UNKNOWN = "-"
RAW = Path("data/raw")  # files of which each sum counts: see data/download.py
RUN = re.compile(r"[0-9a-f]{16}\.safetensors")  # run files say themselves what they are


def remember(sums: Mapping[Path, str]) -> None:
    """Write down what has been made. Raises `LabbookError` where that is impossible."""
    known = remembered()
    new = [
        f"\n{total}  {path.as_posix()}"  # a line that a kill cut off must not spoil the next
        for path, total in sums.items()
        if path.parent != RUNS and _is_new(total, known.get(path), path)
    ]
    if not new:
        return
    try:
        MADE.parent.mkdir(exist_ok=True)
        with MADE.open("a", encoding="utf-8") as file:
            file.write("".join(new))  # at once: other jobs write, too
    except OSError as error:
        raise LabbookError(
            f"{MADE}: cannot be written ({error.strerror or error}). Free some space or make the "
            "folder writable, then run the same command again."
        ) from error


def remembered() -> dict[Path, set[str]]:
    """The sums of what has been made here, by path."""
    found: dict[Path, set[str]] = {}
    try:
        lines = MADE.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return found
    for total, between, path in (line.partition("  ") for line in lines):
        if between:
            found.setdefault(Path(path), set()).add(total)
    return found


def is_run(path: Path) -> bool:
    """Whether a file is a run's, by its place and name."""
    return path.parent.name == RUNS.name and RUN.fullmatch(path.name) is not None


def _is_new(total: str, known: set[str] | None, path: Path) -> bool:
    return known is None or (path.is_relative_to(RAW) and total not in known)
