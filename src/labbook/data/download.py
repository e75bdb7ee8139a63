"""Download: from a data set's source to `data/raw/<data set>`, every file checked by its sum.

Nothing is replaced before everything is decided, and `edition.json`, which says what lies there,
is written last. A file that labbook has not put there is the user's own: it is never touched, and
where it is in the way of another the download is refused.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from labbook.data import function, own, packages, stand_ins
from labbook.data.edition import EDITION, read_edition
from labbook.data.fetch import obtain
from labbook.data.transfer import UnreachableError, sha256
from labbook.errors import LabbookError
from labbook.files import write_bytes, write_json
from labbook.params.datasets import Dataset, File, Function

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


def download(
    name: str,
    dataset: Dataset,
    folder: Path,
    *,
    mirror: str | None,
    stand_ins: bool,
    project: Path = Path(),
    edition: Asked | None = None,
    made: Mapping[str, Collection[str]] | None = None,
    announce: Announce = lambda sums: None,
) -> dict[str, Any]:
    """Put the files of the data set `name` into `folder`, and return what `edition.json` says.

    `mirror` is a folder or an address laid out as <data set>/<file name>; `project` the folder
    that a table of one's own is seen from. `edition` asks for the real data or the stand-in;
    None keeps what is there, else tries the real data first. `made` has the sums, by file name,
    of what earlier downloads put there, and `announce` is told those that are put there now,
    before they are: so it is known also after a kill. Raises `LabbookError` for a wrong sum, where
    a file that is not from here is in the way, and where no origin can be reached and no stand-in
    may be used; then nothing that is in the folder has changed.
    """
    stand_in = getattr(dataset, "stand_in", None)
    if edition == "stand-in" and not (stand_in and stand_ins):
        why = "params.yaml says stand_ins: forbid" if stand_in else "it has none"
        raise LabbookError(f"datasets.{name}: cannot use a stand-in: {why}.")
    allowed = stand_in if stand_ins else None
    order = Order(
        name, dataset, Path(folder), mirror, Path(project), edition, allowed, made or {}, announce
    )
    source, value = _source(dataset)
    try:
        order.folder.mkdir(parents=True, exist_ok=True)
        return _put(order, SOURCES[source](order, value))
    except OSError as error:
        raise LabbookError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}). "
            "Make the folder writable, then run the same command again."
        ) from error


def _source(dataset: Dataset) -> tuple[str, Any]:
    if isinstance(dataset, Function):
        return "function", dataset
    given = ((key, getattr(dataset, key, None)) for key in SOURCES)
    return next((key, value) for key, value in given if value is not None)


def _function(order: Order, dataset: Function) -> Delivery:
    note = f"Made points of the function {dataset.expression}."
    return Delivery("generated", note, {function.FILE: function.make_points(dataset)})


def _package(order: Order, package: str) -> Delivery:
    return Delivery("package", packages.NOTES[package], packages.PACKAGES[package]())


def _own(order: Order, path: str) -> Delivery:
    note = f"A table of one's own, {Path(path).name}."
    return Delivery("own", note, {own.FILE: own.read_own(order.name, path, order.project)})


def _files(order: Order, files: dict[str, File]) -> Delivery:
    edition = order.edition or _kept(order, files)
    if edition == "stand-in":
        return _stand_in(order, files)
    try:
        return Delivery(
            "real",
            "The public data, each file checked by its SHA-256.",
            {n: obtain(order.name, n, f, order.folder, order.mirror) for n, f in files.items()},
        )
    except UnreachableError as error:
        if edition == "real" or order.stand_in is None:
            raise LabbookError(f"{error}\n{_how_to_go_on(order)}") from error
        print(f"{error}\n{order.name}: a stand-in is used instead.", file=sys.stderr)
    return _stand_in(order, files)


SOURCES: dict[str, Callable[[Order, Any], Delivery]] = {
    "files": _files,
    "package": _package,
    "path": _own,
    "function": _function,
}


def _kept(order: Order, files: dict[str, File]) -> str | None:
    """The edition that an earlier download chose, if it still suits the data set."""
    there = read_edition(order.folder)
    if there is None:
        return None
    if there["edition"] == "real":
        sums = {name: file["sha256"] for name, file in there["files"].items()}
        return "real" if sums == {name: file.sha256 for name, file in files.items()} else None
    return "stand-in" if there["edition"] == "stand-in" and order.stand_in else None


def _how_to_go_on(order: Order) -> str:
    forbidden = getattr(order.dataset, "stand_in", None) and order.stand_in is None
    return (
        ("Stand-ins are forbidden by params.yaml. " if forbidden else "")
        + f"Connect to the network, or put the files into <folder>/{order.name}/ and set "
        "LABBOOK_MIRROR=<folder>; then run the same command again. See also: labbook data --help"
    )


def _stand_in(order: Order, files: dict[str, File]) -> Delivery:
    stand_in = str(order.stand_in)
    made = stand_ins.STAND_INS[stand_in]()
    lacking = sorted(set(files) - set(made))
    if lacking:
        raise LabbookError(
            f"datasets.{order.name}.stand_in: {stand_in} makes {', '.join(made)} and not "
            f"{', '.join(lacking)}. Name the files so, or leave out stand_in."
        )
    return Delivery("stand-in", stand_ins.NOTES[stand_in], {name: made[name] for name in files})


def _put(order: Order, delivery: Delivery) -> dict[str, Any]:
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
    found = {name: set(sums) for name, sums in order.made.items() if name != EDITION}
    for name, known in ((read_edition(order.folder) or {}).get("files") or {}).items():
        found.setdefault(name, set()).add(known["sha256"])
    return found


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
