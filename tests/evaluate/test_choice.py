"""Which combination is best, and which of its runs is kept."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from labbook.errors import LabbookError
from labbook.evaluate.choice import (
    AGAINST_OTHERS,
    MEDIAN_RUN,
    Choice,
    check_weights,
    choose,
    fails_more_often,
)
from labbook.models import build
from labbook.training.runfile import STOPPED, RunRecord
from tests.made_study import made_results, recipe


def failing(mean, failed, n=20):
    """Runs around a mean, the first `failed` of them without a value."""
    return [None] * failed + [mean * (1 + 0.01 * (i % 3)) for i in range(n - failed)]


CHOSEN = [
    # values, the one that is chosen, those set aside
    *(({"a": failing(11.3, 0), "b": failing(10.3, n)}, "b", ()) for n in (1, 2, 4)),  # a few of 20
    *(({"a": failing(11.3, 0), "b": failing(10.3, n)}, "a", ("b",)) for n in (5, 12, 20)),
    # More than half; three seeds are too few to show that two failures are more than none.
    ({"a": [3.0, 2.0, 2.5], "b": [0.1, None, None]}, "a", ("b",)),
    # Where all fail often those that fail least are compared.
    ({"a": failing(1.0, 18), "b": failing(3.0, 15), "c": failing(2.0, 15)}, "c", ("a",)),
]


@pytest.mark.parametrize(("values", "label", "set_aside"), CHOSEN)
def test_failures_count_as_far_as_they_are_clearly_more(values, label, set_aside):
    choice = choose(made_results(values))
    assert (choice.label, choice.set_aside) == (label, set_aside)
    assert choose(made_results({"a": [None, None]})) is None


def test_the_test_is_fishers():
    for failed, clearly in ((5, False), (6, True)):
        chance = stats.hypergeom.sf(failed - 1, 40, failed + 1, 20)  # of so many by the draw alone
        assert (chance < 0.05) == clearly == fails_more_often(failed, 1, 20)
    assert not any(fails_more_often(same, same, 20) for same in range(21))


HARDNESS = np.array([1.0, 2.0, 1.5, 0.1, 1.2, 0.9])
RUNS = [
    # Seed 3 is easy for everybody; seed 1 is where b does most better than the others.
    ({"a": HARDNESS, "b": HARDNESS * [0.8, 0.5, 0.8, 0.8, 0.8, 0.8], "c": HARDNESS * 1.1,
      "d": HARDNESS * 0.9}, ("b", 1, AGAINST_OTHERS)),
    ({"a": [3.0, 1.0, 2.0, None]}, ("a", 2, MEDIAN_RUN)),  # no others
    ({"a": [3.0, 1.0, 2.0, None], "b": [None] * 4}, ("a", 2, MEDIAN_RUN)),  # that ended
    # Each seed is compared with those of the others that ended.
    ({"a": [1.0] * 4, "b": [None, 2.0, 4.0, 2.0], "c": [None, 3.0, None, 3.0]},
     ("a", 2, AGAINST_OTHERS)),
]  # fmt: skip


@pytest.mark.parametrize(("values", "expected"), RUNS)
def test_the_run_that_is_kept(values, expected):
    choice = choose(made_results({label: list(runs) for label, runs in values.items()}))
    assert (choice.label, choice.seed, choice.run_by) == expected


@settings(max_examples=25, deadline=None)
@given(hardness=st.lists(st.floats(-3, 3), min_size=5, max_size=5))
def test_no_hardness_of_the_splits_changes_the_choice(hardness):
    """Splits that are easier or harder for all combinations alike say nothing of a run."""
    draw = np.random.default_rng(3)
    plain = {label: np.exp(draw.normal(0, 0.3, 5)) for label in "abc"}
    made = {label: (one * np.exp(hardness)).tolist() for label, one in plain.items()}
    without = choose(made_results({label: one.tolist() for label, one in plain.items()}))
    choice = choose(made_results(made))
    assert (choice.label, choice.seed) == (without.label, without.seed)


@pytest.mark.parametrize(
    ("metric", "chooses"),
    [
        ("test_accuracy", "valid_accuracy"),
        ("valid_balanced_accuracy", "valid_balanced_accuracy"),
        ("test_roc_auc", "valid_roc_auc"),
        ("train_cross_entropy", "valid_accuracy"),  # training rows choose nothing
        ("epochs", "valid_accuracy"),
    ],
)
def test_the_study_s_own_metric_chooses_where_it_is_of_unseen_rows(metric, chooses):
    results = made_results({"a": [0.5, 0.6]}, task="classification", metric=metric)
    assert results.choice == chooses
    assert chooses in results.metrics


def in_float32(weights: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """A hidden layer with ReLU, summed up one by one as an engine might do."""
    hidden = weights["linear1.bias"][None].repeat(len(x), axis=0)
    for place in range(x.shape[1]):
        hidden = hidden + x[:, place, None] * weights["linear1.weight"][None, :, place]
    return np.maximum(hidden, 0) @ weights["output.weight"].T + weights["output.bias"]


@pytest.mark.parametrize("size", [1.0, 5e4])
def test_weights_are_told_from_others_whatever_the_size_of_inputs(size):
    """Of large inputs, as without `standardise`, rounding is larger than outputs differ."""
    draw = np.random.default_rng(0)
    x = (size * draw.uniform(0.9, 1.1, (40, 2))).astype(np.float32)
    x[:, 1] = x[:, 0] * (1 + 1e-5 * draw.normal(0, 1, 40)).astype(np.float32)
    block = recipe(model={"kind": "mlp", "hidden": [8], "activation": "relu"})
    network = build(block.model, (2,), 1)
    weights = {k: draw.normal(0, 1, v).astype(np.float32) for k, v in network.weights().items()}
    weights["linear1.weight"][:, 1] = -weights["linear1.weight"][:, 0]  # little is left of a sum
    stored = in_float32(weights, x)
    results = SimpleNamespace(
        prepared=SimpleNamespace(
            part=lambda *_: (x, None), in_network_units=lambda y, _: y, classes=()
        ),
        study=SimpleNamespace(task="regression"),
        columns=lambda *_: None,
        combinations={"a": SimpleNamespace(recipe=block)},
        path=lambda *_: Path("a"),
    )
    run = RunRecord("", {}, STOPPED, 1, 1, {}, weights=weights, predictions={"valid": stored[:, 0]})
    check_weights(results, Choice("a", 0), run)
    weights["output.weight"] += 0.5
    with pytest.raises(LabbookError, match="do not give the validation predictions"):
        check_weights(results, Choice("a", 0), run)
