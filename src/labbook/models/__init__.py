"""Networks and plain references, one module per kind: to add one, write it and name it here."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from labbook.models.cnn import build_cnn
from labbook.models.initialisation import initialise
from labbook.models.linear import build_linear
from labbook.models.mlp import build_mlp
from labbook.models.polynomial import build_polynomial
from labbook.params.models import Model

BUILDERS: dict[str, Callable[[Any, tuple[int, ...], int], nn.Module]] = {
    "mlp": build_mlp,
    "cnn": build_cnn,
    "linear": build_linear,
    "polynomial": build_polynomial,
}

Summary = tuple[tuple[str, tuple[int, ...], int], ...]


def build(model: Model, inputs: tuple[int, ...], outputs: int, seed: int) -> nn.Module:
    """The network of a block of params.yaml, its weights drawn from `seed`, on the CPU.

    It takes float32 (rows, *inputs), with inputs (columns,) or (channels, height, width), and
    gives (rows, outputs). Raises `LabbookError` where images are too small for the poolings.
    """
    module = BUILDERS[model.kind](model, inputs, outputs)
    initialise(module, model.initialisation, seed)
    return module


def summary(module: nn.Module, inputs: tuple[int, ...]) -> Summary:
    """Name, output shape (of one row) and number of parameters of every layer that has some."""
    found: list[tuple[str, tuple[int, ...], int]] = []

    def note(name: str, parameters: int) -> Callable[[nn.Module, Any, torch.Tensor], None]:
        return lambda _, __, output: found.append((name, tuple(output.shape[1:]), parameters))

    hooks = []
    for name, layer in module.named_children():
        parameters = sum(p.numel() for p in layer.parameters())
        if parameters > 0:
            hooks.append(layer.register_forward_hook(note(name, parameters)))
    device = next(module.parameters()).device
    was_training = module.training
    with torch.inference_mode():
        module.eval()(torch.zeros(1, *inputs, device=device))
    module.train(was_training)
    for hook in hooks:
        hook.remove()
    return tuple(found)
