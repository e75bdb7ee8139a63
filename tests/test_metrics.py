"""Metrics against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as reference

from labbook import metrics


def test_regression():
    draw = np.random.default_rng(0)
    target = draw.normal(10, 3, 50)
    predicted = (target + draw.normal(size=50)).astype(np.float32)
    found = metrics.measure("regression", "test", target, predicted)
    assert found == pytest.approx(
        {
            "test_mse": reference.mean_squared_error(target, predicted),
            "test_mae": reference.mean_absolute_error(target, predicted),
            "test_r2": reference.r2_score(target, predicted),
        }
    )


def test_classification():
    draw = np.random.default_rng(0)
    target = draw.integers(0, 4, 80)
    chances = draw.dirichlet(np.ones(4), 80)
    found = metrics.measure("classification", "valid", target, np.log(chances).astype(np.float32))
    assert found == pytest.approx(
        {
            "valid_accuracy": reference.accuracy_score(target, chances.argmax(1)),
            "valid_cross_entropy": reference.log_loss(target, chances),
        },
        rel=1e-5,
    )


def test_r2_of_a_constant_target_is_undefined():
    assert np.isnan(metrics.r2(np.ones(3), np.zeros(3)))
    near = np.full(60, 14.62)  # its mean is not quite 14.62
    assert near.std() > 0
    assert np.isnan(metrics.r2(near, near + 1e-7))
    assert np.isfinite(metrics.r2(near + 1e-9 * np.arange(60), near))


def test_which_way_is_better():
    higher = {name for name in metrics.METRICS if metrics.higher_is_better(f"test_{name}")}
    assert higher == {"r2", "accuracy"}
    assert not metrics.higher_is_better("epochs")
