"""The same data with their target dealt out anew: whoever learns something of them has cheated."""

from dataclasses import replace

import numpy as np

from labbook.data.fitted import fit_target
from labbook.data.prepared import Prepared
from labbook.streams import stream


def shuffled(prepared: Prepared, seed: int) -> Prepared:
    """`prepared` with the split of `seed` alone, its target in an order drawn from the seed.

    All rows with a target take part, those of a fixed test set too; what was fitted to the target
    is fitted anew on the training part.
    """
    order = stream(seed, "shuffled target").permutation(len(prepared.target))
    target = prepared.target[order]
    split = prepared.split(seed)
    if (split.target_mean, split.target_scale) != (0.0, 1.0):  # else it is not standardised
        values = target[split.train]
        mean, scale = fit_target(np.log(values) if prepared.log_target else values)
        split = replace(split, target_mean=mean, target_scale=scale)
    return replace(prepared, target=target, splits={seed: split})
