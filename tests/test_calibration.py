"""The short form of `make calibrate`: verdicts and intervals on data whose truth is known."""

import numpy as np
import pytest

from tests import calibration

REPETITIONS = 400


def rarely(rate: float) -> float:
    """The most that a rate should be seen at in so many repetitions: three deviations."""
    return rate + 3 * float(np.sqrt(rate * (1 - rate) / REPETITIONS))


@pytest.mark.parametrize("n", [3, 8, 12])
@pytest.mark.parametrize("name", [one for one in calibration.DIFFERENCES if "very" not in one])
def test_differences(name: str, n: int) -> None:
    rates = calibration.differences(name, n, REPETITIONS)
    assert rates.false <= rarely(0.05)
    assert 1 - rates.covered <= rarely(0.07)


def test_very_skewed_differences_are_watched() -> None:
    rates = calibration.differences("very skewed after all (exponential)", 8, REPETITIONS)
    assert rates.false <= rarely(0.065)


@pytest.mark.parametrize("n", [3, 8, 12])
def test_likeness_and_failures(n: int) -> None:
    assert calibration.likeness(n, REPETITIONS).false <= rarely(0.05)
    assert calibration.failures(n, REPETITIONS).false <= rarely(0.05)
    assert calibration.interactions(n, REPETITIONS).false <= rarely(0.05)
    assert calibration.orders(n, REPETITIONS).false <= rarely(0.05)


def test_families(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gc.collect", lambda: 0)  # statsmodels does so each time, which is slow
    assert calibration.families(8, REPETITIONS).false <= rarely(0.05)


@pytest.mark.parametrize("n", [8, 20])
@pytest.mark.parametrize("name", list(calibration.METRICS))
def test_metrics(name: str, n: int) -> None:
    assert 1 - calibration.metrics(name, n, REPETITIONS).covered <= rarely(0.07)


def test_a_wrong_rule_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: a test that believes any sample has twice the false verdicts."""
    monkeypatch.setattr(calibration, "ALPHA", 0.15)
    assert calibration.differences("normal", 8, REPETITIONS).false > rarely(0.05)
