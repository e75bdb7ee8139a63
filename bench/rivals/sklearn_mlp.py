"""scikit-learn's multi-layer perceptron."""

import warnings

from sklearn.neural_network import MLPRegressor

from bench.rivals import Train
from bench.workloads import RATE, Workload


def prepare(workload: Workload, name: str) -> tuple[Train, int]:
    """It knows no SiLU: tanh stands in for it, which costs about the same."""
    data = workload.data()
    model = MLPRegressor(
        hidden_layer_sizes=workload.hidden,
        activation="tanh" if workload.activation == "silu" else workload.activation,
        solver=workload.optimizer,
        batch_size=workload.batch or workload.rows,
        learning_rate_init=RATE[workload.optimizer],
        alpha=0.0,
        momentum=0.0,
        n_iter_no_change=10**9,
    )

    def train(epochs: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            model.set_params(max_iter=epochs).fit(data["x"], data["y"])
            model.score(data["valid_x"], data["valid_y"])

    return train, 1
