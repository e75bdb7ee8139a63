"""What is no longer asked for is moved aside, never removed; runs come back when asked again.

So do the checkpoints of runs that were stopped on the way. `.labbook/attic.sums` has the
SHA-256 of what was moved, as `sha256sum` writes it: a run that was changed since is not believed.
"""

import contextlib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from labbook.errors import LabbookError
from labbook.graph import RUNS, Graph
from labbook.identity import file_digest
from labbook.recorded import leads_outside
from labbook.runs import run_path

ATTIC = Path(".labbook/attic")
CHECKPOINTS = Path(".labbook/checkpoints")
KEPT = ("log", "bench")  # folders of results, and beginnings of files, that no node makes


def unasked(graph: Graph) -> list[Path]:
    """Files in data and results that no node of the graph owns, in order of their names.

    And checkpoints of runs that it does not ask for.
    """
    owned = {str(path) for node in graph.nodes.values() for path in (*node.outputs, *node.extras)}
    champions = {f"results/{study}/champion" for study in graph.plan.studies}
    found = []
    for top in ("data", "results"):
        for folder, folders, names in os.walk(top):
            if folder == "results":
                folders[:] = (name for name in folders if name not in KEPT)
                names = [name for name in names if not name.startswith(KEPT)]
            if folder not in champions:
                found += [Path(path) for name in names if (path := f"{folder}/{name}") not in owned]
    runs = set(graph.run_ids.values())
    stopped = [path for path in CHECKPOINTS.glob("*.safetensors") if path.stem not in runs]
    return sorted(stopped) + sorted(path for path in found if not path.name.startswith("."))


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
    """Put back those of the runs that lie in the attic, as they were, and not in results/runs."""
    sums = _sums()
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


def _sums() -> dict[str, str]:
    """The newest sum of each path in the attic."""
    try:
        lines = _sums_of(ATTIC).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {path: total for total, _, path in (line.partition("  ") for line in lines)}
