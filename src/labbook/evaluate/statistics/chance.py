"""Variance between runs, shared out to the sources of chance; on plain arrays.

Of one setting, f(split, first weights, order, ...) is drawn anew with each seed. Two runs of a seed
that differ in one source alone give its total effect: half the mean square of their difference is
the variance that is left when it alone is drawn anew and all else kept (Jansen 1999; Saltelli et
al. 2010). `pairs` are such runs, (seeds, pairs, 2), on the scale on which they are compared. Both
runs of a pair are whole draws, so the variance of all is estimated by them, too.

The share is 2 / (1 + F): F is the variance between seeds over that within pairs, as in an analysis
of variance, and 1 - share the intraclass correlation (Fisher 1925). The logarithm of F spreads
evenly, whatever the share: Tukey's (1958) jackknife over seeds has its interval.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from labbook.evaluate.statistics.intervals import LEVEL, constant
from labbook.evaluate.statistics.variance import jackknife
from labbook.verdicts import FEWEST_SEEDS

NAN = float("nan")
Ends = tuple[float, float, float]  # an estimate and the ends of its interval
UNKNOWN: Ends = (NAN, NAN, NAN)


@dataclass(frozen=True)
class Source:
    """A source's share of the variance, and the standard deviation that it alone gives.

    Shares are cut at 0 and 1, what they can be. All is NaN where the seeds are too few, and the
    share where nothing varies.
    """

    share: Ends
    deviation: Ends
    n: int


def drawn_alone(pairs: np.ndarray) -> Source:
    """Of runs that differ in a source: what is left where it alone is drawn anew."""
    n = len(pairs)
    if n < FEWEST_SEEDS:
        return Source(UNKNOWN, UNKNOWN, n)
    return Source(_share(pairs), _deviation(_log_within, pairs), n)


def held_in_common(pairs: np.ndarray) -> Source:
    """Of runs that differ in all but a source: what they have in common by it alone."""
    n = len(pairs)
    if n < FEWEST_SEEDS:
        return Source(UNKNOWN, UNKNOWN, n)
    share, low, high = (1 - one for one in _share(pairs))
    common = _interval(_common, pairs)
    deviation = np.sqrt(np.maximum(common, 0))
    return Source((share, high, low), _ends(deviation), n)


def everything(runs: np.ndarray) -> Source:
    """Of runs (seeds, runs) that are whole draws: all variance, between seeds."""
    n = len(runs)
    if n < FEWEST_SEEDS:
        return Source(UNKNOWN, UNKNOWN, n)
    return Source((1.0, 1.0, 1.0), _deviation(_log_variance, runs), n)


def _share(pairs: np.ndarray) -> Ends:
    """2 / (1 + F) with its interval, low end first."""
    if constant(pairs):
        return UNKNOWN
    ratio, low, high = _interval(_log_ratio, pairs)
    with np.errstate(over="ignore"):
        share, high, low = np.clip(2 / (1 + np.exp([ratio, low, high])), 0, 1)
    return float(share), float(low), float(high)


def _deviation(log_variance: Callable[[np.ndarray], np.ndarray], runs: np.ndarray) -> Ends:
    return _ends(np.exp(_interval(log_variance, runs) / 2))


def _interval(estimate: Callable[[np.ndarray], np.ndarray], runs: np.ndarray) -> np.ndarray:
    """The estimate and its interval, (3,), by the jackknife over seeds.

    Student's t with half as many degrees of freedom as there are seeds: variances of heavy-tailed
    values rest on a few of them, and those of normal ones vary, too (docs/calibration.md). Where an
    estimate is infinite without some seed the interval is open; where it always is, it is itself.
    """
    n = len(runs)
    kept = np.array([np.delete(np.arange(n), seed) for seed in range(n)])  # (seeds, seeds - 1)
    found, without = float(estimate(runs[None])[0]), estimate(runs[kept])  # (), (seeds,)
    if not np.isfinite(without).all() or not np.isfinite(found):
        same = (without == found).all()
        return np.array([found, found, found] if same else [found, -np.inf, np.inf])
    error = float(np.sqrt(jackknife(without[:, None])[0]))
    half = float(stats.t.ppf((1 + LEVEL) / 2, n / 2)) * error
    return np.array([found, found - half, found + half])


# Of many samples at once: (samples, seeds, ...) to (samples,).


def _within(pairs: np.ndarray) -> np.ndarray:
    """Variance within pairs: their mean differences are known to be 0."""
    return np.asarray(((pairs[..., 0] - pairs[..., 1]) ** 2).mean(axis=(1, 2)) / 2)


def _between(pairs: np.ndarray) -> np.ndarray:
    """Twice the variance over seeds of the pairs' means."""
    return np.asarray(2 * pairs.mean(axis=-1).var(axis=1, ddof=1).mean(axis=-1))


def _common(pairs: np.ndarray) -> np.ndarray:
    return np.asarray((_between(pairs) - _within(pairs)) / 2)


def _log_ratio(pairs: np.ndarray) -> np.ndarray:
    return np.asarray(_log(_between(pairs)) - _log(_within(pairs)))


def _log_within(pairs: np.ndarray) -> np.ndarray:
    return _log(_within(pairs))


def _log_variance(runs: np.ndarray) -> np.ndarray:
    return _log(runs.var(axis=1, ddof=1).mean(axis=-1))


def _log(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(values))


def _ends(values: np.ndarray) -> Ends:
    found, low, high = map(float, values)
    return found, low, high if np.isfinite(high) else NAN
