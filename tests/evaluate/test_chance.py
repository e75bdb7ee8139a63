"""Where chance comes from: made truths, an independent analysis of variance, a plain jackknife."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from labbook.evaluate.chance import COLUMNS, EVERYTHING, SPLIT, TRAINING, chance_table
from labbook.evaluate.choice import choose
from labbook.evaluate.statistics.chance import (
    drawn_alone,
    everything,
    held_in_common,
)
from labbook.params.models import Mlp
from labbook.params.training import Training
from labbook.verdicts import FEWEST_SEEDS
from tests.calibration.chance import drawn_runs
from tests.made_study import made_results, recipe

REDRAWS = (None, "all", "initialisation", "batch order")
PLACES = ((0, 0), (1, 1), (1, 0), (0, 1))  # of drawn_runs, in the order of REDRAWS


def made(runs, redraws=REDRAWS, metric="valid_mse", **training):
    """A study's runs with these values, (seeds, redraws); NaN is a run that failed."""
    names = [f"redraw {redraw}" for redraw in redraws]
    base = recipe(model=Mlp(hidden=[4], dropout=training.pop("dropout", 0.0)).model_dump())
    settings = {"batch": 8, "epochs": 50} | training
    recipes = {
        name: base.model_copy(update={"training": Training(**settings, redraw=redraw)})
        for name, redraw in zip(names, redraws, strict=True)
    }
    values = {
        name: [None if np.isnan(one) else float(one) for one in column]
        for name, column in zip(names, np.transpose(runs), strict=True)
    }
    return made_results(
        values,
        metric=metric,
        task="classification" if "accuracy" in metric else "regression",
        settings={n: {"training.redraw": r} for n, r in zip(names, redraws, strict=True)},
        base=recipes,
        vary={"training.redraw": list(redraws)},
    )


def table(runs, **options):
    """The rows of chance.csv of the study's metric, by source."""
    found = chance_table(made(runs, **options))
    metric = options.get("metric", "valid_mse")
    assert list(found) == list(COLUMNS)
    return {row["source"]: row for row in found.to_dict("records") if row["metric"] == metric}


def errors(n=10, seed=0, split=0.5, first=0.3, order=0.2, size=0.1):
    """Errors (seeds, REDRAWS) of a complete design."""
    draw = np.random.default_rng(seed)
    runs = drawn_runs(draw, n, {"split": split, "first": first, "order": order})
    return np.exp(size * np.stack([runs[:, i, j] for i, j in PLACES], axis=1))


def test_of_one_pair_a_seed_f_is_that_of_an_analysis_of_variance() -> None:
    runs = np.log(errors())[:, :2]
    f = stats.f_oneway(*runs).statistic  # a group for each seed
    found = table(np.exp(runs), redraws=REDRAWS[:2])
    assert found[TRAINING]["share"] == pytest.approx(2 / (1 + f))
    assert found[SPLIT]["share"] == pytest.approx((f - 1) / (f + 1))  # intraclass correlation
    assert list(found) == [SPLIT, TRAINING, EVERYTHING]  # no source is asked for alone


def test_shares_by_loops() -> None:
    """All pairs of runs of a seed that differ in a source alone, one after the other."""
    runs = np.log(errors(7, seed=3))
    drawn = {0: set(), 1: {"i", "o"}, 2: {"i"}, 3: {"o"}}
    found = table(np.exp(runs))

    def share(of: set[str], rows: list[int]) -> tuple[float, float]:
        between, within = [], []
        for one, other in itertools.combinations(range(4), 2):
            if drawn[one] ^ drawn[other] == of:
                means = [(runs[s, one] + runs[s, other]) / 2 for s in rows]
                between.append(2 * np.var(means, ddof=1))
                within += [(runs[s, one] - runs[s, other]) ** 2 / 2 for s in rows]
        f = np.mean(between) / np.mean(within)
        return float(np.log(f)), float(np.mean(within))

    for source, of in ((TRAINING, {"i", "o"}), ("initialisation", {"i"}), ("batch order", {"o"})):
        seeds = list(range(7))
        log_f, within = share(of, seeds)
        without = [share(of, [s for s in seeds if s != out])[0] for out in seeds]
        error = np.sqrt(6 / 7 * sum((one - np.mean(without)) ** 2 for one in without))
        half = stats.t.ppf(0.975, 3.5) * error
        row = found[source]
        ends = [min(1, 2 / (1 + np.exp(log_f + step))) for step in (0, half, -half)]
        assert [row["share"], row["low"], row["high"]] == pytest.approx(ends)
        assert row["spread"] == pytest.approx(np.exp(np.sqrt(within)))
        assert row["pairs"] == 2
    total = np.sqrt(np.var(runs, axis=0, ddof=1).mean())
    assert found[EVERYTHING]["spread"] == pytest.approx(np.exp(total))


def test_many_seeds_give_the_truth() -> None:
    found = table(errors(300, split=0.6, first=0.3, order=0.1))
    shares = {source: row["share"] for source, row in found.items()}
    truth = {SPLIT: 0.6, TRAINING: 0.4, "initialisation": 0.3, "batch order": 0.1, EVERYTHING: 1}
    assert shares == pytest.approx(truth, abs=0.1)
    spreads = {source: np.log(row["spread"]) for source, row in found.items()}
    expected = {source: 0.1 * np.sqrt(share) for source, share in truth.items()}
    assert spreads == pytest.approx(expected, rel=0.15)


def test_what_acts_together_counts_for_both() -> None:
    """Total effects: an interaction of first weights and order is left where either is redrawn."""
    draw = np.random.default_rng(1)
    runs = drawn_runs(draw, 300, {"split": 0.2, "first": 0.1, "order": 0.1, "both": 0.6})
    found = table(np.exp(np.stack([runs[:, i, j] for i, j in PLACES], axis=1)))
    assert found["initialisation"]["share"] == pytest.approx(0.7, abs=0.1)
    assert found["batch order"]["share"] == pytest.approx(0.7, abs=0.1)
    assert found[TRAINING]["share"] == pytest.approx(0.8, abs=0.1)


@given(st.integers(6, 12), st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-5, 5))
def test_shares_are_shares_whatever_the_numbers(n, seed, factor, shift) -> None:
    pairs = np.random.default_rng(seed).standard_t(2, (n, 2, 2))
    alone, common = drawn_alone(pairs), held_in_common(pairs)
    for share, low, high in (alone.share, common.share):
        assert 0 <= low <= share <= high <= 1
    assert alone.share[0] + common.share[0] == pytest.approx(1)
    assert alone.share[1] + common.share[2] == pytest.approx(1)
    moved = drawn_alone(factor * pairs[::-1, ::-1, ::-1] + shift)  # neither order nor units count
    assert moved.share == pytest.approx(alone.share, abs=1e-6)
    assert moved.deviation == pytest.approx([factor * end for end in alone.deviation], rel=1e-6)
    assert everything(pairs[:, :, 0]).deviation[0] > 0


def test_accuracies_keep_their_units() -> None:
    runs = 0.9 + 0.01 * np.log(errors(20, size=1.0))
    found = table(runs, metric="valid_accuracy")
    assert {row["scale"] for row in found.values()} == {"difference"}
    deviation = np.sqrt(runs.var(axis=0, ddof=1).mean())
    assert found[EVERYTHING]["spread"] == pytest.approx(deviation)


def test_the_other_part_s_rows_follow() -> None:
    found = chance_table(made(errors(), metric="test_mse"))
    assert list(dict.fromkeys(found["metric"])) == ["test_mse", "valid_mse"]
    assert list(dict.fromkeys(chance_table(made(errors(), metric="epochs"))["metric"])) == [
        "epochs"
    ]


def test_a_seed_with_a_failed_run_is_left_out() -> None:
    runs = errors(12)
    runs[3, 2] = np.nan
    found, without = table(runs), table(np.delete(runs, 3, axis=0))
    assert found == without
    assert {row["n"] for row in found.values()} == {11}


def test_few_seeds_say_nothing() -> None:
    runs = errors(FEWEST_SEEDS)
    assert np.isfinite(table(runs)[SPLIT]["share"])
    runs[0, 1] = np.nan
    for row in table(runs).values():
        assert row["n"] == FEWEST_SEEDS - 1
        assert all(np.isnan(row[k]) for k in ("share", "low", "high", "spread"))
    assert table(np.full((8, 4), np.nan))[EVERYTHING]["n"] == 0


def test_what_changes_nothing_has_no_share_and_no_spread() -> None:
    runs = errors(8)
    runs[:, 2], runs[:, 1] = runs[:, 0], runs[:, 3]  # first weights change nothing
    found = table(runs)
    first = found["initialisation"]
    assert (first["share"], first["low"], first["high"], first["spread"]) == (0, 0, 0, 1)
    assert found["batch order"]["share"] == pytest.approx(found[TRAINING]["share"])


def test_one_seed_that_changes_says_little() -> None:
    pairs = np.repeat(np.arange(8.0)[:, None, None], 2, axis=2)
    pairs[3, 0, 1] += 0.5
    share, low, high = drawn_alone(pairs).share
    assert (low, high) == (0, 1)
    assert 0 < share < 0.1


def test_equal_runs_have_no_shares() -> None:
    found = table(np.full((8, 4), 0.25))
    assert np.isnan(found[SPLIT]["share"])
    assert found[EVERYTHING]["spread"] == 1


def test_of_one_stream_training_is_that_stream() -> None:
    runs = errors()[:, :2]
    found = table(runs, redraws=REDRAWS[:2], batch="all")
    assert list(found) == [SPLIT, TRAINING, EVERYTHING]
    assert table(runs, redraws=(None, "initialisation"), batch="all") == found


def test_of_three_streams_pairs_are_against_the_run_itself() -> None:
    redraws = (*REDRAWS, "dropout")
    runs = np.exp(0.1 * np.random.default_rng(2).standard_normal((10, 5)))
    found = table(runs, redraws=redraws, dropout=0.2)
    assert {source: row["pairs"] for source, row in found.items()} == {
        SPLIT: 1, TRAINING: 1, "initialisation": 1, "batch order": 1, "dropout": 1, EVERYTHING: 0,
    }  # fmt: skip


def test_other_studies_have_no_rows() -> None:
    assert chance_table(made_results({"a": [1.0] * 8, "b": [2.0] * 8})).empty


def test_the_run_itself_stands_for_the_setting() -> None:
    runs = errors()
    runs[:, 1] /= 10  # all drawn anew has the best mean, which is chance
    choice = choose(made(runs))
    assert choice is not None
    assert choice.label == "redraw None"
