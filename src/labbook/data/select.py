"""Feature selection: columns scored by scikit-learn on the training part of each split."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labbook.data.numbers import Numbers, constant
from labbook.data.prepared import Prepared
from labbook.data.reading.names import names_like, some
from labbook.errors import LabbookError
from labbook.files import read_json, write_json
from labbook.params.features import Features
from labbook.streams import stream
from labbook.wording import count

DIGITS = 9  # of a score: what is equal but for rounding is a tie
Score = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


@dataclass(frozen=True)
class Selection:
    """The chosen columns by seed, and the scores (columns,) of all of them, NaN where none."""

    source: str
    method: str
    k: int | None
    features: tuple[str, ...]
    splits: dict[int, tuple[list[int] | None, list[float | None]]]

    def columns(self, seed: int) -> np.ndarray | None:
        """Numbers of the chosen columns, ascending; None for images, which have none."""
        chosen = self._split(seed)[0]
        return None if chosen is None else np.array(chosen, np.int64)

    def scores(self, seed: int) -> np.ndarray:
        """The score of every column; NaN for one without a score."""
        return np.array(self._split(seed)[1], float)

    def _split(self, seed: int) -> tuple[list[int] | None, list[float | None]]:
        if seed not in self.splits:
            raise LabbookError(
                f"{self.source}: has no selection for seed {seed}. Run snakemake again: features "
                "are selected for all seeds of params.yaml."
            )
        return self.splits[seed]


def select(prepared: Prepared, features: Features, seeds: Sequence[int], out: Path) -> None:
    """Write which columns each seed's split has, chosen on its training part alone.

    Raises `LabbookError` for names that no column has and for k above the number of columns.
    """
    check_features(features, prepared)
    splits = {}
    for seed in sorted(set(seeds)):
        columns, scores = chosen(prepared, features, seed)
        splits[str(seed)] = {"columns": columns, "scores": scores}
    content = {"method": features.method, "k": features.k, "splits": splits}
    write_json(out, content | {"features": list(prepared.feature_names)})


def chosen(
    prepared: Prepared, features: Features, seed: int
) -> tuple[list[int] | None, list[float | None]]:
    """Numbers of the columns that are chosen on a seed's training part, None for images.

    And the scores of all columns, None where there is none.
    """
    every = prepared.feature_names
    nothing: list[float | None] = [None] * len(every)
    if prepared.kind == "images":
        return None, nothing
    if features.names is not None:
        return sorted({every.index(name) for name in features.names}), nothing
    if features.k is None:
        return list(range(len(every))), nothing
    scored = score(prepared, features.method, seed)
    worst_last = np.where(np.isnan(scored), -np.inf, scored)
    best = np.argsort(-worst_last, kind="stable")[: features.k]  # ties: the first column
    return sorted(best.tolist()), [None if np.isnan(s) else s for s in scored.tolist()]


def read_selection(path: Path) -> Selection:
    """Read what `select` wrote. Raises `LabbookError` where the file is missing or broken."""
    content = read_json(path)
    try:
        splits = {int(s): (v["columns"], v["scores"]) for s, v in content["splits"].items()}
        names = tuple(content["features"])
        return Selection(Path(path).name, content["method"], content["k"], names, splits)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LabbookError(
            f"{path}: not a whole selection ({error!r}). Remove it and run snakemake again: it is "
            "made anew."
        ) from error


def check_features(features: Features, data: Numbers) -> None:
    """Raise `LabbookError` where `data` do not have the columns that `features` ask for.

    That the method suits the kind of data and its task is checked when params.yaml is read.
    """
    available = data.feature_names
    if features.k is not None and features.k > len(available):
        raise LabbookError(
            f"features.k: {features.k} columns asked for, and {data.table} has "
            f"{len(available)} beside the target ({some(available)}). Use k up to "
            f"{len(available)}, or `method: all`."
        )
    for name in features.names or []:
        if name not in available:
            raise LabbookError(
                f"features.names: {data.table} has no column {name!r}. "
                f"{names_like(name, available)}"
            )


def check_training_rows(method: str, target: np.ndarray, seed: int, table: str) -> None:
    """Raise `LabbookError` where `target` (training rows,) of a seed is too short for `method`.

    Only scikit-learn's mutual information needs more rows than a split leaves at least.
    """
    classes = target.dtype == np.int64
    enough = np.bincount(target).max() > 1 if classes else len(target) >= 4
    if method != "mutual_info" or constant(target) or enough:
        return
    needed = "a class with two rows" if classes else "four rows"
    raise LabbookError(
        "features.method: mutual_info cannot score columns on the training part of seed "
        f"{seed} of {table} ({count(len(target), 'row')}): it looks at three neighbours of each "
        f"row, so it needs {needed}. Train on more rows (`split`), or use another method: "
        "variance, or all."
    )


def score(prepared: Prepared, method: str, seed: int) -> np.ndarray:
    """The score (columns,) of each column on the training part; NaN where it does not vary.

    All are 0 where the target does not. Raises `LabbookError` where there are too few rows.
    """
    from threadpoolctl import threadpool_limits

    split = prepared.split(seed)
    values = split.filled(prepared.features[split.train])
    target = prepared.target[split.train]
    target = np.log(target) if prepared.log_target else target  # as it is learnt
    varying = np.isfinite(split.scale)
    scores = np.full(values.shape[1], np.nan)
    if method != "variance" and constant(target):  # scores of it would be those of rounding errors
        scores[varying] = 0.0
    elif varying.any():
        check_training_rows(method, target, seed, prepared.table)
        # One thread: sums in another order have other last digits.
        with threadpool_limits(1), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # of perfect or undefined scores, which are met below
            raw_scores = SCORES[method](values[:, varying], target, seed)
        raw_scores = np.minimum(raw_scores, np.finfo(float).max)  # JSON has no infinity; NaN stays
        scores[varying] = [float(f"{s:.{DIGITS}g}") for s in raw_scores.tolist()]
    return scores


def _f_regression(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    from sklearn.feature_selection import f_regression

    # Of a column that equals the target, rounding can make the huge score negative.
    return np.asarray(np.abs(f_regression(x, y)[0]))


def _f_classif(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    from sklearn.feature_selection import f_classif

    return np.asarray(f_classif(x, y)[0])


def _mutual_info(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

    function = mutual_info_classif if y.dtype == np.int64 else mutual_info_regression
    state = int(stream(seed, "selection").integers(2**32))
    return np.asarray(function(x, y, random_state=state))


def _variance(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """As scikit-learn's VarianceThreshold has it: in the features' own units."""
    return np.asarray(x.var(axis=0))


SCORES: dict[str, Score] = {
    "f_regression": _f_regression,
    "f_classif": _f_classif,
    "mutual_info": _mutual_info,
    "variance": _variance,
}
