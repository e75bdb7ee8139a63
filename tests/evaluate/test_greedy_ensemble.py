"""Greedy selection against a plain loop; the table of made studies; what has none."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labbook.errors import LabbookError
from labbook.evaluate import greedy_ensemble as module
from labbook.evaluate.choice import choose
from labbook.evaluate.greedy_ensemble import NAME, write_greedy_ensemble
from labbook.evaluate.statistics.greedy import greedy_members, losses
from labbook.metrics import accuracy, cross_entropy, mse
from labbook.params.studies import Recipe
from tests.made_study import FakePrepared, make_study, recipe

VALUES = {"a": [1.0, 1.2, 0.9, 1.1, 1.0, 1.3], "b": [2.0, 1.9, 2.2, 2.1, 2.0, 1.8], "c": [1.5] * 6}


def by_hand(given: np.ndarray, loss: Any, steps: int) -> list[int]:
    """Caruana et al. (2004), written as it reads: add the model that helps most, many times."""
    chosen: list[int] = []
    tried = []
    for _ in range(steps):
        chosen.append(min(range(len(given)), key=lambda i: loss(given[[*chosen, i]].mean(axis=0))))
        tried.append(loss(given[chosen].mean(axis=0)))
    return chosen[: int(np.argmin(tried)) + 1]


def test_selection_is_that_of_a_plain_loop() -> None:
    random = np.random.default_rng(1)
    errors = random.normal(0.2, 1, (6, 40))
    expected = by_hand(errors, lambda mean: float((mean**2).mean()), 12)
    assert greedy_members(errors, "regression", 12) == expected
    true = random.uniform(0.05, 1, (5, 30))
    expected = by_hand(true, lambda mean: float(-np.log(mean).mean()), 12)
    assert greedy_members(true, "classification", 12) == expected
    assert len(set(expected)) > 1


def test_a_perfect_model_stays_alone() -> None:
    errors = np.array([[1.0, -1.0], [0.0, 0.0], [0.5, 0.5]])
    assert greedy_members(errors, "regression") == [1]


def test_opposite_errors_cancel_out() -> None:
    assert greedy_members(np.array([[1.0, 1.0], [-1.0, -1.0]]), "regression") == [0, 1]


def test_a_probability_of_zero_is_a_number() -> None:
    assert np.isfinite(losses(np.zeros((1, 3)), "classification")).all()


def table(results: Any, folder: Path) -> pd.DataFrame:
    write_greedy_ensemble(results, choose(results), folder / "t.csv")
    return pd.read_csv(folder / "t.csv")


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_the_table_agrees_with_a_loop_over_the_files(tmp_path: Path, task: str) -> None:
    """Predictions are read again by another way, and the mean is made of them."""
    results = make_study(tmp_path, VALUES, task=task)
    found = table(results, tmp_path)
    assert found.who.tolist()[0] == NAME
    values = []
    for seed in results.study.seeds:
        split = results.prepared.split(seed)
        runs = [results.read(label, seed, "predictions").predictions for label in VALUES]
        valid, test = (np.array([run[part] for run in runs], float) for part in ("valid", "test"))
        target = results.prepared.target
        if task == "regression":
            members = by_hand(valid - target[split.valid], lambda mean: float((mean**2).mean()), 25)
            values.append(np.log(mse(target[split.test], test[members].mean(axis=0))))
        else:
            true = np.exp(valid[:, np.arange(7), target[split.valid]])
            members = by_hand(true, lambda mean: float(-np.log(mean).mean()), 25)
            mean = np.log(np.exp(test[members]).mean(axis=0))
            values.append(accuracy(target[split.test], mean))
            assert np.isfinite(cross_entropy(target[split.test], mean))
    mean = np.exp(np.mean(values)) if task == "regression" else np.mean(values)
    assert found["mean"][0] == pytest.approx(mean)
    assert found.n[0] == 6
    assert found.candidates[0] == 3
    assert found.p[0] == found.p[0]
    ratio = task == "regression"  # made runs' own metrics are not those of their predictions
    effect = found["mean"][0] / found["mean"][1] if ratio else found["mean"][0] - found["mean"][1]
    assert found.effect[0] == pytest.approx(effect)
    assert found.effect_low[0] <= found.effect[0] <= found.effect_high[0]


def test_a_seed_in_which_all_failed_is_left_out(tmp_path: Path) -> None:
    values = {"a": [None, *VALUES["a"]], "b": [None, *VALUES["b"]]}
    found = table(make_study(tmp_path, values), tmp_path)
    assert found.n.tolist() == [6, 6]
    assert found.effect_low[0] <= found.effect[0] <= found.effect_high[0]


def test_on_a_stand_in_nothing_is_tested(tmp_path: Path) -> None:
    prepared = FakePrepared(edition="stand-in")
    found = table(make_study(tmp_path, VALUES, prepared=prepared), tmp_path)
    assert found.p.isna().all()
    assert found.effect_low[0] <= found.effect[0] <= found.effect_high[0]


def test_runs_that_diverged_have_no_part(tmp_path: Path) -> None:
    values = {"a": VALUES["a"], "b": [None, *VALUES["b"][1:]]}
    assert table(make_study(tmp_path, values), tmp_path).n[0] == 6


def test_few_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_READ", 12)
    found = table(make_study(tmp_path, VALUES), tmp_path)
    assert found.candidates[0] == 2


def test_few_rows_choose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 2)
    assert len(table(make_study(tmp_path, VALUES), tmp_path)) == 2


def test_predictions_are_read_again_where_they_are_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = make_study(tmp_path, VALUES)
    expected = table(results, tmp_path)
    monkeypatch.setattr(module, "MOST_KEPT", 0)
    assert table(results, tmp_path).equals(expected)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    results = make_study(tmp_path, VALUES)
    results.path("b", 3).write_bytes(b"not a run")
    with pytest.raises(LabbookError, match="not a whole run file"):
        table(results, tmp_path)


def redrawing(number: int) -> Recipe:
    """One and the same setting, of which other parts of chance are drawn anew."""
    redraw = (None, "all", "initialisation", "batch order")[number]
    return recipe(training={"batch": 8, "epochs": 50, "redraw": redraw})


@pytest.mark.parametrize(
    "options",
    [
        {"values": {"a": VALUES["a"]}},
        {"values": VALUES, "base": {name: redrawing(n) for n, name in enumerate(VALUES)}},
        {"values": {"a": [None] * 6, "b": [None] * 6}},
    ],
)
def test_nothing_to_put_together(tmp_path: Path, options: dict[str, Any]) -> None:
    results = make_study(tmp_path, options.pop("values"), **options)
    assert table(results, tmp_path).empty
