"""Networks: sizes, initial weights, layers that differ between training and evaluation."""

import math

import numpy as np
import pytest
import torch

from labbook import models
from labbook.errors import LabbookError
from labbook.models.activations import ACTIVATIONS
from labbook.models.layers import BatchNorm, Dropout, Powers, start_epoch
from labbook.params.models import Cnn, Linear, Mlp, Polynomial
from labbook.streams import stream


def test_parameters_of_the_small_network_of_the_reports():
    model = models.build(Mlp(hidden=[32, 16, 8], activation="leaky_relu"), (20,), 1, seed=0)
    assert models.summary(model, (20,)) == (
        ("linear1", (32,), 672),
        ("linear2", (16,), 528),
        ("linear3", (8,), 136),
        ("output", (1,), 9),
    )
    assert sum(p.numel() for p in model.parameters()) == 1345


def test_summary_of_a_cnn_and_mode_untouched():
    model = models.build(Cnn(channels=[4, 6], kernel=5, batch_norm=True), (1, 28, 28), 10, seed=0)
    assert model.training
    assert models.summary(model, (1, 28, 28)) == (
        ("convolution1", (4, 28, 28), 4 * 25),
        ("norm1", (4, 28, 28), 8),
        ("convolution2", (6, 14, 14), 6 * 4 * 25),
        ("norm2", (6, 14, 14), 12),
        ("linear1", (64,), 6 * 49 * 64 + 64),
        ("output", (10,), 650),
    )
    assert model.training
    assert float(model.norm1.running_mean.abs().sum()) == 0


def test_bias_is_dropped_before_batch_norm_only():
    names = set(models.build(Mlp(hidden=[4], batch_norm=True), (3,), 1, 0).state_dict())
    assert names == {
        "linear1.weight", "norm1.weight", "norm1.bias", "norm1.running_mean",
        "norm1.running_var", "output.weight", "output.bias",
    }  # fmt: skip


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


def test_default_initialisation_can_be_drawn_again_by_the_documented_order():
    model = models.build(Mlp(hidden=[5]), (3,), 2, seed=7)
    draw = stream(7, "initialisation")
    for name, inputs, shape in (
        ("linear1.weight", 3, (5, 3)), ("linear1.bias", 3, (5,)),
        ("output.weight", 5, (2, 5)), ("output.bias", 5, (2,)),
    ):  # fmt: skip
        expected = draw.uniform(-1 / math.sqrt(inputs), 1 / math.sqrt(inputs), shape)
        assert np.array_equal(model.state_dict()[name].numpy(), expected.astype(np.float32))


@pytest.mark.parametrize(
    ("kind", "deviation"),
    [
        ("default", 1 / math.sqrt(3 * 200)),
        ("he", math.sqrt(2 / 200)),
        ("xavier", math.sqrt(2 / 500)),
        ("zero", 0),
    ],
)
def test_spread_of_initial_weights(kind, deviation):
    model = models.build(Mlp(hidden=[300], initialisation=kind), (200,), 1, seed=0)
    assert float(model.linear1.weight.detach().std()) == pytest.approx(deviation, rel=0.02)
    if kind != "default":
        assert not model.linear1.bias.any()


def test_convolution_counts_its_kernel_as_inputs():
    model = models.build(Cnn(channels=[8, 64], initialisation="he"), (1, 8, 8), 3, seed=0)
    expected = math.sqrt(2 / (8 * 9))
    assert float(model.convolution2.weight.detach().std()) == pytest.approx(expected, rel=0.05)


def test_models_differ_by_seed_alone():
    first, again, other = (
        models.build(Linear(), (4,), 1, seed).output.weight for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_images_are_flattened():
    x = torch.zeros(2, 1, 4, 4)
    for block in (Mlp(hidden=[3]), Linear(), Polynomial(degree=2)):
        assert models.build(block, (1, 4, 4), 5, 0)(x).shape == (2, 5)


def test_small_images_are_refused():
    with pytest.raises(LabbookError, match=r"4 x 4 .* at most 2 fit"):
        models.build(Cnn(channels=[2, 2, 2]), (1, 4, 4), 2, 0)
    models.build(Cnn(channels=[2, 2, 2], pooling="none"), (1, 4, 4), 2, 0)
    with pytest.raises(LabbookError, match="needs images"):
        models.build(Cnn(channels=[2]), (5,), 1, 0)


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
