"""The network of a workload in PyTorch, as anybody would write it."""

from torch import nn

from bench.workloads import Workload

ACTIVATIONS = {"relu": nn.ReLU, "silu": nn.SiLU}


def network(workload: Workload) -> nn.Sequential:
    """Convolutions with pooling, then linear layers with activations between them."""
    layers: list[nn.Module] = []
    before = workload.inputs[0]
    for channels in workload.channels:
        layers.append(nn.Conv2d(before, channels, workload.kernel, padding=workload.kernel // 2))
        layers += [ACTIVATIONS[workload.activation](), nn.MaxPool2d(2)]
        before = channels
    if workload.channels:
        layers.append(nn.Flatten())
    widths = workload.widths
    for number, width in enumerate(widths[1:], start=1):
        layers.append(nn.Linear(widths[number - 1], width))
        if number < len(widths) - 1:
            layers.append(ACTIVATIONS[workload.activation]())
    return nn.Sequential(*layers)
