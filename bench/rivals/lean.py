"""PyTorch as lean as it gets: tensors in memory, shuffled by index, the fused optimiser."""

import torch

from bench.rivals import Train
from bench.rivals.torch_net import OPTIMIZERS, loss_of, network
from bench.workloads import RATE, Workload

FORMATS = {"lean": torch.contiguous_format, "lean_channels_last": torch.channels_last}


def prepare(workload: Workload, name: str, device: str = "cpu") -> tuple[Train, int]:
    """Images and weights in the memory format that `name` stands for; see results.RATIOS."""
    data = {key: torch.from_numpy(array).to(device) for key, array in workload.data().items()}
    model, loss = network(workload).to(device), loss_of(workload)
    if workload.channels:
        model = model.to(memory_format=FORMATS[name])
        for key in ("x", "valid_x"):
            data[key] = data[key].contiguous(memory_format=FORMATS[name])
    kind = OPTIMIZERS[workload.optimizer]
    optimizer = kind(model.parameters(), lr=RATE[workload.optimizer], fused=True)
    x, y, batch = data["x"], data["y"], workload.batch or workload.rows

    def train(epochs: int) -> None:
        for _ in range(epochs):
            order = None if workload.batch is None else torch.randperm(len(x), device=device)
            for start in range(0, len(x), batch):
                chosen = slice(None) if order is None else order[start : start + batch]
                for parameter in model.parameters():
                    parameter.grad = None
                loss(model(x[chosen]), y[chosen]).backward()
                optimizer.step()
            with torch.inference_mode():
                loss(model(data["valid_x"]), data["valid_y"])

    return train, 1
