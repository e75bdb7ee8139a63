"""Key files record what a node's files were made for, and the checksum of each of them.

The first line is the node's key. The others are checksums as `sha256sum` writes them, so that
`tail -n +2 results/report.key | sha256sum --check` needs no labbook. Key files travel with the
outputs, so that dvc.lock, which has their checksums, is the certificate of all.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labbook.documents import read_text
from labbook.errors import LabbookError
from labbook.files import RECORD_BYTES, write_text
from labbook.identity.code import file_digest
from labbook.paths import leads_outside
from labbook.provenance.made import remember
from labbook.provenance.nodes import Node
from labbook.provenance.sums import Sums

SUM = re.compile(r"(?P<sum>[0-9a-f]{64})  (?P<path>[^\0]+)")  # a line; of other lines none counts


@dataclass(frozen=True)
class KeyFile:
    """What a key file says: the key (None without a key file), and the SHA-256 of files by path."""

    key: str | None = None
    sums: Mapping[Path, str] = field(default_factory=dict)


def read_key_file(path: Path) -> KeyFile:
    """What a key file says; nothing where it cannot be read, or is a link out of the project."""
    try:
        if not path.is_file() or leads_outside(path):
            return KeyFile()
        lines = read_text(path, RECORD_BYTES).splitlines()
    except (OSError, UnicodeDecodeError):
        return KeyFile()
    matches = map(SUM.fullmatch, lines[1:])
    return KeyFile(
        lines[0] if lines else None,
        {Path(match["path"]): match["sum"] for match in matches if match},
    )


def write_key(node: Node) -> None:
    """Record the node's key and its files' checksums. Raises `LabbookError` if one is missing."""
    files = [path for path in (*node.outputs, *node.extras) if path != node.key_file]
    try:
        sums = {path: file_digest(path) for path in sorted(files)}
    except OSError as error:
        raise LabbookError(
            f"{node.name}: {error.filename} cannot be read ({error.strerror}) after it was made. "
            "Run snakemake again: it is made anew."
        ) from error
    remember(sums)
    lines = (f"{total}  {path.as_posix()}\n" for path, total in sums.items())
    write_text(node.key_file, node.key + "\n" + "".join(lines))


def changed_files(node: Node, recorded: KeyFile, sums: Sums) -> list[Path]:
    """The node's files that are missing, or have another checksum than its key file says.

    Key file and files disagree where a `dvc pull`, a `dvc checkout` or a copy broke off.
    """
    files = {*node.outputs, *node.extras, *recorded.sums} - {node.key_file}
    return sorted(p for p in files if p not in recorded.sums or sums.of(p) != recorded.sums[p])


def is_fresh(node: Node, sums: Sums) -> bool:
    """Whether a node's files are all there, made for its key of today, and as its job left them."""
    recorded = read_key_file(node.key_file)
    return recorded.key == node.key and not changed_files(node, recorded, sums)
