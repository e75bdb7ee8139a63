"""Classes or a quantity, skewness, and columns that give the target away."""

import numpy as np
import pytest

from labbook.params.tables import Form
from labbook.starting.columns_of import column_of
from labbook.starting.target_of import leak, target_of

FORM = Form()
RANDOM = np.random.default_rng(0)
PRICES = [f"{price:.2f}" for price in RANDOM.normal(300, 50, 200)]
INCOMES = [f"{income:.0f}" for income in RANDOM.lognormal(10, 1, 200)]

TARGETS = [
    (["yes", "no"] * 50, "classification"),
    (["0", "1"] * 50, "classification"),
    (["-1", "1"] * 50, "classification"),
    (["0", "1", "2"] * 30, "classification"),
    (["1", "2", "3", "4", "5"] * 20, "classification"),
    ([str(digit) for digit in range(10)] * 20, "classification"),
    (["3", "5", "6", "7", "8"] * 20, "regression"),  # not from 0 or 1 on
    (["0", "2", "4"] * 20, "regression"),
    (["0"] * 50 + ["1"] * 20 + ["2"], "regression"),  # a class of one row
    (["01001", "01002", "20000"] * 20, "classification"),
    (["0.5", "1.5", "2.5"] * 20, "regression"),
    (PRICES, "regression"),
]


@pytest.mark.parametrize(("values", "task"), TARGETS)
def test_the_task_of_a_target(values: list[str], task: str) -> None:
    target = target_of("y", values, FORM)
    assert target.task == task
    assert target.reason


def test_the_user_decides_about_numbers() -> None:
    assert target_of("y", ["0", "1"] * 50, FORM, "regression").task == "regression"
    assert target_of("y", PRICES, FORM, "classification").task == "classification"


@pytest.mark.parametrize(
    ("values", "logged"),
    [(INCOMES, True), (PRICES, False), (["-1", *INCOMES], False), (["0", *INCOMES], False)],
)
def test_a_positive_skewed_target_is_learned_as_its_logarithm(
    values: list[str], logged: bool
) -> None:
    assert bool(target_of("y", values, FORM, "regression").log) == logged


def found(values: list[str], truth: list[str]) -> tuple[bool, bool]:
    """Whether a column gives the target away, and exactly."""
    found = leak(column_of("x", values, FORM), values, target_of("y", truth, FORM), truth, FORM)
    return found is not None, found is not None and found.exact


@pytest.mark.parametrize(
    ("values", "truth", "expected"),
    [
        ([f"{2 * float(price) + 1}" for price in PRICES], PRICES, (True, True)),
        (
            [f"{float(price) + 0.3 * i % 1:.1f}" for i, price in enumerate(PRICES)],
            PRICES,
            (True, False),
        ),
        (INCOMES, PRICES, (False, False)),
        (["A", "B"] * 50, ["yes", "no"] * 50, (True, True)),
        (["A", "B", "C", "D"] * 25, ["yes", "no"] * 50, (True, False)),
        (["A", "B", "C", "D", "E"] * 20, ["yes", "no"] * 50, (False, False)),
        ([str(i + 1000 * (i % 2)) for i in range(100)], ["yes", "no"] * 50, (True, False)),
        ([str(i) for i in range(100)], ["yes", "no"] * 50, (False, False)),
        ([str(i) for i in range(100)], ["yes"] * 100, (False, False)),  # nothing to give away
        (["A", "B"] * 5, ["yes", "no"] * 5, (False, False)),  # too few rows to say
    ],
)
def test_a_column_that_gives_the_target_away(
    values: list[str], truth: list[str], expected: tuple[bool, bool]
) -> None:
    assert found(values, truth) == expected


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("large", ["1e300", "-1e300", "1.7e308"])
def test_numbers_beyond_measure_are_looked_at_in_silence(large: str) -> None:
    values = [large, "-1.7e308", *PRICES[2:]]
    assert found(values, PRICES) == (False, False)
    assert found(PRICES, values) == (False, False)
    assert target_of("y", [large.lstrip("-"), *PRICES], FORM, "regression").log is not None
