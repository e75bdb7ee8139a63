"""Which rows train, which choose, and which are looked at last: one split per seed."""

import numpy as np

from labbook.data import arranged_splits
from labbook.errors import LabbookError
from labbook.params.splits import Split
from labbook.streams import stream

PART_COUNT = 3  # a class with fewer rows cannot be in each of train, valid and test
BINS = 10  # of a quantity that is stratified
ROUNDING = 1e-6  # rows


def split_rows(
    split: Split,
    seed: int,
    rows: int,
    *,
    fixed: int = 0,
    fixed_valid: int = 0,
    classes: np.ndarray | None = None,
    sample: int | None = None,
    groups: np.ndarray | None = None,
    times: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Sorted row numbers (int32) of the parts train, valid and test of one seed.

    The last `fixed` of the `rows` are a test set that does not change, the `fixed_valid` before
    them validate; the others are shared out in an order drawn from the seed alone: first test, then
    valid, then train, so that another share for training changes neither of the others. With
    `classes` (rows,) each part has the shares of the classes, as `share_out` says. With `sample`
    only so many rows are drawn. `groups` (rows,) and `times` (rows,) are for `split.group` and
    `split.time`, see arranged_splits.py. Raises `LabbookError` where there are too few rows.
    """
    free = rows - fixed - fixed_valid
    if sample is not None and sample > free:
        raise LabbookError(
            f"sample: {sample} rows were asked for, and there are {free} to draw from. "
            "Take a smaller number, or leave `sample` out."
        )
    mine = None if groups is None else groups[:free]
    if split.folds is not None:
        parts = _by_fold(split, seed, free, classes, mine)
    elif times is not None:
        parts = arranged_splits.by_time(_arranged_sizes(split, free), times[:free], mine)
    elif mine is not None:
        rows_left, draw = np.arange(free), stream(seed, "split")
        parts = arranged_splits.by_group(_arranged_sizes(split, free), rows_left, mine, draw)
    else:
        parts = _by_chance(split, seed, free, classes, sample)
    if fixed_valid:
        parts["valid"] = np.arange(free, free + fixed_valid)
    if fixed:
        parts["test"] = np.arange(rows - fixed, rows)
    return {name: np.sort(parts[name]).astype(np.int32) for name in ("train", "valid", "test")}


def _by_chance(
    split: Split, seed: int, rows: int, classes: np.ndarray | None, sample: int | None
) -> dict[str, np.ndarray]:
    """Rows that do not depend on one another, shared out."""
    draw = stream(seed, "split")
    order = draw.permutation(rows)
    labels = np.zeros(rows, int) if classes is None else classes[order]
    _, label, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if sample is not None:
        counts = _shares(counts, sample, np.minimum(counts, PART_COUNT), counts, draw)
    return shared_out(order, label, counts, part_sizes(split, int(counts.sum())), draw)


def _by_fold(
    split: Split, seed: int, rows: int, classes: np.ndarray | None, groups: np.ndarray | None
) -> dict[str, np.ndarray]:
    """The seed's fold is the test; the other rows are shared out for the seed alone."""
    train, valid, _ = _arranged_sizes(split, rows)
    test = arranged_splits.fold(split.folds or 1, seed, rows, classes, groups)
    rest = np.setdiff1d(np.arange(rows), test)
    draw = stream(seed, "split")
    if groups is not None:
        parts = arranged_splits.by_group((train, valid, 0), rest, groups, draw)
    else:
        sizes = (min(train, len(rest) - valid), valid, 0)
        order = draw.permutation(rest)
        labels = np.zeros(len(rest), int) if classes is None else classes[order]
        _, label, counts = np.unique(labels, return_inverse=True, return_counts=True)
        parts = shared_out(order, label, counts, sizes, draw)
    return parts | {"test": test}


def shared_out(
    order: np.ndarray,
    label: np.ndarray,
    counts: np.ndarray,
    sizes: tuple[int, int, int],
    draw: np.random.Generator,
) -> dict[str, np.ndarray]:
    """The rows `order` by parts: of each class the first ones test, the next ones validate.

    `label` (rows,) numbers the class of each, `counts` (classes,) says how many rows of it count;
    `sizes` are those of train, valid and test.
    """
    drawn = share_out(counts, sizes, draw)
    ends = np.cumsum(drawn, axis=0)  # (parts, classes): of each class's rows in drawn order
    place = _places(label)
    parts = {}
    for number, name in enumerate(("test", "valid", "train")):
        begin = ends[number - 1] if number else np.zeros_like(ends[0])
        parts[name] = order[(begin[label] <= place) & (place < ends[number][label])]
    return parts


def strata(target: np.ndarray) -> np.ndarray:
    """A quantity (rows,) as classes of equally many rows, by rank: int64 (rows,).

    Ten, of few rows fewer, so that each has rows for all parts.
    """
    bins = max(1, min(BINS, len(target) // (2 * PART_COUNT)))
    ranks = np.argsort(np.argsort(target, kind="stable"), kind="stable")
    return np.asarray(ranks * bins // len(target))


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


def _arranged_sizes(split: Split, rows: int) -> tuple[int, int, int]:
    """As `part_sizes`, but all that is left trains, however large the other parts turn out."""
    train, valid, test = part_sizes(split, rows)
    return rows if split.train is None else train, valid, test


def part_sizes(split: Split, rows: int) -> tuple[int, int, int]:
    """How many of `rows` go to train, valid and test (0 where a part is a file, or a fold)."""

    def size(part: float | str | None) -> int:
        if not isinstance(part, int | float):  # fixed, or left out
            return 0
        return part if isinstance(part, int) else round(part * rows)

    valid = size(split.valid)
    test = size(split.test)
    fold = rows // split.folds + 1 if split.folds else 0  # at most
    train = rows - valid - test - fold if split.train is None else size(split.train)
    wanted = {"train": train, "valid": valid, "test": test}
    needed = {
        name: size
        for name, size in wanted.items()
        if getattr(split, name) != "fixed" and not (name == "test" and split.folds)
    }
    if min(needed.values()) < 1 or sum(needed.values()) > rows:
        told = (f"{name} {max(wanted[name], 0) if name in needed else 'fixed'}" for name in wanted)
        raise LabbookError(
            f"split: {rows} rows are too few: {', '.join(told)} rows were asked for, and every "
            "part needs at least one row. Take smaller counts or shares, or more data."
        )
    return train, valid, test
