"""Optimisers: the formulas of engines/optimizers.py over the weights of many runs at once.

Weights w, gradients g and what is remembered are (runs, numbers); a run's settings are columns
(runs, 1), float64. All work in place and under torch.no_grad.
"""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import torch
from torch import Tensor

from labbook.engines.optimizers import OPTIMIZERS, formulas

FORMULAS = formulas(
    fma=lambda a, b, c: torch.addcmul(c, a, b), sqrt=torch.sqrt, single=Tensor.float
)


def move(
    kind: str, moving: Sequence[Tensor], g: Tensor, settings: Mapping[str, Tensor], step: Tensor
) -> None:
    """Move `moving`, the weights and what is remembered of them, by the gradients `g`.

    `settings` has the fields of the block of params.yaml; `step` is 1, 2, ... of each run.
    """
    optimizer = OPTIMIZERS[kind]
    powers = {
        f"{name}_power": settings[name] ** step for name in ("beta1", "beta2") if name in settings
    }
    numbers = FORMULAS[optimizer.numbers.__name__](SimpleNamespace(**settings, **powers))
    weights, *memory = moving
    moved = FORMULAS[optimizer.step.__name__](weights, g, *memory, numbers)
    for old, new in zip(moving, moved if memory else (moved,), strict=True):
        old.copy_(new)


def clip(g: Tensor, largest: Tensor) -> Tensor:
    """`g` (runs, numbers) times min(1, largest / (norm + 1e-6)), per run, as clip_grad_norm_."""
    norm = g.square().sum(dim=1, keepdim=True).sqrt()  # (runs, 1)
    return g * (largest.float() / (norm + 1e-6)).clamp(max=1)
