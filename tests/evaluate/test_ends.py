"""Verdicts where runs say less than they seem to: ends of a scale, budgets below a bound, no value."""

import numpy as np
import pytest

from labbook.evaluate.claims.judge import group, judge
from labbook.evaluate.claims.reasons import why
from labbook.verdicts import SAME, SUPPORTED, UNDECIDED
from tests.made_study import claim, made_results, recipe

OF = {"of": {"x": 1}}


def judged(values, *claims, **options):
    return judge(made_results(values, claims=claims, **options))


def said(one):
    return why(one)


@pytest.mark.parametrize("above", [0.9, 0.99])
def test_equal_accuracies_of_few_rows_say_no_more_than_their_rows(above):
    """Seven validation rows in each of eight seeds, all right: 0.99 is not shown; 0.9 is."""
    asked = claim(sides="a", metric="valid_accuracy", level={**OF, "above": above})
    [one] = judged({"a": [1.0] * 8}, asked, task="classification", metric="valid_accuracy")
    assert one.verdict == (SUPPORTED if above == 0.9 else UNDECIDED)


def test_equal_accuracies_of_few_rows_are_not_alike_for_that():
    asked = claim(sides="ab", metric="valid_accuracy", alike=[{"x": 1}, {"x": 2}])
    values = {"a": [1.0] * 8, "b": [1.0] * 8}
    [one] = judged(values, asked, task="classification", metric="valid_accuracy")
    assert one.verdict == UNDECIDED


def test_runs_that_ended_below_a_bound_on_epochs_are_not_left_out():
    """Six of twenty got there; whether the others would have before 2,000 nobody knows."""
    asked = claim(sides="a", metric="epochs", level={**OF, "below": 2000})
    base = recipe(training={"batch": "all", "epochs": 1200, "tolerance": 1e-3})
    ended = ["converged"] * 6 + ["budget used up"] * 14
    epochs = [500, 600, 550, 530, 610, 580] + [1200] * 14
    [one] = judged({"a": [1.0] * 20}, asked, base=base, ended={"a": ended}, epochs={"a": epochs})
    assert one.verdict == UNDECIDED
    assert "how long it would have taken is not known" in said(one)


def test_what_differs_from_the_source_is_said_whatever_was_shown():
    draw = np.random.default_rng(3)
    base = np.exp(draw.normal(0, 0.3, 8))
    values = {"a": base.tolist(), "b": (base * 0.7 * np.exp(draw.normal(0, 0.02, 8))).tolist()}
    [one] = judged(values, claim("b", "a", conditions="three epochs, not twenty"))
    assert one.kind == "not the source's conditions"
    assert said(one).endswith("Not the source's conditions: three epochs, not twenty.")


def test_an_order_says_of_every_pair_what_it_shows():
    draw = np.random.default_rng(4)
    base = draw.normal(0, 0.3, 12)
    luck = draw.normal(0, 0.1, (3, 12))
    shift = {"a": -1.0, "b": 0.0, "c": 0.0}
    values = {
        label: np.exp(base + shift[label] + one).tolist()
        for label, one in zip("abc", luck, strict=True)
    }
    asked = claim(sides="abc", order=[{"x": 1}, {"x": 2}, {"x": 3}])
    [one] = judged(values, asked)
    assert "holds: a over b" in said(one)
    assert "b over c" in said(one)


def test_identical_sides_are_the_same_also_where_a_bound_was_claimed():
    values = {"a": [0.5, 0.6, 0.7, 0.5, 0.6, 0.8, 0.9, 0.4]}
    [one] = judged(values | {"b": values["a"]}, claim("b", "a", at_least=0.2))
    assert one.kind == SAME


def test_a_reported_claim_without_capitals_is_no_claim_of_ones_own():
    assert group(claim("a", "b", name="fast")) == "reported"
