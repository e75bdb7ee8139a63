"""Which rows train, which choose, and which are looked at last: one split per seed."""

import numpy as np

from labbook.errors import LabbookError
from labbook.params.splits import Split
from labbook.streams import stream

PART_COUNT = 3  # a class with fewer rows cannot be in each of train, valid and test
ROUNDING = 1e-6  # rows


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
    shares of the classes, as `share_out` says. With `sample` only so many rows are drawn. Raises
    `LabbookError` where there are too few rows.
    """
    free = rows - fixed
    if sample is not None and sample > free:
        raise LabbookError(
            f"sample: {sample} rows were asked for, and there are {free} to draw from. "
            "Take a smaller number, or leave `sample` out."
        )
    draw = stream(seed, "split")
    order = draw.permutation(free)
    labels = np.zeros(free, int) if classes is None else classes[order]
    _, label, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if sample is not None:
        counts = _shares(counts, sample, np.minimum(counts, PART_COUNT), counts, draw)
    drawn = share_out(counts, part_sizes(split, int(counts.sum())), draw)
    ends = np.cumsum(drawn, axis=0)  # (parts, classes): of each class's rows in drawn order
    place = _places(label)
    parts = {"test": np.arange(free, rows)}
    for number, name in enumerate(("test", "valid", "train")):
        begin = ends[number - 1] if number else np.zeros_like(ends[0])
        if name != "test" or split.test != "fixed":
            parts[name] = order[(begin[label] <= place) & (place < ends[number][label])]
    return {name: np.sort(parts[name]).astype(np.int32) for name in ("train", "valid", "test")}


def share_out(
    counts: np.ndarray, sizes: tuple[int, int, int], draw: np.random.Generator
) -> np.ndarray:
    """How many rows of each class each part gets: (3, classes), its rows test, valid and train.

    `counts` (classes,) are how many rows of each class there are, one or more; `sizes` how many
    train, valid and test get, together no more than there are. A size of test of 0 means that there
    are two parts and not three. Each part has its size, and the shares of the classes as nearly as
    whole rows can.

    A class with a row for every part is in each of them, unless a part has fewer rows than there
    are such classes. Of rarer ones, a single row is trained on; of two rows for three parts one is,
    and chance decides about the other. Only where the rows do not suffice otherwise a class is in
    test or valid and not in train.
    """
    train, valid, test = sizes
    parts = PART_COUNT if test else PART_COUNT - 1
    shares, left = [], counts
    for size, later in ((test, 2), (valid, 1), (train, 0)):
        kept = np.clip(counts - 1, min(later, 1), later)  # for the parts that are drawn later
        most = np.maximum(left - kept, 0)
        most = left if most.sum() < size else most
        least = np.minimum(counts >= (parts if later else 1), most)
        shares.append(_shares(counts, size, least, most, draw))
        left = left - shares[-1]
    return np.array(shares)


def _shares(
    counts: np.ndarray, size: int, least: np.ndarray, most: np.ndarray, draw: np.random.Generator
) -> np.ndarray:
    """`size` rows by class, in proportion to `counts`, between `least` and `most`: all (classes,).

    Where there is no room for the least of all, chance decides who is in. What is left after
    rounding down goes to classes that are drawn by their remainders (Efraimidis and Spirakis 2006),
    so that no class is always rounded down.
    """
    shares = least.astype(float) if least.sum() <= size else np.zeros(len(counts))
    wanted = np.maximum(size * counts / counts.sum() - shares, 0)
    while (rest := size - shares.sum()) > ROUNDING:
        weights = np.where(shares < most, wanted, 0)
        weights = weights if weights.sum() > ROUNDING else most - shares
        shares = np.minimum(shares + rest * weights / weights.sum(), most)
    whole = np.floor(shares + ROUNDING).astype(int)
    remainders = np.maximum(shares - whole, ROUNDING)
    keys = np.where(whole < most, np.log(1 - draw.random(len(counts))) / remainders, -np.inf)
    whole[np.argsort(-keys, kind="stable")[: size - whole.sum()]] += 1
    return whole


def _places(label: np.ndarray) -> np.ndarray:
    """How many rows before it are of a row's class: (rows,)."""
    by_class = np.argsort(label, kind="stable")
    first = np.searchsorted(label[by_class], label[by_class])
    places = np.empty(len(label), int)
    places[by_class] = np.arange(len(label)) - first
    return places


def part_sizes(split: Split, rows: int) -> tuple[int, int, int]:
    """How many of `rows` go to train, valid and test (0 where the test set is fixed)."""

    def size(part: float | str | None) -> int:
        if not isinstance(part, int | float):  # fixed, or left out
            return 0
        return part if isinstance(part, int) else round(part * rows)

    valid = size(split.valid)
    test = size(split.test)
    train = rows - valid - test if split.train is None else size(split.train)
    needed = [train, valid] if split.test == "fixed" else [train, valid, test]
    if min(needed) < 1 or sum(needed) > rows:
        raise LabbookError(
            f"split: {rows} rows are too few: train {max(train, 0)}, valid {valid}, test "
            f"{'fixed' if split.test == 'fixed' else test} rows were asked for, and every part "
            "needs at least one row. Take smaller counts or shares, or more data."
        )
    return train, valid, test
