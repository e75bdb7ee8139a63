"""What is fitted on the training part of a split: what empty fields become, means and scales."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labbook.data.columns import Encoding, blocks
from labbook.data.numbers import constant


@dataclass(frozen=True)
class FittedSplit:
    """One seed's rows, and what was fitted on its training rows.

    `train`, `valid`, `test` are row numbers (rows,) int32. `mean`, `scale`, `fill` are (columns,)
    in the units of the features, or () for images, with brightness from 0 to 1. The scale is
    infinite where the training rows do not vary. `target_mean` is 0 and `target_scale` 1 where
    the target is not standardised; they are those of the logarithm where that is learned. `route`
    (columns,) int32 says in which column the ones of a column go, None where each stays.
    """

    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    fill: np.ndarray
    target_mean: float
    target_scale: float
    route: np.ndarray | None = None

    def filled(self, features: np.ndarray) -> np.ndarray:
        """Features (rows, columns) with nothing empty, and rare categories together."""
        values = np.where(np.isnan(features), self.fill, features)
        return values if self.route is None else routed(values, self.route)


def fit_columns(
    training: np.ndarray,
    standardise: str,
    *,
    missing: str = "median",
    encodings: Sequence[Encoding] = (),
    rare: int | None = None,
) -> dict[str, np.ndarray]:
    """mean, scale and fill (columns,) of training rows (rows, columns) with NaN where empty.

    An empty field becomes `fill`, its median or what else `missing` says; then, if `rare` is given,
    ones move as `route` (columns,) says; then a feature x becomes (x - mean) / scale. `standardise`
    is "all", "numbers" (columns of 0 and 1 stay as they are) or "none". A column that does not
    vary in these rows tells nothing and has an infinite scale, so that it is 0 in every row.
    """
    fill = _fill(training, missing, encodings)
    values = np.where(np.isnan(training), fill, training)
    more = {}
    if rare is not None and any(one.rare for one in encodings):
        more["route"] = _route(values, encodings, rare)
        values = routed(values, more["route"])
    mean, scale = values.mean(axis=0), values.std(axis=0)
    still = constant(values)
    indicators = np.isin(values, (0.0, 1.0)).all(axis=0)
    kept = {"all": False, "numbers": indicators, "none": True}[standardise]
    return more | {
        "mean": np.where(~still & kept, 0.0, mean),
        "scale": np.where(still, np.inf, np.where(kept, 1.0, scale)),
        "fill": fill,
    }


def fit_target(values: np.ndarray) -> tuple[float, float]:
    """Mean and scale of a target's training rows (rows,), as it is learnt; 1 if they are equal."""
    if constant(values):
        return float(np.median(values)), 1.0
    return float(values.mean()), float(values.std())


def routed(values: np.ndarray, route: np.ndarray) -> np.ndarray:
    """The ones of columns (rows, columns) in the columns that `route` (columns,) names."""
    moved = np.flatnonzero(route != np.arange(len(route)))
    out = values.copy()
    out[:, moved] = 0.0
    for column in moved:
        out[:, route[column]] += values[:, column]
    return out


def _fill(training: np.ndarray, missing: str, encodings: Sequence[Encoding]) -> np.ndarray:
    """What an empty field of each column becomes: (columns,); 0 in a column without a value."""
    fill = np.zeros(training.shape[1])
    some = ~np.isnan(training).all(axis=0)
    if missing == "most_frequent":
        fill[some] = [_most_frequent(column[~np.isnan(column)]) for column in training[:, some].T]
    elif missing == "mean":
        fill[some] = np.nanmean(training[:, some], axis=0)
    else:
        fill[some] = np.nanmedian(training[:, some], axis=0)
    for one, at in blocks(encodings):
        if one.filled and at.stop > at.start:  # all of its columns are empty at once, if at all
            rows = np.nansum(training[:, at], axis=0)
            fill[at] = (np.arange(len(rows)) == rows.argmax()) & rows.any()
    return fill


def _most_frequent(values: np.ndarray) -> float:
    """The smallest of the most frequent values (rows,)."""
    found, rows = np.unique(values, return_counts=True)
    return float(found[rows.argmax()])


def _route(values: np.ndarray, encodings: Sequence[Encoding], rare: int) -> np.ndarray:
    """Where a column's ones go: (columns,) int32. Categories with few rows, to `(rare)`."""
    route = np.arange(values.shape[1], dtype=np.int32)
    for one, at in blocks(encodings):
        if one.rare:
            few = values[:, at].sum(axis=0) < rare
            route[at] = np.where(few, at.stop - 1, route[at])
    return route
