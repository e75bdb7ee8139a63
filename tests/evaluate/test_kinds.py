"""What a verdict rests on: kinds of verdicts of two sides. Those of orders and times: with them."""

from dataclasses import replace

import numpy as np
import pytest

from labbook.evaluate.claims.judge import judge, write_verdicts
from labbook.verdicts import (
    ALIKE,
    AS_CLAIMED,
    OPPOSITE,
    OTHER_CONDITIONS,
    SAME,
    SIZE_UNCLEAR,
    WEAKER,
)
from tests.made_study import claim, made_results

pytestmark = pytest.mark.thorough

DRAW = np.random.default_rng(4)
BASE = DRAW.lognormal(1.6, 0.3, 12)
NOISE = DRAW.normal(0, 0.02, 12)


def errors(ratio, noise=NOISE):
    """Errors of a, and of b that are `ratio` times as large but for some noise."""
    shift = np.log(ratio) - noise.mean()
    return {"a": BASE.tolist(), "b": (BASE * np.exp(noise + shift)).tolist()}


def judged(values, asked=None, **options):
    return judge(made_results(values, claims=[asked or claim("a", "b")], **options))[0]


@pytest.mark.parametrize(
    ("ratio", "verdict", "kind"),
    [
        (1.2, "supported", AS_CLAIMED),
        (1.055, "supported", SIZE_UNCLEAR),  # 1.042 to 1.068 with a margin of 1.05
        (1.0, "refuted", ALIKE),
        (0.8, "refuted", OPPOSITE),
    ],
)
def test_kinds_of_a_comparison(ratio, verdict, kind):
    one = judged(errors(ratio))
    assert (one.verdict, one.kind) == (verdict, kind)


@pytest.mark.parametrize(
    ("ratio", "verdict", "kind"),
    [
        (1.7, "supported", AS_CLAIMED),
        (1.088, "refuted", WEAKER),  # was called the opposite
        (1.0, "refuted", WEAKER),
        (0.8, "refuted", OPPOSITE),
    ],
)
def test_short_of_a_bound_is_not_the_opposite(ratio, verdict, kind):
    one = judged(errors(ratio), claim("a", "b", at_least=0.5))
    assert (one.verdict, one.kind) == (verdict, kind)


def test_a_claimed_bound_below_the_margin_is_no_unclear_size():
    one = judged(errors(1.04), claim("a", "b", at_least=0.01))
    assert (one.verdict, one.kind) == ("supported", AS_CLAIMED)


def test_the_same_numbers_are_the_same_by_construction():
    values = {"a": BASE.tolist(), "b": BASE.tolist()}
    better, alike = claim("a", "b"), claim(sides="ab", alike=[{"x": 1}, {"x": 2}])
    assert (judged(values).verdict, judged(values).kind) == ("refuted", SAME)
    assert (judged(values, alike).verdict, judged(values, alike).kind) == ("supported", SAME)
    few = {label: one[:5] for label, one in values.items()}
    assert (judged(few, better).verdict, judged(few, better).kind) == ("undecided", SAME)


def test_one_metric_that_agrees_is_not_sameness():
    """All read each training digit right, by different weights."""
    results = made_results({"a": [1.0] * 8, "b": [1.0] * 8}, claims=[claim("a", "b")])
    for (label, _), record in results.records.items():
        record.metrics["test_mse"] = 2.0 if label == "a" else 3.0
    assert judge(results)[0].kind == ALIKE


def test_nothing_but_failures_is_not_sameness():
    assert judged({"a": [None] * 8, "b": [None] * 8}).kind == ""


@pytest.mark.parametrize(("ratio", "verdict"), [(1.2, "supported"), (0.8, "refuted")])
def test_other_conditions_change_no_verdict(tmp_path, ratio, verdict):
    asked = claim("a", "b", conditions="three epochs; the source trained for 15")
    results = made_results(errors(ratio), claims=[asked])
    [one] = write_verdicts(results, tmp_path / "t.csv")
    assert (one.verdict, one.kind) == (verdict, OTHER_CONDITIONS)
    assert one.shown == judged(errors(ratio)).kind
    assert OTHER_CONDITIONS in (tmp_path / "t.csv").read_text()
    stand_in = made_results(errors(ratio), claims=[asked], edition="stand-in")
    assert judge(stand_in)[0].kind == ""


def test_sides_of_several_are_never_the_same_by_construction():
    values = {label: BASE.tolist() for label in "abc"}
    made = made_results(values, claims=[replace(claim("a", "bc"), id="several")])
    assert judge(made)[0].kind == ALIKE
