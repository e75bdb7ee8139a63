"""A handful of a data set's training rows, alone: whether a network can learn them by heart."""

from dataclasses import replace

import numpy as np

from labbook.data.prepared import Prepared
from labbook.streams import stream


def tiny(prepared: Prepared, seed: int, rows: int) -> Prepared:
    """`prepared` with the split of `seed` alone, of whose training part `rows` rows are left.

    Of classes so many rows of each, or all that it has. They are drawn from the seed, and also
    validate: the weights that are kept are those that know them best. Units stay as they were
    fitted on the whole training part; test rows are what they are.
    """
    split = prepared.split(seed)
    drawn = stream(seed, "tiny sample").permutation(split.train)
    labels = np.zeros(len(drawn), int)
    if prepared.task == "classification":
        labels = prepared.target[drawn]
    kept = np.sort(np.concatenate([drawn[labels == one][:rows] for one in np.unique(labels)]))
    split = replace(split, train=kept, valid=kept)
    return replace(prepared, splits={seed: split})
