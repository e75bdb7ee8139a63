"""The six steps: each on made data, and all on small real data from bad starts."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labbook.evaluate.baselines import constant_losses
from labbook.plan.tunings import CHOOSING, TuningPlan
from labbook.tuning.against import VERDICTS
from labbook.tuning.decide import decide
from labbook.tuning.remedies import START, variants
from labbook.tuning.runs import label_of, lowest_of, window_of
from labbook.tuning.step import Before, Found, Trial, found_from_json, found_to_json
from labbook.tuning.steps import STEPS, coarse, curves, fine, rate, tiny_sample
from labbook.tuning.to_write import learnt_nothing
from labbook.verdicts import ALIKE, SAME
from labbook.wording import NOTHING
from tests.tuning.made_steps import (
    SEEDS,
    answered,
    before,
    laboratory,
    plan,
    tried,
    without_test,
)
from tests.tuning.search_drive import Laboratory, drive

SIGMOID = {"model.hidden": [16] * 8, "model.activation": "sigmoid"}


@pytest.fixture(scope="module")
def boston(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    return laboratory("boston", tmp_path_factory.mktemp("boston"))


@pytest.fixture(scope="module")
def leaves(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    return laboratory("leaves", tmp_path_factory.mktemp("leaves"))


@pytest.fixture
def given(boston: Laboratory) -> Before:
    return before(boston, plan("boston"))


# --- all six


@pytest.mark.parametrize(
    "start", [{"optimizer.rate": 1e-7}, {"optimizer.rate": 10.0}, SIGMOID], ids=str
)
def test_from_a_bad_start_the_outcome_is_no_worse_than_a_good_recipe(boston, start) -> None:
    of = plan("boston", start)
    steps = list(drive(of, STEPS, boston))
    assert [found.step for found, _ in steps] == list(of.steps)
    for found, _ in steps:
        as_json = json.dumps(found_to_json(found), allow_nan=False)
        assert found_from_json(json.loads(as_json)) == found
        assert not found.stopped
    decided = steps[-1][0].decided
    assert decided["verdict"] in VERDICTS
    assert decided["verdict"] != "worse"
    assert decided["n"] == SEEDS
    assert 1e-5 <= decided["recipe"]["optimizer"]["rate"] <= 0.3
    assert decided["recipe"]["training"] == of.recipe.training.model_dump(mode="json")


def test_classes_go_all_the_way(leaves) -> None:
    steps = list(drive(plan("leaves", {"optimizer.rate": 1e-7}), STEPS, leaves))
    assert steps[-1][0].step == "curves"
    assert steps[-1][0].decided["metric"] == "test_accuracy"


def test_a_better_outcome_is_called_better(boston) -> None:
    of = plan("boston", {"optimizer.rate": 1e-7})
    found = [found for found, _ in drive(replace(of, than=of.recipe), STEPS, boston)]
    assert found[-1].decided["verdict"] == "better"
    assert found[-1].decided["effect"] < 0.5  # the ratio of the errors
    runs = [row for row in found[-1].rows if row["kind"] == "run"]
    ratios = [
        math.log(one["test"] / other["test"])
        for one in runs for other in runs
        if one["seed"] == other["seed"] and (one["side"], other["side"]) == ("chosen", "than")
    ]  # fmt: skip
    assert found[-1].decided["effect"] == pytest.approx(math.exp(np.mean(ratios)))


def test_test_rows_are_looked_at_in_the_last_step_alone(boston) -> None:
    of, so_far = plan("boston"), {}
    for found, runs in drive(of, STEPS, boston):
        if found.step != "curves":
            blind = tuple(map(without_test, runs))
            assert STEPS[found.step](before(boston, of, dict(so_far), blind)) == found
        so_far[found.step] = found


def test_those_who_choose_do_not_judge(boston) -> None:
    """Seeds of the steps before the last are others; the last trains all of the plan's."""
    of = plan("boston")
    asked = {found.step: found.asked for found, _ in drive(of, STEPS, boston)}
    for step in ("initial-loss", "tiny-sample", "rate", "coarse", "fine"):
        assert not {one.seed for one in asked[step]} & set(of.seeds)
    judging = {one.seed for one in asked["finalists"] if one.label in ("chosen", "than")}
    assert judging == set(of.seeds)
    again = [(one.recipe, one.seed) for one in asked["finalists"] if one.label == curves.AT_CHOICE]
    there = [(one.recipe, one.seed) for one in asked["fine"]]
    assert {seed for _, seed in again} == set(of.choosing)
    assert all(one in there for one in again)


def test_nothing_is_done_after_a_step_that_stopped(given) -> None:
    stopped = Found("rate", "No.", stopped="Nowhere.")
    found = decide("coarse", replace(given, found={"rate": stopped}))
    assert found.stopped == "Nowhere."
    assert "ended at the step rate" in found.said
    assert found.asked == ()


# --- 1


def test_the_initial_loss_is_what_theory_says(boston, given) -> None:
    found = STEPS["initial-loss"](given)
    assert not found.stopped
    for row in found.rows:
        assert row["theory"] == pytest.approx(row["target"] + row["outputs"])
        _, target = boston.data.part(row["seed"], "train")
        drawn = (target.astype(float) ** 2).mean()
        assert row["target"] == pytest.approx(drawn, rel=0.3)  # of at most 300 rows
    assert {one.seed for one in found.asked} <= set(given.plan.choosing)


@pytest.mark.parametrize("factor", [1e3, 1e6])
def test_inputs_that_are_not_standardised_end_it(boston, given, factor) -> None:
    data = replace(boston.data, features=boston.data.features * np.float32(factor))
    found = STEPS["initial-loss"](replace(given, data=data))
    assert "scale of the inputs" in found.stopped
    assert not found.asked


def test_outputs_of_zero_have_the_loss_of_ln_c(leaves) -> None:
    of = plan("leaves", {"model.initialisation": "zero"})
    found = STEPS["initial-loss"](before(leaves, of))
    classes = len(leaves.data.classes)
    assert [row["loss"] for row in found.rows] == pytest.approx([math.log(classes)] * SEEDS)
    assert f"the logarithm of {classes} classes" in found.said


def test_rows_sorted_by_class_change_nothing_that_matters(leaves) -> None:
    """A sample of the first rows would be of one class: its loss is chance, and no gate's."""
    order = np.argsort(leaves.data.target, kind="stable")
    data = replace(
        leaves.data, features=leaves.data.features[order], target=leaves.data.target[order]
    )
    assert not STEPS["initial-loss"](replace(before(leaves, plan("leaves")), data=data)).stopped


# --- 2


def second(lab: Laboratory, of: TuningPlan) -> Found:
    """What the second step finds."""
    way = drive(of, STEPS, lab)
    next(way)
    return next(way)[0]


def test_a_network_that_cannot_learn_gets_remedies(boston) -> None:
    found = second(boston, plan("boston", SIGMOID))
    assert "cannot learn 10 training rows by heart" in found.said
    assert START not in found.decided["variants"]
    assert any("relu" in name for name in found.decided["variants"])
    learnt = {row["variant"] for row in found.rows if row["learnt"]}
    assert set(found.decided["variants"]) == learnt
    for row in found.rows:
        assert not row["learnt"] or row["share"] < tiny_sample.SHARE


def test_without_remedies_it_ends_there(boston) -> None:
    found = second(boston, plan("boston", SIGMOID, remedies=False))
    assert "Remedies are not allowed" in found.stopped
    assert "Check that" in found.stopped
    assert {row["variant"] for row in found.rows} == {START}


def test_what_nobody_can_learn_ends_it(boston, given) -> None:
    asked = tuple(tiny_sample.trials(given))
    runs = tuple(tried(one, 100.0) for one in asked)
    found = STEPS["tiny-sample"](replace(given, tried=runs))
    assert "None of the remedies helps" in found.stopped
    assert found.decided["variants"] == []
    runs = tuple(tried(one, None) for one in asked)
    found = STEPS["tiny-sample"](replace(given, tried=runs))
    assert "the steps are too large" in found.stopped
    runs = answered(asked, lambda one: None if one.recipe.optimizer.rate == 0.1 else 100.0)
    found = STEPS["tiny-sample"](replace(given, tried=runs))
    assert "At a rate of 0.1 it is no number." in found.stopped


def test_a_start_that_learns_goes_on_alone_unless_adam_is_far_quicker(given) -> None:
    asked = tuple(tiny_sample.trials(given))

    def runs(epochs: dict[str, int]) -> Any:
        made = [tried(one, 1e-9, "converged") for one in asked]
        names = [one.trial.label.partition(" ·")[0] for one in made]
        return tuple(
            replace(one, record=replace(one.record, epochs=epochs.get(name, 100)))
            for one, name in zip(made, names, strict=True)
        )

    def carried(epochs: dict[str, int]) -> list[str]:
        return STEPS["tiny-sample"](replace(given, tried=runs(epochs))).decided["variants"]

    assert carried({START: 100, "adam": 90}) == [START]
    assert carried({START: 100, "adam": 50}) == [START, "adam"]


def test_variants_are_different_recipes_of_one_kind() -> None:
    of = plan("boston", SIGMOID).recipe
    made = variants(of)
    assert made[START] == of
    assert len({one.model_dump_json() for one in made.values()}) == len(made)
    assert {one.model.kind for one in made.values()} == {"mlp"}
    assert "adam" not in variants(plan("boston", {"optimizer.kind": "adam"}).recipe)


# --- 3


def rates(given: Before, loss) -> Found:
    asked = tuple(rate.trials(given, [START]))
    runs = answered(asked, lambda one: loss(one.recipe.optimizer.rate))
    return STEPS["rate"](replace(given, tried=runs))


def valley(rate: float) -> float | None:
    """A loss that is least at 0.01 and no number from 0.1 on."""
    return None if rate >= 0.1 else 1e-3 * 10 ** (3 * abs(math.log10(rate / 0.01)))


def test_the_range_of_rates_is_around_the_lowest_loss(given) -> None:
    found = rates(given, valley)
    assert found.decided["best"] == {START: 0.01}
    assert 0.01 in found.decided["rates"][START]
    assert set(found.decided["rates"][START]) <= {0.001, 0.00316, 0.01, 0.0316}
    assert [row["rate"] for row in found.rows if row["failed"]] == [0.1]
    assert "No number, so too large: 0.1." in found.said
    assert [row["rate"] for row in found.rows if row["chosen"]] == found.decided["rates"][START]


def test_an_order_of_runs_changes_nothing(given) -> None:
    runs = answered(
        tuple(rate.trials(given, [START])), lambda one: valley(one.recipe.optimizer.rate)
    )
    straight, turned = (STEPS["rate"](replace(given, tried=t)) for t in (runs, runs[::-1]))
    assert straight.decided["best"] == turned.decided["best"]


def test_a_loss_that_falls_nowhere_ends_it(given) -> None:
    found = rates(given, lambda rate: 1e6)
    assert "At no rate between 1e-05 and 0.1" in found.stopped
    assert not found.asked


def test_epochs_are_as_many_as_make_enough_steps(given) -> None:
    one = next(rate.trials(given, [START]))
    rows = len(given.data.split(given.plan.choosing[0]).train)
    steps = one.recipe.training.epochs * math.ceil(rows / 64)
    assert steps >= min(rate.STEPS, 60 * math.ceil(rows / 64))
    assert one.recipe.training.epochs <= 60  # those of the recipe


# --- 4 and 5


RATES = [0.001, 0.00316, 0.01]


def grid(given: Before, loss, variants: tuple[str, ...] = (START,)) -> Found:
    asked = tuple(coarse.trials(given, dict.fromkeys(variants, RATES)))
    return STEPS["coarse"](
        replace(given, tried=answered(asked, lambda one: loss(one.recipe.optimizer)))
    )


def test_the_coarse_grid_takes_the_best_of_each_rate(given) -> None:
    found = grid(given, lambda o: abs(math.log10(o.rate / 0.00316)) + 0.1 + o.weight_decay)
    chosen = found.decided["chosen"]
    assert (chosen[0]["rate"], chosen[0]["weight_decay"]) == (0.00316, 0.0)
    assert len({one["rate"] for one in chosen}) == coarse.CHOSEN
    assert len(found.rows) == 12
    assert found.rows[0]["place"] == 1


@pytest.mark.parametrize(("slow", "goes_on"), [(2.0, True), (None, False)])
def test_a_variant_that_is_slow_goes_on_but_not_one_that_diverged(given, slow, goes_on) -> None:
    of_sgd = replace(given, plan=plan("boston", {"optimizer": {"kind": "sgd", "rate": 0.1}}))
    found = grid(of_sgd, lambda o: slow if o.kind == "sgd" else 1.0, (START, "adam"))
    chosen = [(one["variant"], one["rate"]) for one in found.decided["chosen"]]
    assert chosen == [("adam", rate) for rate in RATES] + [(START, 0.001)] * goes_on
    assert {one.label.split(" ")[0] for one in found.asked} == {one for one, _ in chosen}
    too = f" Of {START} the best goes on, too: rate 0.001, weight decay 0: 2."
    assert found.said.endswith("adam, rate 0.01, weight decay 0: 1." + too * goes_on)


def test_of_equals_the_weaker_is_taken(given) -> None:
    found = grid(given, lambda o: 1.0)
    assert found.decided["chosen"][0] == {"variant": START, "rate": 0.001, "weight_decay": 0.0}


def test_diverged_runs_are_last_and_have_no_loss(given) -> None:
    found = grid(given, lambda o: None if o.rate > 0.005 else 1.0)
    assert [row["valid_loss"] for row in found.rows[-4:]] == [None] * 4


CHOSEN = [{"variant": START, "rate": 0.001, "weight_decay": 0.0}]


def test_the_fine_grid_has_the_start_s_own_values(given) -> None:
    asked = {one.recipe.optimizer.rate for one in fine.trials(given, CHOSEN)}
    assert asked == {0.000562, 0.001, 0.00178, 0.01}  # the last is the start's
    of_bad = replace(given, plan=plan("boston", {"optimizer.rate": 10.0}))
    assert 10.0 not in {one.recipe.optimizer.rate for one in fine.trials(of_bad, CHOSEN)}
    of_other = [{**CHOSEN[0], "variant": "adam"}]
    assert 0.01 not in {one.recipe.optimizer.rate for one in fine.trials(given, of_other)}


def finest(given: Before, loss) -> Found:
    asked = tuple(fine.trials(given, CHOSEN))
    return STEPS["fine"](replace(given, tried=answered(asked, loss)))


def test_the_fine_grid_chooses_by_the_geometric_mean_over_seeds(given) -> None:
    def loss(one: Trial) -> float:
        even = one.seed % 2 == 0
        if one.recipe.optimizer.rate == 0.001:
            return 0.1 if even else 3.0  # mean 1.55, geometric mean 0.55
        return 1.0

    found = finest(given, loss)
    assert found.decided["rate"] == 0.001
    assert found.decided["valid_loss"] == pytest.approx(math.sqrt(0.3))
    assert found.rows[0]["low"] == pytest.approx(0.1)
    assert found.rows[0]["high"] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("rate", "words"), [(0.01, "No larger rate"), (0.000562, "No smaller rate"), (0.001, "")]
)
def test_a_chosen_rate_at_the_edge_is_named(given, rate, words) -> None:
    said = finest(given, lambda one: abs(one.recipe.optimizer.rate - rate) + 1).said
    assert words in said
    assert ("was tried in this step" in said) == bool(words)


def test_a_setting_that_diverged_once_is_not_chosen(given) -> None:
    first_seed = given.plan.choosing[0]
    found = finest(
        given,
        lambda one: 0.1 if one.recipe.optimizer.rate == 0.00178 and one.seed != first_seed
        else None if one.recipe.optimizer.rate == 0.00178 else 1.0,
    )  # fmt: skip
    assert found.decided["rate"] == 0.000562


# --- 6


def finalist(given: Before, loss) -> Found:
    """Of two finer rates and the start's own, the lower the better."""
    fine_found = finest(given, lambda one: one.recipe.optimizer.rate)
    so_far = replace(given, found={"fine": fine_found})
    return STEPS["finalists"](replace(so_far, tried=answered(fine_found.asked, loss)))


def test_finalists_are_the_best_of_each_variant_smaller_rates_and_the_start_s_own(given) -> None:
    def loss(one: Trial) -> float:
        return abs(one.recipe.optimizer.rate - 0.003) + 2 * one.label.startswith("adam")

    of_two = [*CHOSEN, {"variant": "adam", "rate": 0.01, "weight_decay": 1e-4}]
    tried = answered(tuple(fine.trials(given, of_two)), loss)
    asked = STEPS["fine"](replace(given, tried=tried)).asked
    assert {one.label for one in asked} == {
        "start · rate 0.00178, weight decay 0", "start · rate 0.000562, weight decay 0",
        "adam · rate 0.00562, weight decay 0.0001", "adam · rate 0.00178, weight decay 0.0001",
        "start · rate 0.01, weight decay 0",
    }  # fmt: skip
    assert all(one.recipe.training == given.plan.recipe.training for one in asked)
    assert len(asked) == 5 * CHOOSING
    assert {one.seed for one in asked} == set(given.plan.choosing)


def test_in_full_another_setting_may_be_chosen(given) -> None:
    """The best of the fine grid, and what is better in the end."""
    found = finalist(given, lambda one: abs(one.recipe.optimizer.rate - 0.000178) + 0.1)
    assert found.decided["rate"] == 0.000178
    assert found.decided["settings"] == 4 + 1  # of the fine grid, and a rate that is new
    assert {one.recipe.optimizer.rate for one in found.asked} == {0.000178, 0.01}  # than's


def test_what_diverged_less_often_is_chosen(given) -> None:
    """The smallest rate diverges with all seeds, the others with one each."""

    def loss(one: Trial) -> float | None:
        rate, first = one.recipe.optimizer.rate, one.seed == given.plan.choosing[0]
        return None if first or rate == 0.000178 else rate

    found = finalist(given, loss)
    assert found.decided["rate"] == 0.000562
    assert f"diverged with 1 of {CHOOSING} seeds" in found.said
    assert NOTHING not in found.said
    assert found.decided["valid_loss"] is None


def test_finalists_that_all_diverge_end_the_way(given) -> None:
    found = finalist(given, lambda one: None)
    assert "All finalists diverged" in found.stopped
    assert not found.asked
    assert {row["valid_loss"] for row in found.rows} == {None}


def test_a_variant_that_diverged_in_the_fine_grid_is_no_finalist(given) -> None:
    of_two = [*CHOSEN, {"variant": "adam", "rate": 0.01, "weight_decay": 1e-4}]
    tried = answered(
        tuple(fine.trials(given, of_two)),
        lambda one: None if one.label.startswith("adam") else 1.0,
    )
    asked = STEPS["fine"](replace(given, tried=tried)).asked
    assert {one.label.partition(" ")[0] for one in asked} == {START}


@pytest.mark.parametrize(("own", "settings"), [(0.000178, 2), (0.01, 3), (10.0, 2)])
def test_the_start_s_own_values_are_a_finalist_once_if_at_all(given, own, settings) -> None:
    """One of those that are tried anyway, another, and one out of range."""
    so_far = replace(given, plan=plan("boston", {"optimizer.rate": own}))
    asked = finest(so_far, lambda one: abs(one.recipe.optimizer.rate - 0.000562) + 0.1).asked
    assert len({one.label for one in asked}) == settings


@pytest.mark.parametrize(("best", "named"), [(0.000178, True), (0.000562, False), (0.00316, False)])
def test_a_finalist_with_the_smallest_rate_of_all_is_named(given, best, named) -> None:
    """The last is the smallest of the finalists, and the fine grid had a smaller one."""
    fine_best = 0.01 if best == 0.00316 else 0.000562
    fine_found = finest(given, lambda one: abs(one.recipe.optimizer.rate - fine_best) + 0.1)
    runs = answered(fine_found.asked, lambda one: abs(one.recipe.optimizer.rate - best) + 0.1)
    found = STEPS["finalists"](replace(given, found={"fine": fine_found}, tried=runs))
    assert found.decided["rate"] == best
    assert ("No smaller rate was tried" in found.said) == named
    assert "No larger rate" not in found.said


def test_a_lucky_epoch_does_not_win(given) -> None:
    """One run dips once below another that is better everywhere else."""
    calm, lucky = np.full(200, 1.0), np.full(200, 1.5)
    lucky[100] = 0.5
    trial = next(fine.trials(given, CHOSEN))
    runs = [tried(trial, 1.0), tried(trial, 1.0)]
    curved = [
        replace(one, record=replace(one.record, epochs=200, curves={"valid_loss": curve}))
        for one, curve in zip(runs, (calm, lucky), strict=True)
    ]
    window = window_of(curved)
    assert window == 10
    assert lowest_of(curved[0].record, window) == pytest.approx(1.0)
    assert lowest_of(curved[1].record, window) > 1.2
    assert lowest_of(curved[1].record, 1) == pytest.approx(0.5)


def last(given: Before, loss) -> Found:
    chosen = finalist(given, lambda one: one.recipe.optimizer.rate)
    so_far = replace(given, found={"finalists": chosen})
    return STEPS["curves"](replace(so_far, tried=answered(chosen.asked, loss)))


def test_the_price_of_choosing_is_of_seeds_that_did_not_choose(given) -> None:
    """The seeds that chose were lucky: 1 against 2 of the others."""
    choosing = set(given.plan.choosing)
    price = last(given, lambda one: 1.0 if one.seed in choosing else 2.0).decided["price"]
    assert price["at_choice"] == pytest.approx(1.0)
    assert price["fresh"] == pytest.approx(2.0)
    assert price["test"] == pytest.approx(4.0)
    assert (price["n_choice"], price["n_fresh"]) == (CHOOSING, SEEDS)


def test_verdicts_of_the_last_step(given) -> None:
    noise = np.random.default_rng(1).normal(1, 0.02, 100)

    def outcome(factor: float) -> Found:
        return last(given, lambda one: (factor if one.label == "chosen" else 1.0) * noise[one.seed])

    assert outcome(0.5).decided["verdict"] == "better"
    assert outcome(2.0).decided["verdict"] == "worse"
    assert outcome(0.5).decided["effect"] == pytest.approx(0.5, rel=0.05)
    assert outcome(1.0).decided["verdict"] == ALIKE
    assert "Chosen against compared: better" in outcome(0.5).said
    stand_in = replace(given, data=replace(given.data, edition="stand-in"))
    assert "Chosen against compared: not judged" in last(stand_in, lambda one: noise[one.seed]).said

    def maybe_better(one: Trial) -> float:
        return math.exp(-0.1 + 0.03 * one.seed) if one.label == curves.CHOSEN else 1.0

    assert " of being worse by the margin)" in last(given, maybe_better).said


def test_where_all_diverged_it_says_so(given) -> None:
    """No figure and no dash: what is lost, and that there is nothing to compare."""

    def said(*sides: str) -> str:
        found = last(given, lambda one: None if one.label in sides else 1.0 + 0.1 * one.seed)
        json.dumps(found_to_json(found), allow_nan=False)
        assert NOTHING not in found.said
        assert "nan" not in found.said
        return found.said

    lost = f"has no test MSE, as all of its {SEEDS} runs diverged"
    one, other = said(curves.CHOSEN), said(curves.THAN)
    assert f"weight decay 0 {lost}. The recipe that it is compared with has a test MSE of" in one
    assert "Chosen against compared: worse (p = 0.031)." in one
    assert "Chosen against compared: better (p = 0.031)." in other
    both = said(curves.CHOSEN, curves.THAN)
    assert both.count(lost) == 2
    assert "All runs of both diverged, so there is nothing to compare." in both
    assert "Chosen against compared" not in both
    assert "The price of choosing the best of 5 settings (3 of them in full) is not known" in said(
        curves.AT_CHOICE
    )


def test_seeds_that_diverged_are_counted(given) -> None:
    lost = {curves.CHOSEN: {0, 1}, curves.AT_CHOICE: set(given.plan.choosing[:1])}
    found = last(given, lambda one: None if one.seed in lost.get(one.label, ()) else 1.0 + one.seed)
    assert f", with {SEEDS - 2} of {SEEDS} runs. The recipe" in found.said
    assert f"with {SEEDS - 2} that did not (and diverged with 2 more)" in found.said
    price = found.decided["price"]
    assert (price["n_choice"], price["n_fresh"], price["diverged"]) == (CHOOSING - 1, SEEDS - 2, 2)


@pytest.mark.parametrize(("side", "open_end"), [("chosen", "high"), ("than", "low")])
def test_an_interval_is_open_on_the_side_of_what_diverged(given, side, open_end) -> None:
    """A run that diverged may have been as bad as one likes."""
    noise = np.random.default_rng(1).normal(1, 0.02, 100)

    def loss(one: Trial) -> float | None:
        if (one.label, one.seed) == (side, 0):
            return None
        return float(noise[one.seed + (20 if one.label == "than" else 0)])

    found = last(given, loss)
    closed = {"low": "high", "high": "low"}[open_end]
    assert found.decided[open_end] is None
    assert (found.decided[closed] > found.decided["effect"]) == (closed == "high")


def flat(given: Before, level: float, other: float, **than: Any) -> Found:
    """Of the last step: losses that stay at these shares of a constant's, `than` trained so."""
    constant = constant_losses(given.data, given.plan.choosing[0])[0]
    chosen = finalist(given, lambda one: one.recipe.optimizer.rate)
    recipe = given.plan.than
    recipe = recipe.model_copy(update={"training": recipe.training.model_copy(update=than)})
    given = replace(given, plan=replace(given.plan, than=recipe))
    runs = []
    for one in answered(chosen.asked, lambda one: 1.0):
        share = other if one.trial.label == curves.THAN else level
        losses = dict.fromkeys(("train_loss", "valid_loss"), np.full(20, share * constant))
        runs.append(replace(one, record=replace(one.record, curves=losses)))
    return STEPS["curves"](replace(given, found={"finalists": chosen}, tried=tuple(runs)))


@pytest.mark.parametrize(
    ("level", "other", "diagnosis"),
    [(0.99, 0.99, "not learning"), (0.9, 0.1, "underfitting"), (0.9, 0.8, "good")],
)
def test_a_flat_curve_is_not_called_good(given, level, other, diagnosis) -> None:
    """At the level of a constant, or far above the recipe that it is compared with."""
    found = flat(given, level, other)
    assert found.decided["diagnosis"]["chosen"] == diagnosis
    assert learnt_nothing(found.decided) == (diagnosis == "not learning")


@pytest.mark.parametrize(
    "than", [{"loss": "cross_entropy"}, {"class_weights": "balanced"}], ids=str
)
def test_training_losses_of_two_scales_are_not_compared(given, than) -> None:
    assert flat(given, 0.9, 0.1, **than).decided["diagnosis"]["chosen"] == "good"


def test_the_same_settings_are_not_compared(given) -> None:
    own = given.plan.than
    chosen = finalist(given, lambda one: abs(one.recipe.optimizer.rate - own.optimizer.rate) + 0.1)
    runs = answered(chosen.asked, lambda one: 1.0 + one.seed)
    found = STEPS["curves"](replace(given, found={"finalists": chosen}, tried=runs))
    assert found.decided["verdict"] == SAME


def test_labels_name_the_variant_and_its_settings() -> None:
    assert label_of(START, "rate 0.1") == f"{START} · rate 0.1"


def test_files_are_found_again(tmp_path: Path, given) -> None:
    found = rates(given, valley)
    path = tmp_path / "3-rate.json"
    path.write_text(json.dumps(found_to_json(found), allow_nan=False))
    assert found_from_json(json.loads(path.read_text())) == found
