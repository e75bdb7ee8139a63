"""The points of ROC and precision-recall curves are scikit-learn's, on the grid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve, roc_curve

from labbook.evaluate.rates import GRID, _of_seed

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=4, max_size=60)


@settings(deadline=None, max_examples=100)
@given(rows)
def test_curves_are_those_of_scikit_learn(drawn) -> None:
    true = np.array([one for one, _ in drawn])
    scores = np.array([score for _, score in drawn], float)
    if true.all() or not true.any():
        return
    roc, precision = _of_seed(true, scores)
    false, hits, _ = roc_curve(true, scores, drop_intermediate=False)
    highest = [hits[false <= x + 1e-12].max() for x in GRID]
    exact = [bool(np.isclose(false, x, atol=1e-12).any()) for x in GRID]
    assert roc[exact] == pytest.approx(np.array(highest)[exact])
    assert (roc >= np.array(highest) - 1e-12).all()  # between two points along the line
    found, recall, _ = precision_recall_curve(true, scores)
    best = [found[:-1][recall[:-1] >= x - 1e-12].max() for x in GRID]
    assert precision == pytest.approx(best)
