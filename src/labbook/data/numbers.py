"""What a data set holds: numbers, the same for every seed. Nothing is fitted here."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from labbook.data.columns import Encoding
from labbook.metrics import CONSTANT


def constant(values: np.ndarray) -> np.ndarray:
    """Whether values (rows, ...) are equal over their rows but for rounding: bool (...)."""
    return np.asarray(values.std(axis=0) <= CONSTANT * np.abs(values.mean(axis=0)))


def still_parts(target: np.ndarray, parts: Iterable[np.ndarray]) -> int:
    """In how many of these parts, each its rows, a target does not vary: nothing can be learnt."""
    return sum(bool(constant(target[rows])) for rows in parts)


@dataclass(frozen=True)
class Numbers:
    """What a data set holds, row by row; the last `fixed` rows are its own test set."""

    kind: str  # "table" or "images"
    task: str  # "regression" or "classification"
    features: np.ndarray  # (rows, columns) float64, NaN where empty; (rows, height, width) uint8
    target: np.ndarray  # (rows,) float64, or int64 class numbers
    target_name: str
    feature_names: tuple[str, ...]
    classes: tuple[str, ...]
    unlabelled_ids: tuple[str, ...]
    unlabelled: np.ndarray | None = None  # (rows, columns)
    fixed: int = 0
    fixed_valid: int = 0  # rows before those, its own validation set
    groups: np.ndarray | None = None  # (rows,) int64: rows of one number stay together
    times: np.ndarray | None = None  # (rows,) float64: the order of the rows
    table: str = ""  # what people call the file
    target_column: str = ""  # the target's name there, where repeated names are numbered
    id_column: str = ""  # the name of what `unlabelled_ids` are
    encodings: tuple[Encoding, ...] = ()  # of a table: how the file's columns become features
    log_target: bool = False  # whether a network learns the logarithm
    told: tuple[str, ...] = ()  # sentences for people: what was odd when it was read


def unknown_numbers(rows: int, names: tuple[str, ...], target: str, table: str) -> Numbers:
    """A regression of which only names and the number of rows are known: its target varies."""
    features = np.zeros((rows, len(names)))
    numbers = np.arange(rows)
    return Numbers("table", "regression", features, numbers, target, names, (), (), table=table)
