"""Verdicts by the rule at the top of labbook.evaluate.claims.judge."""

from dataclasses import replace

import numpy as np
import pandas
import pytest
from scipy import stats

from labbook.errors import LabbookError
from labbook.evaluate.claims.judge import COLUMNS, group, judge, write_verdicts
from labbook.evaluate.tables import write_comparisons
from labbook.training.runfile import DIVERGED_LATER
from labbook.verdicts import OTHER_NUMBER
from tests.made_study import ROWS, FakePrepared, claim, made_results, make_study, recipe

pytestmark = pytest.mark.thorough

DRAW = np.random.default_rng(9)
BASE = np.exp(DRAW.normal(1.6, 0.3, 8)).tolist()
BETTER = (BASE * np.exp(DRAW.normal(-0.25, 0.05, 8))).tolist()
NOISY = (BASE * np.exp(DRAW.normal(-0.05, 0.3, 8))).tolist()
NEAR = np.exp(DRAW.normal(0, 0.05, 8)).tolist()


def verdicts(tmp_path, values, claims, **options):
    results = make_study(tmp_path / "runs", values, claims=claims, **options)
    write_verdicts(results, tmp_path / "t.csv")
    return pandas.read_csv(tmp_path / "t.csv", keep_default_na=False, na_values=[""])


def test_supported_refuted_undecided(tmp_path):
    claims = [
        claim("b", "a", name="c1"), claim("a", "b", name="c2"), claim("n", "a", name="c3"),
    ]  # fmt: skip
    table = verdicts(tmp_path, {"a": BASE, "b": BETTER, "n": NOISY}, claims)
    assert list(table) == list(COLUMNS)
    assert list(table.verdict) == ["supported", "refuted", "undecided"]
    assert list(table.kind.fillna("")) == ["as claimed", "opposite", ""]
    assert table.effect[0] == pytest.approx(stats.gmean(BASE) / stats.gmean(BETTER))
    assert table.effect[1] == pytest.approx(1 / table.effect[0])
    assert (table.low[1], table.high[1]) == pytest.approx((1 / table.high[0], 1 / table.low[0]))
    assert table.p[0] == pytest.approx(stats.ttest_rel(np.log(BASE), np.log(BETTER)).pvalue)
    assert (table.p_holm >= table.p).all()
    assert table.fresh_seeds[:2].isna().all()
    assert np.isnan(table.fresh_seeds[2])  # more than 200, which is not asked for
    assert "not even 200 fresh seeds" in table.why[2]
    assert set(table.data) == {"real"}
    assert "against" in table.ours[0]


def test_a_difference_too_small_to_matter_refutes_and_supports(tmp_path):
    values = {"a": BASE, "b": [one * 1.001 for one in BASE[:4]] + [one * 0.999 for one in BASE[4:]]}
    claims = [
        claim("b", "a", name="better"),
        claim("b", "a", name="alike", alike=[{"x": 1}, {"x": 2}]),
        claim("b", "a", name="strict", margin=1e-5),
    ]
    table = verdicts(tmp_path, values, claims)
    assert list(table.verdict) == ["refuted", "supported", "undecided"]
    assert list(table.kind[:2]) == ["no relevant difference", "as claimed"]
    assert "within ×1.05, which is no relevant difference" in table.why[0]
    assert table.margin.tolist() == [1.05, 1.05, 1 + 1e-5]


def test_a_relevant_difference_refutes_that_two_are_alike(tmp_path):
    alike = claim("b", "a", alike=[{"x": 1}, {"x": 2}])
    row = verdicts(tmp_path, {"a": BASE, "b": [one / 2 for one in BETTER]}, [alike]).iloc[0]
    assert (row.verdict, row.kind) == ("refuted", "opposite")


def test_sides_are_means_per_seed(tmp_path):
    draw = DRAW.normal(0.5, 0.1, (3, 8))
    values = dict(zip("abc", draw.tolist(), strict=True))
    row = verdicts(tmp_path, values, [claim("c", "ab", metric="valid_r2")]).iloc[0]
    assert row.effect == pytest.approx(np.mean(draw[2] - (draw[0] + draw[1]) / 2))
    assert (row.n, row.metric, row.scale) == (8, "valid_r2", "difference")


def test_runs_that_learnt_nothing_are_neither_smooth_nor_rough(tmp_path):
    """Of eight layers many stay at the loss of a constant: that is no smooth training."""
    values = {"a": BASE, "b": BASE}
    results = make_study(tmp_path, values, claims=[claim("b", "a", metric="valid_roughness")])
    draw = np.random.default_rng(4)
    for (label, seed), record in results.records.items():
        start, end = (2.0, 0.05) if label == "a" or seed < 3 else (3.0, 2.9)  # a constant has 2
        smooth = np.geomspace(start, end, 40)
        rough = smooth * np.exp(draw.normal(0, 0.1 if label == "a" else 1e-4, 40))
        record.curves.update(train_loss=rough, valid_loss=rough)
    [judged] = judge(results)
    assert (judged.verdict, judged.outcome.n, judged.outcome.test) == ("undecided", 3, "none")
    assert judged.outcome.compared.failed_first == 0
    assert np.isfinite(results.values("b", "valid_roughness")).sum() == 3
    assert np.isfinite(results.values("b", "last_valid_loss")).all()


def test_an_interaction_is_a_difference_of_differences(tmp_path):
    values = {"a": BASE, "b": BETTER, "c": BASE, "d": [one * 0.99 for one in BASE]}
    difference = {"better": {"x": 1}, "than": {"x": 2}}
    row = verdicts(tmp_path, values, [claim(sides="badc", more_than=difference)]).iloc[0]
    assert (row.form, row.verdict) == ("interaction", "supported")
    first = np.log(np.array(BASE) / np.array(BETTER)).mean()
    assert np.log(row.effect) == pytest.approx(first + np.log(0.99))


def test_failures_count_in_an_interaction_for_the_side_that_keeps_going(tmp_path):
    """Batch norm (a) trains where plain networks (b) diverge; at a small rate (c, d) both train."""
    values = {"a": BASE, "b": [None] * 8, "c": BETTER, "d": BASE}
    more = {"better": {"x": 1}, "than": {"x": 2}}
    for sides, verdict in (("abcd", "supported"), ("bacd", "refuted"), ("cdab", "refuted")):
        claims = [claim(sides=sides, more_than=more)]
        row = verdicts(tmp_path / sides, values, claims).iloc[0]
        assert (row.verdict, row.p) == (verdict, 2 / 2**8), sides
    assert "decided in 8 seeds" in row.why


def test_a_side_that_fails_is_not_alike(tmp_path):
    alike = claim("a", "b", alike=[{"x": 1}, {"x": 2}])
    row = verdicts(tmp_path, {"a": BASE, "b": [None] * 8}, [alike]).iloc[0]
    assert (row.verdict, row.kind) == ("refuted", "opposite")


def test_at_least_asks_for_more_than_a_difference(tmp_path):
    claims = [
        claim("b", "a", name=f"l{least:.0%}".strip("%"), at_least=least) for least in (0.1, 0.6)
    ]
    table = verdicts(tmp_path, {"a": BASE, "b": BETTER}, claims)  # a quarter more
    assert list(table.verdict) == ["supported", "refuted"]
    logs = np.log(np.array(BASE) / np.array(BETTER))
    assert table.p[0] == pytest.approx(stats.ttest_1samp(logs, np.log(1.1)).pvalue)
    assert "claimed is at least ×1.60" in table.why[1]


def test_a_share_of_runs(tmp_path):
    values = {"a": [1.0] * 10 + [None] * 2}
    share = {"of": {"x": 1}, "ended": "diverged"}
    claims = [
        claim(sides="a", share={**share, "below": 0.6}, name="few"),
        claim(sides="a", share={**share, "above": 0.6}, name="many"),
        claim(sides="a", share={**share, "below": 0.3}, name="fewer"),
    ]
    table = verdicts(tmp_path, values, claims)
    assert list(table.verdict) == ["supported", "refuted", "undecided"]
    assert table.effect.tolist() == pytest.approx([1 / 6] * 3)
    assert 0 < table.fresh_seeds[2] < 200


def test_a_run_that_diverged_after_its_best_epoch_has_diverged(tmp_path):
    ended = {"a": ["stopped early"] * 10 + [DIVERGED_LATER] * 2}
    some = claim(sides="a", share={"of": {"x": 1}, "ended": "diverged", "below": 0.6})
    table = verdicts(tmp_path, {"a": [1.0] * 12}, [some], ended=ended)
    assert table.ours[0].startswith("2 of 12 runs diverged")


def test_a_level_and_a_range(tmp_path):
    of = {"of": {"x": 1}}
    claims = [
        claim(sides="a", level={**of, "above": 2}, name="above"),
        claim(sides="a", level={**of, "below": 2}, name="below"),
        claim(sides="a", level={**of, "above": 2, "below": 11}, name="inside"),
        claim(sides="a", level={**of, "above": 11, "below": 12}, name="outside"),
        claim(sides="a", level={**of, "above": 5}, name="near"),
    ]
    table = verdicts(tmp_path, {"a": BASE}, claims)
    assert list(table.verdict) == ["supported", "refuted", "supported", "refuted", "undecided"]
    logs = np.log(BASE)
    assert table.p[0] == pytest.approx(stats.ttest_1samp(logs, np.log(2)).pvalue)
    assert table.effect[0] == pytest.approx(stats.gmean(BASE))
    above = stats.ttest_1samp(logs, np.log(2), alternative="greater").pvalue
    below = stats.ttest_1samp(logs, np.log(11), alternative="less").pvalue
    assert table.p_holm[2] == pytest.approx(2 * max(above, below))


def test_failed_runs_keep_no_level(tmp_path):
    values = {"a": [*BASE, *([None] * 8)]}
    below = {"of": {"x": 1}, "below": 100}
    table = verdicts(tmp_path, values, [claim(sides="a", level=below)])
    assert (table.verdict[0], table.n[0], table.test[0]) == ("undecided", 16, "sign")
    assert "8 of 16 failed" in table.ours[0]
    ended = [claim(sides="a", level={**below, "among": "stopped early"})]
    among = verdicts(tmp_path / "among", values, ended).iloc[0]
    assert (among.verdict, among.n) == ("supported", 8)


def test_a_level_of_epochs_counts_those_that_did_not_get_there(tmp_path):
    budget = recipe(training={"batch": "all", "epochs": 5000, "tolerance": 1e-3})
    epochs = {"a": [300, 310, 290, 305, 295, 300, 302, 5000]}
    ended = {"a": ["converged"] * 7 + ["budget used up"]}
    level = {"of": {"x": 1}, "below": 1000}
    results = make_study(
        tmp_path, {"a": [1.0] * 8}, claims=[claim(sides="a", metric="epochs", level=level)],
        epochs=epochs, base=budget, ended=ended,
    )  # fmt: skip
    [judged] = judge(results)
    assert (judged.verdict, judged.outcome.test) == ("undecided", "sign")
    assert judged.p == pytest.approx(stats.binomtest(7, 8).pvalue)


def test_a_level_of_epochs_speaks_of_those_that_ended_so(tmp_path):
    """`among` was not heeded for epochs."""
    budget = recipe(training={"batch": "all", "epochs": 5000, "tolerance": 1e-3})
    epochs = {"a": [300, 310, 290, 305, 295, 300, 302, 5000, 5000, 5000]}
    ended = {"a": ["converged"] * 7 + ["budget used up"] * 3}
    level = {"of": {"x": 1}, "below": 1000, "among": "converged"}
    results = make_study(
        tmp_path, {"a": [1.0] * 10}, claims=[claim(sides="a", metric="epochs", level=level)],
        epochs=epochs, base=budget, ended=ended,
    )  # fmt: skip
    [judged] = judge(results)
    assert (judged.verdict, judged.outcome.n) == ("supported", 7)
    assert judged.outcome.effect == pytest.approx(stats.gmean(epochs["a"][:7]))


def test_an_exact_count_needs_no_data(tmp_path):
    exact = {"of": {"x": 1}, "parameters": 4}
    table = verdicts(tmp_path, {"a": [1.0]}, [claim(sides="a", exact=exact)], edition="stand-in")
    assert table.verdict[0] == "supported"


def test_a_count_is_exact_or_not(tmp_path):
    of = {"of": {"x": 1}}
    claims = [
        claim(sides="a", exact={**of, "parameters": 4, "layers": [4]}, name="right"),
        claim(sides="a", exact={**of, "parameters": 5}, name="wrong"),
    ]
    table = verdicts(tmp_path, {"a": [1.0]}, claims)
    assert list(table.verdict) == ["supported", "refuted"]
    assert table.ours[0] == "4 = 4"


def test_a_side_that_always_fails_loses(tmp_path):
    values = {"a": BASE, "b": [None] * 8}
    table = verdicts(tmp_path, values, [claim("a", "b", name="x"), claim("b", "a", name="y")])
    assert list(table.verdict) == ["supported", "refuted"]
    assert table.effect.isna().all()
    assert list(table.p_holm) == [2 * 2 * 0.5**8] * 2
    assert "failed alone in 8 seeds" in table.why[0]


def test_a_failed_run_fails_its_side_in_that_seed(tmp_path):
    values = {"a": BASE, "b": BETTER, "c": [*BASE[:7], None]}
    row = verdicts(tmp_path, values, [claim("b", "ac")]).iloc[0]
    assert (row.test, row.n) == ("signed-rank", 8)
    assert "failed alone in 1 seed" in row.why


def test_one_failure_among_clear_wins_is_undecided(tmp_path):
    values = {"a": BASE, "b": [None, *BETTER[1:]]}
    row = verdicts(tmp_path, values, [claim("b", "a")]).iloc[0]
    assert (row.verdict, row.p) == ("undecided", 2 * 25 / 2**8)  # the rank of 8 against 28
    assert row.high > row.effect > 1
    assert np.isnan(row.low)  # one in eight: no number is surely below


def test_new_data_asks_for_more(tmp_path):
    """Nadeau and Bengio's variance is wider by the share of evaluated to training rows."""
    values = {"a": BASE, "b": [one * 0.95 * f for one, f in zip(BASE, NEAR, strict=True)]}
    claims = [claim("b", "a", name="x"), claim("b", "a", metric="epochs", name="e")]
    table = verdicts(tmp_path, values, claims[:1])
    logs = -np.log(0.95 * np.array(NEAR))
    t = logs.mean() / (logs.std(ddof=1) * np.sqrt(1 / 8 + 7 / 18))
    p = 2 * stats.t.sf(t, 7)
    assert table.new_data[0] == ("yes" if p < 0.05 else "no") == "no"
    assert table.verdict[0] == "supported"
    clear = verdicts(tmp_path / "clear", {"a": BASE, "b": [1.0] * 8}, claims[:1])
    assert clear.new_data[0] == "yes"


def test_a_stand_in_is_not_judged(tmp_path):
    table = verdicts(tmp_path, {"a": BASE, "b": BETTER}, [claim("b", "a")], edition="stand-in")
    row = table.iloc[0]
    assert row.verdict == "not judged"
    assert row.data == "stand-in"
    assert np.isnan([row.p, row.p_holm, row.fresh_seeds]).all()
    assert "stand-in" in row.why


@pytest.mark.parametrize("seeds", [1, 2, 5])
def test_few_seeds_decide_nothing(tmp_path, seeds):
    values = {"a": BASE[:seeds], "b": [0.1] * seeds}
    row = verdicts(tmp_path, values, [claim("b", "a")]).iloc[0]
    assert (row.verdict, row.n, row.test) == ("undecided", seeds, "none")
    assert np.isnan([row.p, row.p_holm]).all()
    assert "Fewer than 6 seeds" in row.why


def test_nothing_but_failures(tmp_path):
    row = verdicts(tmp_path, {"a": [None] * 6, "b": [None] * 6}, [claim("b", "a")]).iloc[0]
    assert (row.verdict, row.n) == ("undecided", 0)


def test_epochs_can_be_claimed_and_unknown_metrics_not(tmp_path):
    epochs = {"a": [30, 35, 33, 31, 36, 40], "b": [20, 22, 21, 23, 20, 21]}
    values = {"a": [0.1] * 6, "b": [0.1] * 6}
    claims = [
        claim("b", "a", metric="epochs"), claim("b", "a", metric="best_epoch", name="c2"),
        claim("b", "a", metric="valid_roughness", name="c3"),
    ]  # fmt: skip
    table = verdicts(tmp_path, values, claims, epochs=epochs)
    ratio = stats.gmean(epochs["a"]) / stats.gmean(epochs["b"])
    assert (table.effect[0], table.verdict[0]) == (pytest.approx(ratio), "supported")
    assert table.effect[1] == pytest.approx(ratio)  # the loss falls to the end
    assert table.verdict[2] == "refuted"  # a quicker fall changes more from epoch to epoch
    with pytest.raises(LabbookError, match=r"claim c1: metric 'valid_accuracy' .*valid_mse"):
        verdicts(tmp_path, values, [claim("b", "a", metric="valid_accuracy")])


def test_runs_that_did_not_reach_the_tolerance_are_not_dropped(tmp_path):
    budget = recipe(training={"batch": "all", "epochs": 50, "tolerance": 1e-3})
    epochs = {"a": [50] * 8, "b": [10, 12, 14, 16, 18, 20, 22, 24]}
    values = {"a": [1.0] * 8, "b": [1.0] * 8}
    results = make_study(
        tmp_path, values, claims=[claim("b", "a", metric="epochs")], epochs=epochs, base=budget,
        ended={"a": "budget used up", "b": "converged"},
    )  # fmt: skip
    judged = judge(results)[0]
    assert judged.outcome.test == "signed-rank"
    assert (judged.verdict, judged.outcome.p) == ("supported", 2 / 2**8)
    assert judged.outcome.low > 2
    assert "median above 50 epochs; 0 of 8 got there" in judged.outcome.ours


def test_only_what_was_reported_is_of_a_report():
    """A claim of one's own that is called H1 counted as a report's."""
    claims = [claim("a", "b", name=name) for name in ("C2-fewer", "M4", "mine")]
    assert [group(one) for one in claims] == ["C", "M", "reported"]
    assert group(replace(claims[0], reported=None)) == "own"


def test_no_claims_leave_a_header(tmp_path):
    assert len(verdicts(tmp_path, {"a": [1.0]}, [])) == 0


def test_verdicts_on_noise_are_rarely_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr("gc.collect", lambda: 0)  # statsmodels does so each time, which is slow
    draw = np.random.default_rng(5)
    wrong = 0
    results = make_study(tmp_path, {"a": [1.0] * 6, "b": [1.0] * 6, "c": [1.0] * 6}, claims=[
        claim("a", "b", name="x"), claim("b", "c", name="y"),
    ])  # fmt: skip
    for _ in range(200):
        for record in results.records.values():
            record.metrics["valid_mse"] = draw.lognormal()
        wrong += any(one.verdict != "undecided" for one in judge(results))
    assert wrong <= 0.05 * 200 + 2 * np.sqrt(200 * 0.05 * 0.95)


EVERY_FORM = [
    claim("b", "a", name="compare"),
    claim("b", "a", name="least", at_least=0.1),
    claim("b", "a", name="alike", alike=[{"x": 1}, {"x": 2}]),
    claim(sides="abca", name="gain", more_than={"better": {"x": 1}, "than": {"x": 2}}),
    claim(sides="bac", name="order", order=[{"x": 1}, {"x": 2}, {"x": 3}]),
    claim(sides="a", name="level", level={"of": {"x": 1}, "below": 1000}),
    claim(sides="a", name="share", share={"of": {"x": 1}, "ended": "diverged", "below": 0.7}),
]


def of_target(tmp_path, target, factor=1.0, claims=EVERY_FORM):
    """Verdicts and comparisons of runs that differ clearly, on data with this target."""
    values = {"a": BASE, "b": BETTER, "c": [9 * one for one in BASE]}
    values = {label: [factor * one for one in runs] for label, runs in values.items()}
    prepared = FakePrepared()
    prepared.target = np.asarray(target, dtype=float)
    results = make_study(tmp_path / "runs", values, claims=claims, prepared=prepared)
    write_verdicts(results, tmp_path / "t.csv")
    write_comparisons(results, tmp_path / "c.csv")
    return [pandas.read_csv(tmp_path / f"{name}.csv", keep_default_na=False) for name in "tc"]


@pytest.mark.parametrize("value", [14.62, 0.0, -3e8])
def test_nothing_is_decided_about_a_target_that_does_not_vary(tmp_path, value):
    table, compared = of_target(tmp_path, np.full(ROWS, value))
    assert set(table.verdict) == {"undecided"}
    assert set(table.kind) == {""}
    assert table.why.str.startswith("cases.2 does not vary in the training part of any seed").all()
    assert set(table.p) == set(table.p_holm) == set(table.fresh_seeds) == {""}
    assert not (table.ours + table.why).str.contains("p = |p < |holds|better geometric").any()
    assert set(compared.direction) == {"unclear"}
    assert set(compared.p) == {""}


def test_what_is_counted_is_counted_whatever_the_target(tmp_path):
    one = claim(sides="a", exact={"of": {"x": 1}, "parameters": 4})
    assert list(of_target(tmp_path, np.full(ROWS, 14.62), claims=[one])[0].verdict) == ["supported"]


def test_a_target_with_one_exception_is_judged(tmp_path):
    table, compared = of_target(tmp_path, np.arange(ROWS) == 3)
    assert table.verdict[0] == "supported"
    assert set(compared.direction) == {"better", "worse"}


def test_errors_of_rounding_are_not_compared(tmp_path):
    """A mean squared error of 1e-30 of a target around 10 is the arithmetic's."""
    table, _ = of_target(tmp_path, np.arange(ROWS), factor=1e-30)
    said = dict(zip(table.id, table.verdict, strict=True))
    assert {said.pop(name) for name in ("level", "share")} == {"supported"}
    assert set(said.values()) == {"undecided"}
    assert "could come from rounding alone" in table.why[0]


def test_a_perfect_fit_beats_what_always_fails(tmp_path):
    values = {"a": [1e-30] * 8, "b": [None] * 8}
    [one] = judge(make_study(tmp_path, values, claims=[claim("a", "b")]))
    assert one.verdict == "supported"


def test_an_undecided_likeness_shows_the_p_of_being_alike():
    """That of a difference beyond the margin was shown: 1.00 beside an interval hardly too wide."""
    noise = np.random.default_rng(1).normal(0, 0.08, 8)
    values = {"a": BASE, "b": (BASE * np.exp(noise - noise.mean())).tolist()}
    alike = claim("b", "a", alike=[{"x": 1}, {"x": 2}])
    [one] = judge(made_results(values, claims=[alike]))
    assert one.verdict == "undecided"
    assert one.p == one.outcome.p_alike
    assert one.p < 0.5


def test_another_count_is_not_the_opposite():
    one = claim(sides="a", exact={"of": {"x": 1}, "parameters": 5})
    [judged] = judge(made_results({"a": BASE}, claims=[one]))
    assert (judged.verdict, judged.kind) == ("refuted", OTHER_NUMBER)
