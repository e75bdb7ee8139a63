"""All engines end a run alike: the same ending at the same epoch, the same epoch the best."""

import itertools
from typing import get_args

import numpy as np
import pytest
import torch

from labbook.engines.torch.network import BatchNorm
from labbook.params.models import Activation, Cnn, Mlp
from labbook.params.training import Sgd
from labbook.streams import stream
from labbook.training.runfile import CONVERGED, DIVERGED, DIVERGED_LATER, ENDINGS, STALLED, STOPPED
from tests.engines.endings import (
    CASES,
    ENGINES,
    SEEDS,
    SLOW_DIVERGENCE,
    ending_by,
    run_of_case,
    run_with,
    trained_by,
)
from tests.engines.equality import table_of_page
from tests.made_data import MadeData, images, recipe, run_of, table

pytestmark = pytest.mark.vectors

FLOAT32 = float(np.finfo(np.float32).max)
MEANT = {"patience": STOPPED, "tolerance": CONVERGED, "stalled": STALLED, "divergence": DIVERGED}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", CASES)
def test_engines_end_a_run_alike(name: str, seed: int) -> None:
    endings = {engine: ending_by(engine, run_of_case(name, seed)) for engine in ENGINES}
    assert endings["compiled"] == endings["torch"]
    assert endings["cuda"] == endings["torch"]
    meant = MEANT.get(name.partition(",")[0].partition(" ")[0])
    assert meant is None or endings["torch"].ended == meant


def test_every_ending_is_met() -> None:
    assert {ending_by("torch", run_of_case(name, 0)).ended for name in CASES} == {*ENDINGS} - {
        DIVERGED_LATER
    }  # which of the two it is, training/record.py says for all engines


def test_the_page_lists_every_ending() -> None:
    found = table_of_page("| case | ended |")
    assert [name for name, *_ in found] == list(CASES)
    for name, *cells in found:
        ending = ending_by("compiled", run_of_case(name, SEEDS[0]))
        assert cells == [str(value) for value in ending]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_slow_divergence_ends_where_float32_does(seed: int) -> None:
    """Torch adds squares up in float32: a sum may be too large whose mean is not.

    The compiled engine adds up in float64, so it may go on for an epoch or two; until then all is
    equal, and then the sum over the rows is indeed too large.
    """
    run = run_with(SLOW_DIVERGENCE, seed)
    torchs, ours = (trained_by(engine, run) for engine in ("torch", "compiled"))
    assert (torchs.ended, ours.ended) == (DIVERGED, DIVERGED)
    assert torchs.best_epoch == ours.best_epoch
    same = torchs.epochs - 1
    for name in ("train_loss", "valid_loss"):
        assert ours.curves[name][:same] == pytest.approx(torchs.curves[name][:same], rel=1e-3)
    assert ours.epochs >= torchs.epochs
    if ours.epochs > torchs.epochs:
        rows = {name: len(run.part(name)[0]) for name in ("train", "valid")}
        sums = [float(ours.curves[f"{part}_loss"][same]) * rows[part] for part in rows]
        assert max(sums) > FLOAT32


HOLES = list(itertools.product(["train", "valid"], [2, 3], [4, 5]))  # part, row, column


class Holed(MadeData):
    """Images of which one, of a part of the rows, has a pixel that is no number."""

    hole = ("valid", 0, 0)

    def part(self, seed: int, part: str, columns: np.ndarray | None):
        x, y = super().part(seed, part, columns)
        name, row, column = self.hole
        if part == name:
            x[1, 0, row, column] = np.nan
        return x, y


@pytest.mark.parametrize("hole", HOLES, ids=str)
@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("engine", ENGINES)
def test_pooling_hides_no_nan(engine: str, pooling: str, hole: tuple) -> None:
    """Wherever in its square it is: a comparison with NaN is false, and may pass it over."""
    whole = images()
    data = Holed(whole.features, whole.target, whole.task, whole.kind, whole.classes)
    object.__setattr__(data, "hole", hole)
    model = Cnn(channels=[3], kernel=1, pooling=pooling, hidden=[], activation="relu")
    ended, epochs, best = ending_by(engine, run_of(data, recipe(model, epochs=3)))
    assert (ended, epochs) == (DIVERGED, 1)
    assert best == 0


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize("engine", ENGINES)
def test_activations_hide_no_nan(engine: str, activation: str) -> None:
    data = table(75)
    data.features[data.split(0).valid[0], 0] = np.nan
    run = run_of(data, recipe(Mlp(hidden=[4, 3], activation=activation), epochs=3))
    assert ending_by(engine, run) == (DIVERGED, 1, 0)


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1, 1)])
def test_torch_refuses_batch_norm_of_one_row_and_labbook_does_not(shape: tuple[int, ...]) -> None:
    theirs = (torch.nn.BatchNorm1d if len(shape) == 2 else torch.nn.BatchNorm2d)(3)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        theirs(torch.zeros(shape))
    ours = BatchNorm(3)
    with torch.no_grad():
        ours.bias.copy_(torch.tensor([0.5, -1.0, 2.0]))
    x = torch.full(shape, 7.0, requires_grad=True)
    found = ours(x)
    assert found.flatten().tolist() == [0.5, -1, 2]
    found.backward(torch.rand(shape))
    assert not x.grad.any()
    assert not ours.weight.grad.any()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("batch", [1, 44])
def test_a_batch_of_one_row_moves_the_mean_alone(engine: str, batch: int) -> None:
    """By hand: the running statistics after one epoch of a rate too small to move a weight."""
    model = Mlp(hidden=[4], batch_norm=True)
    run = run_of(table(75), recipe(model, Sgd(rate=1e-30), batch=batch, epochs=1))
    found = trained_by(engine, run).weights
    x, _ = run.part("train")
    values = x.astype(np.float64) @ found["linear1.weight"].T
    order = stream(run.seed, "batch order", 1).permutation(len(x))
    mean, variance = np.zeros(4), np.ones(4)
    for start in range(0, len(order), batch):
        rows = values[order[start : start + batch]]
        mean = 0.9 * mean + 0.1 * rows.mean(axis=0)
        if len(rows) > 1:
            variance = 0.9 * variance + 0.1 * rows.var(axis=0, ddof=1)
    assert found["norm1.running_mean"] == pytest.approx(mean, rel=1e-4, abs=1e-6)
    assert found["norm1.running_var"] == pytest.approx(variance, rel=1e-4)
