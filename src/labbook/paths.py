"""The project's folder: what lies where in it, and whether a path leads out of it.

All paths are relative to that folder, which is the process's own.
"""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from labbook.errors import LabbookError

TOPS = ("data", "results")  # the folders whose files DVC records
RAW = Path("data/raw")
EDITION = "edition.json"  # beside the raw files of a data set: which edition lies there
PREPARED = Path("data/prepared")
SELECTED = Path("data/selected")
RESULTS = Path("results")
RUNS = RESULTS / "runs"  # a file per run
RIVALS = RESULTS / "rivals"  # what simpler models predict, a file per data set
PACKS = RESULTS / "packs"  # the list of each pack's runs
ATTIC = Path(".labbook/attic")  # what nothing asks for any more
CHECKPOINTS = Path(".labbook/checkpoints")  # of runs that were stopped
SETTINGS = ".dvc"  # DVC's own folder


def is_inside(path: str) -> bool:
    """Whether a recorded path stays in the folder that it is seen from, by its text alone."""
    parts = path.split("/")
    return "\0" not in path and "\\" not in path and not {"", ".", ".."} & set(parts)


def leads_outside(path: Path, project: Path = Path()) -> bool:
    """Whether a path, seen from the project's folder, leads out of it, by `..` or by links.

    DVC's cache, whose files may be linked, counts as inside; so do data, results and data/raw,
    which people may have put on another disk.
    """
    target = project / path
    if lies_in(target, project):
        return False
    linked = [project / top for top in (*TOPS, RAW) if path.is_relative_to(top)]
    return not any(lies_in(target, place) for place in (*linked, *_cache_of(project.resolve())))


def lies_in(path: Path, folder: Path) -> bool:
    """Whether a path, once links are followed, is a folder or something in it."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


@cache
def _cache_of(project: Path) -> tuple[Path, ...]:
    """DVC's cache of a project, if there is one."""
    try:
        cache = store(project)
    except LabbookError:
        return ()
    return () if cache is None else (cache.folder,)


@dataclass(frozen=True)
class Store:
    """Where DVC keeps contents by their MD5, and whether a remote may have more of them."""

    folder: Path
    has_remote: bool

    def path(self, total: str) -> Path:
        """Where a content lies if it is there."""
        return self.folder / "files/md5" / total[:2] / total[2:]


def store(project: Path) -> Store | None:
    """DVC's cache and remotes, as its settings say; None where DVC is not set up.

    Raises `LabbookError` where the settings cannot be read.
    """
    from dvc.config import Config, ConfigError

    candidates = (folder / SETTINGS for folder in (project, *project.parents))
    folder = next((folder for folder in candidates if folder.is_dir()), None)
    if folder is None:
        return None
    try:
        settings = Config(dvc_dir=str(folder))
    except ConfigError as error:
        raise LabbookError(f"DVC's settings cannot be read: {error}") from error
    cache = settings.get("cache", {}).get("dir") or folder / "cache"
    return Store(Path(cache), bool(settings.get("remote")))
