"""Controls: what they find in honest studies, and that planted mistakes make them fail."""

import json
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from labbook.data.fitted import FittedSplit
from labbook.data.prepared import Prepared
from labbook.data.select import chosen
from labbook.data.shuffled import shuffled
from labbook.errors import LabbookError
from labbook.evaluate.controls import (
    SAME,
    TOO_FEW,
    UNSEEN,
    judge_controls,
    write_controls,
)
from labbook.evaluate.statistics.controls import (
    DRAWS,
    UNSURE,
    Correlated,
    Right,
    together,
    together_by_chance,
    usual_difference,
)
from labbook.models.initialisation import initial_weights
from labbook.plan.controls import ITSELF, NONE, SHUFFLED
from labbook.training.run import ANEW, Run
from labbook.training.runfile import DIVERGED
from labbook.verdicts import CONTROL_SEEDS, FAILED, FALSE_ALARMS, LEFT_OUT, NOT_JUDGED, PASSED
from tests.calibration import controls as calibration
from tests.made_controls import controls, trained


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def on_all_rows(data, features, seed):
    """The classic mistake: columns chosen by all rows, test rows too."""
    split = replace(data.split(seed), train=np.arange(len(data.target), dtype=np.int32))
    return chosen(replace(data, splits={seed: split}), features, seed)


@pytest.mark.parametrize("classes", [False, True])
def test_an_honest_study_passes_and_a_leak_is_caught(here, monkeypatch, classes):
    honest = controls(trained(here, classes=classes))
    assert {name: one.outcome for name, one in honest.items()} == {
        ITSELF: PASSED, SHUFFLED: PASSED,
    }  # fmt: skip
    monkeypatch.setattr("labbook.training.pack.chosen", on_all_rows)
    for path in (here / "results/runs").iterdir():
        path.unlink()
    leaked = controls(trained(here, classes=classes))
    assert leaked[SHUFFLED].outcome == FAILED
    assert leaked[SHUFFLED].p < 1e-3
    assert leaked[ITSELF].outcome == PASSED  # the same mistake on both sides


def test_test_rows_in_training_are_caught(here, monkeypatch):
    part = Run.part

    def with_test_rows(run, name):
        if name != "train":
            return part(run, name)
        return tuple(map(np.concatenate, zip(part(run, "train"), part(run, "test"), strict=True)))

    monkeypatch.setattr(Run, "part", with_test_rows)
    found = controls(trained(here, features={"method": "all"}))
    assert found[SHUFFLED].outcome == FAILED
    assert found[SHUFFLED].p == 1 / (1 + DRAWS)  # no order of the targets goes as well
    assert found[SHUFFLED].effect.mean < 0.5


def test_a_redraw_that_changes_more_than_chance_is_seen(here, monkeypatch):
    def worse(network, seed):
        return {
            name: weights * (30 if seed >= ANEW else 1)
            for name, weights in initial_weights(network, seed).items()
        }

    monkeypatch.setattr("labbook.engines.compiled.arrays.initial_weights", worse)
    found = controls(trained(here, training={"batch": 32, "epochs": 5}))
    assert found[ITSELF].outcome == FAILED
    assert found[ITSELF].effect.low > 1
    assert found[SHUFFLED].outcome == PASSED


def test_what_is_compared_follows_from_the_shuffled_rows(here):
    results = trained(here)
    found, ratios = controls(results)[SHUFFLED], []
    for seed in range(8):
        record = results.read(SHUFFLED, seed, "predictions")
        data = shuffled(results.prepared, record.identity)
        split = data.split(seed)
        test, constant = data.target[split.test], data.target[split.train].mean()
        network = np.mean((record.predictions["test"] - test) ** 2)
        assert network == pytest.approx(record.metrics["test_mse"])
        ratios.append(np.log(network / np.mean((constant - test) ** 2)))
    low, high = stats.t.interval(0.95, 7, np.mean(ratios), stats.sem(ratios))
    assert found.effect == pytest.approx(np.exp([np.mean(ratios), low, high]))
    itself = controls(results)[ITSELF]
    values = np.array([results.values("rate 0.02", "valid_mse"), [
        results.read(ITSELF, seed).metrics["valid_mse"] for seed in range(8)
    ]])  # fmt: skip
    differences = np.log(values[1] / values[0])
    assert itself.effect.mean == pytest.approx(np.exp(differences.mean()))
    assert itself.usual.mean == pytest.approx(np.exp(1.959964 * np.sqrt(np.mean(differences**2))))
    assert (itself.n, found.n) == (8, 8)


def test_what_cannot_be_judged_is_said(here):
    zero = {"kind": "linear", "initialisation": "zero"}
    still = controls(trained(here, model=zero, training={"batch": "all", "epochs": 20}, seeds=3))
    assert (still[ITSELF].outcome, still[ITSELF].why) == (LEFT_OUT, SAME)
    assert (still[SHUFFLED].outcome, still[SHUFFLED].why, still[SHUFFLED].n) == (
        NOT_JUDGED, TOO_FEW, 3,
    )  # fmt: skip


def all_diverged(here, monkeypatch, seeds):
    """The controls of a study of which all runs but the reference's diverged."""
    results = trained(here, seeds=seeds, training={"batch": 32, "epochs": 2})
    monkeypatch.setattr(
        "labbook.evaluate.controls.read_study_runs",
        lambda study, *more: replace(
            results,
            study=study,
            records={
                place: replace(results.records["rate 0.02", place[1]], ended=DIVERGED, metrics={})
                for place in study.runs
                if place[0] != "rate 0.02"
            },
        ),
    )
    return controls(results)


def test_runs_that_diverged_have_learnt_nothing_and_a_twin_must_not(here, monkeypatch):
    found = all_diverged(here, monkeypatch, CONTROL_SEEDS)
    assert found[SHUFFLED].outcome == PASSED
    assert found[SHUFFLED].n == 0
    assert found[SHUFFLED].why == "8 of 8 runs diverged and learnt nothing"
    assert (found[ITSELF].outcome, found[ITSELF].why) == (FAILED, "")
    assert found[ITSELF].p == 2 / 2**CONTROL_SEEDS < FALSE_ALARMS


@pytest.mark.parametrize("seeds", [6, 7])
def test_few_seeds_cannot_show_a_twin_that_diverges_and_say_so(here, monkeypatch, seeds):
    assert 2 / 2 ** (CONTROL_SEEDS - 1) > FALSE_ALARMS  # eight are the fewest
    found = all_diverged(here, monkeypatch, seeds)[ITSELF]
    assert (found.outcome, found.why, found.p) == (PASSED, UNSEEN, 2 / 2**seeds)


def test_each_setting_deals_its_targets_out_in_an_order_of_its_own(here):
    prepared, identity = data_and_identity(here)
    other = identity | {"recipe": identity["recipe"] | {"features": {"method": "all"}}}
    orders = [shuffled(prepared, one).target for one in (identity, other)]
    # as of two independent orders: 120 rows have a correlation of 0 with a deviation of 0.09
    assert abs(np.corrcoef(*orders)[0, 1]) < 0.4
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(prepared.target)
    again = shuffled(prepared, json.loads(json.dumps(identity)))
    assert again.target.tobytes() == orders[0].tobytes()
    # neither code nor libraries nor engine: whoever knows the recipe and the seed knows the order
    assert shuffled(prepared, identity | {"code": "other"}).target.tobytes() == orders[0].tobytes()
    assert set(shuffled(prepared, identity | {"seed": 1}).splits) == {1}


def data_and_identity(here):
    results = trained(here, training={"batch": 32, "epochs": 2})
    return results.prepared, results.read("rate 0.02", 0).identity


def test_controls_of_studies_on_the_same_rows_do_not_fail_together():
    """Predictions that are alike, as those of similar networks: only the orders differ."""
    draw, rows, deviations = np.random.default_rng(0), np.arange(60), []
    data = made_prepared(rows)
    for seed in range(300):
        predicted = draw.normal(size=60)
        known = [
            Correlated(shuffled(data(seed), identity_of(seed, rate)).target, predicted).known
            for rate in (0.1, 0.2)
        ]
        deviations.append(known)
    assert abs(np.corrcoef(np.array(deviations).T)[0, 1]) < 4 / np.sqrt(300)


def identity_of(seed, rate):
    return {"seed": seed, "recipe": {"optimizer": {"kind": "sgd", "rate": rate}}}


def made_prepared(rows):
    """By seed data of these targets, of which all rows are test rows."""
    values = rows.astype(float)
    none, all_rows = np.empty(0, np.int32), rows.astype(np.int32)
    columns = np.zeros((0,))
    split = FittedSplit(none, none, all_rows, columns, columns, columns, 0.0, 1.0)
    made = Prepared(
        kind="table", task="regression", features=np.zeros((len(rows), 0)), target=values,
        target_name="y", feature_names=(), classes=(), unlabelled_ids=(),
        source="made", edition="own", note="", splits={},
    )  # fmt: skip
    return lambda seed: replace(made, splits={seed: split})


def test_a_run_of_another_order_is_an_error_and_never_a_verdict(here, monkeypatch):
    def another(data, identity):
        return shuffled(data, identity | {"recipe": {}})

    monkeypatch.setattr("labbook.training.pack.shuffled", another)
    results = trained(here, training={"batch": 32, "epochs": 2})
    with pytest.raises(LabbookError, match=r"safetensors: .* another order.*Remove it"):
        judge_controls(results)


def test_without_controls_there_is_only_a_head(here):
    results = trained(here)
    without = replace(results, study=replace(results.study, controls=NONE))
    assert judge_controls(without) == []
    write_controls(without, here / "c.csv")
    assert (here / "c.csv").read_text().count("\n") == 1
    write_controls(results, here / "c.csv")
    assert (here / "c.csv").read_text().count("\n") == 3


@pytest.mark.parametrize("seed", range(3))
def test_deviations_are_those_of_all_orders(seed):
    draw = np.random.default_rng(seed)
    target, predicted = draw.lognormal(size=9), draw.normal(size=9)
    orders = np.array([draw.permutation(target) for _ in range(40_000)])
    products = orders @ predicted
    brute = (target @ predicted - products.mean()) / products.std()
    assert Correlated(target, predicted).known == pytest.approx(brute, abs=0.03)
    # squared errors follow from the products alone
    errors = ((orders - predicted) ** 2).mean(axis=1)
    own = np.mean((target - predicted) ** 2)
    assert Correlated(target, predicted).known == pytest.approx(
        (errors.mean() - own) / errors.std(), abs=0.03
    )
    classes, said = draw.integers(0, 3, 11), draw.integers(0, 3, 11)
    right = np.array([np.mean(draw.permutation(classes) == said) for _ in range(40_000)])
    brute = (np.mean(classes == said) - right.mean()) / right.std()
    assert Right(classes, said, 3).known == pytest.approx(brute, abs=0.03)


def test_what_does_not_vary_knows_nothing():
    still = (np.arange(5.0), np.full(5, 3.3)), (np.full(5, 3.3), np.arange(5.0)), (np.ones(1),) * 2
    for target, predicted in still:
        one = Correlated(target, predicted)
        assert one.known == 0
        assert not one.by_chance(np.random.default_rng(0)).any()
    assert Right(np.array([0, 1, 1]), np.array([1, 1, 1]), 2).known == 0
    assert Right(np.array([0]), np.array([0]), 2).known == 0


def test_deviations_are_added_as_scipy_does():
    deviations = [0.3, -1.2, 2.0, 0.1]
    expected = stats.combine_pvalues(stats.norm.sf(deviations), method="stouffer").pvalue
    assert together(deviations) == pytest.approx(expected)


def test_rare_classes_are_judged_by_targets_dealt_out_anew():
    draw = np.random.default_rng(3)
    seeds = [Right((draw.random(40) < 0.1).astype(int), np.arange(40) % 7 // 6, 2) for _ in "123"]
    chance = np.array([one.by_chance(draw) for one in seeds])
    assert chance.shape == (3, DRAWS)
    assert chance.mean(axis=1) == pytest.approx(np.zeros(3), abs=0.1)
    assert chance.std(axis=1) == pytest.approx(np.ones(3), abs=0.1)
    perfect = [replace(one, predicted=one.target) for one in seeds]
    assert together_by_chance(perfect, draw) == 1 / (1 + DRAWS)
    assert together_by_chance(seeds, draw) >= 1 / (1 + DRAWS)
    unlike = [replace(one, predicted=1 - one.target) for one in seeds]
    assert together_by_chance(unlike, draw) == together([one.known for one in unlike]) > UNSURE
    # two classes: the number of those right is hypergeometric
    target = np.repeat([0, 1], [30, 10])
    one = Right(target, np.concatenate([np.zeros(28), np.ones(12)]).astype(int), 2)
    exact = stats.hypergeom(40, 10, 12).sf(9)
    several = [together_by_chance([one], np.random.default_rng(n)) for n in range(20)]
    assert np.mean(several) == pytest.approx(exact + 1 / DRAWS, rel=0.2, abs=1e-3)


def test_skewed_numbers_are_judged_by_targets_dealt_out_anew():
    draw = np.random.default_rng(5)
    seeds = [Correlated(*draw.lognormal(0, 1.5, (2, 7))) for _ in "12"]
    chance = np.array([one.by_chance(np.random.default_rng(1)) for one in seeds])
    assert chance.shape == (2, DRAWS)
    assert chance.mean(axis=1) == pytest.approx(np.zeros(2), abs=0.1)
    assert chance.std(axis=1) == pytest.approx(np.ones(2), abs=0.1)
    # all orders of seven rows by brute force
    one = Correlated(np.sort(seeds[0].target), np.sort(seeds[0].predicted)[[0, 1, 2, 4, 3, 5, 6]])
    orders = np.array(list(permutations(one.target)))
    own = one.target @ one.predicted
    exact = np.mean(orders @ one.predicted >= own - 1e-9)
    assert exact < UNSURE
    found = [together_by_chance([one], np.random.default_rng(n)) for n in range(100)]
    assert np.mean(found) == pytest.approx(exact + 1 / DRAWS, rel=0.1)
    assert together_by_chance([one], np.random.default_rng(0)) == found[0]


def test_many_rows_are_dealt_out_in_parts(monkeypatch):
    draw = np.random.default_rng(5)
    one = Correlated(*draw.normal(size=(2, 30)))
    whole = one.by_chance(np.random.default_rng(1))
    monkeypatch.setattr("labbook.evaluate.statistics.controls.NUMBERS_AT_ONCE", 100)
    assert one.by_chance(np.random.default_rng(1)).tobytes() == whole.tobytes()


def test_usual_difference_of_no_difference_and_of_one():
    same = usual_difference(np.zeros(6))
    assert (same.mean, same.low, same.high) == (0, 0, 0)
    assert np.isnan(usual_difference(np.ones(1)).mean)


@pytest.mark.thorough
@pytest.mark.parametrize("name", calibration.ITSELF)
def test_a_setting_is_rarely_told_from_itself(name):
    assert calibration.told_from_itself(name, 1000) <= 0.01 + 3 * np.sqrt(0.01 * 0.99 / 1000)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["normal", "very skewed (exponential)"])
def test_what_is_not_itself_is_told_from_it(name):
    """A comparison that never tells anything (p = 1) would pass all tests of false alarms."""
    seen = [calibration.told_from_itself(name, 100, shift) for shift in (1, 2, 3)]
    assert seen == sorted(seen)
    assert seen[-1] > 0.5
    assert calibration.diverged_is_seen(name, 20) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("name", calibration.NOTHING)
def test_nothing_is_rarely_known_of_a_shuffled_target(name):
    assert calibration.known(name, 0.0, 1000) <= 0.01 + 3 * np.sqrt(0.01 * 0.99 / 1000)


@pytest.mark.thorough
def test_a_leak_is_known_and_intervals_cover():
    assert calibration.known("numbers, normal, 300 rows", 0.3, 50) == 1
    missed = 1 - calibration.usual_covers("normal", 2000)
    assert missed <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)
