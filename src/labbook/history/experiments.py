"""Takes over existing runs into the copy of the project in which DVC runs a queued experiment.

The copy begins with the results of the commit that the experiment was queued on. Runs that other
commits and experiments have, and those that the project has and nobody committed, are taken over
too: a run's id says all that its result depends on, so it is the same run.
"""

import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import write_bytes
from labbook.history import git as commits
from labbook.history.state import State
from labbook.paths import ATTIC, RUNS
from labbook.provenance.dvc_records import NotInCacheError, md5
from labbook.training.runfile import read_run, run_path
from labbook.wording import count


def recall(run_ids: Iterable[str]) -> int:
    """Take over those of the runs that are missing here and exist elsewhere; how many.

    Does nothing but in a copy that DVC made for a queued experiment: where a user removed a run's
    file, it is to be trained anew.
    """
    home = commits.home()
    if home is None:
        return 0
    missing = {run for run in run_ids if not run_path(RUNS, run).exists()}
    wanted = len(missing)
    for folder in (home / RUNS, home / ATTIC / RUNS):
        missing -= {run for run in missing if _copy(run_path(folder, run))}
    if missing:
        missing -= _from_commits(missing)
    if wanted > len(missing):
        taken = count(wanted - len(missing), "run")
        print(f"labbook: {taken} taken over from {home}", file=sys.stderr)
    return wanted - len(missing)


def _copy(source: Path) -> bool:
    """Copy a run's file if it is there and whole."""
    try:
        if not source.is_file() or read_run(source).id != source.stem:
            return False
    except LabbookError:
        return False
    write_bytes(run_path(RUNS, source.stem), source.read_bytes())
    return True


def _from_commits(missing: set[str]) -> set[str]:
    """Restore runs from DVC's cache, by what the commits recorded, newest first."""
    try:
        recorded = list(commits.all_recorded())
    except LabbookError:  # without git there is nothing to take over
        return set()
    restored: set[str] = set()
    for state in map(State, recorded):
        for path in (run_path(RUNS, run) for run in missing - restored):
            with suppress(NotInCacheError):
                content = state.read(path.as_posix())
                if content is not None and md5(content) == state.files.get(path.as_posix()):
                    write_bytes(path, content)
                    restored.add(path.stem)
        if restored == missing:
            break
    return restored
