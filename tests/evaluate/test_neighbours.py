"""Claims of an order: each pair of neighbours must hold, one that is reversed breaks it."""

import itertools

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.claims.forms.neighbours import in_order, pairs_text, trend_of
from labbook.evaluate.claims.judge import judge
from labbook.evaluate.claims.outcome import CORRELATION, Outcome, Pair
from labbook.evaluate.claims.reasons import why
from labbook.evaluate.statistics.intervals import NAN
from labbook.verdicts import ALIKE, AS_CLAIMED, OPPOSITE, SAME, SIZE_UNCLEAR, TREND_ONLY
from labbook.wording import NOTHING
from tests.made_study import claim, made_results, recipe

PLACES = [{"x": 1}, {"x": 2}, {"x": 3}]
TREND = Outcome(CORRELATION, 0.9, 0.8, 1.0, 8, "none", NAN, 0, "")


@pytest.fixture(autouse=True)
def _no_collection(monkeypatch):
    """statsmodels collects garbage with each correction, which is slow."""
    monkeypatch.setattr("gc.collect", lambda: 0)


def order(sides="abc", **options):
    return claim(sides=sides, order=PLACES, **options)


def errors(draw, means, n=20, spread=0.1):
    """Errors of combinations a, b, ... with these means of the logarithm."""
    split = draw.normal(0, 0.5, n)
    return {
        label: np.exp(mean + split + draw.normal(0, spread, n)).tolist()
        for label, mean in zip("abcdef", means, strict=False)
    }


def judged(values, *claims, **options):
    return judge(made_results(values, claims=claims or [order()], **options))


def test_two_pairs_that_hold_do_not_carry_a_third_that_is_reversed():
    """The truth is a > c > b by whole deviations; a > b > c was supported in 99 % of draws."""
    draw = np.random.default_rng(1)
    verdicts = [judged(errors(draw, [0, 0.2, 0.1]))[0].verdict for _ in range(100)]
    assert verdicts.count("supported") == 0
    assert verdicts.count("refuted") > 50


def test_neighbours_that_are_alike_do_not_make_an_order():
    """a is far better than b and c, which do not differ: 5 % false orders at most."""
    draw = np.random.default_rng(2)
    made = [judged(errors(draw, [0, 1, 1]), order(margin=1e-6))[0] for _ in range(200)]
    assert sum(one.verdict == "supported" for one in made) <= 10
    assert sum(one.verdict == "refuted" for one in made) <= 10
    assert {one.kind for one in made if one.verdict == "undecided"} == {TREND_ONLY}


def test_an_order_whose_pairs_all_hold_is_supported():
    [one] = judged(errors(np.random.default_rng(3), [0, 0.4, 0.8]))
    assert (one.verdict, one.kind, one.outcome.test) == ("supported", AS_CLAIMED, "pairs")
    assert [(pair.first, pair.second) for pair in one.outcome.pairs] == [("a", "b"), ("b", "c")]
    assert one.p == max(pair.p for pair in one.outcome.pairs)
    assert "holds: a over b (p" in pairs_text(one.outcome.pairs)


def test_p_of_pairs_are_those_of_comparisons_after_holm():
    for second, factor in ((0.0, 2), (0.3, 1)):  # all pairs hold in the second: no correction
        values = errors(np.random.default_rng(4), [0, second, 0.6])
        [one] = judged(values)
        logs = np.log([values[label] for label in "abc"])
        p = [stats.ttest_rel(logs[i], logs[i + 1]).pvalue for i in range(2)]
        assert (p[0] < 0.05) == (factor == 1)
        assert [pair.p for pair in one.outcome.pairs] == pytest.approx([p[0], factor * p[1]])


def test_one_pair_reversed_refutes_and_its_p_counts():
    [one] = judged(errors(np.random.default_rng(5), [0, 0.8, 0.4]))
    assert (one.verdict, one.kind) == ("refuted", OPPOSITE)
    assert one.p == one.outcome.pairs[1].p
    assert "the other way round: b over c (p" in pairs_text(one.outcome.pairs)


def test_neighbours_surely_alike_refute():
    values = errors(np.random.default_rng(6), [0, 0.8])
    values["c"] = [one * (1.001 if i % 2 else 0.999) for i, one in enumerate(values["b"])]
    [one] = judged(values)
    assert (one.verdict, one.kind) == ("refuted", ALIKE)
    [one] = judged(values, order(margin=1e-5))  # the claim's own margin counts
    assert (one.verdict, one.kind) == ("undecided", TREND_ONLY)


def test_a_reversed_pair_says_more_than_one_that_is_alike():
    values = errors(np.random.default_rng(7), [0.8, 0])
    values["c"] = [one * (1.001 if i % 2 else 0.999) for i, one in enumerate(values["b"])]
    [one] = judged(values)
    assert (one.verdict, one.kind) == ("refuted", OPPOSITE)


def test_the_same_runs_under_two_names_have_no_order():
    values = errors(np.random.default_rng(8), [0, 0.8])
    values["c"] = values["b"]
    [one] = judged(values)
    assert (one.verdict, one.kind) == ("refuted", SAME)
    assert "same by construction: b over c" in pairs_text(one.outcome.pairs)


def test_an_order_may_hold_with_steps_that_hardly_matter():
    [one] = judged(errors(np.random.default_rng(9), [0, 0.05, 0.8], spread=0.01))
    assert (one.verdict, one.kind) == ("supported", SIZE_UNCLEAR)
    reason = why(one)
    assert reason.endswith("of a over b the difference may be too small to be relevant.")
    assert NOTHING not in reason


def test_failed_runs_rank_last():
    base = errors(np.random.default_rng(10), [0, 0.8], n=8)
    values = base | {"c": [None] * 8}
    right, wrong, other = judged(values, order(), order("cba", name="w"), order("bac", name="o"))
    assert [right.verdict, wrong.verdict, other.verdict] == ["supported", "refuted", "refuted"]
    assert right.outcome.effect == pytest.approx(1)


def test_an_order_of_epochs_that_some_did_not_reach():
    budget = recipe(training={"batch": "all", "epochs": 500, "tolerance": 1e-3})
    epochs = {
        "a": [10 + i for i in range(10)],
        "b": [100 + 3 * i for i in range(10)],
        "c": [500] * 10,
    }
    ended = {"a": "converged", "b": "converged", "c": "budget used up"}
    values = {label: [1.0] * 10 for label in "abc"}
    claims = [order(metric="epochs"), order("acb", metric="epochs", name="w")]
    right, wrong = judged(values, *claims, epochs=epochs, ended=ended, base=budget)
    assert (right.verdict, wrong.verdict) == ("supported", "refuted")


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_seeds_show_no_pair(n):
    [one] = judged(errors(np.random.default_rng(11), [0, 3, 6], n=n))
    assert (one.verdict, one.kind, one.outcome.test) == ("undecided", "", "none")


def test_needed_seeds_are_those_of_the_least_sure_pair():
    draw = np.random.default_rng(12)
    values = errors(draw, [0, 0.02, 2.0], n=8)
    [one] = judged(values)
    alone = claim("a", "b", name="alone")
    [pair] = judged(values, alone)
    assert one.verdict == pair.verdict == "undecided"
    assert one.fresh_seeds >= pair.fresh_seeds


def test_the_rule_of_pairs():
    """Every combination of what two pairs show."""
    p = {
        "holds": (0.001, 1), "just": (0.04, 1), "reversed": (0.001, -1), "open": (0.4, 1),
        "against": (0.4, -1),
    }  # fmt: skip
    for first, second in itertools.product(p, repeat=2):
        pairs = [Pair("a", "b", *p[first]), Pair("b", "c", *p[second])]
        found = in_order(TREND, pairs)
        shown = found.p < 0.05
        if "reversed" in (first, second):
            assert (shown, found.favours) == (True, -1), (first, second)
        else:
            holds = {first, second} <= {"holds", "just"}
            assert shown == holds, (first, second)
            assert not holds or found.favours == 1


def test_the_trend_is_pages_test_of_the_claimed_direction():
    ranks = np.array([[3.0, 2, 1]] * 7 + [[1.0, 2, 3]])
    found = trend_of(ranks)
    expected = stats.page_trend_test(np.array([[1, 2, 3]] * 7 + [[3, 2, 1]]))
    assert found.p_trend == pytest.approx(2 * expected.pvalue)
    assert found.effect == pytest.approx(6 / 8)
    assert trend_of(-ranks).p_trend == 1
    assert np.isnan(trend_of(np.full((8, 3), NAN)).p_trend)


def test_that_all_pairs_hold_needs_no_correction_and_one_reversed_does():
    """Who says that all hold is wrong by one pair that does not: 0.04 and 0.03 were undecided."""
    found = in_order(TREND, [Pair("a", "b", 0.04, 1), Pair("b", "c", 0.03, 1)])
    assert (found.p, found.favours) == (0.04, 1)
    assert [pair.p for pair in found.pairs] == [0.04, 0.03]
    assert "not told apart" not in pairs_text(found.pairs)
    found = in_order(TREND, [Pair("a", "b", 0.04, -1), Pair("b", "c", 0.3, 1)])
    assert (found.p, found.favours) == (0.08, -1)


@pytest.mark.parametrize("means", [(1, 0, 0), (0, 0, 0), (0.5, 0, 0.02)])
def test_an_order_without_correction_of_its_pairs_is_rarely_wrong(means):
    """No order holds: a and b or b and c are equal, or nearly so the other way round."""
    draw = np.random.default_rng(14)
    values = (errors(draw, [-one for one in means], n=8) for _ in range(200))
    made = [judged(one, order(margin=1e-6))[0].verdict for one in values]
    assert made.count("supported") <= 10
