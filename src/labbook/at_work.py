"""Whether something is at work in this folder that would be harmed by taking files away."""

import json
import os
from pathlib import Path

from labbook.errors import LabbookError

SNAKEMAKE = Path(".snakemake/locks")
DVC = Path(".dvc/tmp/rwlock")


def refuse_at_work(then: str) -> None:
    """Raise `LabbookError` while Snakemake or DVC holds its lock here; `then` is what must wait."""
    if SNAKEMAKE.is_dir() and any(SNAKEMAKE.iterdir()):
        raise LabbookError(
            "snakemake is at work in this folder (or was killed: then `snakemake --unlock` first). "
            f"{then} when it has ended."
        )
    alive = sorted(filter(_is_alive, _holders()))
    if alive:
        processes = ", ".join(map(str, alive))
        raise LabbookError(f"dvc is at work in this folder (process {processes}). {then} after it.")


def _holders() -> set[int]:
    """Processes that DVC's lock names: one writer a path, or several readers."""
    try:
        locks = json.loads(DVC.read_text())
    except (OSError, ValueError):
        return set()
    entries = [lock.get("write") for lock in locks.values()]
    entries += [reader for lock in locks.values() for reader in lock.get("read", [])]
    return {int(entry["pid"]) for entry in entries if entry}


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
