"""Whether dvc.lock records these very key files: as they hold all sums, it then records all."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import read_bytes
from labbook.history import git as commits
from labbook.history.state import Locked
from labbook.provenance.dvc_records import LOCK, md5, read_lock
from labbook.provenance.nodes import Node


@dataclass(frozen=True)
class Recorded:
    """How many key files dvc.lock records as they are, and those that it does not.

    `why_not` says why nothing was compared; `commit` is that of HEAD if dvc.lock is the same there.
    """

    same: int = 0
    others: tuple[Path, ...] = ()
    why_not: str | None = None
    commit: str | None = None


def compare_with_lock(nodes: Iterable[Node]) -> Recorded:
    """Compare the key files of these nodes with what dvc.lock lists."""
    if not Path(LOCK).exists():
        return Recorded(why_not="there is no dvc.lock: `dvc repro` would write one")
    try:
        listed = Locked().files
    except LabbookError as error:
        return Recorded(why_not=str(error))
    paths = [node.key_file for node in nodes]
    others = tuple(path for path in paths if listed.get(path.as_posix()) != md5(read_bytes(path)))
    return Recorded(len(paths) - len(others), others, commit=_commit())


def _commit() -> str | None:
    try:
        head = commits.resolve("HEAD")
        return head.short if commits.read(head, LOCK) == read_lock() else None
    except LabbookError:
        return None
