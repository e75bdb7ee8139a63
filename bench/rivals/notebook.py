"""The loop of the course reports: DataLoader, a Python loop, validation after each epoch."""

import itertools
from collections.abc import Callable

import torch
from torch.utils.data import DataLoader, TensorDataset

from bench.rivals import Train
from bench.rivals.torch_net import OPTIMIZERS, loss_of, network
from bench.workloads import RATE, Workload

AfterEpoch = Callable[[int, float], None]  # is told the epoch (1, 2, ...) and its validation loss


def prepare(
    workload: Workload, name: str, after_epoch: AfterEpoch | None = None
) -> tuple[Train, int]:
    """The loop; what it says after an epoch is no part of a rival's time."""
    data = {key: torch.from_numpy(array) for key, array in workload.data().items()}
    batch = workload.batch or workload.rows
    loader = DataLoader(TensorDataset(data["x"], data["y"]), batch_size=batch, shuffle=True)
    valid_loader = DataLoader(TensorDataset(data["valid_x"], data["valid_y"]), batch_size=batch)
    model, criterion = network(workload), loss_of(workload)
    kind = OPTIMIZERS[workload.optimizer]
    optimizer = kind(model.parameters(), lr=RATE[workload.optimizer])
    numbers = itertools.count(1)  # of epochs, over all calls

    def train(epochs: int) -> None:
        for epoch in itertools.islice(numbers, epochs):
            model.train()
            for x, y in loader:
                optimizer.zero_grad()
                loss = criterion(model(x), y)
                loss.backward()
                optimizer.step()
            model.eval()
            total = 0.0
            with torch.no_grad():
                for x, y in valid_loader:
                    total += criterion(model(x), y).item() * len(x)
            if after_epoch is not None:
                after_epoch(epoch, total / workload.valid_rows)

    return train, 1
