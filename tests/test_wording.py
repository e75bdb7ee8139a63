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


def test_digits_beside_the_mean_are_rounded_alike() -> None:
    assert digits(0.9731, 0.932, 1.0143, [0.96, NAN, 1.23456]).others == ("0.960", "–", "1.235")


def test_no_interval_no_false_precision() -> None:
    alone = digits(1.0123456, NAN, NAN)
    assert alone[:3] == ("1.01", "–", "–")
    assert alone.interval == "–"
    assert digits(NAN, NAN, NAN)[:3] == ("–", "–", "–")
    assert digits(1345.0, 1345.0, 1345.0)[:3] == ("1,345", "1,345", "1,345")
    assert digits(0.0, 0.0, 0.0).mean == "0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.98765, "0.988"), (-12.0, "−12"), (2.5e-5, "2.50×10⁻⁵"), (1234.5, "1,234"),
        (3.2e12, "3.20×10¹²"), (NAN, "–"), (None, "–"), (math.inf, "–"), (0.0, "0"),
    ],
)  # fmt: skip
def test_number(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("p", "text"), [(0.00002, "< 0.001"), (0.0123, "= 0.012"), (0.41, "= 0.41"), (NAN, "–")]
)
def test_p_value(p: float, text: str) -> None:
    assert p_value(p) == text


def test_names() -> None:
    assert metric_name("valid_mse") == "validation MSE"
    assert metric_name("test_cross_entropy") == "test cross entropy"
    assert metric_name("epochs") == "epochs"
    assert count(1, "run") == "1 run"
    assert count(1200, "study", "studies") == "1,200 studies"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(["a"]) == "a"
    assert [few([]), few(["a", 2]), few(["a", "b", "c"], 2)] == ["", "a, 2", "a, b, ..."]


def test_labels_are_one_line_without_control_characters() -> None:
    assert plain("a\n b\x1b[31m\u202ec\u2028d") == "a b [31m c d"
    shortened = short("abcdefghijklmnopqrstuvwxyz", 9)
    assert len(shortened) <= 9
    assert shortened.startswith("abcd")
    assert shortened.endswith("wxyz")


def test_an_end_beyond_any_number_is_open():
    assert digits(1.2, 1.02, math.nan).interval == "1.02 to open"
    assert digits(1.2, math.nan, 1.4).interval == "open to 1.40"
    assert change("ratio", 3.0, 2.0, math.nan).interval == "×2 to open"
    assert digits(1.2, math.nan, math.nan).interval == "–"
