"""Claims of an order: of combinations by their results, of settings by how much they matter."""

import itertools

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.claims.forms.order import in_order, pairs_text, trend_of
from labbook.evaluate.claims.outcome import CORRELATION, Outcome, Pair
from labbook.evaluate.claims.reasons import why
from labbook.evaluate.statistics.variance import Estimate, grid_shares, of_grid
from labbook.verdicts import ALIKE, AS_CLAIMED, OPPOSITE, SAME, SIZE_UNCLEAR, TREND_ONLY
from labbook.wording import NOTHING
from tests.made_study import claim, judged, recipe

PLACES = [{"x": 1}, {"x": 2}, {"x": 3}]
TREND = Outcome(CORRELATION, 0.9, 0.8, 1.0, 8)


def order(sides="abc", **options):
    return claim(sides=sides, order=PLACES, **options)


def errors(seed, *means, n=20, spread=0.1):
    """Errors of combinations a, b, ... with these means of the logarithm; None: like the last."""
    draw = np.random.default_rng(seed)
    split = draw.normal(0, 0.5, n)
    values: dict[str, list] = {}
    for label, mean in zip("abc", means, strict=True):
        if mean is None:
            values[label] = [v * (1.001 if i % 2 else 0.999) for i, v in enumerate(values["b"])]
        else:
            values[label] = np.exp(mean + split + draw.normal(0, spread, n)).tolist()
    return values


IDENTICAL = errors(8, 0, 0.8, 2)
IDENTICAL["c"] = IDENTICAL["b"]
ORDERS = [
    # values, the claim, verdict, kind, what the pairs show
    (errors(3, 0, 0.4, 0.8), order(), "supported", AS_CLAIMED, "holds: a over b (p"),
    (errors(5, 0, 0.8, 0.4), order(), "refuted", OPPOSITE, "the other way round: b over c (p"),
    (errors(6, 0, 0.8, None), order(), "refuted", ALIKE, "no relevant difference: b over c"),
    (errors(6, 0, 0.8, None), order(margin=1e-5), "undecided", TREND_ONLY, "not told apart: b"),
    # A reversed pair says more than one that is alike.
    (errors(7, 0.8, 0, None), order(), "refuted", OPPOSITE, "the other way round: a over b"),
    (IDENTICAL, order(), "refuted", SAME, "same by construction: b over c"),
    (errors(9, 0, 0.05, 0.8, spread=0.01), order(), "supported", SIZE_UNCLEAR, "holds: a over b"),
    (errors(10, 0, 0.8, 0, n=8) | {"c": [None] * 8}, order(), "supported", SIZE_UNCLEAR, "b over c"),
    (errors(10, 0, 0.8, 0, n=8) | {"c": [None] * 8}, order("cba"), "refuted", OPPOSITE, "c over b"),
    (errors(10, 0, 0.8, 0, n=8) | {"c": [None] * 8}, order("bac"), "refuted", OPPOSITE, "b over a"),
    *((errors(11, 0, 3, 6, n=n), order(), "undecided", "", "") for n in (1, 2, 5)),
    (errors(4, -1, 0, 0, n=12), order(), "undecided", TREND_ONLY, "holds: a over b"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "asked", "verdict", "kind", "said"), ORDERS)
def test_orders(values, asked, verdict, kind, said):
    [one] = judged(values, asked)
    assert (one.verdict, one.kind) == (verdict, kind)
    assert one.outcome.test == ("pairs" if len(values["a"]) > 5 else "none")
    assert said in pairs_text(one.outcome.pairs)
    assert NOTHING not in why(one)
    if kind == SIZE_UNCLEAR:
        assert why(one).endswith(" the difference may be too small to be relevant.")
    elif verdict == "supported":
        assert one.p == max(pair.p for pair in one.outcome.pairs)


def test_false_orders_are_rare():
    """The truth is a > c > b by whole deviations: a > b > c was supported in 99 % of draws.

    Or a is far better than b and c, which do not differ.
    """
    verdicts = [judged(errors([1, i], 0, 0.2, 0.1), order())[0].verdict for i in range(60)]
    assert verdicts.count("supported") == 0
    assert verdicts.count("refuted") > 30
    made = [judged(errors([2, i], 0, 1, 1), order(margin=1e-6))[0] for i in range(100)]
    assert sum(one.verdict == "supported" for one in made) <= 8
    assert sum(one.verdict == "refuted" for one in made) <= 8
    assert {one.kind for one in made if one.verdict == "undecided"} == {TREND_ONLY}


def test_p_of_pairs_are_those_of_comparisons_after_holm():
    for second, factor in ((0.0, 2), (0.3, 1)):  # all pairs hold in the second: no correction
        values = errors(4, 0, second, 0.6)
        logs = np.log([values[label] for label in "abc"])
        p = [stats.ttest_rel(logs[i], logs[i + 1]).pvalue for i in range(2)]
        assert (p[0] < 0.05) == (factor == 1)
        [one] = judged(values, order())
        assert [pair.p for pair in one.outcome.pairs] == pytest.approx([p[0], factor * p[1]])


def test_an_order_of_epochs_that_some_did_not_reach():
    epochs = {"a": list(range(10, 20)), "b": list(range(100, 130, 3)), "c": [500] * 10}
    options = {
        "base": recipe(training={"batch": "all", "epochs": 500, "tolerance": 1e-3}),
        "ended": {"a": "converged", "b": "converged", "c": "budget used up"}, "epochs": epochs,
    }  # fmt: skip
    claims = [order(metric="epochs"), order("acb", metric="epochs", name="w")]
    right, wrong = judged({label: [1.0] * 10 for label in "abc"}, *claims, **options)
    assert (right.verdict, wrong.verdict) == ("supported", "refuted")


def test_needed_seeds_are_those_of_the_least_sure_pair():
    values = errors(12, 0, 0.02, 2.0, n=8)
    [one], [pair] = judged(values, order()), judged(values, claim("a", "b"))
    assert one.verdict == pair.verdict == "undecided"
    assert one.fresh_seeds >= pair.fresh_seeds


def test_the_rule_of_pairs():
    """Every combination of what two pairs show."""
    p = {"holds": (0.001, 1), "just": (0.04, 1), "reversed": (0.001, -1), "open": (0.4, 1),
         "against": (0.4, -1)}  # fmt: skip
    for first, second in itertools.product(p, repeat=2):
        outcome = in_order(TREND, [Pair("a", "b", *p[first]), Pair("b", "c", *p[second])])
        shown = outcome.p < 0.05
        if "reversed" in (first, second):
            assert (shown, outcome.favours) == (True, -1), (first, second)
        else:
            assert shown == ({first, second} <= {"holds", "just"}), (first, second)
            assert not shown or outcome.favours == 1
    # Who says that all hold is wrong by one pair that does not: no correction; one reversed has it.
    outcome = in_order(TREND, [Pair("a", "b", 0.04, 1), Pair("b", "c", 0.03, 1)])
    assert [outcome.p, *(pair.p for pair in outcome.pairs)] == [0.04, 0.04, 0.03]
    outcome = in_order(TREND, [Pair("a", "b", 0.04, -1), Pair("b", "c", 0.3, 1)])
    assert (outcome.p, outcome.favours) == (0.08, -1)


def test_the_trend_is_pages_test_of_the_claimed_direction():
    ranks = np.array([[3.0, 2, 1]] * 7 + [[1.0, 2, 3]])
    trend = trend_of(ranks)
    assert trend.p_trend == pytest.approx(2 * stats.page_trend_test(4 - ranks).pvalue)
    assert trend.effect == pytest.approx(0.75)
    assert trend_of(-ranks).p_trend == 1


NAMES = ("optimizer.rate", "model.hidden", "training.batch")
GRID = dict(zip("abcdefghijkl", itertools.product([0.1, 0.2, 0.4], [4, 8], [1, 2]), strict=True))
EFFECTS = np.array([[[0.1, 0.2, 0.4].index(r), w == 8, b == 2] for r, w, b in GRID.values()], float)


def matters(seed, *sizes, n=8, names=NAMES, values=None):
    """The claim that the settings matter in the order of `names`; `sizes` are their effects."""
    if values is None:
        draw = np.random.default_rng(seed)
        noise = draw.normal(0, 0.1, (12, n)) + draw.normal(0, 1, n)  # seeds are easy or hard
        values = np.exp((EFFECTS @ np.array(sizes))[:, None] + noise)
    settings = {label: dict(zip(NAMES, place, strict=True)) for label, place in GRID.items()}
    runs = {label: row.tolist() for label, row in zip(GRID, values, strict=True)}
    asked = claim(sides=(), matters=list(names))
    return judged(runs, asked, settings=settings, vary={name: [1, 2] for name in NAMES})[0]


def test_settings_that_matter_in_the_claimed_order():
    one = matters(1, 1, 0.5, 0)
    assert one.verdict == "supported"
    assert one.outcome.effect == pytest.approx(1)
    assert one.outcome.ours.startswith("optimizer.rate 9")
    pairs = [(pair.first, pair.second) for pair in one.outcome.pairs]
    assert pairs == [NAMES[:2], NAMES[1:], (NAMES[0], "chance"), (NAMES[1], "chance")]
    other = matters(2, 1, 0.5, 0, names=NAMES[::-1])
    assert (other.verdict, other.kind) == ("refuted", OPPOSITE)


def test_settings_that_do_not_matter_support_nothing():
    """Single seeds took chance for importance: settings of more values seemed to matter more.

    Or the rate explains nearly all, the two others nothing: that was a supported order.
    """
    nothing = [matters([3, i], 0, 0, 0).verdict for i in range(80)]
    assert nothing.count("supported") == 0
    assert nothing.count("refuted") <= 4 + 2 * np.sqrt(4)
    first_alone = [matters([4, i], 1, 0, 0) for i in range(60)]
    assert sum(one.verdict == "supported" for one in first_alone) <= 3
    assert any(one.kind == TREND_ONLY for one in first_alone)


@pytest.mark.parametrize("n", [1, 2, 3, 6, 12])
def test_no_spread_and_no_result_decide_nothing(n):
    for value in (1.0, np.nan):
        assert matters(8, values=np.full((12, n), value)).verdict == "undecided"
    same = np.repeat(np.exp(EFFECTS @ np.array([1, 0.5, 0.1]))[:, None], n, axis=1)
    assert matters(8, values=same).verdict == ("supported" if n >= 6 else "undecided")


def test_shares_leave_out_a_seed_at_a_time():
    """A share that is a mean over seeds has Student's test: its pseudo-values are the seeds'."""
    values = np.random.default_rng(6).normal(1, 1, (9, 2))
    without = np.array([np.delete(values, i, axis=0).mean(axis=0) for i in range(9)])
    estimate = Estimate(values.mean(axis=0), (without,))
    assert estimate.by_seed == pytest.approx(values)
    value, error, degrees = estimate.combined(np.array([1.0, -1.0]))
    differences = values[:, 0] - values[:, 1]
    assert (value, degrees) == (pytest.approx(differences.mean()), 8)
    assert error == pytest.approx(differences.std(ddof=1) / 3)
    metric, levels = (
        np.random.default_rng(7).normal(size=(4, 5)),
        np.array([[0, 0], [0, 1], [1, 0], [1, 1]]),
    )
    shares = of_grid(levels, metric)
    assert shares.shares == pytest.approx(grid_shares(levels, metric))
    assert shares.without[0][2] == pytest.approx(grid_shares(levels, np.delete(metric, 2, axis=1)))
