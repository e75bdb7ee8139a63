"""What killed processes leave behind and nobody needs, removed before the next work begins."""

import contextlib
import os
from pathlib import Path

import psutil

from labbook.paths import CHECKPOINTS, RUNS, TOPS
from labbook.provenance.checksums import shorten_memory
from labbook.provenance.locks import LOCKS, a_job_is_at_work
from labbook.provenance.runs_in_training import RUNS_IN_TRAINING
from labbook.training.runfile import run_path

FOLDERS = (*map(Path, TOPS), CHECKPOINTS, LOCKS)


def sweep() -> None:
    """Remove half-written files, checkpoints of runs that are whole, lists of runs.

    To be called alone.

    And shorten what is remembered of older files. While a job is at work, which may have outlived
    its Snakemake, everything stays as it is.
    """
    if a_job_is_at_work():
        return
    waste = [p for p in CHECKPOINTS.glob("*.safetensors") if run_path(RUNS, p.stem).exists()]
    waste += RUNS_IN_TRAINING.glob("*")  # one or more for each job: nobody holds them without one
    # What `files.write_bytes` had not yet put in place when its process was killed.
    for top in FOLDERS:
        for folder, _, names in os.walk(top):
            for name in names:
                if name.startswith(".") and name.endswith(".tmp"):
                    writer = name.split(".")[-2]
                    if writer.isdecimal() and not psutil.pid_exists(int(writer)):
                        waste.append(Path(folder, name))
    for path in waste:
        with contextlib.suppress(OSError):  # another's file: it harms nobody
            path.unlink(missing_ok=True)
    shorten_memory()
