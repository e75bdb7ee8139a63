"""What all engines record of a run beside its weights: when it stalls, norms of gradients."""

import numpy as np
import pytest
import torch

from labbook.engines.torch import network
from labbook.engines.torch.losses import LOSSES
from labbook.params.engines import ENGINES
from labbook.params.models import Cnn, Linear, Mlp
from labbook.params.training import Sgd
from labbook.streams import stream
from labbook.training.run import Run
from labbook.training.runfile import CONVERGED, GRADIENT_NORM, STALLED, STOPPED
from labbook.training.stopping import is_stalled
from tests.engines.endings import ending_by, trained_by
from tests.made_data import images, recipe, run_of, table

pytestmark = pytest.mark.vectors


@pytest.mark.parametrize(
    ("losses", "epochs", "expected"),
    [
        ([1.0, 1.0], 2, False),  # too few epochs to say
        ([1.0, 1.0, 1.0], 2, True),
        ([1.0, 0.9, 0.9], 2, False),
        ([1.0, 0.9, 0.9, 0.9], 2, True),
        ([1.0, 0.9995, 0.9991], 2, True),  # less than a thousandth in all
        ([1.0, 0.9995, 0.9989], 2, False),
        ([0.5, 0.9, 0.8, 0.7], 3, True),  # what counts is the best so far
        ([0.0, 0.0], 1, True),
    ],
)
def test_rule_of_stalling(losses: list[float], epochs: int, expected: bool) -> None:
    assert is_stalled(losses, epochs) == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_ends_in_the_epoch_in_which_it_stalls(engine: str) -> None:
    """Falling at first: the rule holds in the last epoch, and in none before."""
    run = run_of(table(), recipe(Linear(), Sgd(rate=0.1), batch="all", epochs=900, stalled=5))
    made = trained_by(engine, run)
    losses = made.curves["train_loss"].tolist()
    assert made.ended == STALLED
    assert 8 < made.epochs < 900
    assert [is_stalled(losses[: n + 1], 5) for n in range(len(losses))] == [
        *([False] * (len(losses) - 1)), True,
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_other_endings_come_first(engine: str) -> None:
    still = recipe(Linear(), Sgd(rate=1e-30), epochs=30, stalled=4, patience=4)
    assert ending_by(engine, run_of(table(), still)).ended == STOPPED
    low = recipe(Linear(), Sgd(rate=1e-9), epochs=30, stalled=4, tolerance=100.0)
    assert ending_by(engine, run_of(table(), low)).ended == CONVERGED


CASES = {
    "mlp": (Mlp(hidden=[7, 5], activation="tanh"), table(), 7, None),
    "mlp, batch norm, clipped": (Mlp(hidden=[7], batch_norm=True), table(), 7, 0.1),
    "full batch": (Mlp(hidden=[17], activation="silu"), table(), "all", None),
    "cnn": (Cnn(channels=[3, 4], kernel=3, hidden=[6], batch_norm=True), images(), 16, None),
}


def norms_by_autograd(run: Run) -> dict[str, float]:
    """The mean norm by layer over the first epoch's steps, written out with torch's autograd."""
    module = network.build(run.network, run.seed)
    training = run.recipe.training
    x, y = (torch.tensor(array) for array in run.part("train"))
    rows = len(x) if training.batch == "all" else training.batch
    order = torch.arange(len(x))
    if rows < len(x):
        order = torch.tensor(stream(run.seed, "batch order", 1).permutation(len(x)))
    optimizer = torch.optim.SGD(module.parameters(), lr=run.recipe.optimizer.rate)
    loss_of = LOSSES["cross_entropy" if run.task == "classification" else "mse"]
    norms: dict[str, list[float]] = {}
    for batch in torch.split(order, rows):
        optimizer.zero_grad()
        loss_of(module(x[batch]), y[batch]).backward()
        for name, layer in module.named_children():
            squares = [(weight.grad.double() ** 2).sum() for weight in layer.parameters()]
            if squares:
                norms.setdefault(name, []).append(float(sum(squares) ** 0.5))
        if training.clip:
            torch.nn.utils.clip_grad_norm_(module.parameters(), training.clip)
        optimizer.step()
    return {name: float(np.mean(of_layer)) for name, of_layer in norms.items()}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", ENGINES)
def test_norms_of_gradients_are_autograds(engine: str, case: str) -> None:
    """Where nobody asks for them there are none, and the weights are the same."""
    model, data, batch, clip = CASES[case]
    settings = {"batch": batch, "epochs": 3, "clip": clip}
    asked, plain = (
        run_of(data, recipe(model, Sgd(rate=0.05), gradient_norms=norms, **settings))
        for norms in (True, False)
    )
    made, without = trained_by(engine, asked), trained_by(engine, plain)
    assert set(without.curves) == {"train_loss", "valid_loss", "rate"}
    for name, weight in without.weights.items():
        assert (made.weights[name] == weight).all()
    layers = asked.network.trained_layers()
    assert [n for n in made.curves if n.startswith(GRADIENT_NORM)] == [
        GRADIENT_NORM + layer for layer in layers
    ]
    norms = {layer: made.curves[GRADIENT_NORM + layer] for layer in layers}
    assert all(curve.dtype == np.float32 and curve.shape == (3,) for curve in norms.values())
    first = {name: float(curve[0]) for name, curve in norms.items()}
    # A bias before batch norm has no gradient but rounding: its layer's norm is the weight's.
    assert first == pytest.approx(norms_by_autograd(asked), rel=2e-5, abs=1e-6)
