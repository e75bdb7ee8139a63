"""Download: from a data set's source to `data/raw/<data set>`, every file checked by its sum."""

import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from labbook.data.fetching import MAKERS
from labbook.data.fetching.fetch import UnreachableError, obtain
from labbook.data.fetching.raw_folder import Announce, Delivery, put, read_edition
from labbook.data.own_files import copy_own
from labbook.errors import LabbookError
from labbook.params.datasets import Dataset

Asked = Literal["real", "stand-in"]


def download(
    name: str,
    dataset: Dataset,
    folder: Path,
    *,
    mirror: str | None,
    stand_ins: bool,
    project: Path = Path(),
    edition: Asked | None = None,
    earlier: Mapping[str, Collection[str]] | None = None,
    announce: Announce = lambda sums: None,
) -> dict[str, Any]:
    """Put the files of the data set `name` into `folder`, and return what `edition.json` says.

    `mirror` is a folder or an address laid out as <data set>/<file name>; `project` the folder
    that a table of one's own is seen from. `edition` asks for the real data or the stand-in;
    None keeps what is there, else tries the real data first. `earlier` has the sums, by file name,
    of what downloads have put there, and `announce` is told those that are put there now,
    before they are: so it is known also after a kill. Raises `LabbookError` for a wrong sum, where
    a file that is not from here is in the way, and where no origin can be reached and no stand-in
    may be used; then nothing that is in the folder has changed.
    """
    stand_in = dataset.made_by(standing_in=True)
    if edition == "stand-in" and not (stand_in and stand_ins):
        why = "params.yaml says stand_ins: forbid" if stand_in else "it has none"
        raise LabbookError(f"datasets.{name}: cannot use a stand-in: {why}.")
    folder = Path(folder)
    maker = dataset.made_by(standing_in=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if dataset.own_files:
            delivery = _own(name, dataset, folder, Path(project))
        elif maker is not None:
            delivery = _make(maker, dataset)
        else:
            delivery = _fetch(name, dataset, folder, mirror, stand_ins, edition)
        pieces = [f"{file}.part" for file in (*dataset.downloads, *dataset.own_files)]
        return put(name, folder, delivery, pieces, earlier or {}, announce)
    except OSError as error:
        raise LabbookError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}). "
            "Make the folder writable, then run the same command again."
        ) from error
    finally:  # what was copied and could not be put in its place
        for copy in dataset.own_files:
            with suppress(OSError):
                (folder / f"{copy}.part").unlink(missing_ok=True)


def _own(name: str, dataset: Dataset, folder: Path, project: Path) -> Delivery:
    """Copies of the user's own files, beside their places; a folder becomes one file."""
    copies, names = {}, []
    for copy, path in dataset.own_files.items():
        setting = f"datasets.{name}.{dataset.setting_of(path)}"
        copies[copy] = folder / f"{copy}.part"
        copy_own(setting, path, project, copies[copy])
        names.append(Path(path).name)
    what = "Images" if dataset.has_images else "A table"
    return Delivery("own", f"{what} of one's own, {', '.join(names)}.", copies)


def _make(maker: str, dataset: Dataset) -> Delivery:
    """What a package, a computation or a generator of stand-ins gives."""
    edition, note = MAKERS[maker].edition, MAKERS[maker].note
    return Delivery(edition, note.format(**dict(dataset)), MAKERS[maker].make(dataset))


def _fetch(
    name: str, dataset: Dataset, folder: Path, mirror: str | None, stand_ins: bool,
    edition: Asked | None,
) -> Delivery:  # fmt: skip
    """The pinned files, or where no origin can be reached the stand-in, if it may be used."""
    files, stand_in = dataset.downloads, dataset.made_by(standing_in=True)
    allowed = stand_in if stand_ins else None
    before = read_edition(folder)
    if edition is None and before is not None:  # what was chosen stays, if it still suits the block
        sums = {n: entry["sha256"] for n, entry in before["files"].items()}
        if before["edition"] == "stand-in" and allowed:
            edition = "stand-in"
        elif before["edition"] == "real" and sums == {n: f.sha256 for n, f in files.items()}:
            edition = "real"
    if edition != "stand-in":
        try:
            paths = {n: obtain(name, n, file, folder, mirror) for n, file in files.items()}
            return Delivery("real", "The public data, each file checked by its SHA-256.", paths)
        except UnreachableError as error:
            if edition == "real" or allowed is None:
                forbidden = stand_in is not None and allowed is None
                raise LabbookError(
                    f"{error}\n{'Stand-ins are forbidden by params.yaml. ' if forbidden else ''}"
                    f"Connect to the network, or put the files into <folder>/{name}/ and set "
                    "LABBOOK_MIRROR=<folder>; then run the same command again. See also: "
                    "labbook data --help"
                ) from error
            print(f"{error}\n{name}: a stand-in is used instead.", file=sys.stderr)
    delivery = _make(str(allowed), dataset)
    if lacking := sorted(set(files) - set(delivery.files)):
        raise LabbookError(
            f"datasets.{name}: the {allowed} makes {', '.join(delivery.files)} and not "
            f"{', '.join(lacking)}. Name the files so, or leave out stand_in."
        )
    return replace(delivery, files={file: delivery.files[file] for file in files})
