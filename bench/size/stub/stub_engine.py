"""Stub training: run files of real size through the real writer, without any training.

The weights are those of the start, so predictions, metrics and the champion's check are real;
only the curves are made up.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from labbook.models import forward
from labbook.models.initialisation import initial_weights
from labbook.streams import stream
from labbook.training.run import Run, Trained
from labbook.training.runfile import STOPPED
from labbook.training.watch import Watch


class Engine:
    """Gives back each run at once; see `labbook.training.run.Engine`."""

    def train(self, runs: Sequence[Run], device: str, watch: Watch) -> Iterator[Trained]:
        """Each of `runs`, not trained."""
        for run in runs:
            yield _stub(run)
            watch.pause()


def _stub(run: Run) -> Trained:
    network, curves = run.network, _curves(run)
    weights = initial_weights(network, run.seed)
    return Trained(
        run=run,
        ended=STOPPED,
        best_epoch=int(curves["valid_loss"].argmin()) + 1,
        curves=curves,
        weights=weights,
        outputs=lambda x: forward(network, weights, x).astype(np.float32),
    )


def _curves(run: Run) -> dict[str, np.ndarray]:
    """Losses that fall, with noise; validation turns up again. Each (epochs,), float32."""
    epochs = np.arange(1, run.recipe.training.epochs + 1)
    noise = np.exp(0.05 * stream(run.seed, "stub").standard_normal((2, len(epochs))))
    train = 0.05 + np.exp(-epochs / 30)
    valid = 0.15 + np.exp(-epochs / 30) + 1e-4 * epochs
    curves = {"train_loss": train * noise[0], "valid_loss": valid * noise[1]}
    rate = np.full(len(epochs), run.recipe.optimizer.rate)
    return {name: curve.astype(np.float32) for name, curve in (curves | {"rate": rate}).items()}
