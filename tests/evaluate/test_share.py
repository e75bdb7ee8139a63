"""Claims about the share of runs that end in some way: seeds are counted, not runs."""

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.claims.judge import judge
from labbook.training.runfile import DIVERGED, DIVERGED_LATER, STOPPED
from tests.made_study import claim, made_results

OF = {"of": {"x": 1}, "ended": "diverged"}


@pytest.fixture(autouse=True)
def _no_collection(monkeypatch):
    """statsmodels collects garbage with each correction, which is slow."""
    monkeypatch.setattr("gc.collect", lambda: 0)


def judged(failed, **bound):
    """`failed` {label: (seeds,)} says which runs diverged."""
    values = {k: [None if one else 1.0 for one in v] for k, v in failed.items()}
    asked = claim(sides=["".join(failed)], share={**OF, **bound})
    return judge(made_results(values, claims=[asked]))[0]


@pytest.mark.parametrize("n", range(1, 6))
def test_fewer_than_six_seeds_support_nothing(n):
    """Ten combinations of one seed were ten trials."""
    one = judged({label: [True] * n for label in "abcdefghij"}, above=0.5)
    assert (one.verdict, one.outcome.n, one.outcome.test) == ("undecided", n, "none")


def test_combinations_of_a_seed_share_its_luck():
    """Half of the seeds fail in all ten combinations: by runs, 0.5 is surely above 0.3."""
    draw, wrong = np.random.default_rng(3), 0
    for _ in range(200):
        luck = draw.random(8) < 0.5
        one = judged(dict.fromkeys("abcdefghij", luck), above=0.5)
        wrong += one.verdict != "undecided"
    assert wrong <= 10


def test_one_combination_is_counted():
    one = judged({"a": [True] * 2 + [False] * 10}, below=0.6)
    assert (one.verdict, one.outcome.test, one.outcome.n) == ("supported", "binomial", 12)
    assert one.p == pytest.approx(stats.binomtest(2, 12, 0.6).pvalue)
    assert one.outcome.ours == "2 of 12 runs diverged"


def test_several_are_tested_by_the_share_of_each_seed():
    failed = np.array(
        [[1, 1, 1, 0, 1, 1, 1, 0], [1, 1, 0, 1, 1, 0, 1, 1], [1, 0, 1, 1, 1, 1, 1, 1]]
    )
    one = judged(dict(zip("abc", failed.astype(bool), strict=True)), above=0.5)
    shares = failed.mean(axis=0)
    assert one.outcome.effect == pytest.approx(shares.mean())
    assert one.outcome.p >= stats.ttest_1samp(shares, 0.5).pvalue
    assert (one.verdict, one.outcome.n) == ("supported", 8)
    assert 0.5 < one.outcome.low < one.outcome.effect < one.outcome.high <= 1


def test_equal_shares_show_no_more_than_their_number():
    """All 18 runs of six seeds fail: a share of 0.9 would do so in half of the cases."""
    always = {label: [True] * 6 for label in "abc"}
    assert judged(always, above=0.9).verdict == "undecided"
    assert judged(always, above=0.5).verdict == "supported"
    one = judged(always, below=0.5)
    assert one.verdict == "refuted"
    assert one.outcome.low == pytest.approx(0.025 ** (1 / 6))
    never = {label: [False] * 6 for label in "abc"}
    assert judged(never, below=0.1).verdict == "undecided"
    assert judged(never, below=0.5).verdict == "supported"


def test_rare_failures_of_many_combinations_are_not_missed_by_luck():
    """One seed in five fails everywhere, mean 0.8: that it is above 0.8 must stay rare."""
    draw, wrong = np.random.default_rng(4), 0
    for _ in range(300):
        whole = draw.random(8) < 0.8
        wrong += judged(dict.fromkeys("abc", whole), above=0.8).verdict != "undecided"
    assert wrong <= 15 + 2 * np.sqrt(300 * 0.05 * 0.95)


@pytest.mark.parametrize("n", [6, 8, 20])
@pytest.mark.parametrize("of", [(1, 2), (1, 4), (3, 4)])
def test_equal_shares_have_an_interval_that_agrees_with_their_test(n, of):
    """Two of four runs failed in each seed: the interval was 0.5 to 0.5."""
    lost, many = of
    failed = {label: [i < lost] * n for i, label in enumerate("abcd"[:many])}
    found = judged(failed, above=0.5).outcome
    assert found.low < found.effect == lost / many < found.high
    for end, way in ((found.low, "above"), (found.high, "below")):
        inside, outside = (
            judged(failed, **{way: end + step * (1 if way == "above" else -1)})
            for step in (0.01, -0.01)
        )
        assert inside.p > 0.05 > outside.p


def test_runs_that_diverged_later_are_counted_apart():
    asked = claim(sides="a", share={**OF, "above": 0.5})
    ended = {"a": [DIVERGED, *[DIVERGED_LATER] * 2, *[STOPPED] * 5]}
    [one] = judge(made_results({"a": [None, *[1.0] * 7]}, claims=[asked], ended=ended))
    assert one.outcome.ours == "3 of 8 runs diverged, 2 of them after their best epoch"
