"""Intervals and tests, by SciPy and statsmodels. What is used where, and why: docs/evidence.md."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import proportion_confint

from labbook.metrics import bounds, higher_is_better
from labbook.verdicts import ALPHA

LEVEL = 0.95  # of every interval
POWER = 0.8
FEWEST_PAIRS = 3  # for a t test: two differences that happen to be alike would seem certain
MOST_SEEDS = 200  # more than this is not asked for
NAN = float("nan")


def oriented(values: np.ndarray, metric: str) -> np.ndarray:
    """`values` of a metric with the sign that makes larger better."""
    return values if higher_is_better(metric) else -values


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
    if _constant(finite):
        return Interval(n, mean, mean, mean, 0.0)
    low, high = stats.t.interval(LEVEL, n - 1, loc=mean, scale=stats.sem(finite))
    return Interval(n, mean, float(low), float(high), float(finite.std(ddof=1)))


def metric_interval(values: np.ndarray, metric: str) -> Interval:
    """`mean_interval` of a metric, cut at what the metric can be: no accuracy is above 1."""
    interval = mean_interval(values)
    low, high = np.clip([interval.low, interval.high], *bounds(metric)).tolist()
    return replace(interval, low=low, high=high)


def rate_interval(count: int, n: int) -> tuple[float, float]:
    """Interval of a share `count` of `n` (Clopper and Pearson 1934: covers at least 95 %)."""
    if n == 0:
        return NAN, NAN
    low, high = proportion_confint(count, n, alpha=1 - LEVEL, method="beta")
    return float(low), float(high)


@dataclass(frozen=True)
class Comparison:
    """Two sides compared in pairs; `difference` is first minus second over pairs with numbers.

    `failed_first` and `failed_second` count the pairs in which that side alone has no number.
    `test` is "t", "sign" or "none" (then `p` is NaN); `favours` is 1 for the first side, -1 for
    the second, 0 for neither; `wins` and `losses` are those of the first side.
    """

    difference: Interval
    failed_first: int
    failed_second: int
    wins: int
    losses: int
    test: str
    p: float
    favours: int

    @property
    def pairs(self) -> int:
        """Pairs that were compared: with numbers on both sides or on exactly one."""
        return self.difference.n + self.failed_first + self.failed_second


def compare(first: np.ndarray, second: np.ndarray) -> Comparison:
    """Compare two sides, shape (pairs,), larger is better, NaN for a run that failed.

    A failed run is worse than any number and has no size, so as soon as one pair has a failure
    on one side, the exact sign test judges all pairs. It also does where all differences are
    equal, which leaves no spread for a t test. Otherwise Student's paired t test, two-sided.
    A pair that failed on both sides says nothing and is left out.
    """
    here, there = np.isfinite(first), np.isfinite(second)
    differences = first[here & there] - second[here & there]
    failed_first, failed_second = int((~here & there).sum()), int((here & ~there).sum())
    wins = int((differences > 0).sum()) + failed_second
    losses = int((differences < 0).sum()) + failed_first
    interval = mean_interval(differences)
    if failed_first or failed_second or (interval.n > 1 and _constant(differences)):
        test, favours = "sign", int(np.sign(wins - losses))
        p = float(stats.binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0
    elif interval.n < FEWEST_PAIRS:
        test, favours, p = "none", 0, NAN
    else:
        test, favours = "t", int(np.sign(interval.mean))
        p = float(stats.ttest_rel(first[here & there], second[here & there]).pvalue)
    return Comparison(interval, failed_first, failed_second, wins, losses, test, p, favours)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's (1979) correction of those of `p` that are numbers; NaN stays NaN."""
    corrected = np.full(len(p), NAN)
    tested = np.isfinite(p)
    if tested.any():
        corrected[tested] = multipletests(p[tested], alpha=ALPHA, method="holm")[1]
    return corrected


def more_seeds(comparison: Comparison, tests: int) -> int | None:
    """How many more pairs would decide, with power 0.8, if effect and spread are as observed.

    At the strictest step of Holm's correction for `tests` tests; at most 200. None where there
    is nothing to go by: too few pairs for a test.
    """
    if comparison.test == "none" or comparison.pairs < 2:
        return None
    totals = comparison.pairs + np.arange(1, MOST_SEEDS + 1)  # (candidates,)
    alpha = ALPHA / max(tests, 1)
    power = _t_power(comparison, totals, alpha)
    if comparison.test == "sign":
        power = _sign_power(comparison, totals, alpha)
    enough = np.flatnonzero(power >= POWER)
    return int(enough[0]) + 1 if len(enough) else MOST_SEEDS


def _t_power(comparison: Comparison, totals: np.ndarray, alpha: float) -> np.ndarray:
    interval = comparison.difference
    if comparison.test != "t" or interval.mean == 0:
        return np.zeros(len(totals))
    size = abs(interval.mean) / interval.deviation
    power = TTestPower().power(size, totals, alpha)
    # NaN: an effect so strong that the tail underflows.
    return np.asarray(np.nan_to_num(power, nan=1.0))


def _sign_power(comparison: Comparison, totals: np.ndarray, alpha: float) -> np.ndarray:
    decided = comparison.wins + comparison.losses
    if comparison.wins == comparison.losses:
        return np.zeros(len(totals))
    share = max(comparison.wins, comparison.losses) / decided
    most_by_chance = stats.binom.isf(alpha / 2, totals, 0.5)
    return np.asarray(stats.binom.sf(most_by_chance, totals, share))


def _constant(values: np.ndarray) -> bool:
    """Equal up to rounding: no spread that could be told from that of the arithmetic."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())
