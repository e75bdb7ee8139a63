"""The last step of a download: into the folder goes what was got, and what is the user's stays.

Nothing is replaced before everything is decided, and `edition.json`, which says what lies there,
is written last. A file that labbook has not put there is the user's own: it is never touched, and
where it is in the way of another the download is refused.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from labbook.data.fetching.edition import EDITION, read_edition
from labbook.data.fetching.transfer import sha256
from labbook.errors import LabbookError
from labbook.files import write_bytes, write_json
from labbook.params.datasets import Dataset

Asked = Literal["real", "stand-in"]
Announce = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True)
class Order:
    """What is to be got, and the means that are allowed."""

    name: str
    dataset: Dataset
    folder: Path
    mirror: str | None
    project: Path
    edition: Asked | None
    stand_in: str | None  # the data set's, if it has one and params.yaml allows it
    made: Mapping[str, Collection[str]]
    announce: Announce


@dataclass(frozen=True)
class Delivery:
    """What was got: by file name its content, or the path of a checked file in the folder."""

    edition: str
    note: str  # a sentence for people
    files: Mapping[str, bytes | Path]


def put(order: Order, delivery: Delivery) -> dict[str, Any]:
    """Move or write all files, remove those of before, and write `edition.json` last."""
    folder, before = order.folder, _put_before(order)
    sums = {name: _sum(content) for name, content in sorted(delivery.files.items())}
    for name, total in sums.items():
        _refuse_foreign(order, name, {total, *before.get(name, ())})
    order.announce(sums)
    (folder / EDITION).unlink(missing_ok=True)
    for name, content in delivery.files.items():
        if isinstance(content, Path):
            content.replace(folder / name)
        elif not (folder / name).exists() or sha256(folder / name) != sums[name]:
            write_bytes(folder / name, content)
    _remove_others(order, before, set(sums))
    files = {n: {"sha256": s, "bytes": (folder / n).stat().st_size} for n, s in sums.items()}
    edition = {"edition": delivery.edition, "note": delivery.note, "files": files}
    write_json(folder / EDITION, edition)
    return edition


def _sum(content: bytes | Path) -> str:
    return sha256(content) if isinstance(content, Path) else hashlib.sha256(content).hexdigest()


def _put_before(order: Order) -> dict[str, set[str]]:
    """The sums, by file name, of what earlier downloads put into the folder."""
    sums_by_name = {name: set(sums) for name, sums in order.made.items() if name != EDITION}
    for name, file in ((read_edition(order.folder) or {}).get("files") or {}).items():
        sums_by_name.setdefault(name, set()).add(file["sha256"])
    return sums_by_name


def _refuse_foreign(order: Order, name: str, sums: Collection[str]) -> None:
    """Raise `LabbookError` if what is there under this name has none of these sums."""
    path = order.folder / name
    if not os.path.lexists(path) or (path.is_file() and sha256(path) in sums):
        return
    raise LabbookError(
        f"{path} is in the way of a file of the data set {order.name}: labbook has not put it "
        "there, or it was changed since. Nothing was changed. Move it to another place, say "
        f"tables/, then run the same command again: {name} is then made anew. A table of your own "
        "is studied as a data set of its own that names it: `path: tables/...`."
    )


def _remove_others(order: Order, before: Mapping[str, Collection[str]], kept: set[str]) -> None:
    """Remove what earlier downloads left and this one does not need; nothing else."""
    for name in before.keys() - kept:
        path = order.folder / name
        if path.is_file() and sha256(path) in before[name]:
            path.unlink()
    for name in getattr(order.dataset, "files", None) or {}:
        part = order.folder / f"{name}.part"
        if part.is_file():
            part.unlink()
