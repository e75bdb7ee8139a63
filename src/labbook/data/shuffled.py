"""The same data with their target dealt out anew: whoever learns something of them has cheated."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from labbook.data.fitted import fit_target
from labbook.data.prepared import Prepared
from labbook.streams import stream


def shuffled(prepared: Prepared, identity: Mapping[str, Any]) -> Prepared:
    """`prepared` for the run of this `identity`: its seed's split alone, its target dealt out anew.

    The order is drawn from the run's seed and recipe: each setting has an order of its own, or the
    controls of all studies of a data set would fail together. All rows with a target take part,
    those of a fixed test set too; what was fitted to the target is fitted anew on the training
    part.
    """
    seed, recipe = identity["seed"], json.dumps(identity["recipe"], sort_keys=True)
    order = stream(seed, f"shuffled target/{recipe}").permutation(len(prepared.target))
    target = prepared.target[order]
    split = prepared.split(seed)
    if (split.target_mean, split.target_scale) != (0.0, 1.0):  # else it is not standardised
        values = target[split.train]
        mean, scale = fit_target(np.log(values) if prepared.log_target else values)
        split = replace(split, target_mean=mean, target_scale=scale)
    return replace(prepared, target=target, splits={seed: split})
