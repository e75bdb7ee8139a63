"""Networks: sizes, initial weights, layers that differ between training and evaluation."""

import math
from typing import get_args

import numpy as np
import pytest
import torch

from labbook import models
from labbook.errors import LabbookError
from labbook.models import forward
from labbook.models.initialisation import initial_weights
from labbook.params.models import Activation, Cnn, Linear, Mlp, Polynomial
from labbook.streams import stream
from tests.made_data import module_of


def test_parameters_of_the_small_network_of_the_reports():
    network = models.build(Mlp(hidden=[32, 16, 8], activation="leaky_relu"), (20,), 1)
    assert network.summary() == (
        ("linear1", (32,), 672),
        ("linear2", (16,), 528),
        ("linear3", (8,), 136),
        ("output", (1,), 9),
    )
    assert sum(map(math.prod, network.weights().values())) == 1345


def test_summary_of_a_cnn():
    network = models.build(Cnn(channels=[4, 6], kernel=5, batch_norm=True), (1, 28, 28), 10)
    assert network.summary() == (
        ("convolution1", (4, 28, 28), 4 * 25),
        ("norm1", (4, 28, 28), 8),
        ("convolution2", (6, 14, 14), 6 * 4 * 25),
        ("norm2", (6, 14, 14), 12),
        ("linear1", (64,), 6 * 49 * 64 + 64),
        ("output", (10,), 650),
    )


def test_bias_is_dropped_before_batch_norm_only():
    names = set(module_of(Mlp(hidden=[4], batch_norm=True), (3,), 1, 0).state_dict())
    network = models.build(Mlp(hidden=[4], batch_norm=True), (3,), 1)
    assert names == {*network.weights(), *network.buffers()}
    assert names == {
        "linear1.weight", "norm1.weight", "norm1.bias", "norm1.running_mean",
        "norm1.running_var", "output.weight", "output.bias",
    }  # fmt: skip


def test_default_initialisation_can_be_drawn_again_by_the_documented_order():
    model = module_of(Mlp(hidden=[5]), (3,), 2, 7)
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
    model = module_of(Mlp(hidden=[300], initialisation=kind), (200,), 1, 0)
    assert float(model.linear1.weight.detach().std()) == pytest.approx(deviation, rel=0.02)
    if kind != "default":
        assert not model.linear1.bias.any()


def test_convolution_counts_its_kernel_as_inputs():
    model = module_of(Cnn(channels=[8, 64], initialisation="he"), (1, 8, 8), 3, 0)
    expected = math.sqrt(2 / (8 * 9))
    assert float(model.convolution2.weight.detach().std()) == pytest.approx(expected, rel=0.05)


def test_models_differ_by_seed_alone():
    first, again, other = (module_of(Linear(), (4,), 1, seed).output.weight for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_images_are_flattened():
    x = torch.zeros(2, 1, 4, 4)
    for block in (Mlp(hidden=[3]), Linear(), Polynomial(degree=2)):
        assert module_of(block, (1, 4, 4), 5, 0)(x).shape == (2, 5)


def test_small_images_are_refused():
    with pytest.raises(LabbookError, match=r"4 x 4 .* at most 2 fit"):
        models.build(Cnn(channels=[2, 2, 2]), (1, 4, 4), 2)
    models.build(Cnn(channels=[2, 2, 2], pooling="none"), (1, 4, 4), 2)
    with pytest.raises(LabbookError, match="needs images"):
        models.build(Cnn(channels=[2]), (5,), 1)


EVERY_ACTIVATION = get_args(Activation)
NETWORKS = [
    *((Mlp(hidden=[5, 4], activation=name), (3,)) for name in EVERY_ACTIVATION),
    (Mlp(hidden=[5], batch_norm=True, dropout=0.5), (3,)),
    (Polynomial(degree=3, initialisation="default"), (2,)),
    (Linear(), (1, 4, 4)),
    (Cnn(channels=[3, 4], kernel=5, batch_norm=True), (2, 9, 7)),
    (Cnn(channels=[3], pooling="average", hidden=[]), (1, 6, 6)),
    (Cnn(channels=[3], pooling="none", kernel=1), (1, 4, 4)),
]


@pytest.mark.parametrize(("block", "inputs"), NETWORKS)
def test_numpy_forward_equals_torch(block, inputs):
    module = module_of(block, inputs, 3, seed=1)
    x = torch.randn(7, *inputs, generator=torch.Generator().manual_seed(0))
    for _ in range(2):
        module.train()(x)  # batch norm's running statistics move
    expected = module.eval()(x).detach().numpy()
    weights = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    found = forward(models.build(block, inputs, 3), weights, x.numpy())
    assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("change", ["missing", "one more", "broadcast"])
def test_numpy_forward_refuses_other_weights(change):
    network = models.build(Mlp(hidden=[4]), (3,), 2)
    weights = initial_weights(network, 0)
    if change == "missing":
        del weights["output.bias"]
    elif change == "one more":
        weights["linear2.bias"] = np.zeros(4, np.float32)
    else:
        weights["output.bias"] = np.zeros(1, np.float32)
    with pytest.raises(ValueError, match="not those of the network"):
        forward(network, weights, np.zeros((1, 3), np.float32))


def test_every_weight_is_drawn_and_of_its_shape():
    for block, inputs in NETWORKS:
        network = models.build(block, inputs, 3)
        drawn = initial_weights(network, 0)
        shapes = network.weights() | network.buffers()
        assert {name: array.shape for name, array in drawn.items()} == shapes
        assert all(array.dtype == np.float32 for array in drawn.values())
