"""Why a verdict came about: one scale for an effect, and words for every kind."""

import math

import pytest

from labbook.evaluate.claims.outcome import Judgement, Outcome, Pair
from labbook.evaluate.claims.reasons import why
from labbook.evaluate.statistics.intervals import Interval
from labbook.evaluate.statistics.paired import Comparison
from labbook.report.page.claims import effect_text
from labbook.verdicts import (
    ALIKE,
    AS_CLAIMED,
    NOT_JUDGED,
    OPPOSITE,
    OTHER_CONDITIONS,
    REFUTED,
    SAME,
    SIZE_UNCLEAR,
    SUPPORTED,
    TREND_ONLY,
    UNDECIDED,
    WEAKER,
)
from tests.made_study import claim

NAN = math.nan


def compared(test="t", failed=(0, 0), wins=20, losses=0):
    return Comparison(Interval(20, 0.06, 0.02, 0.1, 0.1), *failed, wins, losses, test, 0.01, 1)


def finding(scale="ratio", effect=1.066, low=1.02, high=1.11, test="t", margin=1.05, **more):
    more = {"compared": compared(test), "ours": "0.9 against 1"} | more
    return Outcome(scale, effect, low, high, 20, test, 0.01, 1, margin=margin, **more)


def said(found, verdict=SUPPORTED, kind=AS_CLAIMED, fresh=None, **block):
    block = block or {"sides": "ab"}
    return why(
        Judgement(claim(**block), found, verdict, kind, kind, p_holm=0.01, fresh_seeds=fresh)
    )


@pytest.mark.parametrize("ends", [(1.066, 1.02, 1.11), (0.94, 0.9, 0.98), (7.3, 5.1, 9.9)])
def test_a_ratio_reads_as_in_the_picture(ends):
    """Of the same claim the picture says ×1.066, so the sentence must not say -6.2 %."""
    text, picture = said(finding("ratio", *ends)), effect_text("ratio", *ends)
    has = f"the other side has {picture.mean} the validation MSE of the side claimed better"
    assert has in text
    assert f"({picture.low} to {picture.high})" in text
    assert "%" not in text


@pytest.mark.parametrize("ends", [(-0.0057, -0.0113, -0.0001), (0.01, 0.002, 0.018)])
def test_a_difference_has_the_sign_of_the_picture(ends):
    """Not "worse by −0.0057", which would be better."""
    text = said(finding("difference", *ends, margin=0.005), sides="ab", metric="valid_accuracy")
    picture = effect_text("difference", *ends)
    assert f"the side claimed better differs by {picture.mean} in validation accuracy" in text
    assert "worse" not in text


def test_a_level_names_its_metric_its_mean_and_its_bound():
    level = {"of": {"x": 1}, "above": 60}
    found = finding(
        "value",
        21.2,
        14.9,
        30,
        margin=60,
        ours="21.2 (14.9 to 30.0)",
        compared=None,
        middle="geometric mean",
    )
    text = said(found, REFUTED, OPPOSITE, sides="a", metric="settled_epoch", level=level)
    assert text.startswith("Over 20 seeds, geometric mean settled epoch: 21.2 (14.9 to 30.0)")
    assert text.endswith("; claimed is above 60.")


def test_an_interaction_speaks_of_gains():
    more = {"better": {"x": 1}, "than": {"x": 2}}
    text = said(finding(), sides="abcd", more_than=more)
    assert "the gain in validation MSE that is claimed larger is ×1.066 the other (" in text


KINDS = {
    AS_CLAIMED: (SUPPORTED, ""),
    OPPOSITE: (REFUTED, ""),
    ALIKE: (REFUTED, "within ×1.05, which is no relevant difference"),
    SIZE_UNCLEAR: (SUPPORTED, "the interval reaches below ×1.05"),
    WEAKER: (REFUTED, "it is less than claimed"),
    TREND_ONLY: (UNDECIDED, "not each neighbouring pair is shown"),
    SAME: (REFUTED, "Both sides give the same numbers in every seed"),
    OTHER_CONDITIONS: (UNDECIDED, "Not the source's conditions: three epochs instead of 20."),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_words(kind):
    verdict, words = KINDS[kind]
    other = {"conditions": "three epochs instead of 20"} if kind == OTHER_CONDITIONS else {}
    text = said(finding(), verdict, kind, 7, sides="ab", **other)
    assert words in text
    others = [other for k, (_, other) in KINDS.items() if k != kind and other]
    assert not any(other in text for other in others)
    assert text.endswith(".")
    assert not text.endswith("..")


def test_a_claim_that_fell_short_says_what_was_claimed():
    text = said(finding(), REFUTED, WEAKER, sides="ab", at_least=0.5)
    assert "×1.066" in text
    assert "claimed is at least ×1.5" in text


@pytest.mark.parametrize(
    ("fresh", "words"),
    [
        (3, "about 6 fresh seeds, judged by themselves, would decide"),
        (31, "about 31 fresh seeds, judged by themselves, would decide"),
        (math.inf, "not even 200 fresh seeds, judged by themselves, would decide"),
    ],
)
def test_an_undecided_claim_asks_for_fresh_seeds(fresh, words):
    text = said(finding(), UNDECIDED, "", fresh)
    assert words in text
    assert "more seed" not in text


def test_ranks_say_what_failed_and_what_that_counts():
    found = finding(test="signed-rank", compared=compared("signed-rank", failed=(1, 0)))
    assert said(found).startswith(
        "Over all 20 seeds (a failed run counts as worse than any number: the side claimed better "
        "failed alone in 1 seed) the other side has ×1.066 the validation MSE"
    )


def test_an_end_beyond_any_number_is_open():
    found = finding(high=NAN, test="signed-rank", compared=compared("signed-rank", failed=(0, 3)))
    assert "(×1.02 to open)" in said(found)
    lost = finding(effect=NAN, low=NAN, high=NAN, compared=compared("signed-rank", (0, 12), 19, 1))
    assert said(lost).startswith("As claimed in 19 of 20 seeds, the other way round in 1; a failed")


def test_which_neighbours_of_an_order_hold():
    pairs = (Pair("a", "b", 0.01, 1), Pair("b", "c", 0.3, 1))
    found = finding("correlation", 0.8, 0.6, 1.0, test="pairs", pairs=pairs, compared=None)
    text = said(found, UNDECIDED, TREND_ONLY, 30, sides="abc", order=[{"x": 1}, {"x": 2}, {"x": 3}])
    assert "; holds: a over b (p = 0.010); not told apart: b over c (p = 0.010" in text


def test_stand_ins_are_not_judged():
    assert "stand-in" in said(finding(), NOT_JUDGED, "")


def test_a_number_of_seeds_that_nobody_can_tell_is_not_told():
    """Of what matters there is none: "6 seeds at least are needed" was said of six seeds."""
    text = said(finding(), verdict=UNDECIDED, kind="", fresh=None)
    assert "seeds at least" not in text
    assert text.endswith("after correction).")


def test_nothing_is_said_of_an_interval_that_is_not_there():
    text = said(finding("ratio", math.nan, math.nan, math.nan), SUPPORTED, SIZE_UNCLEAR, sides="ab")
    assert "by how much is open" in text
    assert "interval" not in text


def test_of_two_that_are_claimed_alike_neither_is_claimed_better():
    found = finding(test="signed-rank", compared=compared("signed-rank", failed=(1, 2)))
    text = said(found, sides="ab", alike=[{"x": 1}, {"x": 2}])
    assert "the first side failed alone in 1 seed, the second failed alone in 2 seeds" in text
    assert "claimed better" not in text
