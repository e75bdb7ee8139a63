"""What was chosen against another recipe: the words of its verdict, and how often they are wrong."""

import math

import numpy as np
import pytest
from scipy import stats

from labbook.tuning.against import against, p_text
from labbook.verdicts import ALIKE, ALPHA, AS_GOOD, BETTER, UNDECIDED
from tests.calibration import chosen


def test_no_worse_than_the_margin_is_at_least_as_good() -> None:
    """One-sided: the t test of SciPy, of the logarithms and the margin of an error, 5 %."""
    ones, smaller = np.ones(8), np.exp(np.linspace(-0.1, 0.06, 8))
    told = against(smaller, ones, "test_mse", "original")
    p = stats.ttest_1samp(-np.log(smaller), math.log(1 / 1.05), alternative="greater").pvalue
    assert (told["verdict"], told["p_no_worse"]) == (AS_GOOD, pytest.approx(p))
    assert told["p"] > ALPHA > 2 * p
    assert p_text(told) == f"p = {p:.3f} of being worse by the margin"
    assert against(1 / smaller, ones, "test_mse", "original")["verdict"] == UNDECIDED


def test_at_least_as_good_is_seldom_said_of_what_is_worse() -> None:
    """Of sides that are worse by just the margin it may be said in one of twenty cases.

    Where differences are normal; with very skewed ones it is more (docs/calibration.md).
    """
    found = chosen.verdicts("normal", chosen.MARGIN, 12, 1000)
    wrong = chosen.share(found, (BETTER, ALIKE, AS_GOOD))
    assert wrong < ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / found.total())
