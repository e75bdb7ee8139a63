"""What a pack knows of one of its members beside its row of each tensor."""

import math
from dataclasses import dataclass, field

from labbook import schedules
from labbook.train.run import Run
from labbook.train.stopping import ended_by_budget, ended_early

# Settings of an optimiser's block by other names that mean the same.
NAMES = {"beta1": "momentum", "beta2": "memory", "alpha": "memory"}


@dataclass
class Member:
    """A run in work: curves, the best epoch, the schedule, the steps done."""

    run: Run
    train_loss: list[float] = field(default_factory=list)
    valid_loss: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    best_epoch: int = 0
    best_loss: float = math.inf
    steps: int = 0
    ended: str | None = None

    def __post_init__(self) -> None:
        recipe = self.run.recipe
        self.rate_of = schedules.build(recipe.schedule, recipe.optimizer.rate)
        for epoch, past in enumerate([math.inf, *self.valid_loss[:-1]][: self.epoch]):
            self.rate_of(epoch, past)  # a resumed run: the schedule sees what it saw before
        block = recipe.optimizer.identity()
        self.constants = {NAMES.get(name, name): value for name, value in block.items()}

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.rate)

    def start_epoch(self) -> None:
        """Ask the schedule for the rate of the epoch to come."""
        past = self.valid_loss[-1] if self.valid_loss else math.inf
        self.constants["rate"] = self.rate_of(self.epoch, past)

    def constants_of_step(self) -> dict[str, float]:
        """The optimiser's constants at the next step, with Adam's bias corrections."""
        self.steps += 1
        momentum, memory = (self.constants.get(name, 0.0) for name in ("momentum", "memory"))
        return self.constants | {
            "first_scale": 1 / (1 - momentum**self.steps),
            "second_scale": 1 / math.sqrt(1 - memory**self.steps),
            "new_momentum": 1 - momentum,
            "new_memory": 1 - memory,
            "kept": 1 - self.constants["rate"] * self.constants["weight_decay"],
        }

    def finish_epoch(self, train_loss: float, valid_loss: float) -> bool:
        """Note an epoch's losses; whether its weights are the best so far. May end the run."""
        self.train_loss.append(train_loss)
        self.valid_loss.append(valid_loss)
        self.rate.append(self.constants["rate"])
        better = valid_loss < self.best_loss
        if better:
            self.best_loss, self.best_epoch = valid_loss, self.epoch
        training = self.run.recipe.training
        self.ended = ended_early(training, train_loss, valid_loss, self.epoch, self.best_epoch)
        if self.ended is None and self.epoch == training.epochs:
            self.ended = ended_by_budget(self.valid_loss)
        return better
