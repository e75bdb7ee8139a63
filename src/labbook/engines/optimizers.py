"""Optimisers: each formula once, for the compiled engine and for the cuda engine.

The names `fma`, `sqrt` and `single` stand for what an engine has under them (`formulas`): machine
code for one weight at a time, or torch for the weights of many runs. As they are here, they work
on plain numbers. The torch engine is the reference, and takes torch's own optimisers instead.

To add an optimiser, write its formula here and its block in params/training.py.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from types import FunctionType
from typing import Any

sqrt: Callable[[Any], Any] = math.sqrt


def fma(a: Any, b: Any, c: Any) -> Any:
    """A times b plus c; rounded once where the engine can."""
    return a * b + c


def single(number: Any) -> Any:
    """A number in float64, rounded to the engine's precision."""
    return number


@dataclass(frozen=True)
class Optimizer:
    """How the weights move in a step.

    `numbers` gives what a step's formula needs, in float64, from the settings of the block `c` and
    `c.beta1_power`, `c.beta2_power`: these settings to the power of the step (1, 2, ...). `step`
    gives from a weight w, its gradient g and what is remembered of it the new w, followed by what
    is now remembered: two numbers at most, all 0 at the start.
    """

    numbers: Callable[[Any], tuple[Any, ...]]
    step: Callable[..., Any]

    def __post_init__(self) -> None:
        """Raise ValueError for a formula that remembers more than the engines have room for."""
        if self.memories not in (0, 1, 2):
            raise ValueError(f"{self.step.__name__}: takes w, g, up to two memories, and numbers")

    @property
    def memories(self) -> int:
        """How many numbers `step` remembers of each weight, between w and g and the settings."""
        return len(signature(self.step).parameters) - 3


def rate_and_decay(c: Any) -> tuple[Any, ...]:
    """The learning rate and the weight decay."""
    return single(c.rate), single(c.weight_decay)


def sgd(w: Any, g: Any, n: Any) -> Any:
    """Gradient descent: g += decay w; w -= rate g."""
    rate, decay = n
    return fma(-rate, fma(decay, w, g), w)


def with_momentum(c: Any) -> tuple[Any, ...]:
    """The numbers of `momentum` and `nesterov`."""
    return single(c.rate), single(c.weight_decay), single(c.momentum)


def momentum(w: Any, g: Any, v: Any, n: Any) -> Any:
    """Polyak 1964: g += decay w; v = kept v + g; w -= rate v."""
    rate, decay, kept = n
    v = fma(kept, v, fma(decay, w, g))
    return fma(-rate, v, w), v


def nesterov(w: Any, g: Any, v: Any, n: Any) -> Any:
    """Sutskever et al. 2013, in torch's form: v = kept v + g; w -= rate (g + kept v)."""
    rate, decay, kept = n
    g = fma(decay, w, g)
    v = fma(kept, v, g)
    return fma(-rate, fma(kept, v, g), w), v


def with_epsilon(c: Any) -> tuple[Any, ...]:
    """The numbers of `adagrad`."""
    return single(c.rate), single(c.weight_decay), single(c.epsilon)


def adagrad(w: Any, g: Any, s: Any, n: Any) -> Any:
    """Duchi et al. 2011: g += decay w; s += g^2; w -= rate g / (sqrt(s) + epsilon)."""
    rate, decay, epsilon = n
    g = fma(decay, w, g)
    s = fma(g, g, s)
    return fma(-rate, g / (sqrt(s) + epsilon), w), s


def of_rmsprop(c: Any) -> tuple[Any, ...]:
    """The numbers of `rmsprop`."""
    return (
        single(c.rate),
        single(c.weight_decay),
        single(c.momentum),
        single(c.alpha),
        single(1.0 - c.alpha),
        single(c.epsilon),
    )


def rmsprop(w: Any, g: Any, v: Any, s: Any, n: Any) -> Any:
    """Tieleman and Hinton 2012, lecture 6e.

    g += decay w; s = alpha s + (1 - alpha) g^2; v = kept v + g / (sqrt(s) + epsilon); w -= rate v.
    """
    rate, decay, kept, memory, new, epsilon = n
    g = fma(decay, w, g)
    s = fma(new * g, g, memory * s)
    v = fma(kept, v, g / (sqrt(s) + epsilon))
    return fma(-rate, v, w), v, s


def of_moments(c: Any) -> tuple[Any, ...]:
    """The numbers of `move_by_moments`; 1 - beta^t cancels, and so is taken in float64."""
    return (
        single(1.0 - c.beta1),
        single(c.beta2),
        single(1.0 - c.beta2),
        single(c.rate / (1.0 - c.beta1_power)),
        single(1.0 / sqrt(1.0 - c.beta2_power)),
        single(c.epsilon),
    )


def move_by_moments(w: Any, g: Any, m: Any, s: Any, n: Any) -> Any:
    """The common part of `adam` and `adamw` at step t.

    m += (1 - beta1)(g - m); s = beta2 s + (1 - beta2) g^2;
    w -= rate m' / (sqrt(s') + epsilon) with m' = m / (1 - beta1^t), s' = s / (1 - beta2^t).
    """
    new_m, kept, new_s, rate, scale, epsilon = n
    m = fma(new_m, g - m, m)
    s = fma(new_s * g, g, kept * s)
    return fma(-rate, m / fma(sqrt(s), scale, epsilon), w), m, s


def of_adam(c: Any) -> tuple[Any, ...]:
    """The numbers of `adam`."""
    return single(c.weight_decay), of_moments(c)


def adam(w: Any, g: Any, m: Any, s: Any, n: Any) -> Any:
    """Kingma and Ba 2015, algorithm 1, with weight decay as part of the gradient: g += decay w."""
    decay, moments = n
    return move_by_moments(w, fma(decay, w, g), m, s, moments)


def of_adamw(c: Any) -> tuple[Any, ...]:
    """The numbers of `adamw`."""
    return single(1.0 - c.rate * c.weight_decay), of_moments(c)


def adamw(w: Any, g: Any, m: Any, s: Any, n: Any) -> Any:
    """Loshchilov and Hutter 2019, algorithm 2: weights decay apart, w *= 1 - rate decay."""
    kept, moments = n
    return move_by_moments(kept * w, g, m, s, moments)


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(rate_and_decay, sgd),
    "momentum": Optimizer(with_momentum, momentum),
    "nesterov": Optimizer(with_momentum, nesterov),
    "adagrad": Optimizer(with_epsilon, adagrad),
    "rmsprop": Optimizer(of_rmsprop, rmsprop),
    "adam": Optimizer(of_adam, adam),
    "adamw": Optimizer(of_adamw, adamw),
}


def formulas(
    translate: Callable[[Callable[..., Any]], Any] = lambda function: function, **names: Any
) -> dict[str, Any]:
    """The functions of this module with an engine's `fma`, `sqrt` and `single` in place of ours.

    They also call each other so. `translate` makes of each what the engine runs.
    """
    space = {**globals(), **names}
    for name, function in globals().items():
        if isinstance(function, FunctionType) and name not in {*names, "formulas"}:
            space[name] = translate(FunctionType(function.__code__, space, name))
    return space
