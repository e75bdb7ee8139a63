"""Claims that settings matter in an order: by shares that are corrected for chance."""

import itertools

import numpy as np
import pytest

from labbook.evaluate.claims.forms.neighbours import pairs_text
from labbook.evaluate.claims.judge import judge
from labbook.evaluate.statistics.variance import Estimate, grid_shares, of_grid
from labbook.verdicts import OPPOSITE, TREND_ONLY
from tests.made_study import claim, made_results

NAMES = ("optimizer.rate", "model.hidden", "training.batch")
GRID = list(itertools.product([0.1, 0.2, 0.4], [4, 8], [1, 2]))
LABELS = "abcdefghijkl"
EFFECTS = np.array([[[0.1, 0.2, 0.4].index(r), w == 8, b == 2] for r, w, b in GRID], dtype=float)


@pytest.fixture(autouse=True)
def _no_collection(monkeypatch):
    """statsmodels collects garbage with each correction, which is slow."""
    monkeypatch.setattr("gc.collect", lambda: 0)


def judged(draw, sizes, n=8, spread=0.1, names=NAMES, values=None):
    """The claim that the settings matter in the order of `names`; `sizes` are their effects."""
    logs = EFFECTS @ np.array(sizes)
    if values is None:
        noise = draw.normal(0, spread, (12, n)) + draw.normal(0, 1, n)  # seeds are easy or hard
        values = np.exp(logs[:, None] + noise)
    settings = {
        k: dict(zip(NAMES, place, strict=True)) for k, place in zip(LABELS, GRID, strict=True)
    }
    made = {k: row.tolist() for k, row in zip(LABELS, values, strict=True)}
    vary = {name: [1, 2] for name in NAMES}
    claims = [claim(sides=(), matters=list(names))]
    return judge(made_results(made, claims=claims, settings=settings, vary=vary))[0]


def test_settings_that_matter_in_the_claimed_order():
    one = judged(np.random.default_rng(1), [1, 0.5, 0])
    assert one.verdict == "supported"
    assert one.outcome.effect == pytest.approx(1)
    assert one.outcome.ours.startswith("optimizer.rate 9")
    assert "optimizer.rate over model.hidden" in pairs_text(one.outcome.pairs)


def test_the_other_way_round_is_refuted():
    one = judged(np.random.default_rng(2), [1, 0.5, 0], names=NAMES[::-1])
    assert (one.verdict, one.kind) == ("refuted", OPPOSITE)


def test_settings_that_do_not_matter_support_nothing():
    """Single seeds took chance for importance: settings of more values seemed to matter more."""
    draw = np.random.default_rng(3)
    found = [judged(draw, [0, 0, 0]).verdict for _ in range(200)]
    assert found.count("supported") == 0
    assert found.count("refuted") <= 10 + 2 * np.sqrt(10)


def test_one_large_setting_does_not_carry_the_order_of_the_others():
    """The rate explains nearly all, the two others nothing: that was a supported order."""
    draw = np.random.default_rng(4)
    found = [judged(draw, [1, 0, 0]) for _ in range(100)]
    assert sum(one.verdict == "supported" for one in found) <= 5
    assert any(one.kind == TREND_ONLY for one in found)


def test_the_shares_are_those_of_importance_csv():
    draw = np.random.default_rng(5)
    one = judged(draw, [0.3, 0.2, 0.1], spread=0.5)
    pairs = [(pair.first, pair.second) for pair in one.outcome.pairs]
    assert pairs == [NAMES[:2], NAMES[1:], (NAMES[0], "chance"), (NAMES[1], "chance")]


def test_pseudo_values_of_a_mean_are_its_values():
    """A share that is a mean over seeds: its test is Student's."""
    values = np.random.default_rng(6).normal(1, 1, (9, 2))
    without = np.array([np.delete(values, i, axis=0).mean(axis=0) for i in range(9)])
    estimate = Estimate(values.mean(axis=0), (without,))
    assert estimate.by_seed == pytest.approx(values)
    value, error, degrees = estimate.combined(np.array([1.0, -1.0]))
    differences = values[:, 0] - values[:, 1]
    assert (value, degrees) == (pytest.approx(differences.mean()), 8)
    assert error == pytest.approx(differences.std(ddof=1) / 3)


def test_the_estimate_of_a_grid_leaves_out_a_seed_at_a_time():
    metric = np.random.default_rng(7).normal(size=(4, 5))
    levels = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    found = of_grid(levels, metric)
    assert found.shares == pytest.approx(grid_shares(levels, metric))
    assert found.without[0][2] == pytest.approx(grid_shares(levels, np.delete(metric, 2, axis=1)))


@pytest.mark.parametrize("n", [1, 2, 3, 6, 12])
def test_no_spread_and_no_result_decide_nothing(n):
    draw = np.random.default_rng(8)
    assert judged(draw, [0, 0, 0], values=np.ones((12, n))).verdict == "undecided"
    assert judged(draw, [0, 0, 0], values=np.full((12, n), np.nan)).verdict == "undecided"


def test_the_same_in_all_seeds_is_told_by_their_number():
    values = np.repeat(np.exp(EFFECTS @ np.array([1, 0.5, 0.1]))[:, None], 12, axis=1)
    one = judged(None, [0, 0, 0], values=values)
    assert one.verdict == "supported"
    assert judged(None, [0, 0, 0], values=values[:, :5]).verdict == "undecided"
