"""Checkpoint files: the state of an unfinished run as named arrays; nothing in them is executed."""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from labbook.files import write_bytes
from labbook.tensors import TensorsError, read_tensors


def write_checkpoint(path: Path, owner: Any, arrays: Mapping[str, np.ndarray]) -> None:
    """Write `arrays` whole or not at all; `owner` (plain values) says whose they are."""
    # Not ascontiguousarray, which turns a single number, shape (), into an array of one.
    whole = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    metadata = {"owner": json.dumps(owner, sort_keys=True), "sum": _sum(whole)}
    write_bytes(path, save(whole, metadata=metadata))


def read_checkpoint(path: Path, owner: Any) -> dict[str, np.ndarray] | None:
    """What was written for `owner`, or None where there is nothing to go on from.

    A file that is broken, or of another owner, is ignored with a warning on stderr.
    """
    try:
        metadata, arrays = read_tensors(path)
        if metadata.get("owner") != json.dumps(owner, sort_keys=True):
            raise TensorsError("it is of another run")
        if metadata.get("sum") != _sum(arrays):
            raise TensorsError("its content is damaged")
    except FileNotFoundError:
        return None
    except (OSError, TensorsError) as error:
        print(
            f"labbook: {path} is no checkpoint to go on from ({error!s:.200}); "
            "it is ignored and the run starts anew.",
            file=sys.stderr,
        )
        return None
    return arrays


def _sum(arrays: Mapping[str, np.ndarray]) -> str:
    """Flipped bits in a checkpoint would end up in a result: they must be noticed."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        total.update(name.encode())
        total.update(arrays[name].tobytes())
    return total.hexdigest()
