"""What was found on the same runs is often false; on fresh seeds it is as rare as promised."""

import pytest

from tests.calibration.said import rates
from tests.evaluate.test_calibration import rarely

pytestmark = pytest.mark.thorough


def test_what_is_found_is_often_false_and_what_is_confirmed_is_not() -> None:
    draws = 100
    one = rates(0.0, 12, draws)
    assert one.before <= rarely(0.05, draws)
    assert one.found > 0.4
    assert one.confirmed <= rarely(0.05, round(one.found * draws))
    found, again, true = one.effects
    assert true == 0
    assert abs(again) < 0.2 < 0.8 < found


def test_what_is_true_is_confirmed_and_smaller_than_it_looked() -> None:
    one = rates(0.2, 12, 50)
    assert one.found > 0.9
    assert one.confirmed > 0.7
    found, again, true = one.effects
    assert found > true + 0.2
    assert abs(again - true) < 0.4
