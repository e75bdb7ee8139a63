"""What a model says of new rows, chunk by chunk, as the columns of a table."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from labbook.errors import LabbookError
from labbook.evaluate.ensemble import as_mean
from labbook.evaluate.statistics import conformal
from labbook.evaluate.threshold import OF_THE_NAMED, decided, named
from labbook.evaluate.writing import float_text
from labbook.metrics import METRICS, of_task
from labbook.models import forward
from labbook.prediction.champion import Champion
from labbook.prediction.rows import NewRows

AT_ONCE = 4096  # rows
VALUES_AT_ONCE = 20_000_000  # numbers behind one layer, of images less rows
BETWEEN = " | "  # between the classes of a set


@dataclass(frozen=True)
class Answer:
    """Of some rows: quantities (rows,) or log-probabilities (rows, classes), and, of an ensemble,
    by how much its members differ (rows,): a standard deviation of quantities, or of the
    probability of the class that is named.
    """

    begin: int
    predicted: np.ndarray
    deviation: np.ndarray | None = None

    @property
    def end(self) -> int:
        """The row behind the last."""
        return self.begin + len(self.predicted)


def answers(members: Sequence[Champion], rows: NewRows) -> Iterator[Answer]:
    """The predictions of one champion, or the means of several, in the order of the rows."""
    step = rows_at_once(members[0])
    for begin in range(0, len(rows.values), step):
        features = rows.features(begin, min(begin + step, len(rows.values)))
        found = [predict(member, features) for member in members]
        if len(found) == 1:
            yield Answer(begin, found[0])
        else:
            yield _mean(begin, found, members[0].about.task)


def rows_at_once(champion: Champion) -> int:
    """How many rows are computed together: as memory allows."""
    shapes = champion.network.shapes().values()
    largest = max([math.prod(shape) for shape in shapes] + [math.prod(champion.network.inputs)])
    return max(1, min(AT_ONCE, VALUES_AT_ONCE // largest))


def predict(champion: Champion, features: np.ndarray) -> np.ndarray:
    """Predictions of rows as the data set has them: (rows,), or (rows, classes) as logarithms.

    Raises `LabbookError` where one is no number.
    """
    # One thread, so that no order of additions depends on how many the machine has.
    with threadpool_limits(1), np.errstate(all="ignore"):
        outputs = forward(champion.network, champion.weights, champion.inputs(features))
        found = champion.results(outputs)
    if not np.isfinite(outputs).all() or np.isnan(found).any():
        raise LabbookError(
            f"{champion.folder}: gives no finite prediction for some of these rows, whose values "
            "are perhaps far too large. Nothing was written; correct or leave out such rows."
        )
    return found


def _mean(begin: int, found: Sequence[np.ndarray], task: str) -> Answer:
    given = np.array([as_mean(one, task) for one in found])  # (members, rows, outputs)
    mean, spread = given.mean(axis=0), given.std(axis=0, ddof=1)
    if task == "regression":
        return Answer(begin, mean[:, 0], spread[:, 0])
    with np.errstate(divide="ignore"):  # a probability may be 0
        best = mean.argmax(axis=1)
        return Answer(begin, np.log(mean), spread[np.arange(len(mean)), best])


def limit_of(champion: Champion, level: float) -> float:
    """The conformal quantile of a level. Raises `LabbookError` for one that is not kept."""
    levels = champion.about.conformal.levels
    for kept, limit in zip(levels, champion.about.conformal.quantiles, strict=True):
        if abs(kept - level) < 1e-9:
            return limit
    raise LabbookError(
        f"--level {level}: the champion has whole percents from {min(levels, default=0)} to "
        f"{max(levels, default=0)}, such as 0.9. Nothing was written."
    )


def header(champion: Champion, rows: NewRows, limit: float | None) -> list[str]:
    """The names of the columns of `lines`."""
    target = champion.about.rows.target
    names = [rows.id_name, target]
    if champion.about.task == "classification":
        names += [f"P({name})" for name in champion.classes]
        names += [f"{target} set"] if limit is not None else []
    elif limit is not None:
        names += [f"{target} low", f"{target} high"]
    return names if limit is not None else [*names, "deviation between members"]


def lines(
    champion: Champion, rows: NewRows, answer: Answer, limit: float | None
) -> Iterator[list[str]]:
    """The fields of each row; `limit` is the conformal quantile, None for an ensemble."""
    ids = rows.ids[answer.begin : answer.end]
    if champion.about.task == "classification":
        fields = _classes(champion, answer.predicted, limit)
    else:
        fields = _quantities(answer.predicted, limit)
    spread = [] if answer.deviation is None else answer.deviation.tolist()
    for place, (name, row) in enumerate(zip(ids, fields, strict=True)):
        yield [name, *row, *([float_text(spread[place])] if spread else [])]


def _quantities(predicted: np.ndarray, limit: float | None) -> Iterator[list[str]]:
    for value in predicted.tolist():
        ends = [] if limit is None else [value - limit, value + limit]
        yield [float_text(value), *(float_text(end) if math.isfinite(end) else "" for end in ends)]


def _classes(champion: Champion, predicted: np.ndarray, limit: float | None) -> Iterator[list[str]]:
    classes = champion.classes
    chances, best = np.exp(predicted), named(predicted, champion.about.threshold)
    held = None if limit is None else conformal.in_set(predicted, limit)
    for place, row in enumerate(chances.tolist()):
        fields = [classes[best[place]], *map(float_text, row)]
        if held is not None:
            fields.append(BETWEEN.join(classes[i] for i in np.flatnonzero(held[place])))
        yield fields


def measures(champion: Champion, target: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """The metrics of the task by their names, of rows whose target is known."""
    found = {}
    for name in of_task(champion.about.task):
        own = decided(predicted, champion.about.threshold) if name in OF_THE_NAMED else predicted
        found[name] = METRICS[name].formula(target, own)
    return found


def coverage(champion: Champion, target: np.ndarray, predicted: np.ndarray, limit: float) -> float:
    """The share of these rows whose truth lies in its interval or set."""
    return float((conformal.scores(champion.about.task, target, predicted) <= limit).mean())
