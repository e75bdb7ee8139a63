"""Verdicts by the rule of labbook.evaluate.claims.judge: what runs gave, what is claimed, what comes."""

from dataclasses import replace

import numpy as np
import pandas
import pytest
from scipy import stats

from labbook.errors import LabbookError
from labbook.evaluate.claims.judge import COLUMNS, group, judge, write_verdicts
from labbook.evaluate.claims.reasons import why
from labbook.evaluate.claims.sides import Side
from labbook.evaluate.tables import write_comparisons
from labbook.training.runfile import DIVERGED, DIVERGED_LATER, STOPPED
from labbook.verdicts import (
    ALIKE,
    AS_CLAIMED,
    OPPOSITE,
    OTHER_CONDITIONS,
    OTHER_NUMBER,
    SAME,
    SIZE_UNCLEAR,
    WEAKER,
)
from tests.made_study import ROWS, FakePrepared, claim, judged, made_results, recipe

YES, NO, OPEN = "supported", "refuted", "undecided"
N = 12
LOST = [None] * N
BASE = np.exp(np.random.default_rng(12).normal(1.6, 0.3, N)).tolist()
PLACES = [{"x": 1}, {"x": 2}, {"x": 3}]
OF = {"of": {"x": 1}}
MORE = {"better": {"x": 1}, "than": {"x": 2}}
GOAL = recipe(training={"batch": "all", "epochs": 5000, "tolerance": 1e-3})


def near(factor, spread=0.03, seed=0):
    """Errors by seed whose ratio to those of BASE is `factor` in the mean."""
    noise = np.random.default_rng(seed).normal(0, spread, N)
    return (np.array(BASE) * factor * np.exp(noise - noise.mean())).tolist()


def failing(values, *seeds):
    return [None if seed in seeds else value for seed, value in enumerate(values)]


def alike(first="a", second="b", **options):
    return claim(first, second, alike=PLACES[:2], **options)


def gain(sides="abcd", **options):
    return claim(sides=sides, more_than=MORE, **options)


def level(sides="a", metric="valid_mse", name="c1", **block):
    return claim(sides=sides, metric=metric, name=name, level=OF | block)


def share(sides="a", ended="diverged", name="c1", **block):
    return claim(sides=sides, name=name, share=OF | {"ended": ended} | block)


def ab(a, b, seeds=N, **others):
    return {label: runs[:seeds] for label, runs in {"a": a, "b": b, **others}.items()}


def case(name, values, asked, verdict, kind=None, *, said="", options=None, **facts):
    """A row of the table; `facts` are attributes of the judgement or its outcome."""
    return pytest.param(values, asked, verdict, kind, said, options or {}, facts, id=name)


def ratio(values, first="a", second="b"):
    return pytest.approx(stats.gmean(values[second]) / stats.gmean(values[first]))


CLEAR, TINY = ab(BASE, near(0.78)), ab(BASE, near(1, 0.001))
LOGS = np.log(np.array(CLEAR["a"]) / np.array(CLEAR["b"]))
ACCURATE = {"task": "classification", "metric": "valid_accuracy"}
TIMED = {"base": GOAL, "epochs": {"a": [300, 310, 290, 305, 295, 300, 302] + [5000] * 3},
         "ended": {"a": ["converged"] * 7 + ["budget used up"] * 3}}  # fmt: skip
TWO_SIDES = [
    case("better", CLEAR, claim("b", "a"), YES, AS_CLAIMED, effect=ratio(CLEAR, "b", "a"),
         p=pytest.approx(stats.ttest_1samp(LOGS, 0).pvalue)),
    case("worse", CLEAR, claim("a", "b"), NO, OPPOSITE, effect=ratio(CLEAR)),
    case("noise", ab(BASE, near(0.98, 0.5)), claim("b", "a"), OPEN, "", said="not even 200 fresh"),
    case("just beyond the margin", ab(BASE, near(1.055, 0.02)), claim("a", "b"), YES, SIZE_UNCLEAR),
    case("nothing", ab(BASE, near(1, 0.02)), claim("a", "b"), NO, ALIKE, margin=1.05,
         said="within ×1.05, which is no relevant difference"),
    case("a margin of its own", TINY, claim("a", "b", margin=1e-5), OPEN, margin=1 + 1e-5),
    case("alike", TINY, alike(), YES, AS_CLAIMED),
    case("not alike", ab(BASE, near(0.5)), alike(), NO, OPPOSITE),
    case("alike, undecided", ab(BASE, near(1, 0.2)), alike(), OPEN, p=pytest.approx(0.2, abs=0.15)),
    case("far above a bound", ab(BASE, near(1.7)), claim("a", "b", at_least=0.5), YES, AS_CLAIMED,
         p=pytest.approx(stats.ttest_1samp(np.log(np.array(near(1.7)) / BASE), np.log(1.5)).pvalue)),
    case("short of a bound", ab(BASE, near(1.088)), claim("a", "b", at_least=0.5), NO, WEAKER,
         said="claimed is at least ×1.5"),
    case("no effect for a bound", ab(BASE, near(1)), claim("a", "b", at_least=0.5), NO, WEAKER),
    case("against a bound", ab(BASE, near(0.8)), claim("a", "b", at_least=0.5), NO, OPPOSITE),
    case("a bound below the margin", ab(BASE, near(1.04, 0.02)), claim("a", "b", at_least=0.01),
         YES, AS_CLAIMED),
    case("the same numbers", ab(BASE, BASE), claim("a", "b"), NO, SAME),
    case("the same, alike", ab(BASE, BASE), alike(), YES, SAME),
    case("the same, few", ab(BASE, BASE, 5), claim("a", "b"), OPEN, SAME),
    case("the same for a bound", ab(BASE, BASE), claim("a", "b", at_least=0.2), NO, SAME),
    case("sides of several are never the same", ab(BASE, BASE, c=BASE), claim("a", "bc"), NO, ALIKE),
    case("other conditions, said of what was shown", CLEAR,
         claim("b", "a", conditions="three epochs, not twenty."), YES, OTHER_CONDITIONS,
         shown=AS_CLAIMED, said="Not the source's conditions: three epochs, not twenty."),
    case("other conditions change no verdict", CLEAR, claim("a", "b", conditions="Another."), NO,
         OTHER_CONDITIONS, shown=OPPOSITE),
    case("means per seed", ab([0.5] * 6, [0.9, 0.8, 0.9, 0.8, 0.9, 0.8], c=[0.95] * 6),
         claim("c", "ab", metric="valid_r2"), YES, n=6, scale="difference",
         effect=pytest.approx(0.275)),
    case("a gain", ab(BASE, near(0.78), c=BASE, d=near(0.99, 0.01)), gain("badc"), YES, AS_CLAIMED,
         effect=pytest.approx(0.99 / 0.78), said="the gain in validation MSE that is claimed larger"),
    case("gains equal but for rounding", ab(near(0.8), BASE, c=[3 * v for v in near(0.8)],
         d=[3 * v for v in BASE]), gain(), NO, test="sign", p=pytest.approx(0.5**N), effect=1),
    case("few rows all right are not alike for that", ab([1.0] * 8, [1.0] * 8),
         alike(metric="valid_accuracy"), OPEN, options=ACCURATE),
    case("a stand-in", CLEAR, claim("b", "a"), "not judged", "", said="but a stand-in for them",
         options={"edition": "stand-in"}),
    case("a stand-in under other conditions", CLEAR, claim("b", "a", conditions="Others."),
         "not judged", "", options={"edition": "stand-in"}),
    *(case(f"{n} seeds", ab(BASE, [0.1] * N, n), claim("b", "a"), OPEN, "", n=n, test="none",
           said="Fewer than 6 seeds with a result") for n in (1, 2, 5)),
    case("epochs", ab([0.1] * 6, [0.1] * 6), claim("b", "a", metric="epochs"), YES,
         effect=pytest.approx(stats.gmean([30, 35, 33, 31, 36, 40]) / stats.gmean([20, 22, 21, 23, 20, 21])),
         options={"epochs": {"a": [30, 35, 33, 31, 36, 40], "b": [20, 22, 21, 23, 20, 21]}}),
]  # fmt: skip
FAILED = ab(BASE, failing(near(0.8), 5))
FAILURES = [
    case("always on one side", ab(BASE, LOST), claim("a", "b"), YES, p=2 / 2**N,
         said="failed alone in 12 seeds"),
    case("always on the side claimed better", ab(BASE, LOST), claim("b", "a"), NO, OPPOSITE),
    case("always on both", ab(LOST, LOST), claim("b", "a"), OPEN, "", n=0, said="No seed has a result"),
    case("a perfect fit beats it", ab([1e-30] * 8, [None] * 8), claim("a", "b"), YES),
    case("one keeps effect and interval", FAILED, claim("b", "a"), YES, n=N, test="signed-rank",
         effect=pytest.approx(1.25, rel=0.03), said="over the 11 of 12 that ended"),
    case("one of eight is undecided", ab(BASE, failing(near(0.7), 0), 8), claim("b", "a"), OPEN,
         p=2 * 25 / 2**8),
    case("one of a side fails it in that seed", ab(BASE, near(0.7), c=failing(BASE, 7)),
         claim("b", "ac"), YES, n=N, test="signed-rank", said="failed alone in 1 seed"),
    case("always: not alike", ab(BASE, LOST), alike(), NO, OPPOSITE),
    case("once: alike", ab(BASE, failing(near(1, 0.001), 3)), alike(), YES, test="signed-rank"),
    case("once of eight: not enough to be alike", ab(BASE, failing(near(1, 0.001), 3), 8), alike(),
         OPEN, fresh_seeds=pytest.approx(30, abs=10)),
    case("mostly: not alike", ab(BASE, failing(near(1, 0.001), *range(10))), alike(), NO),
    case("a bound is judged", ab(BASE, failing(near(2), 0)), claim("a", "b", at_least=0.5), YES,
         p=pytest.approx(stats.wilcoxon([9, *np.log(np.array(near(2)) / BASE / 1.5)[1:]]).pvalue)),
    case("a bound is missed", ab(BASE, failing(near(2), 0)), claim("a", "b", at_least=1.5), NO),
    case("gains count for the side that keeps going", ab(BASE, LOST, c=near(0.8), d=BASE), gain(),
         YES, p=2 / 2**N, said="decided in 12 seeds"),
    case("gains, reversed", ab(BASE, LOST, c=near(0.8), d=BASE), gain("bacd"), NO),
    case("gains, of the others", ab(BASE, LOST, c=near(0.8), d=BASE), gain("cdab"), NO),
    case("gains with one failed run", ab(BASE, failing(near(1.5), 1), c=near(1, seed=1), d=near(1.1, seed=2)),
         gain(), YES, test="signed-rank", effect=pytest.approx(1.5 / 1.1, rel=0.05)),
    case("a gain is not won by one that diverges", ab(BASE, near(1), c=near(1, seed=1), d=LOST, e=near(1, seed=2)),
         gain(("a", "bd", "c", "e"), margin=1e-6), OPEN),
    # Of the others b is as good or better; c diverges always.
    case("nobody wins for one of the others", ab(BASE, near(1), c=LOST), claim("a", "bc"), OPEN, n=N),
    case("nor though it is worse", ab(BASE, near(0.9), c=LOST), claim("a", "bc"), OPEN, p=1,
         favours=0, fresh_seeds=np.inf, said="not all point the same way"),
    case("who beats each of them wins", ab(BASE, near(1.2), c=LOST), claim("a", "bc"), YES,
         said="these numbers are of a against c, the least sure of the parts"),
    case("who loses to each loses", ab(BASE, near(0.7), c=failing(near(0.7, seed=1), 2)),
         claim("a", "bc"), NO, OPPOSITE, effect=pytest.approx(0.7, rel=0.05)),
    case("each part of the first side has to win", ab(BASE, near(0.7), c=failing(near(0.7, seed=1), 2)),
         claim("bc", "a"), YES),
    case("one part that loses", ab(BASE, near(0.7), c=failing(near(1.3, seed=1), 2)),
         claim("bc", "a"), OPEN),
    case("effect and bound are of the same part", ab(BASE, near(1.53, 0.06), c=failing(near(4, 0.9), 3)),
         claim("a", "bc", at_least=0.5), OPEN, effect=pytest.approx(1.53, rel=0.05),
         said="these numbers are of a against b"),
    case("the size of another part is unclear", ab(BASE, near(1.02, 0.002), c=failing(near(9, 0.9), 3)),
         claim("a", "bc"), YES, SIZE_UNCLEAR, said="that of another part reaches below ×1.05"),
    case("the size of every part is clear", ab(BASE, near(1.3, 0.002), c=failing(near(9, 0.9), 3)),
         claim("a", "bc"), YES, AS_CLAIMED),
]  # fmt: skip
COUNTED = [
    case("few diverge", {"a": [1.0] * 10 + [None] * 2}, share(below=0.6), YES, test="binomial",
         p=pytest.approx(stats.binomtest(2, 12, 0.6).pvalue), ours="2 of 12 runs diverged",
         effect=pytest.approx(1 / 6)),
    case("not many do", {"a": [1.0] * 10 + [None] * 2}, share(above=0.6), NO),
    case("so few are undecided", {"a": [1.0] * 10 + [None] * 2}, share(below=0.3), OPEN,
         fresh_seeds=pytest.approx(100, abs=99)),
    case("diverged later, too", {"a": [None, *[1.0] * 7]}, share(above=0.5), OPEN,
         ours="3 of 8 runs diverged, 2 of them after their best epoch",
         options={"ended": {"a": [DIVERGED, *[DIVERGED_LATER] * 2, *[STOPPED] * 5]}}),
    # Ten combinations of one seed were ten trials.
    *(case(f"of {n} seeds", dict.fromkeys("abcdefghij", [None] * n), share(["abcdefghij"], above=0.5),
           OPEN, n=n, test="none") for n in range(1, 6)),
    # All 18 runs of six seeds fail: a share of 0.9 would do so in half of the cases.
    case("equal shares near the bound", dict.fromkeys("abc", [None] * 6), share(["abc"], above=0.9), OPEN),
    case("equal shares", dict.fromkeys("abc", [None] * 6), share(["abc"], above=0.5), YES),
    case("equal shares against", dict.fromkeys("abc", [None] * 6), share(["abc"], below=0.5), NO,
         low=pytest.approx(0.025 ** (1 / 6))),
    case("never, near the bound", dict.fromkeys("abc", [1.0] * 6), share(["abc"], below=0.1), OPEN),
    case("never", dict.fromkeys("abc", [1.0] * 6), share(["abc"], below=0.5), YES),
    case("a level above", {"a": BASE}, level(above=2), YES, effect=pytest.approx(stats.gmean(BASE)),
         p=pytest.approx(stats.ttest_1samp(np.log(BASE), np.log(2)).pvalue)),
    case("a level below", {"a": BASE}, level(below=2), NO),
    case("near the level", {"a": BASE}, level(above=4.9), OPEN),
    case("between", {"a": BASE}, level(above=2, below=11), YES, p=pytest.approx(max(
        stats.ttest_1samp(np.log(BASE), np.log(2), alternative="greater").pvalue,
        stats.ttest_1samp(np.log(BASE), np.log(11), alternative="less").pvalue))),
    case("not between", {"a": BASE}, level(above=11, below=12), NO),
    case("failed runs keep no level", {"a": [*BASE, *LOST]}, level(below=100), OPEN, n=2 * N,
         test="sign", said="12 of 24 failed"),
    case("a level among those that ended", {"a": [*BASE, *LOST]},
         level(below=100, among="stopped early"), YES, n=N),
    case("epochs that were too many", {"a": [1.0] * 10}, level(metric="epochs", below=1000), OPEN,
         test="sign", p=pytest.approx(stats.binomtest(7, 10).pvalue), options=TIMED),
    case("epochs of those that got there", {"a": [1.0] * 10},
         level(metric="epochs", below=1000, among="converged"), YES, n=7, options=TIMED,
         effect=pytest.approx(stats.gmean([300, 310, 290, 305, 295, 300, 302]))),
    # Whether the others would have got there before 9,000 epochs nobody knows.
    case("a bound beyond the budget", {"a": [1.0] * 10}, level(metric="epochs", below=9000), OPEN,
         said="how long it would have taken is not known", options=TIMED),
    # Seven validation rows in each of eight seeds, all right.
    case("few rows say little", {"a": [1.0] * 8}, level(metric="valid_accuracy", above=0.99), OPEN,
         options=ACCURATE),
    case("few rows say enough", {"a": [1.0] * 8}, level(metric="valid_accuracy", above=0.9), YES,
         options=ACCURATE),
    case("an exact count, whatever the data", {"a": [1.0]},
         claim(sides="a", exact=OF | {"parameters": 4, "layers": [4]}), YES, ours="4 = 4",
         options={"edition": "stand-in"}),
    case("another count", {"a": [1.0]}, claim(sides="a", exact=OF | {"parameters": 5}), NO, OTHER_NUMBER),
]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "asked", "verdict", "kind", "said", "options", "facts"),
    [*TWO_SIDES, *FAILURES, *COUNTED],
)
def test_verdicts(values, asked, verdict, kind, said, options, facts):
    [one] = judged(values, asked, **options)
    assert (one.verdict, one.kind) == (verdict, one.kind if kind is None else kind)
    for name, expected in facts.items():
        assert getattr(one, name, getattr(one.outcome, name, None)) == expected, name
    assert said in f"{why(one)} {one.outcome.ours}"


def test_the_table_of_a_study(tmp_path):
    claims = [claim("b", "a", name="c1"), claim("a", "b", name="c2"), claim("n", "a", name="c3")]
    values = CLEAR | {"n": near(0.98, 0.5)}
    write_verdicts(made_results(values, claims=claims), tmp_path / "t.csv")
    table = pandas.read_csv(tmp_path / "t.csv")
    assert list(table) == list(COLUMNS)
    assert list(table.verdict) == [YES, NO, OPEN]
    assert table.effect[1] == pytest.approx(1 / table.effect[0])
    assert (table.low[1], table.high[1]) == pytest.approx((1 / table.high[0], 1 / table.low[0]))
    assert (table.p_holm >= table.p).all()
    assert table.p_holm[0] > table.p[0]
    assert table.fresh_seeds.isna().all()  # more than 200, which is not asked for
    assert set(table.data) == {"real"}
    write_verdicts(made_results(values), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_unknown_metrics_are_refused_by_name():
    with pytest.raises(LabbookError, match=r"claim c1: metric 'valid_accuracy' .*valid_mse"):
        judged(CLEAR, claim("b", "a", metric="valid_accuracy"))


def test_only_what_was_reported_is_of_a_report():
    """A claim of one's own that is called H1 counted as a report's."""
    claims = [claim("a", "b", name=name) for name in ("C2-fewer", "M4", "fast")]
    assert [group(one) for one in claims] == ["C", "M", "reported"]
    assert group(replace(claims[0], reported=None)) == "own"


def test_runs_that_learnt_nothing_are_neither_smooth_nor_rough():
    """Of eight layers many stay at the loss of a constant: that is no smooth training."""
    results = made_results(ab(BASE, BASE, 8), claims=[claim("b", "a", metric="valid_roughness")])
    draw = np.random.default_rng(4)
    for (label, seed), record in results.records.items():
        start, end = (2.0, 0.05) if label == "a" or seed < 3 else (3.0, 2.9)  # a constant has 2
        rough = np.geomspace(start, end, 40) * np.exp(draw.normal(0, 0.05, 40))
        record.curves.update(train_loss=rough, valid_loss=rough)
    [one] = judge(results)
    assert (one.verdict, one.outcome.n, one.outcome.test) == (OPEN, 3, "none")
    assert one.outcome.compared.failed_first == 0
    assert np.isfinite(results.values("b", "valid_roughness")).sum() == 3
    assert np.isfinite(results.values("b", "last_valid_loss")).all()


def test_new_data_asks_for_more():
    """Nadeau and Bengio's variance is wider by the share of evaluated to training rows."""
    values = ab(BASE, near(0.95, 0.05), 8)
    logs = np.log(np.array(values["a"]) / np.array(values["b"]))
    t = logs.mean() / (logs.std(ddof=1) * np.sqrt(1 / 8 + 7 / 18))
    [one] = judged(values, claim("b", "a"))
    assert one.verdict == YES
    assert one.outcome.p_new == pytest.approx(2 * stats.t.sf(t, 7))
    assert one.new_data == ("yes" if one.outcome.p_new < 0.05 else "no") == "no"
    assert judged(ab(BASE, [0.1] * N), claim("b", "a"))[0].new_data == "yes"
    assert np.isnan(judged(FAILED, claim("b", "a"))[0].outcome.p_new)


def test_one_metric_that_agrees_is_not_sameness():
    """All read each training digit right, by different weights."""
    results = made_results(ab([1.0] * 8, [1.0] * 8), claims=[claim("a", "b")])
    for (label, _), record in results.records.items():
        record.metrics["test_mse"] = 2.0 if label == "a" else 3.0
    assert judge(results)[0].kind == ALIKE


def test_parts_of_a_side():
    values = {"a": [1.0] * 6, "b": [4.0] * 6, "c": [2.0] * 5 + [None], "d": [3.0] * 5 + [None]}
    results = made_results(values)
    for labels, parts in (("ab", ["ab"]), ("abc", ["ab", "c"]), ("cd", ["cd"]), ("acd", [*"acd"])):
        side = Side(results, "valid_mse", tuple(labels))
        assert ["".join(part.labels) for part in side.parts()] == parts
        assert ("over the 5 of 6 that ended" in side.text()) == (labels != "ab")


BETTER_ONES = [
    # values, the claim, what is said, what is not
    (ab(BASE, near(3), c=near(0.9), d=near(3)), claim("a", "bcd"),
     "Of the 3 combinations compared with it 1 has a better geometric mean than the side claimed "
     f"better ({stats.gmean(BASE):.2f}): c ({0.9 * stats.gmean(BASE):.2f}).", "over the"),
    (ab(BASE, near(3), c=near(1.1), d=near(3)), claim("a", "bcd"), "", "better geometric mean"),
    (ab(BASE, near(0.9), c=near(0.5), d=near(0.8), e=near(0.7), f=near(3)), claim("a", "bcdef"),
     f"4 have a better geometric mean than the side claimed better ({stats.gmean(BASE):.2f}): c (", "f ("),
    (ab(BASE, near(0.9), c=near(0.5), d=near(0.8), e=near(0.7), f=near(3)), claim("a", "bcdef"),
     "and 1 other.", "b ("),
    (ab(BASE, near(4), c=near(0.9), d=near(5)), claim(sides=["a", "bc", "d"], order=PLACES),
     "1 has a better geometric mean than a (", "d ("),
    # c ended in one seed of twelve, and best there; b failed as often as a, and says so.
    (ab(failing(BASE, 0), failing(near(0.8), 1), c=failing(near(0.01), *range(1, N))), claim("a", "bc"),
     "over the 11 of 12 that ended): b (", ": c ("),
]  # fmt: skip


@pytest.mark.parametrize(("values", "asked", "said", "unsaid"), BETTER_ONES)
def test_what_is_better_than_the_side_claimed_better_is_named(values, asked, said, unsaid):
    [one] = judged(values, asked)
    assert said in why(one)
    assert unsaid not in one.outcome.exceptions


def test_rare_failures_are_not_missed_and_seeds_share_their_luck():
    """The truth lies at the bound; seeds fail as a whole in three combinations."""
    draw = np.random.default_rng(4)
    for chance in (0.5, 0.8):
        lost = draw.random((150, 8)) < chance
        runs = [np.where(one, None, 1.0).tolist() for one in lost]
        wrong = [
            judged(dict.fromkeys("abc", one), share(["abc"], above=chance))[0].verdict != OPEN
            for one in runs
        ]
        assert sum(wrong) <= 150 * 0.05 + 2 * np.sqrt(150 * 0.05 * 0.95)


@pytest.mark.parametrize(("n", "lost", "of"), [(6, 1, 2), (8, 1, 4), (20, 3, 4)])
def test_equal_shares_have_an_interval_that_agrees_with_their_test(n, lost, of):
    """Two of four runs failed in each seed: the interval was 0.5 to 0.5."""
    values = {label: [None if i < lost else 1.0] * n for i, label in enumerate("abcd"[:of])}
    sides = ["abcd"[:of]]
    outcome = judged(values, share(sides, above=0.5))[0].outcome
    assert outcome.low < outcome.effect == lost / of < outcome.high
    for end, way, step in ((outcome.low, "above", 0.01), (outcome.high, "below", -0.01)):
        inside, outside = (
            judged(values, share(sides, **{way: end + sign * step}))[0].p for sign in (1, -1)
        )
        assert inside > 0.05 > outside


def of_target(tmp_path, target, factor=1.0, claims=()):
    """Verdicts and comparisons of runs that differ clearly, on data with this target."""
    values = {label: [factor * one for one in runs] for label, runs in
              ab(BASE, near(0.7), c=near(9)).items()}  # fmt: skip
    every_form = [
        claim("b", "a", name="better"), claim("b", "a", name="least", at_least=0.1),
        alike("b", "a", name="alike"), gain("abca", name="gain"),
        claim(sides="bac", name="order", order=PLACES), level(name="level", below=1000),
        share(name="share", below=0.7),
    ]  # fmt: skip
    prepared = FakePrepared()
    prepared.target = np.asarray(target, dtype=float)
    results = made_results(values, claims=claims or every_form, prepared=prepared)
    write_verdicts(results, tmp_path / "t.csv")
    write_comparisons(results, tmp_path / "c.csv")
    return [pandas.read_csv(tmp_path / f"{name}.csv", keep_default_na=False) for name in "tc"]


@pytest.mark.parametrize("value", [14.62, 0.0, -3e8])
def test_nothing_is_decided_about_a_target_that_does_not_vary(tmp_path, value):
    table, compared = of_target(tmp_path, np.full(ROWS, value))
    assert set(table.verdict) == {OPEN}
    assert set(table.kind) == {""}
    assert table.why.str.startswith("cases.2 does not vary in the training part of any seed").all()
    assert set(table.p) == set(table.p_holm) == set(table.fresh_seeds) == {""}
    assert not (table.ours + table.why).str.contains("p = |p < |holds|better geometric").any()
    assert (set(compared.direction), set(compared.p)) == ({"unclear"}, {""})
    exact = claim(sides="a", exact=OF | {"parameters": 4})
    assert of_target(tmp_path, np.full(ROWS, value), claims=[exact])[0].verdict[0] == YES


def test_a_target_with_one_exception_is_judged(tmp_path):
    table, compared = of_target(tmp_path, np.arange(ROWS) == 3)
    assert table.verdict[0] == YES
    assert set(compared.direction) == {"better", "worse"}


def test_errors_of_rounding_are_not_compared(tmp_path):
    """A mean squared error of 1e-30 of a target around 10 is the arithmetic's."""
    table, _ = of_target(tmp_path, np.arange(ROWS), factor=1e-30)
    verdicts = dict(zip(table.id, table.verdict, strict=True))
    assert {verdicts.pop(name) for name in ("level", "share")} == {YES}
    assert set(verdicts.values()) == {OPEN}
    assert "could come from rounding alone" in table.why[0]
