"""What is odd about the columns of a table, in sentences for people."""

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from labbook.data.columns import Encoding, blocks
from labbook.data.numbers import Numbers, constant
from labbook.data.reading.names import some
from labbook.wording import count

NAMELESS = re.compile(r"Unnamed: \d+")  # what a column is called that has no name
SAMPLE = 10_000  # rows that are looked at for what gives the target away
FEWEST_ROWS = 20  # with fewer, chance alone can put rows in order
LOOKS = 20_000_000  # numbers that are looked at for it, in a table of many columns
BY_CHANCE = 10_000  # how much rarer than one column of all an order by chance has to be
ROWS_PER_LEVEL = 5
GIVES_AWAY = 0.9999


def column_remarks(numbers: Numbers) -> Iterator[str]:
    """Columns that count rows, say nothing, say the same as others, or give the target away."""
    every = [(one, numbers.features[:, at]) for one, at in blocks(numbers.encodings)]
    named = [(one, values) for one, values in every if values.shape[1]]
    free = len(numbers.target) - numbers.fixed - numbers.fixed_valid
    counting = [one.name for one, values in named if _counts_rows(values[:free, 0])]
    nameless = [one.name for one, _ in named if NAMELESS.fullmatch(one.name)]
    still = [one.name for one, values in every if _still(values)]
    if counting:
        yield (
            f"Used as a feature, and counts the rows: {some(counting)}. That says nothing of other "
            "rows: list it under `drop`, or set `id` to it."
        )
    if nameless:
        yield (
            f"{count(len(nameless), 'column')} without a name used as a feature: {some(nameless)}. "
            "List what numbers the rows under `drop`."
        )
    if still:
        yield (
            f"{count(len(still), 'column')} with the same value in every row: {some(still)}. "
            "Nothing can be learned from that; it may go under `drop`."
        )
    yield from _same([(one, v) for one, v in named if one.name not in still])
    yield from _telling(numbers, [(one, v) for one, v in named if one.name not in still])


def _counts_rows(values: np.ndarray) -> bool:
    """Whether values (rows,) are 0, 1, 2, ... or 1, 2, 3, ..."""
    begins = len(values) >= FEWEST_ROWS and values[0] in (0, 1)
    return bool(begins and (np.diff(values) == 1).all())


def _still(values: np.ndarray) -> bool:
    """Whether values (rows, columns) are the same in all rows, empty ones too."""
    empty = np.isnan(values)
    if not (empty == empty[:1]).all():
        return False
    return bool(constant(np.where(empty, 0.0, values)).all())


def _same(named: list[tuple[Encoding, np.ndarray]]) -> Iterator[str]:
    """Columns that hold the same numbers as one before."""
    alike: dict[tuple[int, str], list[str]] = defaultdict(list)
    for one, values in named:
        content = np.ascontiguousarray(values) + 0.0  # a copy, without -0
        content[np.isnan(content)] = np.nan
        alike[values.shape[1], hashlib.sha256(content.tobytes()).hexdigest()].append(one.name)
    groups = [names for names in alike.values() if len(names) > 1]
    if groups:
        told = [f"{' = '.join(names)}" for names in groups]
        yield (
            f"Columns that say the same in every row: {some(told)}. One of each is enough; the "
            "others may go under `drop`."
        )


def _telling(numbers: Numbers, named: list[tuple[Encoding, np.ndarray]]) -> Iterator[str]:
    """Columns that give the target away, each with its score."""
    rows = len(numbers.target)
    if rows < FEWEST_ROWS or constant(numbers.target):
        return
    columns = numbers.features.shape[1]
    most = min(rows, SAMPLE, max(LOOKS // columns, FEWEST_ROWS))
    seen = np.unique(np.linspace(0, rows - 1, most).astype(int))
    target = numbers.target[seen]
    scores = {
        one.name: _of_levels(values[seen], target, numbers.task)
        if one.kind == "category"
        else max(_of_numbers(column, target, numbers) for column in values[seen].T)
        for one, values in named
    }
    telling = [f"{name} (score {s:.4f})" for name, s in scores.items() if s > GIVES_AWAY]
    if telling:
        how = "tells the class" if numbers.task == "classification" else "follows, or nearly"
        yield (
            f"{numbers.target_name} is given away by {some(telling)}: from one column alone it "
            f"{how} in {len(seen):,} rows. Drop what is known only together with the target."
        )


def _of_numbers(values: np.ndarray, target: np.ndarray, numbers: Numbers) -> float:
    """From 0 to 1, how well one column (rows,) tells the target (rows,)."""
    known = ~np.isnan(values)
    values, target = values[known], target[known]
    if len(values) < max(FEWEST_ROWS, len(known) / 2) or constant(values) or constant(target):
        return 0.0
    if numbers.task == "classification":
        return float(_in_order(values, target, numbers.features.shape[1]))
    ranks = [np.unique(one, return_inverse=True)[1] for one in (values, target)]
    return max(_correlation(values, target), _correlation(*ranks))


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        x, y = x - x.mean(), y - y.mean()
        return float(np.nan_to_num(abs(x @ y) / np.sqrt((x @ x) * (y @ y))))


def _in_order(values: np.ndarray, classes: np.ndarray, columns: int) -> bool:
    """Whether each class has a range of values of its own, so that thresholds tell them apart.

    False where one of so many `columns` may be in such an order by chance.
    """
    _, rows = np.unique(classes, return_counts=True)
    if math.comb(len(classes), int(rows.min())) < BY_CHANCE * columns:
        return False
    order = np.lexsort((classes, values))
    values, classes = values[order], classes[order]
    changes = np.flatnonzero(np.diff(classes))
    apart = (values[changes] < values[changes + 1]).all()
    return bool(len(changes) == len(rows) - 1 and apart)


def _of_levels(values: np.ndarray, target: np.ndarray, task: str) -> float:
    """The same of a category's columns (rows, levels): by the mean or the class of each level."""
    level = np.where(values.any(axis=1), values.argmax(axis=1), values.shape[1])
    _, level, rows = np.unique(level, return_inverse=True, return_counts=True)
    if len(target) < ROWS_PER_LEVEL * len(rows):
        return 0.0
    if task == "classification":
        table = np.zeros((len(rows), int(target.max()) + 1))
        np.add.at(table, (level, target), 1)
        return float(table.max(axis=1).sum() / len(target)) if len(rows) > 1 else 0.0
    means = np.bincount(level, target) / rows
    return float(1 - ((target - means[level]) ** 2).mean() / target.var())
