"""How often the set of those that may be best holds the best, and P(better) the truth: made data."""

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy import stats

from labbook.evaluate.claims.better_in import share_of_pairs
from labbook.evaluate.statistics.best_set import none_better
from labbook.evaluate.statistics.paired import compare
from labbook.verdicts import ALPHA

SIZES = (5, 8, 12, 20)  # seeds
MANY = (3, 8, 20)  # combinations
GRID = 0.5  # of ties: half a deviation of a run's luck
FAILING = 0.1
MOST = 1_000_000  # draws of the truth of P(better)
Draw = np.random.Generator

# A run's luck, shape (combinations, seeds), deviation about 1: name -> draw.
LUCK: dict[str, Callable[[Draw, int, int], np.ndarray]] = {
    "plain": lambda draw, m, n: draw.normal(0, 1, (m, n)),
    "ties": lambda draw, m, n: draw.normal(0, 1, (m, n)),
    "failures": lambda draw, m, n: draw.normal(0, 1, (m, n)),
    "outliers (one in ten is ten times as wide)": lambda draw, m, n: (
        draw.normal(0, 1, (m, n)) * np.where(draw.random((m, n)) < 0.1, 10, 1)
    ),
    "the first three times as wide": lambda draw, m, n: (
        draw.normal(0, 1, (m, n)) * np.where(np.arange(m) == 0, 3, 1)[:, None]
    ),
    "the first with skewed luck (exponential)": lambda draw, m, n: np.where(
        np.arange(m)[:, None] == 0, draw.exponential(1, (m, n)) - 1, draw.normal(0, 1, (m, n))
    ),
}
# How much better each of m combinations is, in deviations of luck.
TRUTHS: dict[str, Callable[[int], np.ndarray]] = {
    "all alike": np.zeros,
    "one best by half a deviation": lambda m: np.where(np.arange(m) == 0, 0.5, 0.0),
    "two best by two deviations": lambda m: np.where(np.arange(m) < 2, 2.0, 0.0),
    "each 0.2 better than the next": lambda m: -0.2 * np.arange(m),
}
CLEAR = {"1.5 deviations": 1.5, "3 deviations": 3.0}


def values(condition: str, means: np.ndarray, n: int, draw: Draw) -> np.ndarray:
    """Values (combinations, seeds), larger is better, on splits that are easy or hard for all."""
    found = means[:, None] + LUCK[condition](draw, len(means), n) + draw.normal(0, 1, n)
    if condition == "ties":
        found = np.round(found / GRID) * GRID
    if condition == "failures":
        found[draw.random(found.shape) < FAILING] = np.nan
    return found


@cache
def none_better_of(
    condition: str, means: tuple[float, ...], n: int, repetitions: int
) -> np.ndarray:
    """P-values, shape (repetitions, combinations), of so many studies."""
    draw = np.random.default_rng([n, len(means), *condition.encode()])
    studies = (values(condition, np.array(means), n, draw) for _ in range(repetitions))
    return np.array([none_better(study) for study in studies])


def kept(condition: str, means: np.ndarray, n: int, repetitions: int) -> tuple[float, float]:
    """Share of the truly best that are in the set, and its mean size, over so many studies."""
    best = means == means.max()
    if "the first" in condition:  # of it alone is something else promised than of the others
        best = np.arange(len(means)) == 0
    inside = ~(none_better_of(condition, tuple(means.tolist()), n, repetitions) < ALPHA)
    return float(inside[:, best].mean()), float(inside.sum(axis=1).mean())


# The two sides of P(better): name -> draw of n pairs.
SIDES: dict[str, Callable[[Draw, int], np.ndarray]] = {
    "no difference": lambda draw, n: values("plain", np.zeros(2), n, draw),
    "half a deviation": lambda draw, n: values("plain", np.array([0.5, 0.0]), n, draw),
    "1.5 deviations": lambda draw, n: values("plain", np.array([1.5, 0.0]), n, draw),
    "3 deviations": lambda draw, n: values("plain", np.array([3.0, 0.0]), n, draw),
    "half a deviation, ties": lambda draw, n: values("ties", np.array([0.5, 0.0]), n, draw),
    "1.5 deviations, ties": lambda draw, n: values("ties", np.array([1.5, 0.0]), n, draw),
    "half a deviation, failures": lambda draw, n: values("failures", np.array([0.5, 0.0]), n, draw),
    "1.5 deviations, failures": lambda draw, n: values("failures", np.array([1.5, 0.0]), n, draw),
}


@cache
def truth(name: str) -> float:
    """P(better) by very many draws: ties half, a failure lost, what failed twice left out."""
    first, second = np.nan_to_num(SIDES[name](np.random.default_rng(0), MOST), nan=-np.inf)
    told = np.isfinite(first) | np.isfinite(second)
    return float(((first > second) + 0.5 * (first == second))[told].mean())


def better_covers(name: str, n: int, repetitions: int) -> float:
    """Share of intervals of P(better) that hold the truth; a study without a difference has none."""
    draw, right = np.random.default_rng([n, *name.encode()]), truth(name)
    shares = [share_of_pairs(compare(*SIDES[name](draw, n))) for _ in range(repetitions)]
    return float(np.mean([low <= right <= high for _, low, high in shares if not np.isnan(low)]))


def wilson_covers(p: float, n: int) -> float:
    """Coverage of Wilson's interval of a share, exactly: what it would promise instead."""
    from statsmodels.stats.proportion import proportion_confint

    won = np.arange(n + 1)
    low, high = proportion_confint(won, n, method="wilson")
    return float(stats.binom.pmf(won, n, p)[(low <= p) & (p <= high)].sum())


INTRODUCTION = """## The set that may be best

Share of the truly best combinations that are in the set; 95 % is promised of each (with several
equally good ones of each of them, not of all together). Fewer than six seeds leave all in. A step of
the ties is half a deviation of a run's luck; one run in ten fails. Where one combination's luck is
of another kind than that of the others (*the first*), the share is that of this one: with skewed luck
differences are not as likely to be of either sign, which the rule assumes.
"""
SIZE = """Mean size of the set where one combination is better than all others, which are alike:
"""
BETTER = """## In how many seeds a side is better

Share of 95 % intervals of P(better) with the truth in them. Counted seeds go in steps, so they cover
more than promised; Wilson's interval of the same share would be narrower, and covers {worst:.0f} % at
8 seeds where it is worst.
"""
HEAD = ["| n | " + " | ".join(map(str, SIZES)) + " |", "|---|" + "---|" * len(SIZES)]


def section(repetitions: int) -> list[str]:
    """The lines of docs/calibration.md; so many studies at each place."""
    lines = [INTRODUCTION, *HEAD]
    for condition, means, name in places():
        shares = [kept(condition, means, n, repetitions)[0] for n in SIZES]
        lines.append(f"| {name} | " + " | ".join(f"{100 * one:.1f} %" for one in shares) + " |")
    lines += ["", SIZE, *HEAD]
    for name, ahead in CLEAR.items():
        for m in MANY:
            means = np.where(np.arange(m) == 0, ahead, 0.0)
            sizes = [kept("plain", means, n, repetitions)[1] for n in SIZES]
            lines.append(f"| {m}, by {name} | " + " | ".join(f"{one:.1f}" for one in sizes) + " |")
    worst = 100 * min(wilson_covers(p, 8) for p in np.linspace(0.5, 0.999, 500))
    lines += ["", BETTER.format(worst=np.floor(worst)), *HEAD]
    for name in SIDES:
        shares = [better_covers(name, n, repetitions) for n in SIZES]
        lines.append(f"| {name} | " + " | ".join(f"{100 * one:.1f} %" for one in shares) + " |")
    return lines


def places() -> list[tuple[str, np.ndarray, str]]:
    """Condition, true means and name of all that is tried."""
    found = []
    for m in MANY:
        found += [(one, TRUTHS["all alike"](m), f"{m} alike, {one}") for one in LUCK]
        found += [("plain", TRUTHS[one](m), f"{m}, {one}") for one in TRUTHS if one != "all alike"]
    return found


if __name__ == "__main__":
    print("\n".join(section(200)))
