"""What all engines record of a run beside its weights: how it ends, norms of gradients."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from labbook.engines.choice import load
from labbook.engines.torch import network
from labbook.engines.torch.losses import LOSSES
from labbook.params.engines import ENGINES
from labbook.params.models import Cnn, Linear, Mlp
from labbook.params.training import Momentum, Sgd
from labbook.training.run import Run, Trained
from labbook.training.runfile import CONVERGED, ENDINGS, GRADIENT_NORM, STALLED, STOPPED, read_run
from labbook.training.stopping import is_stalled
from labbook.training.watch import Watch
from tests.made_data import images, recipe, run_of, table, task, train


def trained(engine: str, run: Run) -> Trained:
    (made,) = load(engine).train([run], "cpu", Watch(Path("nowhere")))
    return made


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
def test_a_run_that_does_not_move_ends_as_stalled(engine: str) -> None:
    run = run_of(table(), recipe(Linear(), Sgd(rate=1e-9), epochs=30, stalled=7))
    made = trained(engine, run)
    assert (made.ended, made.epochs) == (STALLED, 8)
    assert STALLED in ENDINGS


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_ends_in_the_epoch_in_which_it_stalls(engine: str) -> None:
    """Falling at first: the rule holds in the last epoch, and in none before."""
    run = run_of(table(), recipe(Linear(), Sgd(rate=0.1), batch="all", epochs=900, stalled=5))
    made = trained(engine, run)
    losses = made.curves["train_loss"].tolist()
    assert made.ended == STALLED
    assert 8 < made.epochs < 900
    assert [is_stalled(losses[: n + 1], 5) for n in range(len(losses))] == [
        *([False] * (len(losses) - 1)), True,
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_other_endings_come_first(engine: str) -> None:
    still = recipe(Linear(), Sgd(rate=1e-30), epochs=30, stalled=4, patience=4)
    assert trained(engine, run_of(table(), still)).ended == STOPPED
    low = recipe(Linear(), Sgd(rate=1e-9), epochs=30, stalled=4, tolerance=100.0)
    assert trained(engine, run_of(table(), low)).ended == CONVERGED


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
        from labbook.streams import stream

        order = torch.tensor(stream(run.seed, "batch order", 1).permutation(len(x)))
    optimizer = torch.optim.SGD(module.parameters(), lr=run.recipe.optimizer.rate)
    loss_of = LOSSES["cross_entropy" if run.task == "classification" else "mse"]
    found: dict[str, list[float]] = {}
    for batch in torch.split(order, rows):
        optimizer.zero_grad()
        loss_of(module(x[batch]), y[batch]).backward()
        for name, layer in module.named_children():
            squares = [(weight.grad.double() ** 2).sum() for weight in layer.parameters()]
            if squares:
                found.setdefault(name, []).append(float(sum(squares) ** 0.5))
        if training.clip:
            torch.nn.utils.clip_grad_norm_(module.parameters(), training.clip)
        optimizer.step()
    return {name: float(np.mean(norms)) for name, norms in found.items()}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", ENGINES)
def test_norms_of_gradients_are_autograds(engine: str, case: str) -> None:
    model, data, batch, clip = CASES[case]
    made = recipe(
        model, Sgd(rate=0.05), batch=batch, epochs=3, clip=clip, gradient_norms=True
    )  # fmt: skip
    run = run_of(data, made)
    curves = trained(engine, run).curves
    found = {
        name.removeprefix(GRADIENT_NORM): curve
        for name, curve in curves.items()
        if name.startswith(GRADIENT_NORM)
    }
    assert list(found) == list(run.network.trained_layers())
    assert all(norms.dtype == np.float32 and norms.shape == (3,) for norms in found.values())
    expected = norms_by_autograd(run)
    first = {name: float(norms[0]) for name, norms in found.items()}
    # A bias before batch norm has no gradient but rounding: its layer's norm is the weight's.
    assert first == pytest.approx(expected, rel=2e-5, abs=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_asks_for_norms(engine: str) -> None:
    """Then there are none, and the weights are the same as with them."""
    with_norms, without = (
        trained(engine, run_of(table(), recipe(Mlp(hidden=[7]), gradient_norms=asked, epochs=4)))
        for asked in (True, False)
    )
    assert set(without.curves) == {"train_loss", "valid_loss", "rate"}
    for name, weight in without.weights.items():
        assert (with_norms.weights[name] == weight).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_place_in_a_pack_changes_no_norm(engine: str) -> None:
    made = recipe(Mlp(hidden=[7]), gradient_norms=True, batch=11, epochs=3)
    runs = [replace(run_of(table(), made), id=f"run{number}") for number in range(5)]
    packed = load(engine).train(runs, "cpu", Watch(Path("nowhere")))
    found = [one.curves[f"{GRADIENT_NORM}linear1"].tobytes() for one in packed]
    assert len(found) == 5
    assert len(set(found)) == 1


class StopError(Exception):
    pass


@pytest.mark.parametrize("engine", ENGINES)
def test_a_resumed_run_has_the_same_curves(tmp_path, monkeypatch, engine: str) -> None:
    one = task(
        "one", 0, engine, model=Mlp(hidden=[5]), optimizer=Momentum(rate=0.01), batch=7, epochs=12,
        gradient_norms=True, stalled=3,
    )  # fmt: skip
    patch = monkeypatch.setattr
    expected = train([one], table(), tmp_path / "straight", patch)
    patch("labbook.training.watch.CHECKPOINT_SECONDS", 0.0)
    patch("labbook.training.watch.PROGRESS_SECONDS", 0.0)
    patch("labbook.engines.compiled.engine.MOST_ROWS", 1)

    def halt(run: str, epoch: int) -> None:
        if epoch == 2:
            raise StopError

    with pytest.raises(StopError):
        train([one], table(), tmp_path / "resumed", patch, progress=halt)
    assert train([one], table(), tmp_path / "resumed", patch) == expected
    record = read_run(tmp_path / "resumed/runs/one.safetensors", ("curves",))
    assert len(record.curves[f"{GRADIENT_NORM}output"]) == record.epochs > 2
