"""Split conformal prediction holds what it says, on made data whose truth is known."""

import math

import numpy as np
import pytest

from labbook.evaluate.choice import Choice
from labbook.evaluate.conformal import conformal_entry
from labbook.evaluate.ensemble import ensemble_entry
from labbook.evaluate.statistics import conformal
from labbook.evaluate.statistics.intervals import rate_interval
from tests.made_champion import made_champion, of_classes

RANKS = [
    # rows, level, which of the sorted scores (from 1); None: too few rows
    (9, 0.9, 9), (10, 0.9, 10), (8, 0.9, None), (19, 0.95, 19), (99, 0.9, 90), (19, 0.8, 16),
    (1, 0.5, 1),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "level", "rank"), RANKS)
def test_the_quantile_is_that_of_lei_and_others(rows, level, rank):
    found = conformal.quantile(np.arange(1.0, rows + 1), level)
    assert found == (math.inf if rank is None else rank)


@pytest.mark.parametrize("task", ["regression", "classification"])
@pytest.mark.parametrize("level", conformal.MEASURED)
def test_coverage_is_what_it_says(task, level):
    """Whatever the model: a poor one here, with errors that are skewed and differ by row.

    The expected coverage is ceil((n + 1) level) / (n + 1), of scores without ties.
    """
    draw, covered, n, tries = np.random.default_rng(7), 0, 39, 2000
    for _ in range(tries):
        if task == "regression":
            predicted = draw.normal(size=n + 1)
            target = predicted + draw.gamma(1.0, 2.0, n + 1) * np.abs(predicted)
        else:
            logits = draw.normal(size=(n + 1, 4)) * 2
            predicted = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
            target = draw.integers(0, 4, n + 1)
        found = conformal.scores(task, target, predicted)
        covered += found[-1] <= conformal.quantiles(found[:-1], [level])[0]
    expected = math.ceil((n + 1) * level) / (n + 1)
    low, high = rate_interval(covered, tries)
    assert low - 0.01 <= expected <= high + 0.01


def test_a_set_holds_a_class_just_as_its_score_is_below_the_limit():
    predicted = np.log(np.array([[0.7, 0.2, 0.1], [0.4, 0.35, 0.25]]))
    assert conformal.in_set(predicted, 0.66).tolist() == [[True, False, False], [True, True, False]]
    assert not conformal.in_set(predicted, 0.2).any()


@pytest.mark.parametrize("dataset", [None, of_classes()])
def test_coverage_on_test_rows_is_measured_by_each_seeds_own_quantile(tmp_path, dataset):
    results = made_champion(tmp_path, dataset)
    entry = conformal_entry(results, Choice("all", 0))
    shares = []
    for seed in results.study.seeds:
        found = results.read("all", seed, "predictions").predictions
        split, task = results.prepared.split(seed), results.study.task
        scores = {
            part: conformal.scores(task, results.prepared.target[getattr(split, part)], found[part])
            for part in ("valid", "test")
        }
        limit = np.sort(scores["valid"])[math.ceil(0.9 * (len(scores["valid"]) + 1)) - 1]
        shares.append(np.mean(scores["test"] <= limit))
    measured = entry["coverage"][1]
    assert (measured["level"], measured["n"]) == (0.9, 3)
    assert measured["mean"] == pytest.approx(np.mean(shares))


@pytest.mark.parametrize("dataset", [None, of_classes()])
def test_no_run_of_an_ensemble_has_been_fitted_to_a_row_that_it_is_judged_by(tmp_path, dataset):
    results = made_champion(tmp_path, dataset)
    prepared, by_row = results.prepared, {}
    for seed in results.study.seeds:
        found = results.read("all", seed, "predictions").predictions["test"]
        for row, one in zip(prepared.split(seed).test.tolist(), found, strict=True):
            by_row.setdefault(row, []).append(one)
    single, together = [], []
    for row, ones in by_row.items():
        if len(ones) > 1:
            true = prepared.target[row]
            if results.study.task == "regression":
                single.append(np.mean((np.array(ones) - true) ** 2))
                together.append((np.mean(ones) - true) ** 2)
            else:
                single.append(np.mean([one.argmax() == true for one in ones]))
                together.append(np.exp(np.array(ones, float)).mean(axis=0).argmax() == true)
    entry = ensemble_entry(results, "all")
    assert entry["gain"]["n"] == len(single)
    assert entry["single"] == pytest.approx(np.mean(single))
    assert entry["together"] == pytest.approx(np.mean(together))
