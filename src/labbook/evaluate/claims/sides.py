"""The values of one side of a claim, by seed, and how they read."""

from collections.abc import Sequence

import numpy as np

from labbook.evaluate.statistics.censored import Censored, median_interval
from labbook.evaluate.statistics.intervals import Interval, metric_interval, oriented, restored
from labbook.evaluate.study_runs import StudyRuns
from labbook.metrics import is_ratio, metric_of, split_name
from labbook.training.runfile import CONVERGED, DIVERGED
from labbook.wording import MEDIAN, NOTHING, count, digits, mean_name, number

Side = Sequence[str]  # labels of combinations


def side_values(results: StudyRuns, metric: str, side: Side) -> np.ndarray:
    """Mean over the side's combinations by seed, on the scale of comparison, shape (seeds,).

    Larger is better; NaN where a run of them failed.
    """
    values = np.array([oriented(results.values(one, metric), metric) for one in side])
    return np.asarray(values.mean(axis=0))


def side_parts(results: StudyRuns, metric: str, side: Side) -> list[Side]:
    """The side in as many parts as its failed runs ask for.

    One part, to be compared by its mean, where the combinations failed in the same seeds or not at
    all. Else no seed may lose its mean by one of them: those that never failed are one part, and
    each of the others is a part of its own.
    """
    failed = np.isnan([results.values(label, metric) for label in side])  # (combinations, seeds)
    if (failed == failed[0]).all():
        return [side]
    return divided(side, [not any(runs) for runs in failed])


def divided(side: Side, whole: Sequence[bool]) -> list[Side]:
    """Those of the side that are whole as one part, and each of the others by itself."""
    together: Side = [label for label, one in zip(side, whole, strict=True) if one]
    alone: list[Side] = [[label] for label, one in zip(side, whole, strict=True) if not one]
    return [together, *alone] if together else alone


def side_name(side: Side) -> str:
    """The label of a side of one combination; how many they are of several."""
    return side[0] if len(side) == 1 else count(len(side), "combination")


def side_endings(results: StudyRuns, side: Side) -> list[str]:
    """How each run of the side ended: by combination, then by seed."""
    return [results.records[label, seed].ended for label in side for seed in results.study.seeds]


def side_times(results: StudyRuns, side: Side) -> Censored:
    """Epochs to the tolerance by seed; of several combinations their geometric mean.

    A seed has not reached it where one of its runs has not. A run that diverged never does, so it
    counts with its whole budget.
    """
    epochs, reached = [], []
    for label in side:
        budget = results.combinations[label].recipe.training.epochs
        records = [results.records[label, seed] for seed in results.study.seeds]
        reached.append([one.ended == CONVERGED for one in records])
        epochs.append([one.epochs if one.ended == CONVERGED else budget for one in records])
    means = np.exp(np.mean(np.log(epochs), axis=0))
    return Censored(means, np.all(reached, axis=0))


def has_goal(results: StudyRuns, metric: str, *sides: Side) -> bool:
    """Whether the metric is epochs to a tolerance that some run of a side did not reach."""
    return metric == "epochs" and any(_missed(results, side) for side in sides)


def _missed(results: StudyRuns, side: Side) -> bool:
    recipes = [results.combinations[label].recipe.training for label in side]
    reached = all(ended == CONVERGED for ended in side_endings(results, side))
    return not reached and any(r.tolerance is not None for r in recipes)


def margin(metric: str, given: float | None) -> tuple[float, float]:
    """What matters little, on the scale of comparison, and as it is shown: 0.05 as 1.05."""
    given = metric_of(metric).margin if given is None else given
    return (float(np.log1p(given)), 1 + given) if is_ratio(metric) else (given, given)


def side_text(results: StudyRuns, metric: str, side: Side, goal: bool = False) -> str:
    """The side's figure: mean and interval, or the median of epochs to a `goal` that runs missed.

    A mean says so where it leaves out seeds in which a run failed.
    """
    if goal:
        return median_text(side_times(results, side))
    interval = metric_interval(restored(side_values(results, metric, side), metric), metric)
    return interval_text(interval) + left_out(results, side, interval.n)


def left_out(results: StudyRuns, side: Side, n: int) -> str:
    """Says of a mean over `n` seeds that it leaves others out: a run failed, or has no value."""
    seeds = len(results.study.seeds)
    if n in (0, seeds):
        return ""
    endings = np.array(side_endings(results, side)).reshape(len(side), seeds)
    ended = int((endings != DIVERGED).all(axis=0).sum())
    return f" over the {n} of {seeds} that ended" if n == ended else f" over {n} of {seeds} seeds"


def against(results: StudyRuns, metric: str, sides: Sequence[Side], goal: bool = False) -> str:
    """The sides' figures."""
    return " against ".join(side_text(results, metric, side, goal) for side in sides)


def middle(metric: str, goal: bool = False) -> str:
    """What the figures of sides are called."""
    return MEDIAN if goal else mean_name(is_ratio(metric))


def interval_text(interval: Interval) -> str:
    """`0.842 (0.80 to 0.88)`."""
    text = digits(interval.mean, interval.low, interval.high)
    return text.mean if text.interval == NOTHING else f"{text.mean} ({text.interval})"


def median_text(values: Censored) -> str:
    """`median 2,700 epochs (1,400 to 4,400); 6 of 8 got there`."""
    found, n = median_interval(values), len(values.epochs)
    there = f"{int(values.reached.sum())} of {n} got there"
    if not np.isfinite(found.mean):
        return f"median above {number(round(values.epochs.max()))} epochs; {there}"
    low, high = (
        number(round(end)) if np.isfinite(end) else "open" for end in (found.low, found.high)
    )
    text = f"median {number(round(found.mean))} epochs ({low} to {high})"
    return text if values.reached.all() else f"{text}; {there}"


def measured_rows(results: StudyRuns, metric: str) -> int:
    """Rows of all seeds together that a metric is measured on; 0 where it is of no part."""
    part, _ = split_name(metric)
    if not part:
        return 0
    seeds = results.study.seeds
    return len(seeds) * len(getattr(results.prepared.split(seeds[0]), part))


def share_of_overlap(results: StudyRuns, metric: str) -> float:
    """Evaluated rows per training row: what Nadeau and Bengio (2003) add to 1 / n; NaN for epochs.

    The splits of the seeds share rows, so their results vary less than those on new data would.
    """
    part, _ = split_name(metric)
    if part in ("", "train"):
        return float("nan")
    split = results.prepared.split(results.study.seeds[0])
    return len(getattr(split, part)) / len(split.train)


def same_numbers(results: StudyRuns, metric: str, first: Side, second: Side) -> bool:
    """Whether two combinations agree in `metric` and in all metrics of their kept weights.

    One metric alone could agree by chance, an accuracy of 1 for example. What failed on both sides
    in every seed gives no numbers.
    """
    if len(first) != 1 or len(second) != 1:
        return False
    records = [results.records[label, results.study.seeds[0]] for label in (*first, *second)]
    names = sorted({metric, *(name for record in records for name in record.metrics)})
    one, two = ([results.values(side[0], name) for name in names] for side in (first, second))
    return bool(np.isfinite(one).any() and np.array_equal(one, two, equal_nan=True))
