"""Diagnosis of curves: made ones of each kind, and ones at the borders."""

from dataclasses import replace

import numpy as np
import pandas
import pytest

from labbook.evaluate import diagnosis
from labbook.evaluate.diagnosis import Curves, constant_loss, diagnose, figures, mean_curve
from labbook.runs import UNFINISHED, USED_UP, read_run, run_path, write_run
from tests.made_study import ROWS, FakePrepared, make_study

EPOCHS = np.arange(1, 201)
NOISE = 0.05  # of a single run's losses, as a share


def exponential(start, end, epochs):
    """Falls from `start` to `end`, by a factor e in `epochs`."""
    return end + (start - end) * np.exp(-EPOCHS / epochs)


FALLEN = exponential(1, 0.1, 15)
KINDS = {
    # name: training curve, validation curve, share of runs unfinished, diagnosis
    "both fall and level off": (FALLEN, FALLEN * 1.2, 0, "good"),
    "level off at a high loss of noisy data": (exponential(1, 0.8, 15), exponential(1, 0.85, 15), 0, "good"),
    "no fall": (1 + 0 * EPOCHS, 1 + 0 * EPOCHS, 0, "not learning"),
    "hardly a fall": (exponential(1, 0.98, 15), exponential(1, 0.99, 15), 0, "not learning"),
    "far above a constant": (5 + 0 * EPOCHS, 5 + 0 * EPOCHS, 0, "not learning"),
    "validation turns up": (FALLEN, FALLEN + EPOCHS / 400, 0, "overfitting"),
    "only training falls": (FALLEN, 1.1 + 0 * EPOCHS, 0, "overfitting"),
    "falls slowly": (exponential(1, 0.1, 500), exponential(1.05, 0.15, 500), 1, "underfitting"),
    "falls slowly from the start of a constant": (1 - EPOCHS / 1250, 1.02 - EPOCHS / 1250, 1, "underfitting"),
    "still falling far down": (EPOCHS**-0.7, 1.2 * EPOCHS**-0.7, 1, "unfinished"),
    "still falling, stopped by patience": (EPOCHS**-0.7, 1.2 * EPOCHS**-0.7, 0, "good"),
    "loss grows": (exponential(0.9, 0.2, 5) * np.exp(EPOCHS / 60), exponential(0.9, 0.2, 5) * np.exp(EPOCHS / 60), 0, "diverging"),
    "jumps near zero": (FALLEN / 1e4 * (1 + 3 * (EPOCHS > 190)), FALLEN / 1e4, 0, "good"),
}  # fmt: skip


def diagnosed(train, valid, unfinished=0.0, diverged=0.0, **changes):
    known = Curves(8, diverged, unfinished, constant=1.0)
    return diagnose(replace(figures(train, valid, known), **changes))


@pytest.mark.parametrize("kind", KINDS)
def test_made_curves_of_each_kind(kind):
    train, valid, unfinished, expected = KINDS[kind]
    assert diagnosed(train, valid, unfinished) == expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_the_diagnosis_survives_noise(kind, seed):
    """The rules must not take the jags of eight runs for a turn."""
    train, valid, unfinished, expected = KINDS[kind]
    random = np.random.default_rng(seed)
    noisy = [np.log(c) + random.normal(0, NOISE, (8, len(EPOCHS))) for c in (train, valid)]
    assert diagnosed(*map(mean_curve, noisy), unfinished) == expected


BORDERS = [
    # a made curve's figure just inside and just outside a rule
    ({"diverged": 0.25}, "diverging", {"diverged": 0.125}, "good"),
    ({"train_lowest": 0.96, "train_end": 0.97}, "not learning", {"train_lowest": 0.94, "train_end": 0.94}, "good"),
    ({"valid_end": 0.2 * 1.06}, "overfitting", {"valid_end": 0.2 * 1.04}, "good"),
    ({"unfinished": 0.5, "late_fall": 0.006}, "unfinished", {"unfinished": 0.5, "late_fall": 0.004}, "good"),
    ({"unfinished": 0.5, "late_fall": 0.006}, "unfinished", {"unfinished": 0.4, "late_fall": 0.006}, "good"),
    ({"unfinished": 1, "late_fall": 0.1, "train_end": 0.6, "train_lowest": 0.6}, "underfitting",
     {"unfinished": 1, "late_fall": 0.1, "train_end": 0.4, "train_lowest": 0.4}, "unfinished"),
    ({"best_train": 0.045, "best_valid": 0.09}, "underfitting", {"best_train": 0.06, "best_valid": 0.09}, "good"),
    ({"best_train": 0.045, "best_valid": 0.09}, "underfitting", {"best_train": 0.045, "best_valid": 0.12}, "good"),
    ({"train_end": 0.7, "train_lowest": 0.3}, "diverging", {"train_end": 0.45, "train_lowest": 0.2}, "good"),
]  # fmt: skip
GOOD = Curves(8, 0, 0, 200, 1.0, 0.1, 0.1, 0.2, 180, 0.2, 0.0, 0.1, 0.2)


@pytest.mark.parametrize(("inside", "name", "outside", "other"), BORDERS)
def test_borders(inside, name, outside, other):
    assert diagnose(GOOD) == "good"
    assert diagnose(replace(GOOD, **inside)) == name
    assert diagnose(replace(GOOD, **outside)) == other


def test_every_diagnosis_has_advice_and_words():
    from labbook.report.diagnosis import SEEN

    assert set(diagnosis.ADVICE) == set(diagnosis.RULES)
    assert set(SEEN) == set(diagnosis.RULES)


def test_a_run_that_drops_out_makes_no_jump():
    """Six quick runs stop low, two slow ones go on high: no turn upwards."""
    quick = np.full((6, 100), np.nan)
    quick[:, :50] = np.log(np.geomspace(1, 0.01, 50))
    slow = np.tile(np.log(np.geomspace(1, 0.5, 100)), (2, 1))
    curve = mean_curve(np.concatenate([quick, slow]))
    assert len(curve) == 50  # half of the runs have ended
    assert np.all(np.diff(curve) < 0)
    three = np.concatenate([quick[:3], slow, slow])
    curve = mean_curve(three)
    assert len(curve) == 100
    assert np.all(np.diff(curve) <= 0)


def test_the_mean_is_geometric():
    curve = mean_curve(np.log([[4.0], [1.0]]))
    assert curve == pytest.approx([2.0])


def test_the_constant_prediction_is_that_of_the_training_rows():
    prepared = FakePrepared()
    results = type("R", (), {"prepared": prepared, "study": type("S", (), {"task": "regression"})})
    rows = prepared.split(3).train
    y = prepared.target[rows]
    mean_squared = np.mean(((y - y.mean()) / 2.0) ** 2)
    assert constant_loss(results, 3) == pytest.approx(mean_squared)
    prepared = FakePrepared("classification")
    results.prepared, results.study.task = prepared, "classification"
    y = prepared.target[rows]
    shares = np.bincount(y) / len(y)
    assert constant_loss(results, 3) == pytest.approx(np.mean(-np.log(shares[y])))
    assert ROWS == 30


def test_table_of_a_study(tmp_path):
    values = {"a": [0.1] * 4, "b": [0.1, 0.1, 0.1, None], "c": [None] * 4, "d": [0.1] * 4}
    results = make_study(tmp_path, values, epochs=60)
    for seed, record in ((s, results.records["d", s]) for s in results.study.seeds):
        path = run_path(tmp_path, record.id)
        full = read_run(path, ("curves", "weights", "predictions"))
        changed = {"ended": UNFINISHED if seed else USED_UP}
        write_run(path, replace(full, **changed))
        results.records["d", seed] = replace(record, **changed)
    found = diagnosis.write_diagnosis(results, tmp_path / "diagnosis.csv")
    assert [one.name for one in found] == ["good", "diverging", "diverging", "unfinished"]
    table = pandas.read_csv(tmp_path / "diagnosis.csv").set_index("combination")
    assert table.diverged.tolist() == [0, 0.25, 1, 0]
    assert table.unfinished.d == 0.75
    assert table.epochs.tolist() == [60, 60, 0, 60]
    assert np.isnan(table.valid_end.c)
    assert table.advice.d == "Raise the budget, training.epochs."
    # curves fall by equal factors from 10 to 0.1 in 60 epochs: 7.5 % each
    assert table.late_fall.d == pytest.approx(1 - 100 ** (-6 / 59), abs=0.04)


def test_far_above_another_combination_is_underfitting(tmp_path):
    results = make_study(tmp_path, {"a": [0.1] * 3, "b": [0.9] * 3}, epochs=60)
    found = diagnosis.diagnose_study(results)
    assert [one.name for one in found] == ["good", "underfitting"]
