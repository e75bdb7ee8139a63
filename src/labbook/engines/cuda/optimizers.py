"""Optimisers over the weights of many networks at once: to add one, write it and name it here.

Weights, gradient and moments are (members, weights). `c` holds each member's constants (members,
1) by name; the formulae are those of torch.optim, as in engines/compiled/kernels/optimizers.py.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Constants = Mapping[str, Tensor]
Step = Callable[[Tensor, Tensor, Tensor, Tensor, Constants], None]
# The first three change from step to step; the scales are Adam's bias corrections. `new_...` are
# 1 - the others, `kept` is 1 - rate * decay: in float64, since 1 - 0.999 has four digits else.
CONSTANTS = (
    "rate", "first_scale", "second_scale", "weight_decay", "momentum", "memory", "epsilon",
    "new_momentum", "new_memory", "kept",
)  # fmt: skip


def _sgd(w: Tensor, g: Tensor, first: Tensor, second: Tensor, c: Constants) -> None:
    """With g += decay w: w -= rate g."""
    w -= c["rate"] * (g + c["weight_decay"] * w)


def _momentum(w: Tensor, g: Tensor, first: Tensor, second: Tensor, c: Constants) -> None:
    """With g += decay w: v = momentum v + g; w -= rate v."""
    first.mul_(c["momentum"]).add_(g + c["weight_decay"] * w)
    w -= c["rate"] * first


def _nesterov(w: Tensor, g: Tensor, first: Tensor, second: Tensor, c: Constants) -> None:
    """With g += decay w: v = momentum v + g; w -= rate (g + momentum v)."""
    g = g + c["weight_decay"] * w
    first.mul_(c["momentum"]).add_(g)
    w -= c["rate"] * (g + c["momentum"] * first)


def _adagrad(w: Tensor, g: Tensor, first: Tensor, second: Tensor, c: Constants) -> None:
    """With g += decay w: s += g^2; w -= rate g / (sqrt(s) + epsilon)."""
    g = g + c["weight_decay"] * w
    second += g * g
    w -= c["rate"] * (g / (torch.sqrt(second) + c["epsilon"]))


def _rmsprop(w: Tensor, g: Tensor, first: Tensor, second: Tensor, c: Constants) -> None:
    """With g += decay w: s = a s + (1 - a) g^2; v = momentum v + g / (sqrt(s) + e); w -= rate v."""
    g = g + c["weight_decay"] * w
    second.mul_(c["memory"]).add_(c["new_memory"] * (g * g))
    first.mul_(c["momentum"]).add_(g / (torch.sqrt(second) + c["epsilon"]))
    w -= c["rate"] * first


def _adam(w: Tensor, g: Tensor, first: Tensor, second: Tensor, c: Constants) -> None:
    """Kingma and Ba 2015, with decay w joined to the gradient."""
    _adam_step(w, g + c["weight_decay"] * w, first, second, c)


def _adamw(w: Tensor, g: Tensor, first: Tensor, second: Tensor, c: Constants) -> None:
    """Loshchilov and Hutter 2019: the weights decay apart from the gradient."""
    w *= c["kept"]
    _adam_step(w, g, first, second, c)


def _adam_step(w: Tensor, g: Tensor, first: Tensor, second: Tensor, c: Constants) -> None:
    first += c["new_momentum"] * (g - first)
    second.mul_(c["memory"]).add_(c["new_memory"] * (g * g))
    spread = torch.sqrt(second) * c["second_scale"] + c["epsilon"]
    w -= c["rate"] * c["first_scale"] * (first / spread)


STEPS: dict[str, Step] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
}


def clip(gradient: Tensor, largest: float) -> Tensor:
    """The gradient (members, weights), shortened to norm `largest` where it is longer."""
    norm = torch.sqrt((gradient * gradient).sum(1, keepdim=True))
    return gradient * torch.clamp(largest / (norm + 1e-6), max=1.0)
