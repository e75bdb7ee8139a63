"""Some runs, drawn at random and made again: what sums alone cannot tell."""

import random
from collections.abc import Sequence

from labbook.certificate.check import Check
from labbook.certificate.copies import copy_of
from labbook.certificate.places import Place
from labbook.certificate.recreate import Recreated, remake
from labbook.errors import LabbookError
from labbook.history.state import Workspace
from labbook.identity.code import digest
from labbook.paths import RUNS
from labbook.training.runfile import run_path


def seed_of(check: Check) -> int:
    """A seed that follows from all files: equal results, equal draws, and nobody chooses them."""
    return int(digest(sorted((path.as_posix(), s) for path, s in check.sums.items()))[:8], 16)


def draw(check: Check, count: int, seed: int) -> list[Place]:
    """`count` different runs of the packs that are whole (all, where there are fewer).

    Raises `LabbookError` where there is none.
    """
    whole = {path for node in check.whole for path in node.extras}
    graph = check.graph
    studies = {} if graph is None else {name: graph.study(name) for name in graph.plan.studies}
    places: dict[str, Place] = {}
    for name, study in studies.items():
        for (label, number), run in study.runs.items():
            if run_path(RUNS, run) in whole:
                places.setdefault(run, Place(name, label, number, run))
    if not places:
        raise LabbookError("No whole run is here that could be made again: run snakemake first.")
    ids = sorted(places)
    return [places[run] for run in random.Random(seed).sample(ids, min(count, len(ids)))]


def recreate_sample(places: Sequence[Place]) -> list[Recreated]:
    """Make these runs of the workspace again, in a temporary folder, and compare them."""
    with copy_of(Workspace()) as copy:
        studies = copy.ask()["studies"]
        return list(remake(copy, places, studies))
