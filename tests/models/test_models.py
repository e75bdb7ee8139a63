"""Networks: sizes, initial weights, the NumPy form against torch; what outputs mean."""

import math
from typing import get_args

import numpy as np
import pytest
import torch

from labbook import models
from labbook.errors import LabbookError
from labbook.models import forward
from labbook.models.initialisation import initial_weights
from labbook.models.losses import DEFAULT, LOSSES, loss_name, predictions
from labbook.params.models import Activation, Cnn, Linear, Mlp, Polynomial
from labbook.streams import stream
from tests.made_data import module_of


@pytest.mark.parametrize(
    ("block", "inputs", "outputs", "summary"),
    [
        (  # the small network of the reports
            Mlp(hidden=[32, 16, 8], activation="leaky_relu"), (20,), 1,
            (("linear1", (32,), 672), ("linear2", (16,), 528), ("linear3", (8,), 136), ("output", (1,), 9)),
        ),
        (  # without biases before batch norm
            Cnn(channels=[4, 6], kernel=5, batch_norm=True), (1, 28, 28), 10,
            (
                ("convolution1", (4, 28, 28), 4 * 25), ("norm1", (4, 28, 28), 8),
                ("convolution2", (6, 14, 14), 6 * 4 * 25), ("norm2", (6, 14, 14), 12),
                ("linear1", (64,), 6 * 49 * 64 + 64), ("output", (10,), 650),
            ),
        ),
        (Mlp(hidden=[3]), (1, 4, 4), 5, (("linear1", (3,), 51), ("output", (5,), 20))),
        (Polynomial(degree=2), (1, 4, 4), 5, (("output", (5,), 5 * 33),)),
    ],
)  # fmt: skip
def test_sizes(block, inputs, outputs, summary):
    network = models.build(block, inputs, outputs)
    assert network.summary() == summary
    assert sum(map(math.prod, network.weights().values())) == sum(size for *_, size in summary)


def test_default_initialisation_can_be_drawn_again_by_the_documented_order():
    weights = initial_weights(models.build(Mlp(hidden=[5]), (3,), 2), 7)
    draw = stream(7, "initialisation")
    for name, inputs, shape in (
        ("linear1.weight", 3, (5, 3)), ("linear1.bias", 3, (5,)),
        ("output.weight", 5, (2, 5)), ("output.bias", 5, (2,)),
    ):  # fmt: skip
        expected = draw.uniform(-1 / math.sqrt(inputs), 1 / math.sqrt(inputs), shape)
        assert np.array_equal(weights[name], expected.astype(np.float32))
    again, other = (
        initial_weights(models.build(Mlp(hidden=[5]), (3,), 2), seed) for seed in (7, 8)
    )
    assert np.array_equal(again["output.weight"], weights["output.weight"])
    assert not np.array_equal(other["output.weight"], weights["output.weight"])


@pytest.mark.parametrize(
    ("block", "inputs", "name", "deviation"),
    [
        (Mlp(hidden=[300], initialisation="default"), (200,), "linear1", 1 / math.sqrt(3 * 200)),
        (Mlp(hidden=[300], initialisation="he"), (200,), "linear1", math.sqrt(2 / 200)),
        (Mlp(hidden=[300], initialisation="xavier"), (200,), "linear1", math.sqrt(2 / 500)),
        (Mlp(hidden=[300], initialisation="zero"), (200,), "linear1", 0),
        # The kernel counts:
        (Cnn(channels=[8, 64], initialisation="he"), (1, 8, 8), "convolution2", math.sqrt(2 / 72)),
    ],
)
def test_spread_of_initial_weights(block, inputs, name, deviation):
    weights = initial_weights(models.build(block, inputs, 1), 0)
    assert weights[f"{name}.weight"].std() == pytest.approx(deviation, rel=0.05)
    assert weights[f"{name}.bias"].any() == (block.initialisation == "default")


def test_small_images_are_refused():
    with pytest.raises(LabbookError, match=r"4 x 4 .* at most 2 fit"):
        models.build(Cnn(channels=[2, 2, 2]), (1, 4, 4), 2)
    models.build(Cnn(channels=[2, 2, 2], pooling="none"), (1, 4, 4), 2)
    with pytest.raises(LabbookError, match="needs images"):
        models.build(Cnn(channels=[2]), (5,), 1)


NETWORKS = [
    *((Mlp(hidden=[5, 4], activation=name), (3,)) for name in get_args(Activation)),
    (Mlp(hidden=[5], batch_norm=True, dropout=0.5), (3,)),
    (Polynomial(degree=3, initialisation="default"), (2,)),
    (Linear(), (1, 4, 4)),
    (Cnn(channels=[3, 4], kernel=5, batch_norm=True), (2, 9, 7)),
    (Cnn(channels=[3], pooling="average", hidden=[]), (1, 6, 6)),
    (Cnn(channels=[3], pooling="none", kernel=1), (1, 4, 4)),
]


@pytest.mark.parametrize(("block", "inputs"), NETWORKS)
def test_numpy_forward_equals_torch(block, inputs):
    module, network = module_of(block, inputs, 3, seed=1), models.build(block, inputs, 3)
    x = torch.randn(7, *inputs, generator=torch.Generator().manual_seed(0))
    for _ in range(2):
        module.train()(x)  # batch norm's running statistics move
    expected = module.eval()(x).detach().numpy()
    weights = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    assert forward(network, weights, x.numpy()) == pytest.approx(expected, abs=1e-5)
    shapes = {name: (a.shape, a.dtype) for name, a in initial_weights(network, 0).items()}
    assert shapes == {name: (array.shape, np.float32) for name, array in weights.items()}


@pytest.mark.parametrize(
    "change",
    [{"output.bias": None}, {"linear2.bias": np.zeros(4)}, {"output.bias": np.zeros(1)}],
    ids=["missing", "one more", "broadcast"],
)
def test_numpy_forward_refuses_other_weights(change):
    network = models.build(Mlp(hidden=[4]), (3,), 2)
    weights = initial_weights(network, 0) | change
    weights = {name: array for name, array in weights.items() if array is not None}
    with pytest.raises(ValueError, match="not those of the network"):
        forward(network, weights, np.zeros((1, 3), np.float32))


def test_what_outputs_mean():
    """A quantity is the one output; log-probabilities are torch's, and never overflow."""
    assert predictions(np.array([[1.5], [-2.0]]), "regression").tolist() == [1.5, -2.0]
    draws = np.random.default_rng(0).standard_normal((50, 4))
    outputs = (draws * [1, 10, 1e3, 1e30]).astype(np.float32)  # the powers of the last overflow
    log_p = predictions(outputs, "classification")
    expected = torch.log_softmax(torch.tensor(outputs), dim=1).numpy()
    assert log_p.dtype == np.float32
    np.testing.assert_allclose(log_p, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("task", DEFAULT)
def test_a_loss_left_out_is_that_of_the_task_and_no_other_fits(task):
    assert loss_name(None, task) == loss_name(DEFAULT[task], task) == DEFAULT[task]
    [other] = set(LOSSES) - {DEFAULT[task]}
    with pytest.raises(LabbookError, match=rf"training.loss: {other} .* write {DEFAULT[task]} or"):
        loss_name(other, task)
