"""Runs, and the packs in which jobs train them."""

import math
from collections import Counter
from dataclasses import dataclass

from labbook.identity.code import digest
from labbook.params.document import Params
from labbook.params.engines import ENGINES, engine_of
from labbook.params.features import Features
from labbook.params.studies import Recipe

MOST_PACKS = 256  # of a study: Snakemake takes time for each job, also where it is done already
SIDE_BY_SIDE = 8  # packs that the runs of one combination are in, if there are as many
EVEN = 4  # combinations, at least, that a pack of about equal size is made of


@dataclass(frozen=True)
class RunPlan:
    """One training of one combination with one seed.

    `key` digests its settings and its seed, `settings` its settings alone.
    """

    key: str
    settings: str
    recipe: Recipe
    seed: int


@dataclass(frozen=True)
class Pack:
    """Runs that one job trains: of one data set, owned by the first study that asks for them.

    Those of a later round wait for the looks `after`, each a study's name and a number, and only
    those are trained whose combination goes on by one of them.
    """

    name: str
    dataset: str
    runs: tuple[RunPlan, ...]
    after: tuple[tuple[str, int], ...] = ()

    @property
    def selections(self) -> list[str]:
        """Names of the feature selections that its runs need."""
        return sorted({selection_name(run.recipe.features) for run in self.runs})


def selection_name(features: Features) -> str:
    """A file name for a selection: f_regression-20, all, or names- and a digest of them."""
    if features.names is not None:
        return f"names-{digest(features.names)[:8]}"
    return features.method if features.k is None else f"{features.method}-{features.k}"


def make_packs(
    study: str, runs: list[RunPlan], params: Params, most: int = MOST_PACKS
) -> list[Pack]:
    """A study's own runs in packs of about the size that suits the engine that trains them.

    They are `most` packs at most, unless params.yaml gives their size.
    """
    by_size: dict[int, list[RunPlan]] = {}
    for run in runs:
        engine = engine_of(params.engine, params.device, run.recipe)
        by_size.setdefault(params.packs.size or ENGINES[engine].runs_per_job, []).append(run)
    most = len(runs) if params.packs.size else most  # who gives a size gets it
    shares = [share for size in sorted(by_size) for share in _shares(by_size[size], size, most)]
    packs = []
    for number, share in enumerate(shares):
        if share:
            ordered = tuple(sorted(share, key=lambda run: run.key))
            packs.append(Pack(f"{study}-{number:03d}", share[0].recipe.dataset, ordered))
    return packs


def _shares(runs: list[RunPlan], size: int, most: int) -> list[list[RunPlan]]:
    """Share `runs` out by their settings and keys, about `size` each, in `most` shares at most.

    A combination's runs are in few shares, next to each other, so that one more touches few; and
    yet in several, which train side by side, and in enough to make the shares even. The number of
    shares is a power of two: it changes, and all shares with it, only when there are twice as many
    runs.
    """
    count = min(_power_of_two(len(runs) / size), most)
    alike = max(Counter(run.settings for run in runs).values(), default=0)
    even = _power_of_two(EVEN * alike * count / max(1, len(runs)))
    side_by_side = min(count, max(SIDE_BY_SIDE, even))
    shares: list[list[RunPlan]] = [[] for _ in range(count)]
    for run in runs:
        first, further = int(run.settings, 16), int(run.key, 16) % side_by_side
        shares[(first + further) % count].append(run)
    return shares


def _power_of_two(least: float) -> int:
    """The smallest power of two that is no smaller than `least`."""
    return int(2 ** max(0, math.ceil(math.log2(least)))) if least > 0 else 1
