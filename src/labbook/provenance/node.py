"""What one job makes, and the key that says whether it is stale."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbook.errors import LabbookError
from labbook.files import read_json
from labbook.identity.code import digest
from labbook.paths import PACKS, PREPARED, RESULTS, SELECTED

if TYPE_CHECKING:
    from labbook.provenance.graph import Graph


@dataclass(frozen=True)
class Node:
    """What one job makes of `inputs`: `outputs`, and `extras`, whose names only contents know."""

    name: str
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    asked: str
    key: str
    upstream: tuple[str, ...] = ()
    extras: tuple[Path, ...] = ()

    @property
    def kind(self) -> str:
        """Which kind of job makes it: train, evaluate, report, ..."""
        return self.name.partition("/")[0]

    @property
    def key_file(self) -> Path:
        """Where the key is written that the outputs were made for; it travels with them."""
        return self.outputs[-1]

    @property
    def marker(self) -> Path:
        """The file whose time tells Snakemake whether the node is stale."""
        return Path(".labbook/keys", self.name)

    @property
    def benchmark(self) -> Path:
        """Where Snakemake writes what the job cost; absent where others made the outputs."""
        return RESULTS / "log" / f"{self.name}.tsv"


def node_from(
    graph: "Graph",
    name: str,
    inputs: tuple[Path, ...],
    outputs: tuple[Path, ...],
    own: Any,
    upstream: tuple[str, ...],
    extras: tuple[Path, ...] = (),
) -> Node:
    """A node whose digests follow from its own settings and those of what it is made from."""
    above = [graph.node(name) for name in upstream]
    asked = digest(own, [node.asked for node in above])
    key = digest(own, [node.key for node in above])
    return Node(name, inputs, outputs, asked, key, upstream, extras)


def read(path: Path, kind: type) -> Any:
    """A JSON file that lists others; empty where it is not there, or is a user's own."""
    try:
        content = read_json(path) if path.exists() else None
    except LabbookError:
        content = None
    return content if isinstance(content, kind) else kind()


def prepared(dataset: str) -> Path:
    """The file of a prepared data set."""
    return PREPARED / f"{dataset}.safetensors"


def selected(dataset: str, selections: Iterable[str]) -> list[Path]:
    """The files of chosen columns."""
    return [SELECTED / dataset / f"{selection}.json" for selection in selections]


def pack_list(name: str) -> Path:
    """The list of the runs of a pack, or of those that a slot has trained."""
    return PACKS / f"{name}.json"


def with_key(stem: str, suffix: str) -> tuple[Path, ...]:
    """A file and its key file."""
    return Path(stem + suffix), Path(stem + ".key")


def figure_files(index: Path) -> tuple[Path, ...]:
    """The files of the figures that a list of them names."""
    entries = [entry for entry in read(index, list) if isinstance(entry, dict)]
    files = (entry.get(kind) for entry in entries for kind in ("svg", "png", "json"))
    return tuple(index.parent / file for file in files if isinstance(file, str))
