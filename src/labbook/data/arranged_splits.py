"""Splits of rows that depend on one another: whole groups, the order of time, folds."""

import numpy as np

from labbook.errors import LabbookError
from labbook.streams import stream

Parts = dict[str, np.ndarray]  # numbers of rows
Sizes = tuple[int, int, int]  # of train, valid and test; 0 where there is no such part


def by_group(
    sizes: Sizes, rows: np.ndarray, groups: np.ndarray, draw: np.random.Generator
) -> Parts:
    """Whole groups in an order that is drawn: the first ones test, the next validate.

    `rows` are the numbers of the rows to share out, `groups` the group of each row of the data set.
    A part is as near to its size as whole groups can be, and has at least one. Groups that are
    larger than a part is to be train.
    """
    names, group, counts = np.unique(groups[rows], return_inverse=True, return_counts=True)
    order = draw.permutation(len(names))
    large = counts[order] > max(sizes[1:])  # they would fill a part alone, and so they train
    order = np.concatenate([order[~large], order[large]])
    return _whole_groups(sizes, rows, group, order, counts)


def by_time(sizes: Sizes, times: np.ndarray, groups: np.ndarray | None = None) -> Parts:
    """The last rows test, those before them validate, the ones before those train.

    `times` (rows,); equal ones stay in the order of the file. With `groups` whole groups, by the
    time of their last row.
    """
    if groups is not None:
        names, group, counts = np.unique(groups, return_inverse=True, return_counts=True)
        last = np.full(len(names), -np.inf)
        np.maximum.at(last, group, times)
        order = np.argsort(last, kind="stable")[::-1]
        return _whole_groups(sizes, np.arange(len(times)), group, order, counts)
    order = np.argsort(times, kind="stable")
    train, valid, test = sizes
    end = len(order) - test
    return {
        "test": order[end:],
        "valid": order[end - valid : end],
        "train": order[max(end - valid - train, 0) : end - valid],
    }


def fold(
    folds: int, seed: int, rows: int, classes: np.ndarray | None, groups: np.ndarray | None
) -> np.ndarray:
    """The rows that a seed tests: of `folds` seeds in a row each has another fold of one shuffle.

    Folds are as large as one another, and have as many rows of each class, but for one; whole
    groups go to the fold that has the fewest rows so far, the largest group first.
    """
    if folds > (rows if groups is None else len(np.unique(groups))):
        what = "rows" if groups is None else "groups"
        raise LabbookError(
            f"split.folds: {folds} folds need as many {what}, and there are fewer. Take less."
        )
    draw = stream(seed - seed % folds, "split")
    if groups is None:
        order = draw.permutation(rows)
        if classes is not None:
            order = order[np.argsort(classes[order], kind="stable")]
        return np.asarray(order[seed % folds :: folds])
    names, group, counts = np.unique(groups, return_inverse=True, return_counts=True)
    order = draw.permutation(len(names))
    sizes, of_group = np.zeros(folds, int), np.empty(len(names), int)
    for number in order[np.argsort(-counts[order], kind="stable")]:
        of_group[number] = sizes.argmin()
        sizes[of_group[number]] += counts[number]
    return np.flatnonzero(of_group[group] == seed % folds)


def _whole_groups(
    sizes: Sizes, rows: np.ndarray, group: np.ndarray, order: np.ndarray, counts: np.ndarray
) -> Parts:
    """Groups in this `order` to test, valid and train; `group` (rows,), `counts` (groups,)."""
    needed = sum(size > 0 for size in sizes)
    if len(order) < needed:
        raise LabbookError(
            f"split.group: {len(order)} groups are too few: each of the {needed} parts needs at "
            "least one. Use a column with more groups, or leave `group` out."
        )
    of_group, first = np.full(len(order), -1), 0
    for number, later in ((2, (1, 0)), (1, (0,)), (0, ())):
        if sizes[number]:
            left = len(order) - first - sum(sizes[part] > 0 for part in later)
            ends = np.cumsum(counts[order[first : first + left]])
            taken = int(np.abs(ends - sizes[number]).argmin()) + 1
            of_group[order[first : first + taken]] = number
            first += taken
    names = ("train", "valid", "test")
    return {name: rows[of_group[group] == number] for number, name in enumerate(names)}
