"""Two sides compared in pairs, by SciPy. Arrays in, numbers out; why which: docs/evidence.md."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from labbook.evaluate.statistics import NAN, Interval, constant, mean_interval
from labbook.verdicts import FEWEST_SEEDS

# Differences that look so unlike a normal distribution must show the same by their signs alone.
Alternative = Literal["two-sided", "greater"]
DOUBT = 0.2  # p of Shapiro and Wilk's test


@dataclass(frozen=True)
class Comparison:
    """Two sides compared in pairs; `difference` is first minus second over pairs with numbers.

    `failed_first` and `failed_second` count the pairs in which that side alone has no number.
    `test` is "t", "t and sign", "sign" or "none"; `p` is two-sided, of no difference, NaN without
    a test; `favours` is 1 for the first side, -1 for the second, 0 for neither; `wins` and
    `losses` are those of the first side. `p_alike` is of a difference of at least the margin,
    `p_beyond` of one of at most the margin; NaN where there is none.
    """

    difference: Interval
    failed_first: int
    failed_second: int
    wins: int
    losses: int
    test: str
    p: float
    favours: int
    p_alike: float = NAN
    p_beyond: float = NAN

    @property
    def pairs(self) -> int:
        """Pairs that were compared: with numbers on both sides or on exactly one."""
        return self.difference.n + self.failed_first + self.failed_second


def compare(first: np.ndarray, second: np.ndarray, margin: float = 0.0) -> Comparison:
    """Compare two sides, shape (pairs,), larger is better, NaN for a run that failed.

    A failed run is worse than any number. A pair that failed on both sides says nothing.
    """
    return compare_differences(difference(first, second), margin)


def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """First minus second, where NaN is worse than any number: infinite, NaN where both failed."""
    with np.errstate(invalid="ignore"):
        return np.asarray(_failed_worst(first) - _failed_worst(second))


def _failed_worst(values: np.ndarray) -> np.ndarray:
    """NaN becomes minus infinity; a difference that is known to be infinite stays."""
    return np.where(np.isnan(values), -np.inf, values)


def compare_differences(differences: np.ndarray, margin: float = 0.0) -> Comparison:
    """Test the mean of differences by pair; infinite where one side failed, NaN says nothing.

    A failed run has no size, so as soon as one difference is infinite, the exact sign test judges
    all of them. It also does where all are equal, which leaves no spread for a t test. Otherwise
    Student's paired t test, two-sided; where the differences do not look normal the sign test must
    agree, and the larger p counts.
    """
    differences = differences[~np.isnan(differences)]
    finite = differences[np.isfinite(differences)]
    failed_first, failed_second = (
        int((differences == -np.inf).sum()),
        int((differences == np.inf).sum()),
    )
    wins, losses = _signs(differences)
    interval = mean_interval(finite)
    head = (interval, failed_first, failed_second, wins, losses)
    if len(differences) < FEWEST_SEEDS:
        return Comparison(*head, "none", NAN, 0)
    if failed_first or failed_second:
        p = sign_test(wins, losses)
        return Comparison(*head, "sign", p, int(np.sign(wins - losses)), p_beyond=p)
    test, p = mean_test(finite)
    alike, beyond = _against_margin(finite, margin) if margin > 0 else (NAN, NAN)
    return Comparison(*head, test, p, int(np.sign(interval.mean)), alike, beyond)


def mean_test(differences: np.ndarray) -> tuple[str, float]:
    """Name and two-sided p of the test of a mean difference of 0; six differences at least."""
    if constant(differences):
        return "sign", sign_test(*_signs(differences))
    p = float(stats.ttest_1samp(differences, 0).pvalue)
    if not looks_doubtful(differences):
        return "t", p
    wins, losses = _signs(differences)
    agree = (wins > losses) == (differences.mean() > 0) and wins != losses
    return "t and sign", max(p, sign_test(wins, losses)) if agree else 1.0


def looks_doubtful(differences: np.ndarray) -> bool:
    """Whether differences look unlike a normal distribution (Shapiro and Wilk 1965)."""
    return bool(stats.shapiro(differences).pvalue < DOUBT)


def sign_test(wins: int, losses: int, alternative: Alternative = "two-sided") -> float:
    """Return p of the exact sign test (Dixon and Mood 1946); 1 where there is nothing to count."""
    if wins + losses == 0:
        return 1.0
    return float(stats.binomtest(wins, wins + losses, alternative=alternative).pvalue)


def _against_margin(differences: np.ndarray, margin: float) -> tuple[float, float]:
    """Return p of being alike (Schuirmann 1987) and of a relevant difference."""
    doubtful = not constant(differences) and looks_doubtful(differences)  # wherever they lie
    above = [one_sided(differences + shift, doubtful) for shift in (margin, -margin)]
    below = [one_sided(shift - differences, doubtful) for shift in (margin, -margin)]
    return max(above[0], below[0]), min(1.0, 2 * min(above[1], below[1]))


def one_sided(values: np.ndarray, doubtful: bool | None = None) -> float:
    """Return p of a mean of 0 or less; where the values look doubtful, the sign test must agree.

    It alone judges where some are infinite: a failed run, or a goal that was not reached.
    `doubtful` says whether they look so, where that is known.
    """
    if not np.isfinite(values).all() or constant(values):
        return sign_test(*_signs(values), "greater")
    p = float(stats.ttest_1samp(values, 0, alternative="greater").pvalue)
    doubtful = looks_doubtful(values) if doubtful is None else doubtful
    return max(p, sign_test(*_signs(values), "greater")) if doubtful else p


def _signs(values: np.ndarray) -> tuple[int, int]:
    return int((values > 0).sum()), int((values < 0).sum())
