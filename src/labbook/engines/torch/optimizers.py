"""Optimisers of torch.optim by name; one that torch lacks follows engines/optimizers.py.

`fused` does a whole step in one call into C++, the fastest on a CPU where torch has it (not for
RMSProp): for a 16-32-16-8-1 network an epoch of ten Adam steps takes 2.8 ms instead of 4.0 ms.
"""

from collections.abc import Callable, Iterable
from functools import partial
from types import SimpleNamespace

import torch
from torch.optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop

from labbook.engines.optimizers import OPTIMIZERS, formulas
from labbook.params import training as params

Parameters = Iterable[torch.nn.Parameter]
FORMULAS = formulas(sqrt=torch.sqrt)


KINDS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": SGD,
    "nesterov": partial(SGD, nesterov=True),
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
}


class FromFormula(Optimizer):
    """An optimiser that torch lacks, by its formula, weight by weight."""

    def __init__(self, block: params.Optimizer, parameters: Parameters) -> None:
        super().__init__(parameters, {"lr": block.rate})
        self.settings = block.model_dump(exclude={"kind", "rate"})
        self.kind = OPTIMIZERS[block.kind]

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """Move all weights."""
        (group,) = self.param_groups
        for w in group["params"]:
            state = self.state[w]
            if not state:
                names = [f"memory{number}" for number in range(self.kind.memories)]
                state |= {"step": torch.tensor(0.0)} | {n: torch.zeros_like(w) for n in names}
            state["step"] += 1
            memory = [state[f"memory{number}"] for number in range(self.kind.memories)]
            c = SimpleNamespace(rate=group["lr"], **self.settings)
            for name in ("beta1", "beta2"):
                setattr(c, f"{name}_power", self.settings.get(name, 0.0) ** float(state["step"]))
            moved = FORMULAS[self.kind.step.__name__](w, w.grad, *memory, self.kind.numbers(c))
            new = moved if memory else (moved,)
            for old, tensor in zip([w, *memory], new, strict=True):
                old.copy_(tensor)


def build(optimizer: params.Optimizer, parameters: Parameters) -> Optimizer:
    """The torch optimiser of a block of params.yaml over `parameters`."""
    if optimizer.kind not in KINDS:
        return FromFormula(optimizer, parameters)
    settings = optimizer.model_dump(exclude={"kind", "rate"})
    if "epsilon" in settings:
        settings["eps"] = settings.pop("epsilon")
    if "beta1" in settings:
        settings["betas"] = (settings.pop("beta1"), settings.pop("beta2"))
    settings["foreach" if optimizer.kind == "rmsprop" else "fused"] = True
    return KINDS[optimizer.kind](parameters, optimizer.rate, **settings)
