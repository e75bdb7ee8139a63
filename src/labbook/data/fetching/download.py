"""Download: from a data set's source to `data/raw/<data set>`, every file checked by its sum.

What is got, and from where; how it goes into the folder is in put.py.
"""

import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from labbook.data.fetching import own, packages, stand_ins
from labbook.data.fetching.edition import read_edition
from labbook.data.fetching.fetch import obtain
from labbook.data.fetching.put import Announce, Asked, Delivery, Order, put
from labbook.data.fetching.transfer import UnreachableError
from labbook.data.kinds import function
from labbook.errors import LabbookError
from labbook.params.datasets import Dataset, File, Function


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
        return put(order, SOURCES[source](order, value))
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
    edition = read_edition(order.folder)
    if edition is None:
        return None
    if edition["edition"] == "real":
        sums = {name: file["sha256"] for name, file in edition["files"].items()}
        return "real" if sums == {name: file.sha256 for name, file in files.items()} else None
    return "stand-in" if edition["edition"] == "stand-in" and order.stand_in else None


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
