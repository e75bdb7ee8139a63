"""Checkpoints: the state of an unfinished run, so that a killed job loses less than a minute."""

import io
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from labbook.files import write_bytes
from labbook.train.loop import State

SECONDS = 20.0  # between two checkpoints of a run

_LISTS = ("train_loss", "valid_loss", "rate")
_NUMBERS = ("best_epoch", "best_loss")


class Checkpoint:
    """The checkpoint of one run, `<folder>/<run id>.pt`; it is of use to that run alone."""

    def __init__(self, folder: Path, run_id: str, identity: Mapping[str, Any]) -> None:
        self.path = Path(folder, f"{run_id}.pt")
        self.identity = json.dumps([run_id, identity], sort_keys=True)
        self.written = time.monotonic()

    def due(self) -> bool:
        """Whether the last one is so old that another should be written."""
        return time.monotonic() - self.written >= SECONDS

    def save(self, state: State) -> None:
        """Write all of `state` in one step. Raises `LabbookError` where that is impossible."""
        content = {
            "identity": self.identity,
            "model": state.model.state_dict(),
            "optimizer": state.optimizer.state_dict(),
            "best": state.best,
            **{name: getattr(state, name) for name in (*_LISTS, *_NUMBERS)},
        }
        buffer = io.BytesIO()
        torch.save(content, buffer)
        write_bytes(self.path, buffer.getvalue())
        self.written = time.monotonic()

    def load(self, state: State) -> bool:
        """Bring `state` to where the run stood; False where there is no checkpoint to go on from.

        A file that is broken, or of another run, is ignored with a warning on stderr; `state` may
        then be half filled, so make a new one.
        """
        try:
            content = torch.load(self.path, map_location="cpu", weights_only=True)
            if content["identity"] != self.identity:
                raise ValueError("it is of another run")
            state.model.load_state_dict(content["model"])
            state.optimizer.load_state_dict(content["optimizer"])
            for name, weight in state.best.items():
                weight.copy_(content["best"][name])
            for name in (*_LISTS, *_NUMBERS):
                setattr(state, name, content[name])
        except FileNotFoundError:
            return False
        except Exception as error:  # broken bytes make torch.load raise almost anything
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            print(
                f"labbook: {self.path} is no checkpoint to go on from ({reason:.200}); "
                "it is ignored and the run starts anew.",
                file=sys.stderr,
            )
            return False
        return True

    def remove(self) -> None:
        """Forget the checkpoint: the run's file is there."""
        self.path.unlink(missing_ok=True)
