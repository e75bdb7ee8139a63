"""Claims about differences on made results: failed runs, sides of several combinations, bounds."""

import numpy as np
import pandas
import pytest
from scipy import stats

from labbook.evaluate.claims.judge import judge, write_verdicts
from labbook.evaluate.claims.sides import side_parts, side_text
from labbook.evaluate.tables import write_comparisons
from tests.made_study import claim, make_study

pytestmark = pytest.mark.thorough

DRAW = np.random.default_rng(12)
N = 12
BASE = np.exp(DRAW.normal(1.6, 0.3, N))
ALIKE = [{"x": 1}, {"x": 2}]


def near(factor, spread=0.03):
    """Errors by seed around `factor` times those of BASE."""
    return (BASE * factor * np.exp(DRAW.normal(0, spread, N))).tolist()


def failing(values, *seeds):
    return [None if seed in seeds else value for seed, value in enumerate(values)]


def verdict(tmp_path, values, one):
    [judged] = judge(make_study(tmp_path, values, claims=[one]))
    return judged


def test_one_failed_run_does_not_refute_that_two_are_alike(tmp_path):
    values = {"a": BASE.tolist(), "b": failing(near(1, 0.001), 3)}
    judged = verdict(tmp_path / "12", values, claim("a", "b", alike=ALIKE))
    assert (judged.verdict, judged.outcome.test) == ("supported", "signed-rank")
    assert judged.outcome.compared.failed_second == 1
    few = {label: one[:8] for label, one in values.items()}
    judged = verdict(tmp_path / "8", few, claim("a", "b", alike=ALIKE))
    assert judged.verdict == "undecided"
    assert 20 < judged.fresh_seeds < 40  # one in eight fails: of 24 seeds three


def test_runs_that_mostly_fail_refute_that_two_are_alike(tmp_path):
    values = {"a": BASE.tolist(), "b": failing(near(1, 0.001), *range(10))}
    assert verdict(tmp_path, values, claim("a", "b", alike=ALIKE)).verdict == "refuted"


def test_one_failed_run_keeps_effect_and_interval(tmp_path):
    a, b = BASE.tolist(), near(0.8)
    whole = verdict(tmp_path / "whole", {"a": a, "b": b}, claim("b", "a")).outcome
    judged = verdict(tmp_path / "failed", {"a": a, "b": failing(b, 5)}, claim("b", "a"))
    found = judged.outcome
    assert judged.verdict == "supported"
    assert found.effect == pytest.approx(whole.effect, rel=0.02)
    assert 1.05 < found.low < found.effect < found.high
    assert found.n == N
    assert "over the 11 of 12 that ended" in found.ours
    assert np.isnan(found.p_new)


def test_at_least_is_judged_though_a_run_failed(tmp_path):
    values = {"a": near(2), "b": BASE.tolist(), "c": failing(near(2), 0)}
    claims = [
        claim("b", "c", name=f"l{name}", at_least=least)
        for name, least in (("fifty", 0.5), ("one-fifty", 1.5))
    ]
    results = make_study(tmp_path, values, claims=claims)
    half, more = judge(results)
    assert (half.verdict, more.verdict) == ("supported", "refuted")
    logs = np.log(np.array(values["c"], dtype=float)) - np.log(BASE)
    far = np.where(np.isnan(logs), 9, logs - np.log(1.5))
    assert half.outcome.p == pytest.approx(stats.wilcoxon(far).pvalue)
    assert half.outcome.effect == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("of", [0.97, 1.0, 1.2])
def test_nobody_wins_because_one_of_the_others_diverges(tmp_path, of):
    """Of the others b is as good or better; c diverges always."""
    values = {"a": BASE.tolist(), "b": near(of), "c": [None] * N}
    judged = verdict(tmp_path, values, claim("a", "bc"))
    assert judged.verdict == ("supported" if of > 1 else "undecided")
    assert judged.outcome.n == N
    if of < 1:
        assert (judged.outcome.p, judged.outcome.favours) == (1, 0)
        assert judged.fresh_seeds == np.inf


def test_who_loses_to_all_of_the_others_is_refuted_though_one_of_them_failed(tmp_path):
    values = {"a": BASE.tolist(), "b": near(0.7), "c": failing(near(0.7), 2)}
    judged = verdict(tmp_path, values, claim("a", "bc"))
    assert (judged.verdict, judged.kind) == ("refuted", "opposite")
    assert judged.outcome.effect == pytest.approx(0.7, rel=0.05)


def test_a_first_side_that_partly_fails_has_to_win_with_each_part(tmp_path):
    values = {"a": BASE.tolist(), "b": near(0.7), "c": failing(near(0.7), 2)}
    assert verdict(tmp_path / "1", values, claim("bc", "a")).verdict == "supported"
    values["c"] = failing(near(1.3), 2)
    assert verdict(tmp_path / "2", values, claim("bc", "a")).verdict == "undecided"


def test_parts_of_a_side(tmp_path):
    values = {
        "a": [1.0] * 6, "b": [4.0] * 6, "c": [2.0] * 5 + [None], "d": [3.0] * 5 + [None],
    }  # fmt: skip
    results = make_study(tmp_path, values)

    def parts(side):
        return ["".join(one) for one in side_parts(results, "valid_mse", side)]

    assert parts("ab") == ["ab"]
    assert parts("abc") == ["ab", "c"]
    assert parts("cd") == ["cd"]
    assert parts("acd") == ["a", "c", "d"]
    assert "over the 5 of 6 that ended" in side_text(results, "valid_mse", "ac")
    assert "over" not in side_text(results, "valid_mse", "ab")


def test_an_interaction_with_a_failed_run(tmp_path):
    """a beats b by half, c beats d by a tenth; one run of b failed."""
    values = {"a": BASE.tolist(), "b": failing(near(1.5), 1), "c": near(1.0), "d": near(1.1)}
    more = {"better": {"x": 1}, "than": {"x": 2}}
    judged = verdict(tmp_path / "1", values, claim(sides="abcd", more_than=more))
    assert (judged.verdict, judged.outcome.test) == ("supported", "signed-rank")
    assert judged.outcome.effect == pytest.approx(1.5 / 1.1, rel=0.05)
    assert "decided in 1 seed" in judged_why(tmp_path / "2", values, more)


def judged_why(tmp_path, values, more):
    one = claim(sides="abcd", more_than=more)
    write_verdicts(make_study(tmp_path / "runs", values, claims=[one]), tmp_path / "v.csv")
    return pandas.read_csv(tmp_path / "v.csv").why[0]


def test_an_interaction_is_not_won_by_one_that_diverges(tmp_path):
    """Of the side b, d one always fails; beside the other there is nothing to gain."""
    values = {"a": BASE.tolist(), "b": near(1), "c": near(1), "d": [None] * N, "e": near(1)}
    more = {"better": {"x": 1}, "than": {"x": 2}}
    judged = verdict(
        tmp_path, values, claim(sides=("a", "bd", "c", "e"), more_than=more, margin=1e-6)
    )
    assert judged.verdict == "undecided"
    assert judged.outcome.p > 0.05


def test_gains_that_differ_by_rounding_alone_are_equal(tmp_path):
    b = near(0.8)
    values = {"a": b, "b": BASE.tolist(), "c": [3 * one for one in b], "d": (3 * BASE).tolist()}
    more = {"better": {"x": 1}, "than": {"x": 2}}
    found = verdict(tmp_path, values, claim(sides="abcd", more_than=more)).outcome
    assert (found.test, found.p, found.effect) == ("sign", 1, 1)


def test_comparisons_with_a_failed_run_have_effect_interval_and_test(tmp_path):
    values = {"a": BASE.tolist(), "b": failing(near(0.8), 5), "c": [None] * N}
    write_comparisons(make_study(tmp_path / "runs", values), tmp_path / "t.csv")
    table = pandas.read_csv(tmp_path / "t.csv", index_col="combination")
    assert table.test.tolist() == ["signed-rank"] * 2
    assert (table.failed["b"], table.failed["c"], table.n["b"]) == (1, N, N)
    assert table.low["b"] < table.effect["b"] < table.high["b"] < 1
    assert table.effect["b"] == pytest.approx(0.8, rel=0.03)
    assert table.loc["c", ["effect", "low", "high"]].isna().all()
    assert table.direction.tolist() == ["better", "worse"]


def told(tmp_path, values, one, **options):
    """The row of verdicts.csv of a single claim."""
    write_verdicts(make_study(tmp_path / "r", values, claims=[one], **options), tmp_path / "v.csv")
    return pandas.read_csv(tmp_path / "v.csv", keep_default_na=False).iloc[0]


def test_one_of_the_others_that_is_better_is_named(tmp_path):
    """a beats the mean of b, c and d by far, and c beats a."""
    values = {"a": BASE.tolist(), "b": near(3), "c": near(0.9), "d": near(3)}
    row = told(tmp_path / "1", values, claim("a", "bcd"))
    mean = stats.gmean(values["c"])
    assert row.verdict == "supported"
    assert (
        "Of the 3 combinations compared with it 1 has a better geometric mean than the side "
        f"claimed better ({stats.gmean(BASE):.2f}): c ({mean:.2f})."
    ) in row.why
    values["c"] = near(1.1)
    assert "better geometric mean" not in told(tmp_path / "2", values, claim("a", "bcd")).why


def test_what_is_better_is_named_whatever_the_verdict_the_best_first(tmp_path):
    values = {"a": BASE.tolist()} | dict(
        zip("bcdef", map(near, (0.9, 0.5, 0.8, 0.7, 3)), strict=True)
    )
    why = told(tmp_path / "1", values, claim("a", "bcdef")).why
    assert "Of the 5 combinations compared with it 4 have a better geometric mean" in why
    places = [why.index(f"{label} (") for label in "ced"]
    assert places == sorted(places)
    assert why.endswith("and 1 other.")
    few = {label: one[:5] for label, one in values.items()}
    row = told(tmp_path / "2", few, claim("a", "bcdef", at_least=0.1))
    assert row.verdict == "undecided"
    assert "4 have a better geometric mean" in row.why


def test_a_place_of_an_order_that_hides_a_better_one_names_it(tmp_path):
    values = {"a": BASE.tolist(), "b": near(4), "c": near(0.9), "d": near(5)}
    one = claim(sides=["a", "bc", "d"], order=[{"x": 1}, {"x": 2}, {"x": 3}])
    row = told(tmp_path, values, one)
    assert "1 has a better geometric mean than a (" in row.why
    assert "a over place 2 (2 combinations)" in row.ours


def test_the_part_of_a_side_that_was_compared_is_named(tmp_path):
    """c fails in two seeds: a is compared with b and with c, and c is the least sure."""
    values = {"a": BASE.tolist(), "b": near(3), "c": failing(near(1.1, 0.1), 3, 4)}
    row = told(tmp_path / "1", values, claim("a", "bc"))
    assert "c failed alone in 2 seeds" in row.why
    assert "these numbers are of a against c, the least sure of the parts" in row.why
    values["b"] = near(0.5)
    row = told(tmp_path / "2", values, claim("a", "bc"))
    assert row.verdict == "undecided"
    assert "these numbers are of a against" in row.why
    assert "not all point the same way" in row.why
    values["c"] = near(1.1)
    assert "these numbers" not in told(tmp_path / "3", values, claim("a", "bc")).why


def test_effect_and_bound_are_of_the_same_part(tmp_path):
    """b is the surest to be worse, and the least sure to be so by a half."""
    values = {"a": BASE.tolist(), "b": near(1.53, 0.06), "c": failing(near(4, 0.9), 3)}
    row = told(tmp_path, values, claim("a", "bc", at_least=0.5))
    assert row.effect == pytest.approx(1.53, rel=0.05)
    assert "these numbers are of a against b" in row.why
    assert row.margin == ""


def test_size_is_clear_only_if_that_of_every_part_is(tmp_path):
    """b is surely worse by 2 %, which matters little; c is less surely so, by very much."""
    values = {"a": BASE.tolist(), "b": near(1.02, 0.002), "c": failing(near(9, 0.9), 3)}
    row = told(tmp_path / "1", values, claim("a", "bc"))
    assert row.low > row.margin
    assert (row.verdict, row.kind) == ("supported", "size unclear")
    assert "that of another part reaches below ×1.05" in row.why
    values["b"] = near(1.3, 0.002)
    assert told(tmp_path / "2", values, claim("a", "bc")).kind == "as claimed"


def test_who_ended_once_is_not_named_as_better(tmp_path):
    """c ended in one seed of twelve, and best there; b failed as often as a, and says so."""
    values = {"a": failing(BASE.tolist(), 0), "b": failing(near(0.8), 1)}
    values["c"] = failing(near(0.01), *range(1, N))
    why = told(tmp_path, values, claim("a", "bc")).why
    assert "1 has a better geometric mean" in why
    assert "over the 11 of 12 that ended): b (" in why
    assert ": c (" not in why
