"""The torch modules: activations, batch norm, dropout, powers."""

import math

import numpy as np
import pytest
import torch

from labbook.engines.torch.network import (
    ACTIVATIONS,
    BatchNorm,
    Dropout,
    MaxPooling,
    Powers,
    maximum_of_views,
    start_epoch,
)


@pytest.mark.parametrize(
    ("name", "formula"),
    {
        "relu": lambda x: np.maximum(x, 0),
        "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
        "silu": lambda x: x / (1 + np.exp(-x)),
        "tanh": np.tanh,
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "gelu": lambda x: np.array([v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x]),
        "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    }.items(),
)
def test_activation(name, formula):
    x = np.linspace(-4, 4, 33)
    result = ACTIVATIONS[name]()(torch.from_numpy(x)).numpy()
    assert result == pytest.approx(formula(x), abs=1e-12)


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


def test_batch_norm_of_a_single_row():
    norm = BatchNorm(2)
    with torch.no_grad():
        norm.bias.fill_(0.5)
    assert norm(torch.tensor([[3.0, -1.0]])).tolist() == [pytest.approx([0.5, 0.5], abs=1e-4)]
    assert norm.running_mean.tolist() == pytest.approx([0.3, -0.1])
    assert norm.running_var.tolist() == [1, 1]


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
    start_epoch(model, seed=1, epoch=1)
    x = torch.ones(400, 100)
    dropped = model(x)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.02)
    assert set(dropped.unique().tolist()) == {0.0, float(np.float32(1) / np.float32(0.7))}
    assert torch.equal(model.eval()(x), x)


def test_dropout_depends_on_seed_and_epoch_alone():
    model = torch.nn.Sequential(Dropout(0.5), Dropout(0.5))
    x = torch.ones(20, 20)

    def masks(seed: int, epoch: int) -> torch.Tensor:
        start_epoch(model, seed, epoch)
        return model(x)

    first = masks(0, 3)
    assert torch.equal(first, masks(0, 3))
    assert not torch.equal(first, masks(0, 4))
    assert not torch.equal(first, masks(1, 3))


def test_powers():
    x = torch.tensor([[2.0, -3.0]])
    assert Powers(3)(x).tolist() == [[2, -3, 4, 9, 8, -27]]
