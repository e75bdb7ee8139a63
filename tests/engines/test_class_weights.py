"""Class weights: every row of a rare class counts more, in the training loss alone."""

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional

from labbook.engines.torch import network
from labbook.params.engines import ENGINES, engine_of
from labbook.params.models import Mlp
from labbook.params.training import Sgd
from labbook.streams import stream
from tests.engines.endings import trained_by
from tests.made_data import MadeData, recipe, run_of

pytestmark = pytest.mark.vectors

STILL = Sgd(rate=1e-30)


def three_classes() -> MadeData:
    """Sixty rows, about two thirds of them of the first class."""
    draw = stream(0, "three classes")
    features = draw.standard_normal((60, 3))
    target = np.digitize(features[:, 0] + 0.3 * draw.standard_normal(60), [0.5, 1.0])
    return MadeData(features, target.astype(np.int64), "classification", classes=("a", "b", "c"))


def weighed_run(optimizer=STILL, **training):
    return run_of(
        three_classes(), recipe(Mlp(hidden=[5]), optimizer, class_weights="balanced", **training)
    )


def expected_loss(run, part: str, weights: np.ndarray) -> float:
    module = network.build(run.network, run.seed).eval()
    x, y = map(torch.from_numpy, run.part(part))
    terms = functional.cross_entropy(
        module(x), y, weight=torch.from_numpy(weights), reduction="none"
    )
    return float(terms.mean().detach())


def test_weights_are_those_of_scikit_learn() -> None:
    run = weighed_run(epochs=1)
    target = run.data.target[run.data.split(run.seed).train]
    expected = compute_class_weight("balanced", classes=np.arange(3), y=target)
    assert run.class_weights == pytest.approx(expected, rel=1e-6)
    assert run.class_weights[target].mean() == pytest.approx(1)


@pytest.mark.parametrize("engine", ["torch", "compiled"])
def test_losses_are_those_of_torch(engine: str) -> None:
    run = weighed_run(epochs=2, batch="all")
    made = trained_by(engine, run)
    expected = expected_loss(run, "train", run.class_weights)
    assert made.curves["train_loss"] == pytest.approx([expected] * 2, rel=1e-5)
    plain = expected_loss(run, "valid", np.ones(3, np.float32))
    assert made.curves["valid_loss"] == pytest.approx([plain] * 2, rel=1e-5)


def test_engines_agree_after_many_steps_and_the_weights_matter() -> None:
    run = weighed_run(Sgd(rate=0.1), epochs=20, batch=7)
    ours, theirs = (trained_by(engine, run) for engine in ("compiled", "torch"))
    assert ours.curves["train_loss"] == pytest.approx(theirs.curves["train_loss"], rel=1e-4)
    plain = run_of(run.data, recipe(Mlp(hidden=[5]), Sgd(rate=0.1), epochs=20, batch=7))
    assert trained_by("compiled", plain).curves["valid_loss"] != pytest.approx(
        ours.curves["valid_loss"], rel=1e-4
    )


def test_what_cannot_weigh_leaves_it_to_torch() -> None:
    weighed = weighed_run(epochs=1).recipe
    assert set(ENGINES) == {"torch", "compiled", "cuda"}
    assert engine_of("auto", "cpu", weighed) == "compiled"
    assert engine_of("cuda", "auto", weighed) == "torch"
