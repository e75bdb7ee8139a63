"""JAX: a pack of models by vmap, an epoch as one compiled scan."""

import itertools
from typing import Any

import numpy as np

from bench.rivals import Train
from bench.workloads import RATE, Workload

MODELS = 16


def prepare(workload: Workload, name: str) -> tuple[Train, int]:
    """The driver's process keeps to one core; JAX's own switches for one thread make it slower."""
    import jax
    import jax.numpy as jnp

    data = workload.data()
    if workload.channels:
        data |= {key: data[key].transpose(0, 2, 3, 1) for key in ("x", "valid_x")}
    x, y, valid_x, valid_y = (jnp.asarray(data[k]) for k in ("x", "y", "valid_x", "valid_y"))
    models = 1 if workload.channels else MODELS
    activation = {"relu": jax.nn.relu, "silu": jax.nn.silu}[workload.activation]
    rate, adam = RATE[workload.optimizer], workload.optimizer == "adam"

    def outputs(weights: Any, inputs: Any) -> Any:
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
        return inputs @ w + b

    def loss_of(weights: Any, inputs: Any, target: Any) -> Any:
        found = outputs(weights, inputs)
        if workload.classes:
            log_p = jax.nn.log_softmax(found)
            return -jnp.take_along_axis(log_p, target[:, None], 1).mean()
        return ((found[:, 0] - target) ** 2).mean()

    def update(state: Any, gradient: Any) -> Any:
        weights, first, second, step = state
        step = step + 1
        if not adam:
            weights = jax.tree.map(lambda w, g: w - rate * g, weights, gradient)
            return weights, first, second, step
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, second, gradient)
        one, two = 1 - 0.9**step, 1 - 0.999**step
        weights = jax.tree.map(
            lambda w, m, s: w - rate * (m / one) / (jnp.sqrt(s / two) + 1e-8),
            weights,
            first,
            second,
        )
        return weights, first, second, step

    batch = workload.batch or workload.rows
    whole = workload.rows // batch * batch

    def epoch(state: Any, order: Any) -> Any:
        def step(state: Any, chosen: Any) -> Any:
            return update(state, jax.grad(loss_of)(state[0], x[chosen], y[chosen])), None

        state, _ = jax.lax.scan(step, state, order[:whole].reshape(-1, batch))
        if whole < workload.rows:
            state, _ = step(state, order[whole:])
        return state, loss_of(state[0], valid_x, valid_y)

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
    import jax
    import jax.numpy as jnp

    draw = np.random.default_rng(0)

    def drawn(*shape: int) -> Any:
        bound = 1 / np.sqrt(np.prod(shape[:-1]))
        return jnp.asarray(draw.uniform(-bound, bound, shape), jnp.float32)

    before, convolutions = workload.inputs[0], []
    for channels in workload.channels:
        kernel = workload.kernel
        convolutions.append((drawn(kernel, kernel, before, channels), jnp.zeros(channels)))
        before = channels
    widths = workload.widths
    dense = [(drawn(a, b), jnp.zeros(b)) for a, b in itertools.pairwise(widths)]
    weights = (convolutions, dense)
    zeros = jax.tree.map(jnp.zeros_like, weights)
    return weights, zeros, zeros, 0.0
