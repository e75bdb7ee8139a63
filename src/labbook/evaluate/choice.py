"""The choice of a model by validation data, and the proof that its file is whole."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from labbook.data.augmentation import averaged, copies
from labbook.errors import LabbookError
from labbook.evaluate.predictions import median_seed
from labbook.evaluate.statistics.intervals import oriented
from labbook.evaluate.study_runs import StudyRuns
from labbook.models import build, forward
from labbook.models.losses import predictions
from labbook.params.redraws import redraws_alone
from labbook.training.runfile import RunRecord
from labbook.verdicts import ALPHA

# By how much another order of additions, or another device, may change an output of a network: a
# share of the outputs' spread; one of their size, which float32 limits; and as much as this share
# of the inputs does, of whose sums little may be left.
OF_SPREAD, OF_SIZE, OF_INPUTS = 1e-3, 1e-5, 1e-6
CHECKED = 256  # validation rows that are computed again, by NumPy alone
AGAINST_OTHERS = "against the other combinations on the same splits"
MEDIAN_RUN = "median"


@dataclass(frozen=True)
class Choice:
    """The combination and the seed that validation data chose.

    `run_by` says by what the seed was chosen: AGAINST_OTHERS or MEDIAN_RUN. `set_aside` are the
    combinations that were not eligible, because too many of their runs failed.
    """

    label: str
    seed: int
    run_by: str = MEDIAN_RUN
    set_aside: tuple[str, ...] = ()


def choose(results: StudyRuns) -> Choice | None:
    """The combination with the best mean on validation rows, and one of its runs. Never test rows.

    The mean is over the runs that ended. A combination of which clearly more runs failed than of
    the one with the fewest failures, or more than half, is set aside. Equal ones: the first in the
    study's order. Where all combinations are one setting, of which chance draws parts anew, the
    reference stands for it. None where no run has a result.
    """
    metric = results.choice
    values = {label: oriented(results.values(label, metric), metric) for label in results.labels}
    known = {label: one for label, one in values.items() if np.isfinite(one).any()}
    if not known:
        return None
    eligible = _eligible(known)
    label = max(eligible, key=lambda one: float(np.nanmean(known[one])))  # the first of equals
    if redraws_alone(results.study.combinations) and results.study.reference in eligible:
        label = results.study.reference
    seed, run_by = _run_of(results, values, label)
    return Choice(label, seed, run_by, tuple(one for one in results.labels if one not in eligible))


def _eligible(values: Mapping[str, np.ndarray]) -> list[str]:
    """Combinations that do not fail too often, in the study's order; the rarest failing if none."""
    failed = {label: int((~np.isfinite(one)).sum()) for label, one in values.items()}
    fewest, n = min(failed.values()), len(next(iter(values.values())))
    found = [
        label
        for label, count in failed.items()
        if 2 * count <= n and not fails_more_often(count, fewest, n)
    ]
    return found or [label for label, count in failed.items() if count == fewest]


def fails_more_often(failed: int, fewest: int, n: int) -> bool:
    """Whether `failed` of `n` runs are clearly more than `fewest` of `n`: Fisher's exact test."""
    table = np.array([[failed, n - failed], [fewest, n - fewest]])
    return bool(stats.fisher_exact(table, alternative="greater").pvalue < ALPHA)


def _run_of(results: StudyRuns, values: Mapping[str, np.ndarray], label: str) -> tuple[int, str]:
    """The seed of the combination's best run, and by what it is the best.

    Each seed has its own validation rows, and the best value of all would be that of the easiest
    ones. So a run is measured against the median of the other combinations' runs of the same seed;
    where there are none, the median run stands for the combination.
    """
    others = np.array([one for other, one in values.items() if other != label])
    medians = [np.median(runs[np.isfinite(runs)]) for runs in others.T if np.isfinite(runs).any()]
    ahead = np.full(len(values[label]), np.nan)
    if len(others):
        ahead[np.isfinite(others).any(axis=0)] = medians
        ahead = values[label] - ahead
    if np.isfinite(ahead).any():
        return results.study.seeds[int(np.nanargmax(ahead))], AGAINST_OTHERS
    seed = median_seed(results, label)
    assert seed is not None  # it has a run that ended
    return seed, MEDIAN_RUN


def check_weights(results: StudyRuns, choice: Choice, record: RunRecord) -> None:
    """Raise `LabbookError` unless the weights give the stored validation predictions again."""
    predicted = _predict(results, choice, record)
    stored = record.predictions["valid"][:CHECKED]
    if results.study.task == "regression":  # in the network's units, without the target's mean
        stored = results.prepared.in_network_units(stored, choice.seed)
    if predicted.shape == stored.shape:
        finite = stored[np.isfinite(stored)].astype(float)
        rounding = OF_SPREAD * np.std(finite) + OF_SIZE * np.abs(finite).max(initial=0.0)
        moved = _predict(results, choice, record, OF_INPUTS)
        rounding += np.abs(moved - predicted).max(initial=0.0)
        if np.allclose(predicted, stored, rtol=0, atol=float(rounding)):
            return
    raise LabbookError(
        f"{results.path(choice.label, choice.seed)}: its weights do not give the validation "
        f"predictions that it holds (run {record.id}, combination {choice.label}, seed "
        f"{choice.seed}). Remove the file and run snakemake again: that run is trained anew."
    )


def _predict(
    results: StudyRuns, choice: Choice, record: RunRecord, moved: float = 0.0
) -> np.ndarray:
    """Predictions of the validation rows by the stored weights, in the network's own units.

    Every other input is larger by the share `moved`, the others are smaller.
    """
    prepared, task = results.prepared, results.study.task
    columns = results.columns(choice.label, choice.seed)
    recipe = results.combinations[choice.label].recipe
    x, _ = prepared.part(choice.seed, "valid", columns)
    outputs = len(prepared.classes) if task == "classification" else 1
    network = build(recipe.model, x.shape[1:], outputs)
    shares = 1 + moved * np.resize([1.0, -1.0], x.shape[1:])
    augment = recipe.training.augments

    def of(rows: np.ndarray) -> np.ndarray:
        return predictions(forward(network, record.weights, rows * shares), task)

    try:
        if augment is not None and augment.test_copies:
            return averaged(map(of, copies(prepared, choice.seed, "valid", augment, CHECKED)))
        return of(x[:CHECKED])
    except ValueError:  # other names or shapes
        return np.empty(0)
