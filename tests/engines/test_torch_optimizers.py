"""Optimisers against plain torch.optim and against their formulae written in NumPy."""

import numpy as np
import pytest
import torch

from labbook.engines.torch import optimizers
from labbook.engines.torch.loop import Part, fit, start
from labbook.params import training as params
from labbook.params.models import Linear, Mlp
from labbook.streams import stream
from tests.made_data import module_of, recipe

BLOCKS = {
    "sgd": params.Sgd(rate=0.05, weight_decay=1e-3),
    "momentum": params.Momentum(rate=0.02, momentum=0.8),
    "nesterov": params.Nesterov(rate=0.02, weight_decay=1e-3),
    "adagrad": params.Adagrad(rate=0.02, weight_decay=1e-3),
    "rmsprop": params.RMSProp(rate=1e-3, alpha=0.95, momentum=0.5),
    "adam": params.Adam(rate=3e-3, weight_decay=1e-4),
    "adamw": params.AdamW(rate=3e-3, beta1=0.8, weight_decay=0.05),
}
PLAIN = {
    "sgd": lambda p: torch.optim.SGD(p, 0.05, weight_decay=1e-3, foreach=False),
    "momentum": lambda p: torch.optim.SGD(p, 0.02, momentum=0.8, foreach=False),
    "nesterov": lambda p: torch.optim.SGD(
        p, 0.02, momentum=0.9, nesterov=True, weight_decay=1e-3, foreach=False
    ),
    "adagrad": lambda p: torch.optim.Adagrad(p, 0.02, weight_decay=1e-3, foreach=False),
    "rmsprop": lambda p: torch.optim.RMSprop(p, 1e-3, alpha=0.95, momentum=0.5, foreach=False),
    "adam": lambda p: torch.optim.Adam(p, 3e-3, weight_decay=1e-4, foreach=False),
    "adamw": lambda p: torch.optim.AdamW(
        p, 3e-3, betas=(0.8, 0.999), weight_decay=0.05, foreach=False
    ),
}


def rows(number: int, columns: int = 3) -> Part:
    draw = np.random.default_rng(number)
    x = draw.standard_normal((number, columns)).astype(np.float32)
    return Part(torch.tensor(x), torch.tensor(x.sum(axis=1) + 1))


def test_every_kind_of_the_parameters_has_a_builder():
    assert set(optimizers.BUILDERS) == set(BLOCKS)
    assert all(block.kind == kind for kind, block in BLOCKS.items())


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_loop_equals_one_written_by_hand(kind):
    block = Mlp(hidden=[8, 4], activation="tanh")
    train, valid, seed = rows(50), rows(20), 3
    state = start(module_of(block, (3,), 1, seed), recipe(block, BLOCKS[kind]))
    fit(state, train, valid, "regression", recipe(block, BLOCKS[kind], epochs=20), seed)

    model = module_of(block, (3,), 1, seed)
    optimizer = PLAIN[kind](model.parameters())
    for epoch in range(1, 21):
        order = torch.from_numpy(stream(seed, "batch order", epoch).permutation(50))
        for batch in order.split(16):
            optimizer.zero_grad()
            loss = ((model(train.x[batch])[:, 0] - train.y[batch]) ** 2).mean()
            loss.backward()
            optimizer.step()
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(state.model.state_dict()[name], weight, rtol=1e-4, atol=2e-6)


def gradient(weight, bias, x, y):
    error = x @ weight + bias - y
    return np.append(2 * error @ x, 2 * error.sum()) / len(y)


@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_formulae_in_numpy_for_a_linear_model(kind):
    settings = recipe(Linear(), BLOCKS[kind], batch="all", epochs=30)
    data = rows(40)
    state = start(module_of(Linear(), (3,), 1, 0), settings)
    output = state.model.output
    w = np.append(output.weight.detach().numpy()[0], output.bias.detach().numpy()).astype(float)
    fit(state, data, data, "regression", settings, 0)

    x, y = data.x.numpy().astype(float), data.y.numpy().astype(float)
    mean, square = np.zeros(4), np.zeros(4)
    for step in range(1, 31):
        g = gradient(w[:3], w[3], x, y) + BLOCKS[kind].weight_decay * w
        if kind == "sgd":
            w = w - 0.05 * g
            continue
        mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g * g
        corrected = np.sqrt(square / (1 - 0.999**step)) + 1e-8
        w = w - 3e-3 * mean / (1 - 0.9**step) / corrected
    found = np.append(output.weight.detach().numpy()[0], output.bias.detach().numpy())
    assert found == pytest.approx(w, abs=2e-6)
