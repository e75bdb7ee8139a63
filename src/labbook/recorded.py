"""What dvc.lock records and DVC's cache has not: said before anything of it is made anew.

After a clone nobody may have pulled; a `dvc pull` may have broken off, or its remote may lack a
file. Keys see to it that nothing is taken as whole; this says that training can be spared.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

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
    lacking = [_listed(path, files) for path, files in _lacking(there)]
    if not lacking:
        return None
    return (
        f"dvc.lock records {', '.join(lacking)}, not (all) in DVC's cache on this machine: not "
        "pulled yet, or `dvc pull` broke off. `dvc pull` brings what the remote has; `snakemake` "
        "makes anew what is not here."
    )


def _listed(path: str, files: list[str]) -> str:
    """How many of which files, the first ones by name."""
    if not files:
        return path
    names = ", ".join(files[:3]) + (", ..." if len(files) > 3 else "")
    return f"{path} ({len(files)} files: {names})"


def _lacking(there: Store) -> Iterator[tuple[str, list[str]]]:
    """Recorded outputs of which files are not in the cache, and these; none without a listing."""
    for out in _outputs():
        listing = there.path(out["md5"])
        if not out["md5"].endswith(".dir") or not listing.exists():
            if not listing.exists():
                yield out["path"], []
            continue
        entries = json.loads(listing.read_bytes())
        missing = [e["relpath"] for e in entries if not there.path(e["md5"]).exists()]
        if missing:
            yield out["path"], missing


def _outputs() -> list[dict[str, Any]]:
    """The outputs in dvc.lock that DVC's cache can have; none if git has left conflicts in it."""
    try:
        lock = YAML(typ="safe").load(LOCK) or {}
    except YAMLError:  # `dvc` itself says what is wrong
        return []
    outs = [out for stage in lock.get("stages", {}).values() for out in stage.get("outs", [])]
    return [out for out in outs if "md5" in out]
