"""What is no longer asked for is moved aside, never removed; runs come back when asked again."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from labbook.graph import RUNS, Graph
from labbook.runs import run_path

ATTIC = Path(".labbook/attic")
KEPT = ("log", "bench")  # folders of results, and beginnings of files, that no node makes


def unasked(graph: Graph) -> list[Path]:
    """Files in data and results that no node of the graph owns, in order of their names."""
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
    return sorted(path for path in found if not path.name.startswith("."))


def move_aside(paths: Iterable[Path]) -> None:
    """Move files into the attic, under the path that they had."""
    for path in paths:
        aside = ATTIC / path
        aside.parent.mkdir(parents=True, exist_ok=True)
        path.replace(aside)
        with contextlib.suppress(OSError):  # not empty yet
            path.parent.rmdir()


def bring_back(run_ids: Iterable[str]) -> None:
    """Put back those of the runs that lie in the attic and not in results/runs."""
    for run_id in run_ids:
        path = run_path(RUNS, run_id)
        if (ATTIC / path).exists() and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            (ATTIC / path).replace(path)
