"""Moves files that nothing asks for to the attic, and restores runs that are asked for again.

Nothing is removed. Checkpoints of runs that were stopped are moved and restored, too.
`.labbook/attic.sums` has the checksums of what was moved, as `sha256sum` writes them: a run that
was changed since is not restored. Only files that labbook has made are moved (provenance/made.py
tells which). Where a user has changed one, the edit goes to the attic before it is made again.
"""

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from labbook.documents import read_text
from labbook.errors import LabbookError
from labbook.files import RECORD_BYTES
from labbook.identity.code import file_digest
from labbook.paths import RAW, RESULTS, RUNS, TOPS, leads_outside
from labbook.provenance.dvc_records import recorded_files
from labbook.provenance.graph import Graph
from labbook.provenance.keyfile import read_key_file
from labbook.provenance.made import is_made, is_run, remembered
from labbook.provenance.nodes import Node
from labbook.provenance.sums import Sums
from labbook.training.runfile import run_path

ATTIC = Path(".labbook/attic")
CHECKPOINTS = Path(".labbook/checkpoints")
KEPT = ("log", "bench")  # folders of results, and beginnings of files, that no node makes


def unasked(graph: Graph) -> list[Path]:
    """Files that labbook made in data and results and no node of the graph owns, by name.

    And checkpoints of runs that it does not ask for.
    """
    runs = set(graph.run_ids.values())
    stopped = [path for path in CHECKPOINTS.glob("*.safetensors") if path.stem not in runs]
    paths = _unowned(graph)
    made = _made(paths)
    return sorted(stopped) + [path for path in paths if path in made]


def foreign(graph: Graph) -> list[Path]:
    """Files in data and results that labbook has not made, by name: the user's own."""
    paths = _unowned(graph)
    made = _made(paths)
    return [path for path in paths if path not in made]


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

    Not run files, which snakemake_times.py judges, nor raw data, which data/fetching/put.py does.
    """
    if blocked := _blocked(graph):
        return InTheWay([], blocked)
    remembered_sums = remembered()
    changed, foreign = [], {}
    for node in graph.nodes.values():
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


def _blocked(graph: Graph) -> list[Path]:
    """What is no folder of the project's, or a link that leads out of it, where one is needed."""
    folders = {path.parent for node in graph.nodes.values() for path in _replaced(node)} | {RUNS}
    folders |= {RESULTS / study / "figures" for study in graph.plan.studies}
    wanted = {path for folder in folders for path in (folder, *folder.parents) if path != Path()}
    existing = (path for path in sorted(wanted) if os.path.lexists(path))
    # Run files may lie on another disk.
    return [p for p in existing if not p.is_dir() or (p != RUNS and leads_outside(p))]


def _is_pulled(path: Path, key_file: Path, recorded: Mapping[str, str]) -> bool:
    """Whether a file is as DVC recorded it beside its key file, which a pull has not brought."""
    if key_file.as_posix() not in recorded or leads_outside(path) or not path.is_file():
        return False
    with path.open("rb") as file:
        total = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return total == recorded.get(path.as_posix())


def _replaced(node: Node) -> list[Path]:
    """The files of a node that its job replaces without having looked at them."""
    extras = (path for path in node.extras if path.parent != RUNS and not path.is_relative_to(RAW))
    return [*node.outputs, *extras]


def _made(paths: list[Path]) -> set[Path]:
    """Those of the files that labbook made and nobody has changed since; key files, and runs."""
    if not paths:
        return set()
    sums = remembered()
    keys = [p for top in TOPS for p in Path(top).rglob("*.key")]
    made = {path for path in paths if path.parent == RUNS and is_run(path)}
    for key_file in (*keys, *RAW.glob("*/key")):
        recorded = read_key_file(key_file).sums
        made |= {key_file} if recorded else set()
        for path, total in recorded.items():
            sums.setdefault(path, []).append(total)
    return made | {path for path in paths if path in sums and is_made(path, sums[path])}


def _unowned(graph: Graph) -> list[Path]:
    owned = {str(path) for node in graph.nodes.values() for path in (*node.outputs, *node.extras)}
    champions = {f"results/{study}/champion" for study in graph.plan.studies}
    paths: list[Path] = []
    for top in TOPS:
        for folder, folders, names in os.walk(top):
            if folder == "results":
                folders[:] = (name for name in folders if name not in KEPT)
                names = [name for name in names if not name.startswith(KEPT)]
            if folder not in champions:
                paths += [Path(path) for name in names if (path := f"{folder}/{name}") not in owned]
    return sorted(path for path in paths if not path.name.startswith("."))


def move_aside(paths: Iterable[Path], to: Path = ATTIC) -> None:
    """Move files into the attic or another folder, under the path that they had.

    Another file that lies there already keeps its name; the new one gets one with a number. Raises
    `LabbookError` where a file cannot be moved.
    """
    for path in paths:
        try:
            total = "" if leads_outside(path) else file_digest(path)
            aside = _free(to / path, total)
            aside.parent.mkdir(parents=True, exist_ok=True)
            path.replace(aside)
            if total:  # else a link, which alone was moved
                with _sums_of(to).open("a", encoding="utf-8") as sums:
                    sums.write(f"{total}  {aside.relative_to(to).as_posix()}\n")
        except OSError as error:
            raise LabbookError(
                f"{path}: cannot be moved to {to} ({error.strerror or error}). Make both folders "
                "writable and of one disk, then run the same command again."
            ) from error
        with contextlib.suppress(OSError):  # not empty yet
            path.parent.rmdir()


def _free(aside: Path, total: str) -> Path:
    """The path itself, or with a number, where nothing of other content lies."""
    number, free = 0, aside
    while free.exists() and file_digest(free) != total:
        number += 1
        free = aside.with_name(f"{aside.name}.{number}")
    return free


def bring_back(run_ids: Iterable[str]) -> None:
    """Restore those of the runs that lie in the attic unchanged, and not in results/runs."""
    try:
        lines = read_text(_sums_of(ATTIC), RECORD_BYTES).splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    parts = (line.partition("  ") for line in lines)
    sums = {path: total for total, _, path in parts}  # the newest of each path
    for run_id in run_ids:
        path = run_path(RUNS, run_id)
        _bring_back(path, sums)
        if not path.exists():
            _bring_back(run_path(CHECKPOINTS, run_id), sums)


def _bring_back(path: Path, sums: Mapping[str, str]) -> None:
    aside = ATTIC / path
    if not aside.exists() or path.exists():
        return
    if sums.get(path.as_posix()) not in (None, file_digest(aside)):
        print(f"{aside}: not what was moved there; it is not used.", file=sys.stderr)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside.replace(path)


def _sums_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.sums")
