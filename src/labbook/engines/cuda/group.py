"""What runs must share to be trained as one stack: all that shapes tensors and kernels."""

from collections.abc import Sequence
from dataclasses import dataclass

from labbook.engines.cuda import losses
from labbook.models import Network
from labbook.training.run import Run


@dataclass(frozen=True)
class Group:
    """Runs that may differ in their numbers: seed, split, rates, schedule, budget, patience.

    `batch` is the number of rows of a step, at most `rows`, those of the training part;
    `clipped` says whether gradients are, `gradient_norms` whether their norms are kept.
    """

    runs: Sequence[Run]
    network: Network
    optimizer: str
    loss: str | None
    clipped: bool
    batch: int
    rows: int
    valid_rows: int
    gradient_norms: bool = False

    @property
    def task(self) -> str:
        """Whether it is a "regression" or a "classification"."""
        return self.runs[0].task


def group_runs(runs: Sequence[Run]) -> list[Group]:
    """All of `runs`, in groups.

    Raises `LabbookError` where model, loss and data do not fit together.
    """
    members: dict[str, list[Run]] = {}
    shared: dict[str, tuple[Network, str, str | None, bool, int, int, int, bool]] = {}
    for run in runs:
        training, split = run.recipe.training, run.data.split(run.seed)
        losses.build(training.loss, run.task)  # refuse before anything is trained
        rows = len(split.train)
        batch = rows if training.batch == "all" else min(training.batch, rows)
        kind, clipped = run.recipe.optimizer.kind, training.clip is not None
        sizes = (batch, rows, len(split.valid))
        equal = (run.network, kind, training.loss, clipped, *sizes, training.gradient_norms)
        key = repr((run.task, equal))  # a network holds a dict: it has no hash
        shared[key] = equal
        members.setdefault(key, []).append(run)
    return [Group(members[key], *shared[key]) for key in members]
