"""What is no longer asked for is moved aside, never removed; runs come back when asked again.

So do the checkpoints of runs that were stopped on the way.
"""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from labbook.graph import RUNS, Graph
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
    """Move files into the attic or another folder, under the path that they had."""
    for path in paths:
        aside = to / path
        aside.parent.mkdir(parents=True, exist_ok=True)
        path.replace(aside)
        with contextlib.suppress(OSError):  # not empty yet
            path.parent.rmdir()


def bring_back(run_ids: Iterable[str]) -> None:
    """Put back those of the runs that lie in the attic and not in results/runs."""
    for run_id in run_ids:
        path = run_path(RUNS, run_id)
        _bring_back(path)
        if not path.exists():
            _bring_back(run_path(CHECKPOINTS, run_id))


def _bring_back(path: Path) -> None:
    if (ATTIC / path).exists() and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        (ATTIC / path).replace(path)
