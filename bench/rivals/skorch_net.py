"""skorch: scikit-learn's interface over PyTorch."""

from skorch import NeuralNet
from skorch.dataset import Dataset
from skorch.helper import predefined_split

from bench.rivals import Train
from bench.rivals.torch_net import OPTIMIZERS, loss_of, network
from bench.workloads import RATE, Workload


def prepare(workload: Workload, name: str) -> tuple[Train, int]:
    """With its validation after each epoch, without its printing."""
    data = workload.data()
    net = NeuralNet(
        network(workload),
        type(loss_of(workload)),
        optimizer=OPTIMIZERS[workload.optimizer],
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
