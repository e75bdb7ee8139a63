"""Diagnosis of curves: made ones of each kind, and ones at the borders."""

from dataclasses import replace

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.evaluate.baselines import constant_losses
from labbook.evaluate.curves import diagnosis
from labbook.evaluate.curves.diagnosis import advice, diagnose
from labbook.evaluate.curves.mean_curves import CurveShape, mean_curve, with_ends
from labbook.training.runfile import UNFINISHED, USED_UP
from tests.made_study import ROWS, FakePrepared, made_results

EPOCHS = np.arange(1, 201)
NOISE = 0.05  # of a single run's losses, as a share


def exponential(start, end, epochs):
    """Falls from `start` to `end`, by a factor e in `epochs`."""
    return end + (start - end) * np.exp(-EPOCHS / epochs)


def spiked(curve, *places, height=30):
    """With jumps as Adam makes them: up at once, and back by a factor e in three epochs."""
    jumps = sum(np.where(at <= EPOCHS, np.exp((at - EPOCHS) / 3), 0) for at in places)
    return curve * (1 + height * jumps)


FALLEN = exponential(1, 0.1, 15)
TOGETHER = FALLEN + EPOCHS / 1000  # both losses rise again
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
    "validation turns up from below training": (FALLEN, FALLEN / 2 + EPOCHS / 800, 0, "overfitting"),
    "training at zero, which jumps": (FALLEN * 1e-6 * (1 + EPOCHS / 20), FALLEN + EPOCHS / 400, 0, "overfitting"),
    "both rise, validation below": (TOGETHER, TOGETHER * 0.9, 0, "unsteady"),
    "both rise, validation above": (TOGETHER, TOGETHER * 1.1, 0, "unsteady"),
    "validation turns up below training": (0.5 + FALLEN, 0.05 + FALLEN + EPOCHS / 2000, 0, "unsteady"),
    "both jump about": (TOGETHER * 2 ** np.sin(EPOCHS / 9), 0.95 * TOGETHER * 2 ** np.sin(EPOCHS / 9), 0, "unsteady"),
    "a line through a parabola": (exponential(1, 0.8, 15), exponential(1.05, 1.01, 15), 0, "not learning"),
    "validation learns, one split aside": (exponential(1, 0.9, 15), exponential(1.05, 0.93, 15), 0, "good"),
    "spikes on the way": (spiked(FALLEN, 60, 90, 140), spiked(FALLEN * 1.2, 60, 90, 140), 0, "good"),
    "a spike at the end": (spiked(FALLEN, 196), spiked(FALLEN * 1.2, 196), 0, "good"),
    "a spike at the end, far up": (spiked(FALLEN, 198, height=1e3), spiked(FALLEN, 198, height=1e3), 0, "good"),
    "a spike of validation alone": (FALLEN, spiked(FALLEN * 1.2, 196, height=9), 0, "good"),
    "jumps near zero": (FALLEN / 1e4 * (1 + 3 * (EPOCHS > 190)), FALLEN / 1e4, 0, "good"),
}  # fmt: skip


def diagnosed(train, valid, unfinished=0.0, diverged=0.0, **changes):
    known = CurveShape(8, diverged, unfinished, constant=1.0, valid_constant=1.0)
    return diagnose(replace(with_ends(known, train, valid), **changes))


@pytest.mark.parametrize("kind", KINDS)
def test_made_curves_of_each_kind(kind):
    """Also with noise: the rules must not take the jags of eight runs for a turn."""
    train, valid, unfinished, expected = KINDS[kind]
    assert diagnosed(train, valid, unfinished) == expected
    for seed in range(3):
        random = np.random.default_rng(seed)
        noisy = [np.log(c) + random.normal(0, NOISE, (8, len(EPOCHS))) for c in (train, valid)]
        assert diagnosed(*map(mean_curve, noisy), unfinished) == expected, seed


BORDERS = [
    # a made curve's figure just inside and just outside a rule
    ({"diverged": 0.25}, "diverging", {"diverged": 0.125}, "good"),
    ({"train_lowest": 0.96, "train_end": 0.97}, "not learning", {"train_lowest": 0.94, "train_end": 0.94}, "good"),
    ({"valid_end": 0.2 * 1.06}, "overfitting", {"valid_end": 0.2 * 1.04}, "good"),
    ({"valid_end": 0.25, "train_end": 0.109}, "overfitting", {"valid_end": 0.25, "train_end": 0.111}, "unsteady"),
    ({"valid_end": 0.25, "train_end": 0.1, "train_then": 0.1}, "overfitting",
     {"valid_end": 0.25, "train_end": 0.26, "train_then": 0.26}, "unsteady"),
    ({"valid_lowest": 0.96, "valid_end": 0.97, "train_lowest": 0.49, "train_end": 0.49}, "overfitting",
     {"valid_lowest": 0.96, "valid_end": 0.97, "train_lowest": 0.51, "train_end": 0.51}, "not learning"),
    ({"unfinished": 0.5, "late_fall": 0.006}, "unfinished", {"unfinished": 0.5, "late_fall": 0.004}, "good"),
    ({"unfinished": 0.5, "late_fall": 0.006}, "unfinished", {"unfinished": 0.4, "late_fall": 0.006}, "good"),
    ({"unfinished": 1, "late_fall": 0.1, "train_end": 0.6, "train_lowest": 0.6}, "underfitting",
     {"unfinished": 1, "late_fall": 0.1, "train_end": 0.4, "train_lowest": 0.4}, "unfinished"),
    ({"best_train": 0.045, "best_valid": 0.09}, "underfitting", {"best_train": 0.06, "best_valid": 0.09}, "good"),
    ({"best_train": 0.045, "best_valid": 0.09}, "underfitting", {"best_train": 0.045, "best_valid": 0.12}, "good"),
    ({"train_end": 0.7, "train_lowest": 0.3}, "diverging", {"train_end": 0.45, "train_lowest": 0.2}, "good"),
]  # fmt: skip
GOOD = CurveShape(8, 0, 0, 200, 1.0, 1.0, 0.1, 0.1, 0.2, 0.1, 0.2, 0.0, 0.1, 0.2)


@pytest.mark.parametrize(("inside", "name", "outside", "other"), BORDERS)
def test_borders(inside, name, outside, other):
    assert diagnose(GOOD) == "good"
    assert diagnose(replace(GOOD, **inside)) == name
    assert diagnose(replace(GOOD, **outside)) == other


LOSS = st.floats(1e-3, 10)
SHARES = st.sampled_from([0, 0.125, 0.25, 0.5, 1])


@st.composite
def curve(draw):
    """Straight lines between a few losses, on a logarithmic scale."""
    corners = draw(st.lists(LOSS, min_size=2, max_size=5))
    places = np.linspace(0, len(corners) - 1, draw(st.integers(1, 120)))
    return np.exp(np.interp(places, range(len(corners)), np.log(corners)))


@st.composite
def both(draw):
    train, valid = draw(curve()), draw(curve())
    end = min(len(train), len(valid))
    return train[:end], valid[:end]


@given(losses=both(), unfinished=SHARES, unit=st.sampled_from([2.0**-20, 0.25, 8.0, 2.0**30]))
def test_the_unit_of_the_loss_changes_no_diagnosis(losses, unfinished, unit):
    """A target in other units: all losses and the constant's by the same factor."""
    known = CurveShape(8, 0, unfinished, constant=1.0, valid_constant=1.0)
    plain = diagnose(with_ends(known, *losses))
    scaled = with_ends(
        replace(known, constant=unit, valid_constant=unit), *(unit * one for one in losses)
    )
    assert diagnose(scaled) == plain


@given(losses=both(), unfinished=SHARES, times=st.integers(2, 5))
def test_overfitting_is_said_of_a_gap_that_widens(losses, unfinished, times):
    """Nothing that training does as well, and nothing that stays below it, is overfitting."""
    train, valid = losses
    known = CurveShape(8, 0, unfinished, constant=10.0, valid_constant=10.0)
    for one, other in (
        (train, train),
        (valid, valid),
        (times * valid, valid),
        (train, train * 1.2),
    ):
        assert diagnose(with_ends(known, one, other)) != "overfitting"
    if diagnose(found := with_ends(known, train, valid)) == "overfitting":
        assert found.valid_end > found.train_end


@given(losses=both(), unfinished=SHARES)
def test_what_is_called_good_fell_and_stayed(losses, unfinished):
    """The words beside a diagnosis hold of its curves."""
    found = with_ends(CurveShape(8, 0, unfinished, constant=1.0, valid_constant=1.0), *losses)
    if diagnose(found) == "good":
        assert max(found.train_lowest, found.valid_lowest) < 0.95
        assert found.valid_end < 1.05 * found.valid_lowest


def test_every_diagnosis_has_advice_and_words():
    from labbook.report.page.diagnosis import SEEN

    assert set(diagnosis.REMEDIES) == set(diagnosis.RULES)
    assert set(SEEN) == set(diagnosis.RULES)


def test_a_run_that_drops_out_makes_no_jump():
    """Six quick runs stop low, two slow ones go on high: no turn upwards."""
    quick = np.full((6, 100), np.nan)
    quick[:, :50] = np.log(np.geomspace(1, 0.01, 50))
    slow = np.tile(np.log(np.geomspace(1, 0.5, 100)), (2, 1))
    curve = mean_curve(np.concatenate([quick, slow]))
    assert len(curve) == 50  # half of the runs have ended
    assert np.all(np.diff(curve) < 0)
    curve = mean_curve(np.concatenate([quick[:3], slow, slow]))
    assert len(curve) == 100
    assert np.all(np.diff(curve) <= 0)
    assert mean_curve(np.log([[4.0], [1.0]])) == pytest.approx([2.0])  # geometric


def test_the_constant_prediction_is_that_of_the_training_rows():
    prepared = FakePrepared()
    train, valid = prepared.split(3).train, prepared.split(3).valid
    mean = prepared.target[train].mean()
    squares = [np.mean(((prepared.target[rows] - mean) / 2.0) ** 2) for rows in (train, valid)]
    assert constant_losses(prepared, 3) == pytest.approx(squares)
    prepared = FakePrepared("classification")
    shares = np.bincount(prepared.target[train]) / len(train)
    nats = [np.mean(-np.log(shares[prepared.target[rows]])) for rows in (train, valid)]
    assert constant_losses(prepared, 3) == pytest.approx(nats)
    equal = np.log(len(np.unique(prepared.target[train])))  # what class weights make of them
    assert constant_losses(prepared, 3, weighed=True) == pytest.approx([equal, equal])
    assert ROWS == 30


def test_a_validation_part_that_spreads_more_is_measured_against_its_own_constant():
    """Losses of 0.9 are no sign of overfitting where a constant has 1.2 there."""
    found = with_ends(CurveShape(8, 0, 0, constant=0.9, valid_constant=1.2), FALLEN, FALLEN + 0.85)
    assert diagnose(found) == "good"
    assert diagnose(replace(found, valid_constant=0.95)) == "overfitting"


def test_table_of_a_study(tmp_path):
    values = {"a": [0.1] * 4, "b": [0.1, 0.1, 0.1, None], "c": [None] * 4, "d": [0.1] * 4,
              "e": [0.9] * 4}  # fmt: skip
    results = made_results(values, epochs=60)
    for seed in results.study.seeds:
        ended = UNFINISHED if seed else USED_UP
        results.records["d", seed] = replace(results.records["d", seed], ended=ended)
    diagnoses = diagnosis.write_diagnosis(results, {}, tmp_path / "diagnosis.csv")
    names = ["good", "diverging", "diverging", "unfinished", "underfitting"]  # e is far above a
    assert [one.name for one in diagnoses] == names
    table = pandas.read_csv(tmp_path / "diagnosis.csv").set_index("combination")
    assert table.diverged.tolist() == [0, 0.25, 1, 0, 0]
    assert table.unfinished.d == 0.75
    assert table.epochs.tolist() == [60, 60, 0, 60, 60]
    assert np.isnan(table.valid_end.c)
    assert table.advice.d == "Raise the budget, training.epochs."
    # curves fall by equal factors from 10 to 0.1 in 60 epochs: 7.5 % each
    assert table.late_fall.d == pytest.approx(1 - 100 ** (-6 / 59), abs=0.04)


@pytest.mark.parametrize(
    ("name", "tried", "words"),
    [
        ("underfitting", {}, "Take a larger model, raise the learning rate or regularise less."),
        ("underfitting", {"hidden": -1}, "Raise the learning rate or regularise less."),
        ("underfitting", {"degree": -1, "rate": -1}, "Regularise less."),
        ("underfitting", {"hidden": 1}, "Take a larger model, raise the learning rate or"),
        ("diverging", {"rate": 1}, "Clip the gradient (training.clip)."),
        ("unfinished", {"epochs": -1}, "See which of the values that were tried does best."),
    ],
)
def test_nobody_is_sent_away_from_where_the_best_values_lie(name, tried, words):
    """ "Take a larger model" stood beside "the best is at the edge: hidden 2 (try 1)"."""
    assert advice(diagnosis.REMEDIES[name], tried).startswith(words)
