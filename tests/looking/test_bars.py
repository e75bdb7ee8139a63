"""Bars of signs: an interval on an axis."""

import math

from labbook.looking.bars import LINES, PLAIN, Axis, progress_bar


def test_an_interval_stands_where_it_is_on_the_axis() -> None:
    axis = Axis.of([(2.0, 1.0, 3.0), (5.0, 4.0, 11.0)], ratio=False)
    assert axis.bar((2.0, 1.0, 3.0), LINES, 11) == "━●━········"
    assert axis.bar((5.0, 4.0, 11.0), PLAIN, 11) == "...=o======"
    assert axis.bar((5.0, math.nan, math.nan), PLAIN, 11) == "....o......"  # a single run
    assert axis.bar((math.nan,) * 3, PLAIN, 11) == ""


def test_ratios_that_differ_by_much_stand_on_a_logarithmic_axis() -> None:
    axis = Axis.of([(1.0, 1.0, 1.0), (10.0, 10.0, 100.0)], ratio=True)
    assert axis.bar((10.0, 10.0, 10.0), PLAIN, 11) == ".....o....."
    assert Axis.of([], ratio=True).bar((1.0, 1.0, 1.0), PLAIN, 3) == ".o."


def test_how_far_something_is() -> None:
    assert progress_bar(1, 4, PLAIN, 8) == "##......"
    assert progress_bar(0, 0, PLAIN, 2) == "##"
