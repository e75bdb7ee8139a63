"""The short form of `make calibrate`: verdicts and intervals on data whose truth is known."""

import numpy as np
import pytest

from labbook.evaluate.claims import judge as claims
from tests import calibration
from tests.calibration import Scenario, rates
from tests.made_truths import CLAIMED, CONDITIONS, FORMS, NOTHING, OUT, REVERSED

pytestmark = pytest.mark.thorough

REPETITIONS = 200
PLACES = [(f, c) for f in FORMS for c in CONDITIONS if (f, c) not in OUT]
# Known to break the promise somewhat; docs/calibration.md says so.
SKEWED = "very skewed after all (exponential)"


def rarely(rate: float, repetitions: int = REPETITIONS) -> float:
    """The most that a rate should be seen at in so many repetitions: three deviations."""
    return rate + 3 * float(np.sqrt(rate * (1 - rate) / repetitions))


@pytest.mark.parametrize(("form", "condition"), PLACES)
def test_nothing_is_found_where_nothing_is(form: str, condition: str) -> None:
    scenario = calibration.of_form(form, condition, NOTHING)
    assert rates(scenario, 8, REPETITIONS).false <= rarely(0.05)


@pytest.mark.parametrize(("form", "condition"), PLACES)
def test_the_opposite_of_the_truth_is_not_supported(form: str, condition: str) -> None:
    scenario = calibration.of_form(form, condition, REVERSED)
    assert rates(scenario, 8, 50).false <= rarely(0.025, 50)


@pytest.mark.parametrize(
    "scenario", list(calibration.special_scenarios()), ids=lambda one: one.name
)
def test_truths_of_one_form(scenario: Scenario) -> None:
    assert rates(scenario, 8, REPETITIONS).false <= rarely(0.05)


@pytest.mark.parametrize("name", [one for one in calibration.DIFFERENCES if one != SKEWED])
def test_shapes_of_differences(name: str) -> None:
    found = rates(calibration.of_differences(name), 8, REPETITIONS)
    assert found.false <= rarely(0.05)
    assert 1 - found.covered <= rarely(0.07)


def test_very_skewed_differences_are_watched() -> None:
    assert rates(calibration.of_differences(SKEWED), 8, REPETITIONS).false <= rarely(0.065)


@pytest.mark.parametrize("n", [8, 20])
@pytest.mark.parametrize("name", list(calibration.METRICS))
def test_intervals_cover(name: str, n: int) -> None:
    assert 1 - calibration.coverage(name, n, 2 * REPETITIONS) <= rarely(0.07, 2 * REPETITIONS)


WATCHED = [
    (form, condition, truth)
    for form, condition in PLACES
    for truth in (NOTHING, CLAIMED)
    if calibration.of_form(form, condition, truth).truth is not None
]


@pytest.mark.parametrize(("form", "condition", "truth"), WATCHED)
def test_intervals_of_ranks_factors_and_shares_cover(form, condition, truth) -> None:
    found = rates(calibration.of_form(form, condition, truth), 8, 100)
    assert 1 - found.covered <= rarely(0.06, 100)


def test_fewer_than_six_seeds_decide_nothing() -> None:
    for form, condition in PLACES:
        scenario = calibration.of_form(form, condition, REVERSED)
        found = rates(scenario, 5, 5)
        assert (found.false, found.supported) == (0, 0)


def test_a_wrong_rule_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above can fail: three times the level gives too many false verdicts."""
    monkeypatch.setattr(claims, "ALPHA", 0.15)
    scenario = calibration.of_form("better", "plain", NOTHING)
    assert rates(scenario, 8, REPETITIONS).false > rarely(0.05)
