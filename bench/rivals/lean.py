"""PyTorch as lean as it gets: tensors in memory, shuffled by index, the fused optimiser."""

import torch
from torch.nn import functional

from bench.rivals import Train
from bench.rivals.torch_net import network
from bench.workloads import RATE, Workload

FORMATS = {"lean": torch.contiguous_format, "lean_channels_last": torch.channels_last}


def prepare(workload: Workload, name: str, device: str = "cpu") -> tuple[Train, int]:
    """Images and weights in the memory format that `name` stands for; see results.RATIOS."""
    data = {key: torch.from_numpy(array).to(device) for key, array in workload.data().items()}
    model = network(workload).to(device)
    if workload.channels:
        model = model.to(memory_format=FORMATS[name])  # type: ignore[call-overload]
        for key in ("x", "valid_x"):
            data[key] = data[key].contiguous(memory_format=FORMATS[name])
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[workload.optimizer]
    optimizer = kind(model.parameters(), lr=RATE[workload.optimizer], fused=True)
    x, y, batch = data["x"], data["y"], workload.batch or workload.rows

    def loss_of(outputs: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        if workload.classes:
            return functional.cross_entropy(outputs, target)
        return functional.mse_loss(outputs.squeeze(1), target)

    def train(epochs: int) -> None:
        for _ in range(epochs):
            order = None if workload.batch is None else torch.randperm(len(x), device=device)
            for start in range(0, len(x), batch):
                chosen = slice(None) if order is None else order[start : start + batch]
                for parameter in model.parameters():
                    parameter.grad = None
                loss_of(model(x[chosen]), y[chosen]).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
            with torch.inference_mode():
                loss_of(model(data["valid_x"]), data["valid_y"])

    return train, 1
