"""What dvc.lock records and DVC's cache has not: said before anything of it is made anew.

After a clone nobody may have pulled; a `dvc pull` may have broken off, or its remote may lack a
file. Keys see to it that nothing is taken as whole; this says that training can be spared.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

LOCK = Path("dvc.lock")
SETTINGS = Path(".dvc")


@dataclass(frozen=True)
class Store:
    """Where DVC keeps contents by their MD5, and whether a remote may have more of them."""

    folder: Path
    has_remote: bool

    def path(self, total: str) -> Path:
        """Where a content lies if it is there."""
        return self.folder / "files/md5" / total[:2] / total[2:]


def store() -> Store | None:
    """DVC's cache and remotes, as its settings say; None where DVC is not set up here."""
    from dvc.config import Config, ConfigError

    if not SETTINGS.is_dir():
        return None
    try:
        settings = Config(dvc_dir=str(SETTINGS.absolute()))
    except ConfigError:  # `dvc` itself says what is wrong
        return None
    folder = settings.get("cache", {}).get("dir") or SETTINGS / "cache"
    return Store(Path(folder), bool(settings.get("remote")))


def not_pulled() -> str | None:
    """A sentence for people if dvc.lock records what is not in DVC's cache; None else.

    None also without a remote: then there is nothing to pull from.
    """
    there = store() if LOCK.exists() else None
    if there is None or not there.has_remote:
        return None
    lacking = [f"{path} ({count} files)" for path, count in _lacking(there)]
    if not lacking:
        return None
    return (
        f"dvc.lock records {', '.join(lacking)}, not (all) in DVC's cache on this machine: not "
        "pulled yet, or `dvc pull` broke off. `dvc pull` brings what the remote has, or says what "
        "it lacks; `snakemake` makes anew what is not here."
    )


def _lacking(there: Store) -> Iterator[tuple[str, int]]:
    """Recorded folders, and how many of their files are not in the cache."""
    lock = YAML(typ="safe").load(LOCK) or {}
    outs = [out for stage in lock.get("stages", {}).values() for out in stage.get("outs", [])]
    for out in outs:
        missing = _missing(there, out["md5"], out.get("nfiles", 1))
        if missing:
            yield out["path"], missing


def _missing(there: Store, total: str, count: int) -> int:
    """How many files of a recorded output are not in the cache; all without its listing."""
    if not total.endswith(".dir"):
        return int(not there.path(total).exists())
    try:
        listing = json.loads(there.path(total).read_bytes())
    except (OSError, ValueError):
        return count
    return sum(not there.path(entry["md5"]).exists() for entry in listing)
