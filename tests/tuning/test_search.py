"""A search on made answers with a known truth: what it finds, what it spends, what it says."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats

from labbook.evaluate.statistics.intervals import oriented
from labbook.params.tuning import FIRST_SEEDS, MOST_SEEDS
from labbook.tuning.search.race import THAN, WINNER
from labbook.tuning.search.standing import combinations_of
from labbook.verdicts import SAME
from labbook.wording import NOTHING
from tests.tuning.made_search import WHOLE, chance, errors, go, plan, spent

BEST_RATE, NOISE = 0.05, 0.15
KINDS = {"optimizer.kind": ["adam", "sgd", "momentum"], "model.activation": ["relu", "tanh"]}
WORSE = {"adam": 0.0, "momentum": 0.2, "sgd": 0.5}


@pytest.fixture(autouse=True)
def no_forest(request, monkeypatch):
    """Importance is told by a forest, which takes seconds: only where it is asked for."""
    if "importance" not in request.node.name:
        module = import_module("labbook.tuning.search.discard")
        monkeypatch.setattr(module, "importance", lambda rows, metric: [])


def truth(recipe) -> float:
    """The true logarithm of the error: a bowl over the rate's, and a step for each optimiser."""
    far = np.log10(recipe.optimizer.rate / BEST_RATE)
    return float(0.5 * far**2 + WORSE[recipe.optimizer.kind])


def bowl(trial):
    """Answers by `truth`; short trainings are worse, and more so with small rates."""
    short = trial.recipe.training.epochs < WHOLE
    late = 0.3 * short * np.log10(1 / trial.recipe.optimizer.rate)
    return errors(truth(trial.recipe) + late, trial, NOISE)


def level(trial):
    """All combinations are alike: what is best was lucky."""
    return errors(0.0, trial, NOISE)


def regret(of_plan, label) -> float:
    truths = {one: truth(c.recipe) for one, c in combinations_of(of_plan).items()}
    return truths[label] - min(truths.values())


def test_it_comes_close_to_the_best_and_closer_than_random_search():
    """Random search trains whole trainings of the same draws for the same budget."""
    ours, random = [], []
    for seed in range(30):
        of_plan = plan(KINDS, budget=2000, seed=seed)
        found, _ = go(of_plan, bowl)
        ours.append(regret(of_plan, found["final"].decided["label"]))
        some = list(combinations_of(of_plan).items())[1 : 1 + 2000 // WHOLE]
        values = [
            truth(one.recipe) + NOISE * np.random.default_rng([seed, place]).normal()
            for place, (_, one) in enumerate(some)
        ]
        random.append(regret(of_plan, some[int(np.argmin(values))][0]))
    assert np.mean(ours) < 0.06  # of a logarithm: 6 % of the error; the noise of a run is 15 %
    assert np.mean(ours) < 0.7 * np.mean(random)


@pytest.mark.parametrize("epochs", [1, 4, 7])
@pytest.mark.parametrize("budget", [None, 500, 999, 2000, 9000])
def test_the_budget_is_kept_and_what_is_spent_is_counted(budget, epochs):
    least = plan(epochs=epochs).block.search.least_budget(WHOLE)
    budget = budget or least
    found, given = go(plan(KINDS, budget=budget, epochs=epochs), bowl)
    assert spent(given) <= budget
    assert found["final"].decided["spent"] == spent(given)
    drawn = sum(one.record.epochs for one in given["discard"])
    assert drawn <= budget / 2
    assert drawn == sum(one.recipe.training.epochs for one in found["draw"].asked)


def test_a_race_between_equals_spends_nearly_all():
    """Of what is left nothing more could be trained, or the seeds have come to their end."""
    found, given = go(plan(budget=2000), level)
    standing = found["race-4"].decided["standing"]
    left = 2000 - spent(given)
    assert standing["over"] != "one combination is left"
    assert left < WHOLE * len(standing["racing"]) or len(standing["racing"]) == 1


def test_seeds_that_choose_are_not_those_that_judge():
    of_plan = plan(KINDS)
    _, given = go(of_plan, level)
    choosing = {one.trial.seed for step in of_plan.steps[:-1] for one in given[step]}
    judging = {one.trial.seed for one in given["final"]}
    assert judging == set(range(8))
    assert choosing
    assert choosing <= set(range(8, 8 + MOST_SEEDS))


def test_nothing_is_known_of_test_rows_before_the_last_step():
    def without(trial):
        metrics = bowl(trial)
        return {"valid_mse": metrics["valid_mse"]} if trial.seed >= 8 else metrics

    assert go(plan(KINDS), without)[0] == go(plan(KINDS), bowl)[0]


def test_the_order_of_runs_does_not_matter():
    def shuffled(tried):
        return [tried[i] for i in np.random.default_rng(0).permutation(len(tried))]

    assert go(plan(KINDS), bowl, order=shuffled)[0] == go(plan(KINDS), bowl)[0]


def test_of_equal_values_the_start_wins():
    found, _ = go(plan(KINDS), lambda trial: {"valid_mse": 1.0, "test_mse": 1.0})
    assert found["final"].decided["label"] == "the start"
    assert found["final"].decided["verdict"] == SAME
    assert "found nothing better" in found["final"].said
    assert {one.label for one in found["race-4"].asked} == {WINNER}  # trained once, not twice


def test_the_best_of_many_pays_for_having_been_lucky():
    """All are alike, so the whole of the lead is luck: on fresh seeds it is gone."""
    prices, chosen, fresh = [], [], []
    for seed in range(40):
        found, _ = go(plan(KINDS, budget=3000, seed=seed), level)
        rows = found["final"].decided["price"]
        chosen.append(np.log(rows[0]["mean"]))
        fresh.append(np.log(rows[1]["mean"]))
        prices.append(np.log(rows[1]["price"]))
        assert "The price of choosing on fresh seeds" in found["final"].said
    assert np.mean(prices) > 0.03
    assert stats.ttest_1samp(prices, 0, alternative="greater").pvalue < 0.001
    assert np.mean(chosen) < -0.03  # the truth is 0
    assert abs(np.mean(fresh)) < 4 * NOISE / np.sqrt(8 * 40)


def test_the_price_is_welchs_interval():
    """On logarithms, against SciPy."""
    found, given = go(plan(KINDS), bowl)
    rows = found["final"].decided["price"]
    label = found["final"].decided["label"]
    values = found["race-4"].decided["standing"]["values"][label]
    winner = [one for one in given["final"] if one.trial.label == WINNER]
    for row, metric in zip(rows[1:], ("valid_mse", "test_mse"), strict=True):
        then = [one.record.metrics[metric] for one in winner]
        test = stats.ttest_ind(np.log(then), np.log(values), equal_var=False)
        low, high = test.confidence_interval(0.95)
        assert [row["price_low"], row["price_high"]] == pytest.approx([np.exp(low), np.exp(high)])
        assert row["price"] == pytest.approx(stats.gmean(then) / stats.gmean(values))


@pytest.mark.parametrize(
    ("of_winner", "of_start", "verdict"),
    [(0.5, 1.0, "better"), (1.5, 1.0, "worse"), (1.0, 1.0, "no relevant difference")],
)
def test_the_verdict_is_on_test_rows(of_winner, of_start, verdict):
    """Whatever the validation rows said."""

    def answer(trial):
        error = of_start if trial.recipe == plan().recipe else of_winner
        noise = 1 + 0.01 * chance(trial).normal()
        late = trial.recipe.optimizer.rate  # smaller rates choose themselves
        return {"valid_mse": late * noise, "test_mse": error * noise}

    decided = go(plan(), answer)[0]["final"].decided
    assert decided["verdict"] == verdict
    assert decided["metric"] == "test_mse"
    assert decided["effect"] == pytest.approx(of_winner / of_start, rel=0.02)
    assert decided["low"] < decided["effect"] < decided["high"]
    judged = go(plan(), answer, edition="stand-in")[0]["final"]
    assert judged.decided["verdict"] == "not judged"
    assert "stand-in" in judged.said


def test_the_effect_is_the_paired_t_test():
    _, given = go(plan(KINDS), bowl)
    found = go(plan(KINDS), bowl)[0]["final"]
    sides = [
        {one.trial.seed: one.record.metrics["test_mse"] for one in given["final"]
         if one.trial.label == label}
        for label in (WINNER, THAN)
    ]  # fmt: skip
    differences = np.log([sides[0][seed] / sides[1][seed] for seed in range(8)])
    low, high = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    decided = found.decided
    expected = np.exp([low, differences.mean(), high])
    assert [decided["low"], decided["effect"], decided["high"]] == pytest.approx(expected)


def test_it_stops_where_all_diverge_at_once():
    found, given = go(plan(KINDS), lambda trial: None)
    assert "All combinations diverged within 4 epochs" in found["discard"].stopped
    assert "optimizer.rate" in found["discard"].stopped
    assert not found["discard"].asked
    assert found["final"].stopped == found["discard"].stopped
    assert "Not reached" in found["final"].said
    assert not given["final"]


def test_it_stops_where_all_diverge_later():
    def later(trial):
        return None if trial.recipe.training.epochs == WHOLE else bowl(trial)

    found, _ = go(plan(KINDS), later)
    assert "diverged within their 40 epochs" in found["race-1"].stopped
    assert all(row["mean"] is None for row in found["race-1"].rows)
    assert found["race-2"].stopped


def test_what_diverges_goes_and_the_rest_goes_on():
    """Rates above 0.1 diverge at once, those above 0.01 with two seeds of three."""

    def answer(trial):
        rate, whole = trial.recipe.optimizer.rate, trial.recipe.training.epochs == WHOLE
        fails = rate > 0.1 or (rate > 0.01 and whole and trial.seed % 3)
        return None if fails else errors(-np.log10(rate), trial, NOISE)

    found, _ = go(plan(budget=3000), answer)
    rows = found["discard"].rows
    assert {row["why"] for row in rows if row["place"] is None} == {"diverged"}
    assert all(row["value"] is None and not row["kept"] for row in rows if row["place"] is None)
    assert all((row["settings"]["optimizer.rate"] > 0.1) == (row["place"] is None) for row in rows)
    gone = [row for row in found["race-1"].rows if row["dropped"]]
    assert any("diverged more often" in row["why"] for row in gone) or not any(
        row["settings"]["optimizer.rate"] > 0.01 for row in found["race-1"].rows
    )
    assert found["final"].decided["settings"]["optimizer.rate"] <= 0.1


def test_a_last_step_in_which_all_diverge_says_so():
    """The price is not known, nor is there a figure where there is none."""

    def said(*sides):
        answer = lambda trial: None if trial.label in sides else bowl(trial)  # noqa: E731
        text = go(plan(), answer)[0]["final"].said
        assert NOTHING not in text
        assert "nan" not in text
        return text

    lost = "has no test MSE, as all of its 8 runs diverged"
    ours, other = said(WINNER), said(THAN)
    assert f"{lost}. The recipe made has a test MSE of" in ours
    assert "The winner is worse." in ours
    assert "all of its runs diverged: no price is known" in ours
    assert f"The recipe made {lost}. The winner is better." in other
    both = said(WINNER, THAN)
    assert both.count(lost) == 2
    assert "All runs of both diverged, so there is nothing to compare." in both


def test_what_diverged_with_some_seeds_is_counted_and_a_lost_start_named():
    of_plan = plan()

    def answer(trial):
        start = trial.recipe == of_plan.recipe and trial.label != THAN
        lost = trial.label in (WINNER, THAN) and trial.seed == 0
        short = trial.recipe.training.epochs < WHOLE and trial.label == "the start"
        return None if start or lost or short else bowl(trial)

    found = go(of_plan, answer)[0]
    assert "; the start diverged. " in found["discard"].said
    assert found["final"].said.count(", with 7 of 8 runs") == 2


def test_discarding_keeps_the_best_of_the_short_trainings():
    found, given = go(plan(KINDS), bowl)
    values = {one.trial.label: one.record.metrics["valid_mse"] for one in given["discard"]}
    best = sorted(values, key=values.__getitem__)
    rows = {row["label"]: row for row in found["discard"].rows}
    kept = [label for label in best if rows[label]["kept"]]
    others = [label for label in kept if label != "the start"]
    assert best[: len(others)] == others
    assert 2 <= len(others) < len(best) / 2
    assert rows["the start"]["kept"]
    assert rows["the start"]["why"] == "the start always races"
    assert [rows[label]["place"] for label in best] == list(range(1, len(best) + 1))
    assert {(one.label, one.seed) for one in found["discard"].asked} == {
        (label, 8 + seed) for label in kept for seed in range(FIRST_SEEDS)
    }


def test_a_short_training_is_not_ended_earlier_still():
    """Of the recipe all but the number of epochs, and of patience what it has time for."""
    of_plan = plan(epochs=4)
    patient = of_plan.recipe.training.model_copy(update={"patience": 20, "stalled": 2})
    recipe = of_plan.recipe.model_copy(update={"training": patient})
    asked = go(type(of_plan)(**vars(of_plan) | {"recipe": recipe}), bowl)[0]["draw"].asked
    short = asked[0].recipe.training
    assert (short.epochs, short.patience, short.stalled) == (4, None, 2)
    assert asked[0].recipe.optimizer == recipe.optimizer


def test_importance_names_what_matters():
    """The optimiser alone decides; the activation does nothing."""

    def answer(trial):
        return errors(4 * WORSE[trial.recipe.optimizer.kind], trial, 0.02)

    found = go(plan(KINDS, budget=2000), answer)[0]["discard"]
    shares = {row["setting"]: row["share"] for row in found.decided["importance"]}
    assert shares["optimizer.kind"] > 0.9
    assert shares["model.activation"] < 0.02
    assert "Of the spread after 4 epochs the settings explain: optimizer.kind" in found.said


@pytest.mark.parametrize(
    ("module", "step"),
    [("draw", "draw"), ("discard", "discard"), ("race", "race-1"), ("final", "final")],
)
def test_rows_are_those_of_the_description(module, step):
    described = import_module(f"labbook.tuning.search.{module}").__doc__
    found, _ = go(plan(KINDS), bowl)
    for name in found[step].rows[0]:
        assert f"`{name}`" in described, name


def test_the_winner_is_the_best_of_those_that_are_left():
    """By the geometric mean of all of its values so far."""
    found, _ = go(plan(KINDS, budget=4000), bowl)
    standing = found["race-4"].decided["standing"]
    means = {
        label: oriented(np.array(standing["values"][label]), "valid_mse").mean()
        for label in standing["racing"]
    }
    assert found["race-4"].decided["winner"] == max(means, key=means.__getitem__)
