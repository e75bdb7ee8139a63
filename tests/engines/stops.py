"""Trainings that are stopped again and again, and taken up each time."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from labbook.training.pack import Task
from labbook.training.watch import Watch
from tests.made_data import MadeData, train


class StopError(Exception):
    """Ends a training where a signal would: after its state has been saved."""


def save_always(patch: pytest.MonkeyPatch) -> None:
    """Save states and tell progress at each chance; the compiled engine has one after a block."""
    patch.setattr("labbook.training.watch.CHECKPOINT_SECONDS", 0.0)
    patch.setattr("labbook.training.watch.PROGRESS_SECONDS", 0.0)
    patch.setattr("labbook.engines.compiled.engine.MOST_ROWS", 1)


def train_with_stops(
    tasks: Sequence[Task], data: MadeData, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, bytes], int]:
    """As `train`, but stopped wherever a state is saved; also how many stops there were.

    Where something is begun anew (cuda: an epoch, compiled: its images), the training is stopped at
    the first chance, then at the second of what is left, and so on.
    """
    stops, chances = 0, 1
    anew = {"torch": False, "compiled": tasks[0].recipe.training.augments, "cuda": True}
    growing = bool(anew[tasks[0].engine])

    def stop(watch: Watch) -> None:
        nonlocal chances
        chances -= 1
        if chances == 0:
            raise StopError

    with monkeypatch.context() as patched:
        save_always(patched)
        patched.setattr(Watch, "go_on", stop)
        while True:
            try:
                return train(list(tasks), data, folder, patched.setattr), stops
            except StopError:
                stops += 1
                chances = 1 + stops if growing else 1
