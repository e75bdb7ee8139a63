"""Whose is a file under data and results: labbook's own, or the user's?

A file is labbook's if it has a checksum that is recorded for its path, in a key file or in the
memory of what was made; a name alone proves nothing: the user may have put another file there
since, or edited it. What is the user's is never moved, replaced or removed.
"""

import hashlib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labbook.errors import LabbookError
from labbook.identity.code import file_digest
from labbook.paths import CHECKPOINTS, RAW, RESULTS, RUNS, TOPS, leads_outside
from labbook.provenance.checksums import UNKNOWN, Sums, read_key_file, remember, remembered
from labbook.provenance.dvc_records import recorded_files
from labbook.provenance.graph import Graph
from labbook.provenance.node import Node
from labbook.wording import few

KEPT = ("log", "bench")  # folders of results, and beginnings of files, that no node makes
PART = ".part"  # ends labbook's own name for what is downloaded in part, whatever its checksum
RUN = re.compile(r"[0-9a-f]{16}\.safetensors")  # run files say themselves what they are


def unasked(graph: Graph) -> list[Path]:
    """Files that labbook made in data and results and no node of the graph owns, by name.

    And checkpoints of runs that it does not ask for.
    """
    runs = graph.asked_runs()
    stopped = [path for path in CHECKPOINTS.glob("*.safetensors") if path.stem not in runs]
    return sorted(stopped) + [path for path, is_made in _unowned(graph).items() if is_made]


def foreign(graph: Graph) -> list[Path]:
    """Files in data and results that labbook has not made, by name: the user's own."""
    return [path for path, is_made in _unowned(graph).items() if not is_made]


def _unowned(graph: Graph) -> dict[Path, bool]:
    """The files that no node owns, by name, and whether labbook has made them as they are."""
    owned = {str(path) for node in graph.nodes.values() for path in (*node.outputs, *node.extras)}
    champions = {f"results/{study}/champion" for study in graph.plan.studies}
    paths: list[Path] = []
    for top in TOPS:
        for folder, folders, names in os.walk(top):
            if folder == "results":
                folders[:] = (name for name in folders if name not in KEPT)
                names = [name for name in names if not name.startswith(KEPT)]
            if folder not in champions:
                names = [f"{folder}/{name}" for name in names if not name.startswith(".")]
                paths += [Path(name) for name in names if name not in owned]
    if not paths:
        return {}
    sums, key_files = remembered(), set()
    for key_file in (*(p for top in TOPS for p in Path(top).rglob("*.key")), *RAW.glob("*/key")):
        recorded = read_key_file(key_file).sums
        key_files |= {key_file} if recorded else set()
        for path, total in recorded.items():
            sums.setdefault(path, []).append(total)
    return {
        path: path in key_files or (path.parent == RUNS and is_run(path))
        or _is_made(path, sums.get(path, ()))
        for path in sorted(paths)
    }  # fmt: skip


def is_run(path: Path) -> bool:
    """Whether a file is a run's, by its place and name."""
    return path.parent.name == RUNS.name and RUN.fullmatch(path.name) is not None


def _is_made(path: Path, sums: Collection[str]) -> bool:
    """Whether the file there has one of these checksums; it is read only where there are any."""
    if path.name.endswith(PART) and UNKNOWN in sums:
        return True
    try:
        return bool(sums) and not leads_outside(path) and file_digest(path) in sums
    except OSError:
        return False


@dataclass(frozen=True)
class InTheWay:
    """What lies where jobs write and is not as labbook left it.

    `changed` are files of names that labbook has used before, and those of a pull that broke off
    before their key file; `foreign` all others, and what is where a folder must be.
    """

    changed: list[Path]
    foreign: list[Path]


def in_the_way(graph: Graph, sums: Sums) -> InTheWay:
    """Files that jobs would replace and that labbook has not made, or that were changed since.

    Not run files, which snakemake_times.py judges, nor raw data, of which
    data/fetching/raw_folder.py does.
    """
    nodes = graph.nodes.values()
    # What is no folder of the project's, or a link that leads out of it, where one is needed.
    folders = {path.parent for node in nodes for path in _replaced(node)} | {RUNS}
    folders |= {RESULTS / study / "figures" for study in graph.plan.studies}
    wanted = {path for folder in folders for path in (folder, *folder.parents) if path != Path()}
    blocked = [
        path for path in sorted(wanted)
        if os.path.lexists(path) and (not path.is_dir() or (path != RUNS and leads_outside(path)))
    ]  # fmt: skip
    if blocked:  # run files alone may lie on another disk
        return InTheWay([], blocked)
    remembered_sums = remembered()
    changed, foreign = [], {}
    for node in nodes:
        recorded = read_key_file(node.key_file).sums
        for path in _replaced(node):
            made = {*remembered_sums.get(path, ()), *filter(None, [recorded.get(path)])}
            if (recorded and path == node.key_file) or sums.of(path) in made:
                continue
            if os.path.lexists(path) and made:
                changed.append(path)
            elif os.path.lexists(path):
                foreign[path] = node.key_file
    in_dvc = recorded_files() if foreign else {}
    pulled = [path for path, key in foreign.items() if _is_pulled(path, key, in_dvc)]
    return InTheWay(changed + pulled, [path for path in foreign if path not in pulled])


def _replaced(node: Node) -> list[Path]:
    """The files of a node that its job replaces without having looked at them."""
    extras = (path for path in node.extras if path.parent != RUNS and not path.is_relative_to(RAW))
    return [*node.outputs, *extras]


def _is_pulled(path: Path, key_file: Path, recorded: Mapping[str, str]) -> bool:
    """Whether a file is as DVC recorded it beside its key file, which a pull has not brought."""
    if key_file.as_posix() not in recorded or leads_outside(path) or not path.is_file():
        return False
    with path.open("rb") as file:
        total = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return total == recorded.get(path.as_posix())


def replace_own_alone(path: Path, content: bytes | None) -> None:
    """Asked before a job writes a file (removes it: None): a user's own is not replaced.

    What is written is remembered before it is there, so that it is known after a kill. Raises
    `LabbookError` where another file than labbook's is in the way; of raw data raw_folder.py does.
    """
    if path.is_absolute() or path.parts[0] not in TOPS or path.parent == RUNS:
        return
    total = None if content is None else hashlib.sha256(content).hexdigest()
    if os.path.lexists(path) and not path.is_relative_to(RAW):
        sums = {*remembered().get(path, ()), *filter(None, [total])}
        if not _is_made(path, sums):
            raise LabbookError(in_the_way_text([path]))
    if total is not None:
        remember({path: total})


def in_the_way_text(paths: Sequence[Path]) -> str:
    """What to tell of files of a user's that lie where labbook is about to write."""
    return (
        f"{few(paths)}: in the way of what labbook makes, and not made by labbook as far as is "
        "known here. Nothing of it was changed. Move it to another place, such as notes/ or "
        "tables/, then run the same command again."
    )
