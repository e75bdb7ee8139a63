"""Optimisers of torch.optim for many runs at once, each run with numbers of its own.

To add one, write it here and its block in params/training.py. Weights w, gradients g and what an
optimiser remembers are (runs, numbers); a run's settings are columns (runs, 1), float64. Before
a formula uses them, products of settings are taken in float64 and rounded to float32 once, as
torch does with Python's numbers. All work in place and under torch.no_grad.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

Columns = Mapping[str, Tensor]
# Of the weights, the gradients, what is remembered, the settings and "rate", the step (1, 2, ...).
Step = Callable[[Tensor, Tensor, Sequence[Tensor], Columns, Tensor], None]


@dataclass(frozen=True)
class Optimizer:
    """The fields of its block besides rate and weight decay, how much it remembers, its step.

    `memories` counts arrays as large as the weights, all 0 at the start.
    """

    settings: tuple[str, ...]
    memories: int
    step: Step


def _sgd(w: Tensor, g: Tensor, memory: Sequence[Tensor], of: Columns, step: Tensor) -> None:
    """Gradient descent: g += weight_decay w;  w -= rate g."""
    g = g + of["weight_decay"].float() * w
    w.sub_(of["rate"].float() * g)


def _momentum(w: Tensor, g: Tensor, memory: Sequence[Tensor], of: Columns, step: Tensor) -> None:
    """Polyak 1964: g += weight_decay w;  v = momentum v + g;  w -= rate v."""
    (v,) = memory
    g = g + of["weight_decay"].float() * w
    v.mul_(of["momentum"].float()).add_(g)
    w.sub_(of["rate"].float() * v)


def _nesterov(w: Tensor, g: Tensor, memory: Sequence[Tensor], of: Columns, step: Tensor) -> None:
    """Sutskever et al. 2013, in torch's form.

    g += weight_decay w;  v = momentum v + g;  w -= rate (g + momentum v).
    """
    (v,) = memory
    momentum = of["momentum"].float()
    g = g + of["weight_decay"].float() * w
    v.mul_(momentum).add_(g)
    w.sub_(of["rate"].float() * (g + momentum * v))


def _adagrad(w: Tensor, g: Tensor, memory: Sequence[Tensor], of: Columns, step: Tensor) -> None:
    """Duchi et al. 2011: g += weight_decay w;  s += g^2;  w -= rate g / (sqrt(s) + epsilon)."""
    (s,) = memory
    g = g + of["weight_decay"].float() * w
    s.add_(g * g)
    w.sub_(of["rate"].float() * g / (s.sqrt() + of["epsilon"].float()))


def _rmsprop(w: Tensor, g: Tensor, memory: Sequence[Tensor], of: Columns, step: Tensor) -> None:
    """Tieleman and Hinton 2012.

    g += weight_decay w;  s = alpha s + (1 - alpha) g^2;
    v = momentum v + g / (sqrt(s) + epsilon);  w -= rate v.
    """
    s, v = memory
    g = g + of["weight_decay"].float() * w
    s.mul_(of["alpha"].float()).add_((1 - of["alpha"]).float() * g * g)
    v.mul_(of["momentum"].float()).add_(g / (s.sqrt() + of["epsilon"].float()))
    w.sub_(of["rate"].float() * v)


def _adam(w: Tensor, g: Tensor, memory: Sequence[Tensor], of: Columns, step: Tensor) -> None:
    """Kingma and Ba 2015, algorithm 1, with weight decay as part of the gradient.

    g += weight_decay w, then `_move_by_moments`.
    """
    g = g + of["weight_decay"].float() * w
    _move_by_moments(w, g, memory, of, step)


def _adamw(w: Tensor, g: Tensor, memory: Sequence[Tensor], of: Columns, step: Tensor) -> None:
    """Loshchilov and Hutter 2019: w *= 1 - rate weight_decay, then `_move_by_moments`."""
    w.mul_((1 - of["rate"] * of["weight_decay"]).float())
    _move_by_moments(w, g, memory, of, step)


def _move_by_moments(
    w: Tensor, g: Tensor, memory: Sequence[Tensor], of: Columns, step: Tensor
) -> None:
    """The common part of Adam and AdamW at step t.

    m += (1 - beta1)(g - m);  s = beta2 s + (1 - beta2) g^2;
    w -= rate / (1 - beta1^t) m / (sqrt(s) / sqrt(1 - beta2^t) + epsilon).
    """
    m, s = memory
    m.add_((1 - of["beta1"]).float() * (g - m))
    s.mul_(of["beta2"].float()).add_((1 - of["beta2"]).float() * g * g)
    rate = of["rate"] / (1 - of["beta1"] ** step)  # float64: 1 - beta^t cancels
    root = (1 - of["beta2"] ** step).sqrt()
    w.sub_(rate.float() * m / (s.sqrt() / root.float() + of["epsilon"].float()))


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer((), 0, _sgd),
    "momentum": Optimizer(("momentum",), 1, _momentum),
    "nesterov": Optimizer(("momentum",), 1, _nesterov),
    "adagrad": Optimizer(("epsilon",), 1, _adagrad),
    "rmsprop": Optimizer(("alpha", "momentum", "epsilon"), 2, _rmsprop),
    "adam": Optimizer(("beta1", "beta2", "epsilon"), 2, _adam),
    "adamw": Optimizer(("beta1", "beta2", "epsilon"), 2, _adamw),
}


def clip(g: Tensor, largest: Tensor) -> Tensor:
    """`g` (runs, numbers) times min(1, largest / (norm + 1e-6)), per run, as clip_grad_norm_."""
    norm = g.square().sum(dim=1, keepdim=True).sqrt()  # (runs, 1)
    return g * (largest.float() / (norm + 1e-6)).clamp(max=1)
