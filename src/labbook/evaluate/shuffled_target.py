"""What runs of a shuffled target know of their test rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labbook.data.shuffled import shuffled
from labbook.errors import LabbookError
from labbook.evaluate.statistics.controls import Correlated, Right, together_by_chance
from labbook.evaluate.statistics.intervals import NAN
from labbook.evaluate.study_runs import StudyRuns
from labbook.metrics import measure
from labbook.plan.controls import SHUFFLED
from labbook.streams import stream
from labbook.training.runfile import DIVERGED


@dataclass(frozen=True)
class Measured:
    """A run of a shuffled target on its test rows: its loss or accuracy, and the constant's.

    `known` is how its predictions go with the targets.
    """

    network: float
    constant: float
    known: Correlated | Right


def p_of_knowing(learnt: Sequence[Measured], seed: int) -> float:
    """Return p that the predictions of all runs go so well with the targets by chance."""
    draw = stream(seed, "shuffled target, judged")
    return together_by_chance([one.known for one in learnt], draw) if learnt else NAN


def measured_on_test_rows(results: StudyRuns, seed: int) -> Measured | None:
    """What a run of the study's control is on its test rows; None of one that diverged.

    Squared errors are of standardised targets, as in training. Raises `LabbookError` where its
    targets were dealt out in another order than here.
    """
    if results.records[SHUFFLED, seed].ended == DIVERGED:
        return None
    record = results.read(SHUFFLED, seed, "predictions")
    data, predicted = shuffled(results.prepared, record.identity), record.predictions
    split = data.split(seed)
    train, test = data.target[split.train], data.target[split.test]
    again = measure(data.task, "test", test, predicted["test"])
    if not all(
        np.isclose(record.metrics[name], value, equal_nan=True) for name, value in again.items()
    ):
        raise LabbookError(
            f"{results.path(SHUFFLED, seed)}: its metrics are not those of its predictions, so its "
            "target was shuffled in another order, by another version of labbook. Remove it and "
            "run snakemake again: that run, and no other, is trained anew."
        )
    if data.task == "classification":
        chosen = predicted["test"].argmax(axis=1)
        most = np.bincount(train).argmax()
        right, constant = (float(np.mean(test == one)) for one in (chosen, most))
        return Measured(right, constant, Right(test, chosen, len(data.classes)))
    train, test, found = (data.in_network_units(y, seed) for y in (train, test, predicted["test"]))
    errors, constant = (float(np.mean((test - one) ** 2)) for one in (found, train.mean()))
    return Measured(errors, constant, Correlated(test, found))
