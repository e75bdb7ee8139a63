"""Looks share one level: verdicts that stay, Holm's family with them, views of fewer seeds."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.claims.judge import judge
from labbook.evaluate.claims.reasons import why
from labbook.evaluate.looks import Looked, look_at
from labbook.evaluate.statistics.intervals import holm
from labbook.plan.looks import looks_of
from labbook.verdicts import SAME, STAND_IN, SUPPORTED, UNDECIDED
from tests.made_study import claim, made_results

LOOKS = (8, 16, 32)
CLAIMS = (claim("a", "b", name="large"), claim("c", "b", name="small"))


def in_rounds(values, *claims, looks=LOOKS, **options):
    """A study of these values that is looked at with so many seeds."""
    made = made_results(values, claims=claims, **options)
    return replace(made, study=replace(made.study, looks=looks_of(looks)))


def drawn(seed=0, small=0.5, n=32):
    """Errors: a is far better than b, c by `small` deviations."""
    draw = np.random.default_rng(seed)
    b = draw.normal(0, 1, n)
    sizes = {"b": b, "a": b - 3 + draw.normal(0, 1, n), "c": b - small + draw.normal(0, 1, n)}
    return {label: np.exp(one / 10).tolist() for label, one in sizes.items()}


def p_of(values, first, second, n):
    """Return p of the paired t test of logarithms of the first n seeds."""
    one, other = (np.log(values[label][:n]) for label in (first, second))
    return float(stats.ttest_rel(one, other).pvalue)


def test_one_look_with_all_of_the_level_is_no_change():
    values = drawn()
    plain, once = made_results(values, claims=CLAIMS), in_rounds(values, *CLAIMS, looks=(32,))
    for one, other in zip(judge(plain), judge(once), strict=True):
        assert one.outcome == replace(other.outcome, needs=one.outcome.needs)
        assert (one.verdict, one.p, one.p_holm) == (other.verdict, other.p, other.p_holm)
        assert one.looked.text == other.looked.text == ""
        assert "look" not in why(other)


def test_a_verdict_stays_as_the_look_found_it():
    values = drawn()
    later = {label: [*row[:8], *row[8:][::-1]] for label, row in values.items()}
    later["a"][8:] = [100 * v for v in later["b"][8:]]  # all that comes later speaks against it
    large, _ = judge(in_rounds(later, *CLAIMS))
    assert large.verdict == SUPPORTED
    assert large.looked.text == "1 of 3"
    assert large.outcome.n == 8
    assert large.outcome.effect == judge(in_rounds(values, *CLAIMS))[0].outcome.effect
    assert "Decided at look 1 of 3, with 8 seeds." in why(large)


def test_a_p_is_divided_by_the_share_and_those_decided_stay_in_the_family():
    values = drawn()
    large, small = judge(in_rounds(values, *CLAIMS))
    assert small.looked.number > 1
    n = small.looked.seeds
    share = {8: 0.25, 16: 0.25, 32: 0.5}[n]
    family = [p_of(values, "a", "b", 8) / 0.25, p_of(values, "c", "b", n) / share]
    assert large.p == pytest.approx(family[0])
    assert small.p == pytest.approx(min(1, family[1]))
    assert small.p_holm == pytest.approx(holm(np.array(family))[1])


def test_the_interval_has_the_level_of_the_look():
    values = drawn()
    large = judge(in_rounds(values, *CLAIMS))[0]
    found = np.log(values["b"][:8]) - np.log(values["a"][:8])
    half = stats.t.ppf(1 - 0.05 * 0.25 / 2, 7) * found.std(ddof=1) / np.sqrt(8)
    assert large.outcome.low == pytest.approx(np.exp(found.mean() - half))


def test_what_is_decided_never_becomes_fewer():
    for seed in range(10):
        results = in_rounds(drawn(seed), *CLAIMS)
        decided = [
            {one.claim.id: one.verdict for one in judge(results, k) if one.decided}
            for k in (1, 2, 3)
        ]
        for before, after in pairwise(decided):
            assert before.items() <= after.items()


def test_a_look_reads_only_its_own_seeds_and_says_who_goes_on():
    values = drawn(small=0.0)
    results = in_rounds(values, *CLAIMS)
    cut = replace(results, records={k: r for k, r in results.records.items() if k[1] < 8})
    found = look_at(replace(cut, reached=dict.fromkeys("abc", 8)), 1)
    assert found == look_at(results, 1)
    assert [one.goes_on for one in found.claims] == [False, True]
    assert found.labels == ("b", "c")
    assert Looked.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_claims_are_judged_where_only_some_combinations_went_on():
    results = in_rounds(drawn(small=0.0), *CLAIMS)
    reached = {"b": 32, "c": 32, "a": 8}
    fewer = {k: r for k, r in results.records.items() if k[1] < reached[k[0]]}
    some = replace(results, records=fewer, reached=reached)
    assert [(j.verdict, j.p_holm) for j in judge(some)] == [
        (j.verdict, j.p_holm) for j in judge(results)
    ]
    assert len(some.common.study.seeds) == 8
    assert some.common.looks == results.looks[:1]
    assert some.common.values("a", "valid_mse").shape == (8,)
    assert list(some.until(16, ("b", "c")).labels) == ["b", "c"]


def test_who_cannot_be_decided_does_not_go_on():
    values = drawn(small=0.0)
    values["c"] = values["b"]
    same = look_at(in_rounds(values, claim("c", "b"), *(CLAIMS[:1] * 9)), 1)
    assert (
        same.claims[0].verdict == UNDECIDED or judge(in_rounds(values, CLAIMS[1]))[0].kind == SAME
    )
    assert not same.claims[0].goes_on
    stand_in = look_at(in_rounds(drawn(), *CLAIMS, edition=STAND_IN), 1)
    assert stand_in.labels == ()


def test_undecided_after_all_looks_is_told_of_the_last():
    one = judge(in_rounds(drawn(4, small=0.0), CLAIMS[1]))[0]
    assert one.verdict == UNDECIDED
    assert one.looked.text == "3 of 3"
    assert "Undecided after all 3 looks, with 32 seeds." in why(one)
