"""JAX: a pack of models by vmap, an epoch as one compiled scan."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bench.rivals import Train
from bench.workloads import RATE, Workload

MODELS = 16
ACTIVATIONS = {"relu": jax.nn.relu, "silu": jax.nn.silu}


def prepare(workload: Workload, name: str) -> tuple[Train, int]:
    """The driver's process keeps to one core; JAX's own switches for one thread make it slower."""
    data = workload.data()
    if workload.channels:
        data |= {key: data[key].transpose(0, 2, 3, 1) for key in ("x", "valid_x")}
    x, y, valid_x, valid_y = (jnp.asarray(data[k]) for k in ("x", "y", "valid_x", "valid_y"))
    models = 1 if workload.channels else MODELS
    batch = workload.batch or workload.rows
    whole = workload.rows // batch * batch
    gradient = jax.grad(_loss, argnums=1)

    def step(state: Any, chosen: Any) -> Any:
        return _updated(workload, state, gradient(workload, state[0], x[chosen], y[chosen])), None

    def epoch(state: Any, order: Any) -> Any:
        state, _ = jax.lax.scan(step, state, order[:whole].reshape(-1, batch))
        if whole < workload.rows:
            state, _ = step(state, order[whole:])
        return state, _loss(workload, state[0], valid_x, valid_y)

    state = jax.vmap(lambda _: _start(workload))(jnp.arange(models))
    run = jax.jit(jax.vmap(epoch), donate_argnums=0)
    draw = np.random.default_rng(0)
    orders = np.tile(np.arange(workload.rows, dtype=np.int32), (models, 1))

    def train(epochs: int) -> None:
        nonlocal state
        for _ in range(epochs):
            if workload.batch is not None:  # NumPy shuffles in a fraction of JAX's time
                draw.permuted(orders, axis=1, out=orders)
            state, losses = run(state, orders)
        losses.block_until_ready()

    return train, models


def _start(workload: Workload) -> Any:
    """Weights, the two moments of their gradients, and the number of steps so far."""
    draw = np.random.default_rng(0)

    def drawn(*shape: int) -> Any:
        bound = 1 / np.sqrt(np.prod(shape[:-1]))
        return jnp.asarray(draw.uniform(-bound, bound, shape), jnp.float32)

    before, convolutions = workload.inputs[0], []
    for channels in workload.channels:
        kernel = workload.kernel
        convolutions.append((drawn(kernel, kernel, before, channels), jnp.zeros(channels)))
        before = channels
    dense = [(drawn(a, b), jnp.zeros(b)) for a, b in itertools.pairwise(workload.widths)]
    weights = (convolutions, dense)
    zeros = jax.tree.map(jnp.zeros_like, weights)
    return weights, zeros, zeros, 0.0


def _loss(workload: Workload, weights: Any, inputs: Any, target: Any) -> Any:
    activation = ACTIVATIONS[workload.activation]
    convolutions, dense = weights
    for w, b in convolutions:
        inputs = jax.lax.conv_general_dilated(
            inputs, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        inputs = activation(inputs + b)
        inputs = jax.lax.reduce_window(
            inputs, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"
        )
    inputs = inputs.reshape(len(inputs), -1)
    for w, b in dense[:-1]:
        inputs = activation(inputs @ w + b)
    w, b = dense[-1]
    outputs = inputs @ w + b
    if workload.classes:
        log_p = jax.nn.log_softmax(outputs)
        return -jnp.take_along_axis(log_p, target[:, None], 1).mean()
    return ((outputs[:, 0] - target) ** 2).mean()


def _updated(workload: Workload, state: Any, gradient: Any) -> Any:
    """The state after a step of SGD or Adam."""
    rate = RATE[workload.optimizer]
    weights, first, second, step = state
    step = step + 1
    if workload.optimizer == "sgd":
        weights = jax.tree.map(lambda w, g: w - rate * g, weights, gradient)
        return weights, first, second, step
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, second, gradient)
    m_scale, s_scale = 1 - 0.9**step, 1 - 0.999**step

    def moved(w: Any, m: Any, s: Any) -> Any:
        return w - rate * (m / m_scale) / (jnp.sqrt(s / s_scale) + 1e-8)

    return jax.tree.map(moved, weights, first, second), first, second, step
