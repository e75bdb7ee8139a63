"""Numbers and names for people."""

import math

import pytest

from labbook.wording import (
    change,
    count,
    digits,
    few,
    listing,
    metric_name,
    number,
    p_value,
    plain,
    short,
)

NAN = math.nan


@pytest.mark.parametrize(
    ("mean", "low", "high", "texts"),
    [
        (0.97312, 0.93199, 1.01425, ("0.973", "0.932", "1.014")),
        (19979.4, 13607.2, 27053.1, ("20,000", "13,600", "27,100")),
        (-0.0804, -0.1201, -0.0407, ("−0.080", "−0.120", "−0.041")),
        (0.001, -0.52, 0.522, ("0.00", "−0.52", "0.52")),
        (8.9e-5, 7.5e-5, 1.03e-4, ("8.9×10⁻⁵", "7.5×10⁻⁵", "10.3×10⁻⁵")),
        (10.0, 9.9001, 10.0999, ("10.00", "9.90", "10.10")),
        (1e9, 9e8, 1.1e9, ("1.00×10⁹", "0.90×10⁹", "1.10×10⁹")),
    ],
)
def test_digits_follow_the_interval(
    mean: float, low: float, high: float, texts: tuple[str, ...]
) -> None:
    assert digits(mean, low, high)[:3] == texts


def test_digits_without_an_interval_and_beside_one() -> None:
    assert digits(0.9731, 0.932, 1.0143, [0.96, NAN, 1.23456]).others == ("0.960", "–", "1.235")
    alone = digits(1.0123456, NAN, NAN)  # no false precision
    assert (*alone[:3], alone.interval) == ("1.01", "–", "–", "–")
    assert digits(NAN, NAN, NAN)[:3] == ("–", "–", "–")
    assert digits(1345.0, 1345.0, 1345.0)[:3] == ("1,345", "1,345", "1,345")
    assert digits(0.0, 0.0, 0.0).mean == "0"
    assert digits(1.2, 1.02, NAN).interval == "from 1.02 up"
    assert digits(1.2, NAN, 1.4).interval == "up to 1.40"
    assert change("ratio", 3.0, 2.0, NAN).interval == "from ×2 up"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (number(0.98765), "0.988"), (number(-12.0), "−12"), (number(2.5e-5), "2.50×10⁻⁵"),
        (number(1234.5), "1,234"), (number(3.2e12), "3.20×10¹²"), (number(0.0), "0"),
        (number(NAN), "–"), (number(None), "–"), (number(math.inf), "–"),
        (p_value(0.00002), "< 0.001"), (p_value(0.0123), "= 0.012"), (p_value(0.41), "= 0.41"),
        (p_value(NAN), "–"),
        (metric_name("valid_mse"), "validation MSE"), (metric_name("epochs"), "epochs"),
        (metric_name("test_cross_entropy"), "test cross entropy"),
        (count(1, "run"), "1 run"), (count(1200, "study", "studies"), "1,200 studies"),
        (listing(["a", "b", "c"]), "a, b and c"), (listing(["a"]), "a"),
        (few([]), ""), (few(["a", 2]), "a, 2"), (few(["a", "b", "c"], 2), "a, b, ..."),
        (plain("a\n b\x1b[31m\u202ec\u2028d"), "a b [31m c d"),
        (short("abcdefghijklmnopqrstuvwxyz", 9), "abcd…wxyz"),
    ],
)  # fmt: skip
def test_numbers_names_and_labels(text: str, expected: str) -> None:
    assert text == expected
