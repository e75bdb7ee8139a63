"""The folder of a data set's raw files: what labbook puts there, and that the user's files stay.

Nothing is replaced before everything is decided, and `edition.json`, which says what lies there,
is written last. A file that labbook has not put there is the user's own: it is never touched, and
where it is in the way of another the download is refused.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labbook.errors import LabbookError
from labbook.files import read_json, write_bytes, write_json
from labbook.identity.code import file_digest
from labbook.paths import EDITION

Announce = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True)
class Delivery:
    """What was got: by file name its content, or the path of a checked file in the folder."""

    edition: str
    note: str  # a sentence for people
    files: Mapping[str, bytes | Path]


def read_edition(folder: Path) -> dict[str, Any] | None:
    """What the download into `folder` wrote of it; None before.

    Raises `LabbookError` where a file of that name is not a download's.
    """
    path = Path(folder) / EDITION
    if not path.exists():
        return None
    content = read_json(path)
    files = content.get("files") if isinstance(content, dict) else None
    entries = files.values() if isinstance(files, dict) else [None]
    whole = all(isinstance(entry, dict) and "sha256" in entry for entry in entries)
    if not whole or not isinstance(content.get("edition"), str):
        raise LabbookError(
            f"{path}: not written by labbook, which keeps under this name what it knows of the "
            "files beside it. Move it to another place, then run the same command again."
        )
    return dict(content)


def put(
    name: str,
    folder: Path,
    delivery: Delivery,
    pieces: Iterable[str],
    earlier: Mapping[str, Collection[str]],
    announce: Announce,
) -> dict[str, Any]:
    """Move or write all files, remove those of before, and write `edition.json` last.

    `name` is the data set's; `pieces` are names of files that a transfer may have left behind;
    `earlier` and `announce` are those of `download`. Returns what `edition.json` says.
    """
    before = {file: set(sums) for file, sums in earlier.items() if file != EDITION}
    for file, entry in (read_edition(folder) or {"files": {}})["files"].items():
        before.setdefault(file, set()).add(entry["sha256"])
    sums = {}
    for file, content in sorted(delivery.files.items()):
        if isinstance(content, Path):
            sums[file] = file_digest(content)
        else:
            sums[file] = hashlib.sha256(content).hexdigest()
        path = folder / file
        ours = {sums[file], *before.get(file, ())}
        if os.path.lexists(path) and not (path.is_file() and file_digest(path) in ours):
            raise LabbookError(
                f"{path} is in the way of a file of the data set {name}: labbook has not put it "
                "there, or it was changed since. Nothing was changed. Move it to another place, "
                f"say tables/, then run the same command again: {file} is then made anew. A table "
                "of your own is studied as a data set of its own that names it: "
                "`path: tables/...`."
            )
    announce(sums)
    (folder / EDITION).unlink(missing_ok=True)
    for file, content in delivery.files.items():
        if isinstance(content, Path):
            content.replace(folder / file)
        elif not (folder / file).exists() or file_digest(folder / file) != sums[file]:
            write_bytes(folder / file, content)
    for file in before.keys() - sums:
        if (folder / file).is_file() and file_digest(folder / file) in before[file]:
            (folder / file).unlink()
    for piece in pieces:
        if (folder / piece).is_file():
            (folder / piece).unlink()
    files = {n: {"sha256": s, "bytes": (folder / n).stat().st_size} for n, s in sums.items()}
    edition = {"edition": delivery.edition, "note": delivery.note, "files": files}
    write_json(folder / EDITION, edition)
    return edition
