"""Download: from a data set's source to `data/raw/<data set>`, every file checked by its sum.

Nothing is replaced before everything is decided, and `edition.json`, which says what lies there,
is written last.
"""

import hashlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from labbook.data import function, own, packages, stand_ins
from labbook.data.edition import EDITION
from labbook.data.fetch import obtain
from labbook.data.transfer import UnreachableError, sha256
from labbook.errors import LabbookError
from labbook.files import read_json, write_bytes, write_json
from labbook.params.datasets import Dataset, File, Function

Asked = Literal["real", "stand-in"]


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
) -> dict[str, Any]:
    """Put the files of the data set `name` into `folder`, and return what `edition.json` says.

    `mirror` is a folder or an address laid out as <data set>/<file name>; `project` the folder
    that a table of one's own is seen from. `edition` asks for the real data or the stand-in;
    None keeps what is there, else tries the real data first. Raises `LabbookError` for a wrong
    sum, and where no origin can be reached and no stand-in may be used; then nothing that is in
    the folder has changed.
    """
    stand_in = getattr(dataset, "stand_in", None)
    if edition == "stand-in" and not (stand_in and stand_ins):
        why = "params.yaml says stand_ins: forbid" if stand_in else "it has none"
        raise LabbookError(f"datasets.{name}: cannot use a stand-in: {why}.")
    allowed = stand_in if stand_ins else None
    order = Order(name, dataset, Path(folder), mirror, Path(project), edition, allowed)
    source, value = _source(dataset)
    try:
        order.folder.mkdir(parents=True, exist_ok=True)
        return _put(order.folder, SOURCES[source](order, value))
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
    path = order.folder / EDITION
    if not path.exists():
        return None
    there = read_json(path)
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


def _put(folder: Path, delivery: Delivery) -> dict[str, Any]:
    """Move or write all files, remove all others, and write `edition.json` last."""
    (folder / EDITION).unlink(missing_ok=True)
    files = {}
    for name, content in sorted(delivery.files.items()):
        if isinstance(content, bytes):
            write_bytes(folder / name, content)
            files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        else:
            content.replace(folder / name)
            path = folder / name
            files[name] = {"sha256": sha256(path), "bytes": path.stat().st_size}
    for path in folder.iterdir():
        if path.name not in files and not path.is_dir():
            path.unlink()
    edition = {"edition": delivery.edition, "note": delivery.note, "files": files}
    write_json(folder / EDITION, edition)
    return edition
