"""Confidence intervals, and Holm's correction for several tests. Why which: docs/evidence.md."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from labbook.measures import higher_is_better, is_ratio, metric_of

LEVEL = 0.95  # of every interval, but for those of a study that is looked at several times
SMALLEST = float(np.finfo(np.float32).tiny)  # an error of exactly 0 has no logarithm
NAN = float("nan")
ROUNDING = 1e-12  # relative spread that is no more than that of the arithmetic
NO_SPREAD = 1e-150  # a spread whose square is no number


def scaled(values: np.ndarray, metric: str) -> np.ndarray:
    """`values` on the scale on which they are compared: errors and epochs by their logarithms."""
    return np.log(np.maximum(values, SMALLEST)) if is_ratio(metric) else values


def oriented(values: np.ndarray, metric: str) -> np.ndarray:
    """`scaled` values with the sign that makes larger better."""
    return scaled(values, metric) if higher_is_better(metric) else -scaled(values, metric)


def unscaled(values: np.ndarray, metric: str) -> np.ndarray:
    """The opposite of `scaled`."""
    with np.errstate(over="ignore"):  # an interval of two runs can be wider than a float
        return np.asarray(np.exp(values) if is_ratio(metric) else values)


def restored(values: np.ndarray, metric: str) -> np.ndarray:
    """The opposite of `oriented`: values of the metric."""
    return unscaled(values if higher_is_better(metric) else -values, metric)


@dataclass(frozen=True)
class Interval:
    """A mean over `n` values with its interval and the sample's standard deviation."""

    n: int
    mean: float
    low: float
    high: float
    deviation: float


def level_of(share: float) -> float:
    """The level of an interval that may spend this share of the chance of missing the truth."""
    return 1 - (1 - LEVEL) * share


def mean_interval(values: np.ndarray, level: float = LEVEL) -> Interval:
    """Student's t interval of the mean of the finite ones among `values`, shape (n,).

    One value has a mean and no interval (NaN); equal values have an interval of no width.
    """
    finite = values[np.isfinite(values)]
    n = len(finite)
    if n == 0:
        return Interval(0, NAN, NAN, NAN, NAN)
    if n > 1 and constant(finite):
        same = float(np.median(finite))  # a mean may leave a rounding error
        return Interval(n, same, same, same, 0.0)
    mean = float(finite.mean())
    if n == 1:
        return Interval(1, mean, NAN, NAN, NAN)
    deviation = float(finite.std(ddof=1))
    half = _student(n - 1, level) * deviation / np.sqrt(n)
    return Interval(n, mean, float(mean - half), float(mean + half), deviation)


def mean_intervals(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, low and high end of `mean_interval` of each column of `values`, shape (n, columns)."""
    finite = np.isfinite(values)
    n = finite.sum(axis=0)  # (columns,)
    degrees, places = np.unique(n - 1, return_inverse=True)
    quantile = np.array([_student(int(one)) for one in degrees])[places]
    with np.errstate(invalid="ignore", divide="ignore"):  # no value, or one: no number comes out
        mean = np.where(finite, values, 0).sum(axis=0) / n
        squares = (np.where(finite, values - mean, 0) ** 2).sum(axis=0)
        half = quantile * np.sqrt(squares / (n - 1) / n)
        high = np.where(finite, values, -np.inf).max(axis=0)
        low = np.where(finite, values, np.inf).min(axis=0)
        equal = (n > 1) & (high - low <= ROUNDING * np.maximum(np.abs(high), np.abs(low)))
    half = np.where(equal, 0, half)
    return mean, mean - half, mean + half


@cache
def _student(degrees: int, level: float = LEVEL) -> float:
    """Quantile of Student's t that makes a two-sided interval; NaN without degrees of freedom."""
    return float(stats.t.ppf((1 + level) / 2, degrees))


def metric_interval(values: np.ndarray, metric: str, level: float = LEVEL) -> Interval:
    """`mean_interval` of a metric on the scale on which it is compared.

    So the mean of errors is their geometric mean. `deviation` is that of the values themselves.
    An interval ends at what the metric can be: no accuracy is above 1. Equal values are their own
    mean: 30 epochs, not the 30.000000000000014 of logarithms and back.
    """
    plain = mean_interval(values, level)
    if plain.n and plain.deviation == 0:
        return plain
    interval = on_metric(mean_interval(oriented(values, metric), level), metric)
    return replace(interval, deviation=plain.deviation)


def on_metric(interval: Interval, metric: str) -> Interval:
    """An interval of `oriented` values as one of the metric, cut at what the metric can be."""
    ends = restored(np.array([interval.mean, interval.low, interval.high]), metric)
    lowest, highest = metric_of(metric).low, metric_of(metric).high
    mean, low, high = ends[0], *np.sort(np.clip(ends[1:], lowest, highest))
    return replace(interval, mean=float(mean), low=float(low), high=float(high))


def rate_interval(count: float, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a share `count` of `n` (Clopper and Pearson 1934: covers `level` at least).

    Of pairs a tie may count as half: then `count` need not be whole.
    """
    if n == 0:
        return NAN, NAN
    low, high = proportion_confint(count, n, alpha=1 - level, method="beta")
    return float(low), float(high)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's (1979) correction of those of `p` that are numbers; NaN stays NaN.

    Written here because statsmodels' function collects garbage in each call, which takes longer
    than all the rest of a judgement.
    """
    order = np.argsort(p)[: np.isfinite(p).sum()]  # NaN comes last
    corrected = np.full(len(p), NAN)
    steps = p[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected


def constant(values: np.ndarray) -> bool:
    """Equal up to rounding: no spread that could be told from that of the arithmetic."""
    return bool(np.ptp(values) <= max(ROUNDING * np.abs(values).max(), NO_SPREAD))
