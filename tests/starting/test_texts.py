"""Dates, scales and numbers in texts."""

import pytest

from labbook.params.tables import Form
from labbook.starting.texts import dates, numbers, ordered

DATES = [
    (["2024-01-02", "2024-03-04"], None),
    (["2024-01-02 10:00", "2024-03-04 11:30"], None),
    (["13/01/2024", "01/02/2024"], "%d/%m/%Y"),
    (["01/13/2024", "02/01/2024"], "%m/%d/%Y"),
    (["13.1.24", "1.2.24"], "%d.%m.%y"),
    (["3-Jan-2024", "14-Feb-2024"], "%d-%b-%Y"),
    (["Jan 3, 2024", "Feb 14, 2024"], "%b %d, %Y"),
    (["01/02/2024 10:30", "13/02/2024 12:00"], "%d/%m/%Y %H:%M"),
    (["01/02/2024 10:30 PM", "13/02/2024 12:00 AM"], "%d/%m/%Y %I:%M %p"),
    ([f"{day:02}/03/2024" for day in range(1, 13)], "%d/%m/%Y"),  # days in a row
    ([f"03/{day:02}/2024" for day in range(1, 13)], "%m/%d/%Y"),
]


@pytest.mark.parametrize(("texts", "form"), DATES)
def test_dates_are_recognised(texts: list[str], form: str | None) -> None:
    found = dates(texts)
    assert found is not None
    assert found.format == form


@pytest.mark.parametrize(
    "texts", [["12", "13"], ["red", "blue"], ["2024-01-02", "unknown"], ["31/31/2024"]]
)
def test_what_is_no_date_is_none(texts: list[str]) -> None:
    assert dates(texts) is None


@pytest.mark.parametrize(
    ("texts", "parts"),
    [
        (["2024-01-01", "2024-01-03"], ("elapsed",)),
        (["2024-01-01", "2024-01-20"], ("weekday", "elapsed")),
        (["2024-01-01", "2024-06-02"], ("month", "weekday", "elapsed")),
        (["2024-01-01", "2024-06-01"], ("month", "elapsed")),
        (["2024-01-01 10:00", "2024-06-02 11:00"], ("month", "weekday", "hour", "elapsed")),
    ],
)
def test_what_can_tell_anything_of_a_date_is_used(texts: list[str], parts: tuple[str, ...]) -> None:
    found = dates(texts)
    assert found is not None
    assert found.parts == parts


@pytest.mark.parametrize(
    ("levels", "steps"),
    [
        (["high", "low", "medium"], ("low", "medium", "high")),
        (["XL", "S", "M"], ("S", "M", "XL")),
        (["Gd", "Ex", "TA"], ("TA", "Gd", "Ex")),
        (["strongly_agree", "agree", "neutral"], ("neutral", "agree", "strongly_agree")),
        (["red", "low"], None),
        (["low", "Low", "high"], None),
        (["low"], None),
    ],
)
def test_only_steps_of_a_well_known_scale_have_an_order(
    levels: list[str], steps: tuple[str, ...] | None
) -> None:
    assert ordered(levels) == steps


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", "1,5", "", "one", "1e999"])
def test_what_is_no_finite_number_is_none(text: str) -> None:
    assert numbers(["1", text], Form()) is None


def test_numbers_are_those_of_the_file() -> None:
    assert numbers(["1.234,5", "-2"], Form(decimal=",", thousands=".")) == {
        "1.234,5": 1234.5,
        "-2": -2.0,
    }
    assert numbers(["1e3", "0.1"], Form()) == {"1e3": 1000.0, "0.1": 0.1}
