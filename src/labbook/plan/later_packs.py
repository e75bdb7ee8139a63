"""Packs of later rounds: runs that may be trained, if a look at the claims says so.

All that may be asked for is planned beforehand, so jobs, keys and run ids follow from params.yaml
alone, and the graph of jobs never changes while it is worked on. A job whose runs are not asked
for has nothing to train.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from labbook.params.document import Params
from labbook.plan.packs import SIDE_BY_SIDE, Pack, RunPlan, make_packs

Looked = tuple[str, int]  # a study's name, and which look at its claims: 1 is the first


def later_packs(
    askers: Mapping[str, list[Looked]], runs: Mapping[str, RunPlan], params: Params
) -> list[Pack]:
    """Packs of `runs` by key, each of runs that the same looks may ask for: `askers`, by key.

    So a pack waits for no look that rests on one of its own runs, also where studies share them.
    """
    groups: dict[tuple[Looked, ...], list[RunPlan]] = {}
    for key, run in runs.items():
        groups.setdefault(tuple(askers[key]), []).append(run)
    packs: list[Pack] = []
    alike: Counter[Looked] = Counter()  # groups whose first look is the same
    for looks, group in groups.items():
        study, number = looks[0]
        stem = f"{study}.{number + 1}" + (f".{alike[looks[0]]}" if alike[looks[0]] else "")
        alike[looks[0]] += 1
        made = make_packs(stem, group, params, SIDE_BY_SIDE)
        packs += [replace(pack, after=looks) for pack in made]
    return packs
