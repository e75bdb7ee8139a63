"""skorch: scikit-learn's interface over PyTorch."""

import numpy as np
import torch
from skorch import NeuralNet
from skorch.dataset import Dataset
from skorch.helper import predefined_split
from torch import nn

from bench.rivals import Train
from bench.rivals.torch_net import network
from bench.workloads import RATE, Workload


def prepare(workload: Workload, name: str) -> tuple[Train, int]:
    """With its validation after each epoch, without its printing."""
    data = workload.data()
    if not workload.classes:
        data |= {key: data[key][:, None].astype(np.float32) for key in ("y", "valid_y")}
    net = NeuralNet(
        network(workload),
        nn.CrossEntropyLoss if workload.classes else nn.MSELoss,
        optimizer={"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[workload.optimizer],
        lr=RATE[workload.optimizer],
        batch_size=workload.batch or workload.rows,
        iterator_train__shuffle=workload.batch is not None,
        train_split=predefined_split(Dataset(data["valid_x"], data["valid_y"])),
        verbose=0,
        warm_start=True,
    ).initialize()

    def train(epochs: int) -> None:
        net.set_params(max_epochs=epochs)
        net.partial_fit(data["x"], data["y"])

    return train, 1
