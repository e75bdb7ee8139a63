"""DVC runs a queued experiment in a copy of the project; here it gets the runs that exist.

The copy begins with the results of the commit that the experiment was queued on. Runs that other
commits and experiments have, and those that the project has and nobody committed, are taken over
too: a run's id says all that its result depends on, so it is the same run.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import write_bytes
from labbook.history import git as commits
from labbook.history.state import State
from labbook.paths import RUNS
from labbook.provenance.attic import ATTIC
from labbook.provenance.dvc_records import NotInCacheError
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
    for path in (home / RUNS, home / ATTIC / RUNS):
        missing -= _copied((run_path(path, run), run_path(RUNS, run)) for run in missing)
    if missing:
        missing -= _from_commits(missing)
    if wanted > len(missing):
        taken = count(wanted - len(missing), "run")
        print(f"labbook: {taken} taken over from {home}", file=sys.stderr)
    return wanted - len(missing)


def _copied(pairs: Iterable[tuple[Path, Path]]) -> set[str]:
    found = set()
    for source, to in pairs:
        if source.is_file() and _is_whole(source):
            write_bytes(to, source.read_bytes())
            found.add(to.stem)
    return found


def _is_whole(path: Path) -> bool:
    try:
        return read_run(path).id == path.stem
    except LabbookError:
        return False


def _from_commits(missing: set[str]) -> set[str]:
    """From DVC's cache, by what the commits recorded, newest first."""
    found: set[str] = set()
    for state in _states():
        if found == missing:
            break
        for run in missing - found:
            path = run_path(RUNS, run)
            content = _recorded(state, path.as_posix())
            if content is not None:
                write_bytes(path, content)
                found.add(run)
    return found


def _states() -> Iterator[State]:
    try:
        yield from map(State, commits.recorded(*commits.kept()))
    except LabbookError:  # without git or DVC there is nothing to take over
        return


def _recorded(state: State, path: str) -> bytes | None:
    """A file of a commit, if the cache has it undamaged."""
    try:
        content = state.read(path)
        total = state.files.get(path)
    except NotInCacheError:
        return None
    if content is None or hashlib.md5(content, usedforsecurity=False).hexdigest() != total:
        return None
    return content
