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
PLACES = [{"x": 1}, {"x": 2}, {"x": 3}]


def outcome(scale="ratio", effect=1.066, low=1.02, high=1.11, test="t", failed=(0, 0), wins=20,
            losses=0, margin=1.05, **more):  # fmt: skip
    compared = Comparison(Interval(20, 0.06, 0.02, 0.1, 0.1), *failed, wins, losses, test, 0.01, 1)
    more = {"compared": compared, "ours": "0.9 against 1"} | more
    return Outcome(scale, effect, low, high, 20, test, 0.01, 1, margin=margin, **more)


def said(of, verdict=SUPPORTED, kind=AS_CLAIMED, fresh=None, **block):
    block = {"sides": "ab"} | block
    return why(Judgement(claim(**block), of, verdict, kind, kind, p_holm=0.01, fresh_seeds=fresh))


@pytest.mark.parametrize("ends", [(1.066, 1.02, 1.11), (0.94, 0.9, 0.98), (7.3, 5.1, 9.9)])
def test_a_ratio_reads_as_in_the_picture(ends):
    """Of the same claim the picture says ×1.066, so the sentence must not say -6.2 %."""
    text, picture = said(outcome("ratio", *ends)), effect_text("ratio", *ends)
    assert (
        f"the other side has {picture.mean} the validation MSE of the side claimed better" in text
    )
    assert f"({picture.low} to {picture.high})" in text
    assert "%" not in text


@pytest.mark.parametrize("ends", [(-0.0057, -0.0113, -0.0001), (0.01, 0.002, 0.018)])
def test_a_difference_has_the_sign_of_the_picture(ends):
    """Not "worse by −0.0057", which would be better."""
    text = said(outcome("difference", *ends, margin=0.005), metric="valid_accuracy")
    picture = effect_text("difference", *ends)
    assert f"the side claimed better differs by {picture.mean} in validation accuracy" in text
    assert "worse" not in text


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
    text = said(outcome(), verdict, kind, 7, **other)
    assert words in text
    others = [other for k, (_, other) in KINDS.items() if k != kind and other]
    assert not any(other in text for other in others)
    assert text.endswith(".")
    assert not text.endswith("..")


LEVEL = outcome(
    "value",
    21.2,
    14.9,
    30,
    margin=60,
    ours="21.2 (14.9 to 30.0)",
    compared=None,
    middle="geometric mean",
)
PAIRS = (Pair("a", "b", 0.01, 1), Pair("b", "c", 0.3, 1))
ORDER = outcome("correlation", 0.8, 0.6, 1.0, test="pairs", pairs=PAIRS, compared=None)
LOST = outcome(effect=NAN, low=NAN, high=NAN, test="signed-rank", failed=(0, 12), wins=19, losses=1)
WORDS = {
    "a level names its metric and its mean": (
        said(LEVEL, REFUTED, OPPOSITE, sides="a", metric="settled_epoch",
             level={"of": {"x": 1}, "above": 60}),
        ["Over 20 seeds, geometric mean settled epoch: 21.2 (14.9 to 30.0)", "; claimed is above 60."],
    ),
    "gains are compared": (
        said(outcome(), sides="abcd", more_than={"better": {"x": 1}, "than": {"x": 2}}),
        ["the gain in validation MSE that is claimed larger is ×1.066 the other ("],
    ),
    "a claim that fell short says what was claimed": (
        said(outcome(), REFUTED, WEAKER, at_least=0.5), ["×1.066", "claimed is at least ×1.5"],
    ),
    "few fresh seeds": (said(outcome(), UNDECIDED, "", 3), ["about 6 fresh seeds, judged by themselves"]),
    "some": (said(outcome(), UNDECIDED, "", 31), ["about 31 fresh seeds, judged by themselves, would"]),
    "too many": (said(outcome(), UNDECIDED, "", math.inf), ["not even 200 fresh seeds, judged by"]),
    "skewed, the interval far from 1": (
        said(outcome(test="t and sign"), UNDECIDED, "", 31),
        ["; the differences are skewed, and tests that allow for it are less sure than this interval; about"],
    ),
    # Of what matters there is none: "6 seeds at least are needed" was said of six seeds.
    "a number that nobody can tell": (said(outcome(), UNDECIDED, ""), ["after correction)."]),
    "what failed and what that counts": (
        said(outcome(test="signed-rank", failed=(1, 0))),
        ["Over all 20 seeds (a failed run counts as worse than any number: the side claimed better "
         "failed alone in 1 seed) the other side has ×1.066 the validation MSE"],
    ),
    "an end beyond any number": (said(outcome(high=NAN, test="signed-rank", failed=(0, 3))), ["(from ×1.02 up)"]),
    "no effect, but signs": (
        said(LOST), ["As claimed in 19 of 20 seeds, the other way round in 1; a failed"],
    ),
    "which neighbours hold": (
        said(ORDER, UNDECIDED, TREND_ONLY, 30, sides="abc", order=PLACES),
        ["; holds: a over b (p = 0.010); not told apart: b over c (p = 0.010"],
    ),
    "a stand-in": (said(outcome(), NOT_JUDGED, ""), ["stand-in"]),
    "no interval": (said(outcome("ratio", NAN, NAN, NAN), SUPPORTED, SIZE_UNCLEAR), ["by how much is open"]),
    "of two alike neither is claimed better": (
        said(outcome(test="signed-rank", failed=(1, 2)), alike=PLACES[:2]),
        ["the first side failed alone in 1 seed, the second failed alone in 2 seeds"],
    ),
}  # fmt: skip
UNSAID = {"no interval": "interval", "of two alike neither is claimed better": "claimed better",
          "some": "more seed", "a number that nobody can tell": "fresh"}  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_words(name):
    text, words = WORDS[name]
    for one in words:
        assert one in text
    assert name not in UNSAID or UNSAID[name] not in text
