"""Key files: what a node's files were made for, and the sums of what was made.

The first line is the node's key. The others are sums as `sha256sum` writes them, so that
`tail -n +2 results/report.key | sha256sum --check` needs no labbook. Key files travel with the
outputs, so that dvc.lock, which knows their sums, is the certificate of all.
"""

import re
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


def read_key(node: Node) -> str | None:
    """The key that the node's files were made for, None where there is none."""
    lines = _lines(node.key_file)
    return lines[0] if lines else None


def read_sums(node: Node) -> dict[Path, str]:
    """The SHA-256 of each of the node's files, by its path, as its job left it."""
    return sums_in(node.key_file)


def sums_in(key_file: Path) -> dict[Path, str]:
    """The same of the node whose key file this is, whichever params.yaml asked for it."""
    found = (SUM.fullmatch(line) for line in _lines(key_file)[1:])
    return {Path(one["path"]): one["sum"] for one in found if one}


def write_key(node: Node) -> None:
    """Record the node's key and the sums of its files. Raises `LabbookError` if one is missing."""
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


def parted(node: Node, sums: Sums) -> list[Path]:
    """The node's files that are missing, or are not what its key file vouches for.

    Key and files part where a `dvc pull`, a `dvc checkout` or a copy is broken off between them.
    """
    known = read_sums(node)
    files = {*node.outputs, *node.extras, *known} - {node.key_file}
    return sorted(path for path in files if path not in known or sums.of(path) != known[path])


def _lines(path: Path) -> list[str]:
    try:
        if not path.is_file() or leads_outside(path):
            return []
        return read_text(path, RECORD_BYTES).splitlines()
    except (OSError, UnicodeDecodeError):
        return []
