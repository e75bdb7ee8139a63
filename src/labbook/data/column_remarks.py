"""What is odd about the columns of a table, in sentences for people."""

import hashlib
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
FEWEST_OF_CLASS = 3
ROWS_PER_LEVEL = 5
GIVES_AWAY = 0.9999


def column_remarks(numbers: Numbers) -> Iterator[str]:
    """Columns that count rows, say nothing, say the same as others, or give the target away."""
    named = [(one, numbers.features[:, at]) for one, at in blocks(numbers.encodings)]
    free = len(numbers.target) - numbers.fixed - numbers.fixed_valid
    counting = {one.name for one, values in named if _counts_rows(values[:free, 0])}
    still = [one.name for one, values in named if _still(values)]
    for name in (one.name for one, _ in named):
        if name in counting or NAMELESS.fullmatch(name):
            counts = " It counts the rows, which says nothing of others." * (name in counting)
            what = f"{name}, a column without a name," if NAMELESS.fullmatch(name) else name
            yield (
                f"{what} is used as a feature.{counts} List it under `drop`, or set `id` to it if "
                "it names the rows."
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
    seen = np.unique(np.linspace(0, rows - 1, min(rows, SAMPLE)).astype(int))
    target = numbers.target[seen]
    for one, values in named:
        if one.kind == "category":
            score = _of_levels(values[seen], target, numbers.task)
        else:
            score = max(_of_numbers(column, target, numbers.task) for column in values[seen].T)
        if score > GIVES_AWAY:
            how = "alone tells the class of" if numbers.task == "classification" else "follows in"
            yield (
                f"{one.name} gives {numbers.target_name} away: it {how} {len(seen):,} of "
                f"{len(seen):,} rows (score {score:.4f}). If it is known only together with the "
                "target, list it under `drop`."
            )


def _of_numbers(values: np.ndarray, target: np.ndarray, task: str) -> float:
    """From 0 to 1, how well one column (rows,) tells the target (rows,)."""
    known = ~np.isnan(values)
    values, target = values[known], target[known]
    if len(values) < FEWEST_ROWS or constant(values) or constant(target):
        return 0.0
    if task == "classification":
        return float(_in_order(values, target))
    ranks = [np.unique(one, return_inverse=True)[1] for one in (values, target)]
    return max(_correlation(values, target), _correlation(*ranks))


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        x, y = x - x.mean(), y - y.mean()
        return float(np.nan_to_num(abs(x @ y) / np.sqrt((x @ x) * (y @ y))))


def _in_order(values: np.ndarray, classes: np.ndarray) -> bool:
    """Whether each class has a range of values of its own, so that thresholds tell them apart."""
    _, rows = np.unique(classes, return_counts=True)
    order = np.lexsort((classes, values))
    values, classes = values[order], classes[order]
    changes = np.flatnonzero(np.diff(classes))
    apart = (values[changes] < values[changes + 1]).all()
    return bool(rows.min() >= FEWEST_OF_CLASS and len(changes) == len(rows) - 1 and apart)


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
