"""The loop: endings, losses, best weights, fits with a known solution."""

import math

import numpy as np
import pytest
import torch

from labbook.engines.torch.loop import BLOCK, Part, fit, outputs_of, start
from labbook.errors import LabbookError
from labbook.models import losses
from labbook.params.models import Linear, Mlp, Polynomial
from labbook.params.training import Adam, Sgd, Step
from labbook.training.runfile import CONVERGED, DIVERGED, STOPPED, UNFINISHED, USED_UP
from labbook.training.stopping import ended_by_budget
from tests.made_data import module_of, recipe


def line(rows: int = 40, noise: float = 0.0) -> Part:
    draw = np.random.default_rng(rows)
    x = draw.uniform(-1.5, 1.5, (rows, 1))
    y = 2 * x[:, 0] - 1 + noise * draw.standard_normal(rows)
    return Part(torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))


def trained(train: Part, valid: Part, **settings):
    made = recipe(**settings)
    state = start(module_of(made.model, (train.x.shape[1],), 1, 0), made)
    return state, fit(state, train, valid, "regression", made, 0)


def test_converged():
    state, ended = trained(
        line(), line(20), model=Linear(), optimizer=Sgd(rate=0.2), epochs=500, tolerance=1e-4
    )
    assert ended == CONVERGED
    assert state.train_loss[-1] < 1e-4 <= min(state.train_loss[:-1])
    assert state.epoch < 500


def test_stopped_early_after_patience_without_a_better_epoch():
    valid = line(20, noise=1.0)
    state, ended = trained(
        line(noise=1.0), valid, model=Mlp(hidden=[32]), optimizer=Adam(rate=0.05),
        epochs=2000, patience=30,
    )  # fmt: skip
    assert ended == STOPPED
    assert state.epoch == state.best_epoch + 30
    assert state.best_loss == min(state.valid_loss) == state.valid_loss[state.best_epoch - 1]


def test_budget_used_up_still_improving():
    _, ended = trained(line(), line(20), optimizer=Sgd(rate=1e-3), epochs=30, tolerance=1e-9)
    assert ended == UNFINISHED


def test_budget_used_up():
    _, ended = trained(
        line(), line(20, noise=0.5), model=Linear(), optimizer=Sgd(rate=0.2), epochs=300
    )
    assert ended == USED_UP


@pytest.mark.parametrize("clip", [None, 1.0])
def test_diverged_unless_clipped(clip):
    state, ended = trained(
        line(), line(20), model=Linear(), optimizer=Sgd(rate=1e3), epochs=200, clip=clip
    )
    assert (ended == DIVERGED) == (clip is None)
    if clip is None:
        assert state.epoch < 200
        assert not math.isfinite(state.train_loss[-1] + state.valid_loss[-1])
        assert all(map(math.isfinite, state.train_loss[:-1] + state.valid_loss[:-1]))


@pytest.mark.parametrize(
    ("valid", "ended"),
    [
        ([1.0], UNFINISHED),
        ([1.0, 0.9], UNFINISHED),
        ([1.0, 1.0], USED_UP),
        ([1.0] * 18 + [0.9, 1.0], UNFINISHED),
        ([1.0] * 17 + [0.9, 1.0, 1.0], USED_UP),
        ([1.0] * 19 + [0.9995], USED_UP),
        ([0.0] * 20, USED_UP),
    ],
)
def test_rule_of_still_improving(valid, ended):
    assert ended_by_budget(valid) == ended


def test_training_loss_is_the_mean_over_rows_with_a_short_last_batch():
    part = line(10, noise=1.0)
    state, _ = trained(part, part, optimizer=Sgd(rate=1e-30), batch=4, epochs=2)
    assert state.train_loss == pytest.approx(state.valid_loss, rel=1e-6)


@pytest.mark.parametrize("batch", [1, 3, 9])
def test_batch_norm_lives_with_batches_of_one_row(batch):
    state, ended = trained(
        line(10), line(20), model=Mlp(hidden=[4], batch_norm=True), batch=batch, epochs=5
    )
    assert ended in (USED_UP, UNFINISHED)
    assert all(torch.isfinite(w).all() for w in state.model.state_dict().values())


def test_batch_as_large_as_the_rows_equals_the_full_batch():
    curves = [trained(line(), line(20), batch=batch)[0].train_loss for batch in ("all", 40, 1000)]
    assert curves[0] == curves[1] == curves[2]


def test_the_rate_follows_the_schedule():
    state, _ = trained(
        line(), line(20), optimizer=Sgd(rate=0.1), schedule=Step(every=2, factor=0.5), epochs=6
    )
    assert state.rate == [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]


@pytest.mark.parametrize(("model", "degree"), [(Linear(), 1), (Polynomial(degree=3), 3)])
def test_references_find_the_least_squares(model, degree):
    part = line(noise=0.5)
    state, _ = trained(part, part, model=model, optimizer=Adam(rate=0.02), batch="all", epochs=1500)
    x = part.x.numpy().astype(float)
    design = np.hstack([x**power for power in range(1, degree + 1)] + [np.ones_like(x)])
    expected = np.linalg.lstsq(design, part.y.numpy(), rcond=None)[0]
    found = torch.cat([state.model.output.weight[0], state.model.output.bias]).detach().numpy()
    assert found == pytest.approx(expected, abs=1e-3)


def test_a_network_fits_a_function():
    x = torch.linspace(-2, 2, 200)[:, None]
    part = Part(x, torch.sin(2 * x[:, 0]))
    model = Mlp(hidden=[24, 24], activation="silu")
    state, ended = trained(
        part, part, model=model, optimizer=Adam(rate=0.01), batch="all", epochs=2000, tolerance=1e-3
    )
    assert ended == CONVERGED
    assert state.best_loss < 1.5e-3


def test_outputs_by_blocks_are_those_of_the_whole():
    model = module_of(Linear(), (1,), 1, 0)
    x = torch.linspace(-1, 1, BLOCK + 5)[:, None]
    assert outputs_of(model, x).shape == (BLOCK + 5, 1)
    torch.testing.assert_close(outputs_of(model, x)[-7:], model(x[-7:]).detach())


def test_a_loss_must_fit_the_task():
    with pytest.raises(LabbookError, match="mse is for regression"):
        losses.loss_name("mse", "classification")
