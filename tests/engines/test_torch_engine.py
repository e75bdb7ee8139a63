"""The torch engine as a whole: where a signal ends it, and what is kept then."""

import signal
from pathlib import Path

import numpy as np
import pytest

from labbook.engines.torch.engine import Engine
from labbook.errors import LabbookError
from labbook.training.checkpoint import read_checkpoint
from labbook.training.watch import Watch
from tests.made_data import recipe, run_of, table


class Signalled(Watch):
    """Gets SIGTERM when it is asked for the `at`th time in mid-epoch."""

    at, asked = 5, 0  # three steps an epoch: the second step of the second

    def stop_if_overdue(self) -> None:
        self.asked += 1
        if self.asked == self.at:
            self.received.append(signal.SIGTERM)
        super().stop_if_overdue()


def stopped(folder: Path) -> tuple[Signalled, dict[str, np.ndarray] | None]:
    run, watch = run_of(table(), recipe(batch=16)), Signalled(folder)
    with pytest.raises(LabbookError, match="stopped by SIGTERM"):
        list(Engine().train([run], "cpu", watch))
    return watch, read_checkpoint(folder / f"{run.id}.safetensors", [run.id, run.identity, ""])


def test_a_signal_in_a_short_epoch_waits_for_its_end(tmp_path: Path) -> None:
    watch, saved = stopped(tmp_path)
    assert watch.asked == 6
    assert saved is not None
    assert len(saved["rate"]) == 2


def test_a_signal_in_a_long_epoch_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labbook.training.watch.GRACE_SECONDS", 0.0)
    watch, saved = stopped(tmp_path)
    assert watch.asked == watch.at
    assert saved is None  # the last checkpoint stands, and there was none


def test_the_grace_is_counted_from_when_the_signal_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 10.0, 10.9, 11.0])
    monkeypatch.setattr("labbook.training.watch.time.monotonic", lambda: next(clock))
    watch = Watch(tmp_path, [])
    watch.stop_if_overdue()  # no signal: the clock is not even asked
    watch.received.append(signal.SIGINT)
    watch.stop_if_overdue()
    watch.stop_if_overdue()
    with pytest.raises(KeyboardInterrupt):
        watch.stop_if_overdue()
