"""Every form of claim under every condition, with a clear effect: the verdicts that must come.

A new form or condition has no row here, and fails.
"""

from dataclasses import replace

import numpy as np
import pytest

from labbook.evaluate.claims.forms import FORMS as TESTS
from labbook.verdicts import ALIKE, AS_CLAIMED, OPPOSITE, REFUTED, SUPPORTED, UNDECIDED
from tests.made_truths import (
    CONDITIONS,
    FORMS,
    OUT,
    PLAIN,
    draw_grid,
    draw_study,
    made_plan,
    verdict_of,
)

pytestmark = pytest.mark.thorough

SEEDS, CLEAR = 20, 6.0  # deviations of a run's luck

YES = (SUPPORTED, AS_CLAIMED)
NO = (REFUTED, OPPOSITE)
SMALL = (REFUTED, ALIKE)
OPEN = (UNDECIDED, "")
USUAL = (YES, OPEN, NO)  # the effect is as claimed; there is none; it is the other way round
# An effect of nothing is there, surely smaller than the margin.
WITH_MARGIN = (YES, SMALL, NO)
UNKNOWN = (OPEN, OPEN, OPEN)  # a gain of epochs that nobody waited for
TABLE = {  # in the order of CONDITIONS; None: left out
    "better": (USUAL, USUAL, USUAL, USUAL, USUAL, WITH_MARGIN),
    "better by at least": (USUAL, USUAL, USUAL, USUAL, USUAL, None),
    "gains more": (USUAL, USUAL, UNKNOWN, USUAL, USUAL, WITH_MARGIN),
    "alike": (USUAL, USUAL, USUAL, USUAL, USUAL, USUAL),
    "order": (USUAL, USUAL, USUAL, USUAL, USUAL, WITH_MARGIN),
    "level": (USUAL, USUAL, USUAL, USUAL, USUAL, None),
    "level between": (USUAL, USUAL, USUAL, USUAL, USUAL, None),
    "share": (USUAL, None, None, USUAL, None, None),
}
ROWS = {form: dict(zip(CONDITIONS, row, strict=True)) for form, row in TABLE.items()}
PLACES = [(form, condition) for form, row in ROWS.items() for condition in row]


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(FORMS)
    assert {
        (form, condition) for form, condition in PLACES if ROWS[form][condition] is None
    } == set(OUT)
    elsewhere = {"matters", "exact", "tuned"}  # below; tuned: test_tuned.py
    assert {made_plan(form, PLAIN, 6).claims[0].form for form in FORMS} | elsewhere == set(TESTS)


@pytest.mark.parametrize(("form", "condition"), [place for place in PLACES if place not in OUT])
def test_verdicts(form: str, condition: str) -> None:
    judged = [
        verdict_of(draw_study(form, condition, size, SEEDS, np.random.default_rng(3)))
        for size in (CLEAR, 0.0, -CLEAR)
    ]
    assert tuple((one.verdict, one.kind) for one in judged) == ROWS[form][condition]


@pytest.mark.parametrize(
    ("effects", "verdict"),
    [
        ((6.0, 2.0, 0.0), SUPPORTED), ((0.0, 0.0, 0.0), UNDECIDED), ((0.0, 2.0, 6.0), REFUTED),
        ((6.0, 0.0, 0.0), UNDECIDED),
    ],
)  # fmt: skip
def test_what_matters(effects: tuple[float, float, float], verdict: str) -> None:
    assert verdict_of(draw_grid(effects, SEEDS, np.random.default_rng(1))).verdict == verdict


@pytest.mark.parametrize(
    ("effects", "verdict"), [((6.0, 2.0, 0.0), SUPPORTED), ((0.0, 6.0, 0.0), REFUTED)]
)
def test_two_settings_may_matter_in_an_order(
    effects: tuple[float, float, float], verdict: str
) -> None:
    """Page's test knows no two places; `labbook check` allows two settings."""
    results = draw_grid(effects, SEEDS, np.random.default_rng(1))
    claim = results.study.claims[0]
    two = claim.block.model_copy(update={"matters": (claim.block.matters or [])[:2]})
    study = replace(results.study, claims=(replace(claim, block=two),))
    assert verdict_of(replace(results, study=study)).verdict == verdict
