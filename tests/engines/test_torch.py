"""The engine `torch`: its loop and modules against plain torch, and where a signal ends it."""

import math
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from labbook.engines.torch import network
from labbook.engines.torch.engine import Engine
from labbook.engines.torch.loop import BLOCK, Part, State, fit, outputs_of, start
from labbook.engines.torch.network import (
    BatchNorm,
    Dropout,
    MaxPooling,
    maximum_of_views,
    start_epoch,
)
from labbook.errors import LabbookError
from labbook.params import training as params
from labbook.params.models import Linear, Mlp, Polynomial
from labbook.streams import stream
from labbook.training.checkpoint import read_checkpoint
from labbook.training.runfile import UNFINISHED, USED_UP
from labbook.training.stopping import ended_by_budget
from labbook.training.watch import Watch
from tests.made_data import MadeData, module_of, recipe, run_of, table

pytestmark = pytest.mark.vectors

# ---- the loop


def line(rows: int = 40, noise: float = 0.0) -> Part:
    draw = np.random.default_rng(rows)
    x = draw.uniform(-1.5, 1.5, (rows, 1))
    y = 2 * x[:, 0] - 1 + noise * draw.standard_normal(rows)
    return Part(torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))


def trained(train: Part, valid: Part, seed: int = 0, **settings) -> State:
    made = MadeData(train.x.numpy(), train.y.numpy())
    run = run_of(made, recipe(**settings), seed)
    state = start(run, network.build(run.network, seed))
    fit(state, train, valid)
    return state


def losses_of(state: State, part: str = "train") -> list[float]:
    return state.course.curves[f"{part}_loss"]


BLOCKS = {  # by hand: what torch is called with for a block
    "sgd": (
        params.Sgd(rate=0.05, weight_decay=1e-3),
        lambda p: torch.optim.SGD(p, 0.05, weight_decay=1e-3, foreach=False),
    ),
    "momentum": (
        params.Momentum(rate=0.02, momentum=0.8),
        lambda p: torch.optim.SGD(p, 0.02, momentum=0.8, foreach=False),
    ),
    "nesterov": (
        params.Nesterov(rate=0.02, weight_decay=1e-3),
        lambda p: torch.optim.SGD(
            p, 0.02, momentum=0.9, nesterov=True, weight_decay=1e-3, foreach=False
        ),
    ),
    "adagrad": (
        params.Adagrad(rate=0.02, weight_decay=1e-3),
        lambda p: torch.optim.Adagrad(p, 0.02, weight_decay=1e-3, foreach=False),
    ),
    "rmsprop": (
        params.RMSProp(rate=1e-3, alpha=0.95, momentum=0.5),
        lambda p: torch.optim.RMSprop(p, 1e-3, alpha=0.95, momentum=0.5, foreach=False),
    ),
    "adam": (
        params.Adam(rate=3e-3, weight_decay=1e-4),
        lambda p: torch.optim.Adam(p, 3e-3, weight_decay=1e-4, foreach=False),
    ),
    "adamw": (
        params.AdamW(rate=3e-3, beta1=0.8, weight_decay=0.05),
        lambda p: torch.optim.AdamW(p, 3e-3, betas=(0.8, 0.999), weight_decay=0.05, foreach=False),
    ),
}


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_loop_equals_one_written_by_hand(kind):
    block, optimizer_of = BLOCKS[kind]
    assert block.kind == kind
    mlp, seed, draw = Mlp(hidden=[8, 4], activation="tanh"), 3, np.random.default_rng(50)
    x = torch.tensor(draw.standard_normal((70, 3)).astype(np.float32))
    y = x.sum(dim=1) + 1
    parts = Part(x[:50], y[:50]), Part(x[50:], y[50:])
    state = trained(*parts, seed, model=mlp, optimizer=block, epochs=20)

    model = module_of(mlp, (3,), 1, seed)
    optimizer = optimizer_of(model.parameters())
    for epoch in range(1, 21):
        order = torch.from_numpy(stream(seed, "batch order", epoch).permutation(50))
        for batch in order.split(16):
            optimizer.zero_grad()
            loss = ((model(x[batch])[:, 0] - y[batch]) ** 2).mean()
            loss.backward()
            optimizer.step()
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(state.model.state_dict()[name], weight, rtol=1e-4, atol=2e-6)


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
    state = trained(part, part, optimizer=params.Sgd(rate=1e-30), batch=4, epochs=2)
    assert losses_of(state) == pytest.approx(losses_of(state, "valid"), rel=1e-6)


def test_batch_as_large_as_the_rows_equals_the_full_batch():
    curves = [losses_of(trained(line(), line(20), batch=b)) for b in ("all", 40, 1000)]
    assert curves[0] == curves[1] == curves[2]


@pytest.mark.parametrize(("model", "degree"), [(Linear(), 1), (Polynomial(degree=3), 3)])
def test_references_find_the_least_squares(model, degree):
    part = line(noise=0.5)
    state = trained(
        part, part, model=model, optimizer=params.Adam(rate=0.02), batch="all", epochs=1500
    )
    x = part.x.numpy().astype(float)
    design = np.hstack([x**power for power in range(1, degree + 1)] + [np.ones_like(x)])
    expected = np.linalg.lstsq(design, part.y.numpy(), rcond=None)[0]
    output = state.model.output
    weights = torch.cat([output.weight[0], output.bias]).detach().numpy()
    assert weights == pytest.approx(expected, abs=1e-3)


def test_outputs_by_blocks_are_those_of_the_whole():
    model = module_of(Linear(), (1,), 1, 0)
    x = torch.linspace(-1, 1, BLOCK + 5)[:, None]
    assert outputs_of(model, x).shape == (BLOCK + 5, 1)
    torch.testing.assert_close(outputs_of(model, x)[-7:], model(x[-7:]).detach())


# ---- modules


@pytest.mark.parametrize("shape", [(7, 3), (2, 3, 4, 4)])
def test_batch_norm_equals_torch(shape):
    ours = BatchNorm(3)
    theirs = torch.nn.BatchNorm1d(3) if len(shape) == 2 else torch.nn.BatchNorm2d(3)
    for seed in range(3):
        x = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
        assert torch.equal(ours(x), theirs(x))
    assert torch.equal(ours.running_var, theirs.running_var)
    in_training = ours(x)
    assert torch.equal(in_training, theirs(x))
    assert torch.equal(ours.eval()(x), theirs.eval()(x))
    assert not torch.equal(in_training, ours(x))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("sides", [(6, 8), (7, 5), (2, 2), (3, 2)])
def test_pooling_for_a_gpu_equals_torch(sides, layout):
    """Values and gradients, with many equals, infinities and NaN."""
    draw = torch.Generator().manual_seed(0)
    x = torch.randint(-2, 3, (5, 4, *sides), generator=draw).float()
    x[torch.rand(x.shape, generator=draw) < 0.1] = math.nan
    x[torch.rand(x.shape, generator=draw) < 0.1] = -math.inf
    x = x.contiguous(memory_format=layout)
    pooled, gradients = [], []
    for pool in (maximum_of_views, MaxPooling(), lambda x: torch.nn.functional.max_pool2d(x, 2)):
        leaf = x.clone().requires_grad_()
        y = pool(leaf)
        weights = torch.arange(1.0, y.numel() + 1).view(y.shape)
        pooled.append(y.detach())
        gradients += torch.autograd.grad(y, leaf, weights)
    for other in (0, 1):
        assert torch.equal(pooled[other].nan_to_num(9.0), pooled[2].nan_to_num(9.0))
        assert torch.equal(gradients[other], gradients[2])


def test_dropout_keeps_the_expectation_and_rests_in_evaluation():
    model = torch.nn.Sequential(Dropout(0.3))
    x = torch.ones(400, 100)

    def masked(seed: int, epoch: int) -> torch.Tensor:
        start_epoch(model, seed, epoch)
        return model(x)

    dropped = masked(1, 3)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.02)
    assert set(dropped.unique().tolist()) == {0.0, float(np.float32(1) / np.float32(0.7))}
    assert torch.equal(dropped, masked(1, 3))  # seed and epoch say all
    assert not torch.equal(dropped, masked(1, 4))
    assert not torch.equal(dropped, masked(2, 3))
    assert torch.equal(model.eval()(x), x)


# ---- signals


class Signalled(Watch):
    """Gets SIGTERM when it is asked for the `at`th time in mid-epoch."""

    at, asked = 5, 0  # three steps an epoch: the second step of the second

    def stop_if_overdue(self) -> None:
        self.asked += 1
        if self.asked == self.at:
            self.received.append(signal.SIGTERM)
        super().stop_if_overdue()


@pytest.mark.parametrize(("grace", "asked", "epochs"), [(1.0, 6, 2), (0.0, 5, None)])
def test_a_signal_waits_for_the_end_of_a_short_epoch(tmp_path, monkeypatch, grace, asked, epochs):
    """Of a long one the last checkpoint stands, and here there was none."""
    monkeypatch.setattr("labbook.training.watch.GRACE_SECONDS", grace)
    run, watch = run_of(table(), recipe(batch=16)), Signalled(tmp_path)
    with pytest.raises(LabbookError, match="stopped by SIGTERM"):
        list(Engine().train([run], "cpu", watch))
    assert watch.asked == asked
    saved = read_checkpoint(tmp_path / f"{run.id}.safetensors", [run.id, run.identity, ""])
    assert (saved and len(saved["rate"])) == epochs


def test_the_grace_is_counted_from_when_the_signal_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 10.0, 10.9, 11.0])
    monkeypatch.setattr("labbook.training.watch.time.monotonic", lambda: next(clock))
    watch = Watch(tmp_path, [])
    watch.stop_if_overdue()  # no signal: the clock is not even asked
    watch.received.append(signal.SIGINT)
    watch.stop_if_overdue()
    watch.stop_if_overdue()
    with pytest.raises(KeyboardInterrupt):
        watch.stop_if_overdue()
