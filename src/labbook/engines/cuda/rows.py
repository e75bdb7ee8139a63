"""The rows of data splits on the device, each split once, however many runs use it."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from labbook.training.run import Run

SplitKey = tuple[int, int, bytes, str]


def split_key(run: Run) -> SplitKey:
    """Equal for runs that see the same numbers; one whose images are augmented has its own."""
    columns = b"all" if run.columns is None else np.asarray(run.columns).tobytes()
    return id(run.data), run.seed, columns, "" if run.augment is None else run.id


def portions(runs: Sequence[Run], most: int) -> Iterator[list[Run]]:
    """`runs` in portions that use at most `most` splits each."""
    by_split: dict[SplitKey, list[Run]] = {}
    for run in runs:
        by_split.setdefault(split_key(run), []).append(run)
    splits = list(by_split.values())
    for start in range(0, len(splits), most):
        yield [run for split in splits[start : start + most] for run in split]


class Rows:
    """Training and validation rows of the splits of some runs, all splits equally long.

    `train` and `valid` are inputs (splits, rows, ...) and targets (splits, rows).
    """

    def __init__(self, runs: Sequence[Run], device: torch.device) -> None:
        first_of = {split_key(run): run for run in reversed(runs)}
        self.numbers = {key: number for number, key in enumerate(first_of)}
        self.train = _stacked(list(first_of.values()), "train", device)
        self.valid = _stacked(list(first_of.values()), "valid", device)

    def number(self, run: Run) -> int:
        """Which split is that of `run`."""
        return self.numbers[split_key(run)]

    def augment(self, run: Run, epoch: int, between: Callable[[], None]) -> None:
        """The images of `run`, which has `augment`, become those of epoch 1, 2, ..."""
        x, _ = run.augmented(epoch, between)
        self.train[0][self.number(run)].copy_(torch.from_numpy(x))


def _stacked(runs: Sequence[Run], part: str, device: torch.device) -> tuple[Tensor, Tensor]:
    """Inputs and targets of each run's part; split by split, to spare the CPU's memory."""
    stacks: list[Tensor] = []
    for number, run in enumerate(runs):
        arrays = [torch.tensor(array) for array in run.part(part)]
        if not stacks:
            stacks = [a.new_empty((len(runs), *a.shape), device=device) for a in arrays]
        for stack, array in zip(stacks, arrays, strict=True):
            stack[number].copy_(array)
    x, y = stacks
    return x, y
