"""The network of a workload in PyTorch, as anybody would write it; its loss and its optimiser."""

import torch
from torch import nn

from bench.workloads import Workload

ACTIVATIONS = {"relu": nn.ReLU, "silu": nn.SiLU}
OPTIMIZERS = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}


def network(workload: Workload) -> nn.Sequential:
    """Convolutions with pooling, then linear layers with activations between them.

    Regression has no axis of outputs: (rows,), as its targets.
    """
    layers: list[nn.Module] = []
    activation, before = ACTIVATIONS[workload.activation], workload.inputs[0]
    for channels in workload.channels:
        layers.append(nn.Conv2d(before, channels, workload.kernel, padding=workload.kernel // 2))
        layers += [activation(), nn.MaxPool2d(2)]
        before = channels
    if workload.channels:
        layers.append(nn.Flatten())
    for inputs, outputs in zip(workload.widths, workload.widths[1:], strict=False):
        layers += [nn.Linear(inputs, outputs), activation()]
    layers.pop()
    if not workload.classes:
        layers.append(nn.Flatten(0))
    return nn.Sequential(*layers)


def loss_of(workload: Workload) -> nn.Module:
    """Mean squared error, or cross entropy of classes."""
    return nn.CrossEntropyLoss() if workload.classes else nn.MSELoss()
