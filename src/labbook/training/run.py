"""What an engine is given, and what it gives back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from labbook import models
from labbook.data.augmentation import augmented, mixed
from labbook.data.prepared import Prepared
from labbook.models import Network
from labbook.params.augment import Augment
from labbook.params.studies import Recipe
from labbook.training.watch import Watch

ANEW = 2**63  # more than any seed that params.yaml may have


@dataclass(frozen=True)
class Run:
    """A run to be trained: its identity, its settings, its network, its data."""

    id: str
    identity: Mapping[str, Any]
    recipe: Recipe
    seed: int
    data: Prepared
    columns: np.ndarray | None  # numbers of the chosen columns, None for all

    def seed_of(self, stream: str) -> int:
        """The seed of one of the streams of training, its name as the setting `redraw` has it.

        It is the run's, or where that stream is drawn anew one that no run has.
        """
        anew = self.recipe.training.redraw in ("all", stream)
        return self.seed + (ANEW if anew else 0)

    @property
    def task(self) -> str:
        """Whether it is a "regression" or a "classification"."""
        return self.data.task

    @property
    def augment(self) -> Augment | None:
        """How its training images are changed, or None."""
        return self.recipe.training.augments

    @property
    def network(self) -> Network:
        """The network. Raises `LabbookError` where model and data do not fit together."""
        outputs = len(self.data.classes) if self.task == "classification" else 1
        return models.build(self.recipe.model, self.data.row_shape(self.columns), outputs)

    def part(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of "train", "valid" or "test".

        x is float32 (rows, columns) or (rows, 1, height, width); y float32 (rows,) standardised,
        or int64 class numbers (rows,).
        """
        x, y = self.data.part(self.seed, name, self.columns)
        assert y is not None  # only unlabelled rows have no target
        return x, y

    @property
    def class_weights(self) -> np.ndarray | None:
        """What a training row counts by its class: float32 (classes,); None where all count alike.

        rows / (classes * rows of the class), so that their mean over the rows is 1 (King and Zeng
        2001); 0 for a class that no training row has.
        """
        if self.recipe.training.class_weights is None:
            return None
        classes = len(self.data.classes)
        target = self.data.target[self.data.split(self.seed).train]
        rows = np.bincount(target, minlength=classes)
        weights = np.where(rows, len(target) / (classes * np.maximum(rows, 1)), 0.0)
        return weights.astype(np.float32)

    def weighed(self, y: np.ndarray) -> np.ndarray:
        """Targets of training rows as the loss counts them.

        With class weights these, float32 (rows, classes), times the rows' shares of the classes:
        all of its own class, where no images are mixed.
        """
        weights = self.class_weights
        if weights is None:
            return y
        shares = np.eye(len(weights), dtype=np.float32)[y] if y.ndim == 1 else y
        return np.asarray(shares * weights)

    def augmented(
        self, epoch: int, between: Callable[[], None] = lambda: None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of the training part as epoch 1, 2, ... sees them.

        Like `part("train")`, but where images are mixed y is the classes' shares, float32 (rows,
        classes). Only for a run with `augment`; `between` is called every few milliseconds.
        """
        assert self.augment is not None
        pixels, seed = self.data.pixels(self.seed, "train"), self.seed_of("augmentation")
        pixels = augmented(pixels, self.augment, seed, "epoch", epoch, between)
        y = self.data.target[self.data.split(self.seed).train]  # of images always a class number
        if self.augment.mixup:
            classes = len(self.data.classes)
            pixels, y = mixed(pixels, y, classes, self.augment, seed, epoch)
        return self.data.standardised(pixels, self.seed), y


@dataclass(frozen=True)
class Trained:
    """A run that has ended.

    `ended` is one of runfile.ENDINGS; `best_epoch` that of the kept weights, 0 where there is none;
    `curves` has train_loss, valid_loss and rate, float32 (epochs,), and with
    `training.gradient_norms` of each layer with weights gradient_norm/<layer>: the Euclidean norm
    of its gradient (weights and biases together, before clipping), the mean over the epoch's
    steps; `weights` are those of the best epoch by name, empty where there is none; `outputs`
    takes inputs (rows, ...) to what the network with these weights gives in evaluation mode,
    float32 (rows, outputs).
    """

    run: Run
    ended: str
    best_epoch: int
    curves: Mapping[str, np.ndarray]
    weights: Mapping[str, np.ndarray]
    outputs: Callable[[np.ndarray], np.ndarray]

    @property
    def epochs(self) -> int:
        """How many epochs were trained."""
        return len(self.curves["rate"])


class Engine(Protocol):
    """Trains runs of one data set, each to its end, and gives them back as they end.

    A run's result depends on the run alone: not on the others, their number or their order, and
    not on stops on the way. From time to time, at least every half second where an epoch is longer
    than that, it asks `watch`: see there. It goes on from a run's checkpoint where there is one.

    Who gets a run may take long, and never stops the engine: a signal that came meanwhile waits
    until the engine is asked for the next run. It then looks at `watch` before it trains anything
    further: `pause`, `save` and `go_on` where other runs are in work, `stop_if_asked` where not.
    """

    def train(self, runs: Sequence[Run], device: str, watch: Watch) -> Iterator[Trained]:
        """Train `runs`; `device` is "cpu" or "cuda". Raises `LabbookError`."""
        ...
