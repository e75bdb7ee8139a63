"""What runs must share to be trained as one stack: all that shapes tensors and kernels."""

from collections.abc import Sequence
from dataclasses import dataclass

from labbook.models import Network
from labbook.models.losses import loss_name
from labbook.training.run import Run


@dataclass(frozen=True)
class Group:
    """Runs that may differ in their numbers: seed, split, rates, schedule, budget, patience.

    `batch` is the number of rows of a step, at most `rows`, those of the training part;
    `clipped` says whether gradients are, `gradient_norms` whether their norms are kept.
    """

    runs: list[Run]
    network: Network
    optimizer: str
    loss: str
    clipped: bool
    batch: int
    rows: int
    valid_rows: int
    gradient_norms: bool


def group_runs(runs: Sequence[Run]) -> list[Group]:
    """All of `runs`, in groups.

    Raises `LabbookError` where model, loss and data do not fit together.
    """
    groups: dict[str, Group] = {}
    for run in runs:
        training, split = run.recipe.training, run.data.split(run.seed)
        rows = len(split.train)
        group = Group(
            runs=[],
            network=run.network,
            optimizer=run.recipe.optimizer.kind,
            loss=loss_name(training.loss, run.task),
            clipped=training.clip is not None,
            batch=rows if training.batch == "all" else min(training.batch, rows),
            rows=rows,
            valid_rows=len(split.valid),
            gradient_norms=training.gradient_norms,
        )
        # By its text: a network holds a dict, and so has no hash.
        groups.setdefault(repr(group), group).runs.append(run)
    return list(groups.values())
