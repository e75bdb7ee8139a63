"""Which rows train, which choose, and which are looked at last: one split per seed."""

import numpy as np

from labbook.errors import LabbookError
from labbook.params.datasets import Split
from labbook.streams import stream


def split_rows(
    split: Split,
    seed: int,
    rows: int,
    *,
    fixed: int = 0,
    classes: np.ndarray | None = None,
    sample: int | None = None,
) -> dict[str, np.ndarray]:
    """Sorted row numbers (int32) of the parts train, valid and test of one seed.

    The last `fixed` of the `rows` are a test set that does not change; the others are shared out
    in an order drawn from the seed alone: first test, then valid, then train, so that another
    share for training changes neither of the others. With `classes` (rows,) each part has the
    shares of the classes. With `sample` only so many rows are drawn. Raises `LabbookError` where
    there are too few rows.
    """
    free = rows - fixed
    if sample is not None and sample > free:
        raise LabbookError(
            f"sample: {sample} rows were asked for, and there are {free} to draw from. "
            "Take a smaller number, or leave `sample` out."
        )
    order = draw_order(seed, free, None if classes is None else classes[:free])[:sample]
    train, valid, test = part_sizes(split, len(order))
    parts = {
        "train": order[test + valid : test + valid + train],
        "valid": order[test : test + valid],
        "test": order[:test] if split.test != "fixed" else np.arange(free, rows),
    }
    return {name: np.sort(part).astype(np.int32) for name, part in parts.items()}


def draw_order(seed: int, rows: int, classes: np.ndarray | None) -> np.ndarray:
    """A random order of `rows`; with `classes` every stretch of it has the classes' shares."""
    order = stream(seed, "split").permutation(rows)
    if classes is None:
        return order
    # In random order, the i-th row of a class with n rows gets the place (i + 1/2) / n. Sorted by
    # place, the classes are interleaved evenly; equal places keep their random order.
    shuffled = classes[order]
    places = np.empty(rows)
    for label in np.unique(shuffled):
        members = np.flatnonzero(shuffled == label)
        places[members] = (np.arange(len(members)) + 0.5) / len(members)
    return order[np.argsort(places, kind="stable")]


def part_sizes(split: Split, rows: int) -> tuple[int, int, int]:
    """How many of `rows` go to train, valid and test (0 where the test set is fixed)."""

    def size(part: float) -> int:
        return part if isinstance(part, int) else round(part * rows)

    valid = size(split.valid)
    test = 0 if split.test == "fixed" else size(split.test)
    train = rows - valid - test if split.train is None else size(split.train)
    needed = [train, valid] if split.test == "fixed" else [train, valid, test]
    if min(needed) < 1 or sum(needed) > rows:
        raise LabbookError(
            f"split: {rows} rows are too few: train {max(train, 0)}, valid {valid}, test "
            f"{'fixed' if split.test == 'fixed' else test} rows were asked for, and every part "
            "needs at least one row. Take smaller counts or shares, or more data."
        )
    return train, valid, test
