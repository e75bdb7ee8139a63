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


@pytest.mark.parametrize(
    ("shape", "n", "promised"),
    [("normal", 12, ALPHA), ("long tail of losses (exponential)", 24, 0.06)],
)
def test_at_least_as_good_is_seldom_said_of_what_is_worse(shape, n, promised) -> None:
    """Of sides that are worse by just the margin; 9 % of skewed ones by Student's t and signs."""
    found = chosen.verdicts(shape, chosen.MARGIN, n, 1000)
    wrong = chosen.share(found, (BETTER, ALIKE, AS_GOOD))
    assert wrong < promised + 2 * math.sqrt(promised * (1 - promised) / found.total())
