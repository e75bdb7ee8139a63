"""What an engine asks while it trains: whether to stop, to write a checkpoint, to say something."""

import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from labbook.errors import LabbookError
from labbook.training.checkpoint import read_checkpoint, write_checkpoint

# Between two checkpoints of a run: what a killed job may lose. So long for each second that saving
# takes, if that is more: many runs at once need some seconds, and training must not wait for ever.
CHECKPOINT_SECONDS = 20.0
GRACE_SECONDS = 1.0  # after a signal: for the end of the epoch, where there is a state to save
SECONDS = "watch/seconds"  # in a checkpoint: how long the run has been in work
PROGRESS_SECONDS = 1.0  # between two words about progress: printing costs more than an epoch


class Watch:
    """Clock, signals and checkpoints of one process that trains.

    An engine asks `pause` as often as it likes (it costs under a microsecond), and where that is
    true calls `save` for each run in work, then `go_on`.
    """

    def __init__(
        self,
        folder: Path,
        received: list[int] | None = None,
        progress: Callable[[str, int], None] = lambda run_id, epoch: None,
        code: str = "",
    ) -> None:
        """States go to `folder`; those that other `code` has written are not gone on from."""
        self.folder, self.progress, self.code = Path(folder), progress, code
        self.received = [] if received is None else received
        self.saved = self.spoken = time.monotonic()
        self.saving = 0.0  # seconds since the last `go_on`
        self.interval = CHECKPOINT_SECONDS
        self.noticed: float | None = None  # when a signal was first seen in mid-epoch
        self.begun: dict[str, float] = {}  # run -> when it would have begun without stops

    def pause(self) -> bool:
        """Whether the runs in work should be saved now: a signal came, or it was long ago."""
        return bool(self.received) or time.monotonic() - self.saved >= self.interval

    def save(
        self, run_id: str, identity: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
    ) -> None:
        """Write the state of a run in one step. Raises `LabbookError` where that is impossible."""
        seconds = {SECONDS: np.array(self.seconds(run_id))}
        began = time.monotonic()
        write_checkpoint(self._path(run_id), [run_id, identity, self.code], {**arrays, **seconds})
        self.saving += time.monotonic() - began

    def go_on(self) -> None:
        """After `save`: raise what a signal asks for (KeyboardInterrupt or `LabbookError`)."""
        self.stop_if_asked()
        self.saved = time.monotonic()
        self.interval = CHECKPOINT_SECONDS * max(1.0, self.saving)
        self.saving = 0.0

    def stop_if_asked(self) -> None:
        """Raise what a signal asks for, where there is nothing new to save.

        KeyboardInterrupt, or `LabbookError` for SIGTERM.
        """
        if signal.SIGINT in self.received:
            raise KeyboardInterrupt
        if self.received:
            raise LabbookError(
                "Training was stopped by SIGTERM. What was trained so far is kept; "
                "run the same command again to go on from there."
            )

    def stop_if_overdue(self) -> None:
        """In mid-epoch: raise what a signal asks for once it has waited for GRACE_SECONDS.

        A short epoch comes to its end, and its state is saved; of a long one the last checkpoint
        stands.
        """
        if not self.received:
            return
        now = time.monotonic()
        self.noticed = now if self.noticed is None else self.noticed
        if now - self.noticed >= GRACE_SECONDS:
            self.stop_if_asked()

    def load(self, run_id: str, identity: Mapping[str, Any]) -> dict[str, np.ndarray] | None:
        """What was saved of a run, or None; a broken file is ignored with a warning on stderr.

        To be asked once, when the run begins: its time is counted from here.
        """
        saved = read_checkpoint(self._path(run_id), [run_id, identity, self.code])
        before = 0.0 if saved is None else float(saved.pop(SECONDS))
        self.begun[run_id] = time.monotonic() - before
        return saved

    def seconds(self, run_id: str) -> float:
        """How long a run has been in work: all processes, but for what was lost with one."""
        now = time.monotonic()
        return now - self.begun.get(run_id, now)

    def forget(self, run_id: str) -> None:
        """Remove a run's checkpoint: its file is there."""
        self._path(run_id).unlink(missing_ok=True)
        self.begun.pop(run_id, None)

    def say(self, run_id: str, epoch: int) -> None:
        """Report where a run is, about once a second however often this is called."""
        if time.monotonic() - self.spoken >= PROGRESS_SECONDS:
            self.spoken = time.monotonic()
            self.progress(run_id, epoch)

    def _path(self, run_id: str) -> Path:
        return self.folder / f"{run_id}.safetensors"
