"""Intervals and Holm's correction, by SciPy and statsmodels. Why which: docs/evidence.md."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from labbook.metrics import bounds, higher_is_better, is_ratio
from labbook.verdicts import ALPHA

LEVEL = 0.95  # of every interval
SMALLEST = float(np.finfo(np.float32).tiny)  # an error of exactly 0 has no logarithm
NAN = float("nan")


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
    """A mean over `n` values with its 95 % interval and the sample's standard deviation."""

    n: int
    mean: float
    low: float
    high: float
    deviation: float


def mean_interval(values: np.ndarray) -> Interval:
    """Student's t interval of the mean of the finite ones among `values`, shape (n,).

    One value has a mean and no interval (NaN); equal values have an interval of no width.
    """
    finite = values[np.isfinite(values)]
    n = len(finite)
    if n == 0:
        return Interval(0, NAN, NAN, NAN, NAN)
    mean = float(finite.mean())
    if n == 1:
        return Interval(1, mean, NAN, NAN, NAN)
    if constant(finite):
        return Interval(n, mean, mean, mean, 0.0)
    low, high = stats.t.interval(LEVEL, n - 1, loc=mean, scale=stats.sem(finite))
    return Interval(n, mean, float(low), float(high), float(finite.std(ddof=1)))


def metric_interval(values: np.ndarray, metric: str) -> Interval:
    """`mean_interval` of a metric on the scale on which it is compared.

    So the mean of errors is their geometric mean. `deviation` is that of the values themselves.
    An interval ends at what the metric can be: no accuracy is above 1.
    """
    interval = mean_interval(oriented(values, metric))
    ends = restored(np.array([interval.mean, interval.low, interval.high]), metric)
    mean, low, high = ends[0], *np.sort(np.clip(ends[1:], *bounds(metric)))
    deviation = mean_interval(values).deviation
    return replace(
        interval, mean=float(mean), low=float(low), high=float(high), deviation=deviation
    )


def rate_interval(count: int, n: int) -> tuple[float, float]:
    """Interval of a share `count` of `n` (Clopper and Pearson 1934: covers at least 95 %)."""
    if n == 0:
        return NAN, NAN
    low, high = proportion_confint(count, n, alpha=1 - LEVEL, method="beta")
    return float(low), float(high)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's (1979) correction of those of `p` that are numbers; NaN stays NaN."""
    corrected = np.full(len(p), NAN)
    tested = np.isfinite(p)
    if tested.any():
        corrected[tested] = multipletests(p[tested], alpha=ALPHA, method="holm")[1]
    return corrected


def constant(values: np.ndarray) -> bool:
    """Equal up to rounding: no spread that could be told from that of the arithmetic."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())
