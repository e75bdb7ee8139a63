"""The state of a project in one commit, or in the folder as it is now: the same questions to both.

`dvc.lock` names the sums of data and results; DVC's cache holds their contents by these sums.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from labbook.errors import LabbookError
from labbook.files import CONTENT_BYTES, read_bytes
from labbook.history import git as commits
from labbook.history.git import Commit
from labbook.paths import TOPS, Store, store
from labbook.provenance.dvc_records import (
    LOCK,
    OUTPUTS,
    NotInCacheError,
    SpoiltError,
    listing,
    outputs,
    read_lock,
)

WORKSPACE = "workspace"  # DVC's word for the folder as it is now
# A plain `dvc push` gives a remote the newest results alone.
FETCH = (
    "`dvc fetch --all-commits` gets it, if it was pushed by `dvc push --all-commits`; of a commit "
    'from before the remote was named: docs/remotes.md, "A remote that was named late".'
)


class State:
    """What one commit recorded."""

    def __init__(self, commit: Commit) -> None:
        self.commit = commit
        self.name, self.subject = commit.short, commit.subject

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The MD5 of each file under data and results that dvc.lock lists, by path.

        Raises `NotInCacheError` if a listing is not in the cache, or it or dvc.lock is spoilt.
        """
        files: dict[str, str] = {}
        for path, total in self._outputs.items():
            if not total.endswith(".dir"):
                files[path] = total
                continue
            try:
                listed = self._cached(path, total, listing)
            except SpoiltError as error:
                raise NotInCacheError(
                    f"The listing of {path} of {self.name} is damaged in DVC's cache: remove "
                    f"{self._place(path, total)}, and {FETCH}"
                ) from error
            files |= {f"{path}/{name}": md5 for name, md5 in listed.items()}
        return files

    def read(self, path: str) -> bytes | None:
        """A file's content: of data and results from DVC's cache, of others from git.

        None where the commit has no such file. Raises `NotInCacheError`.
        """
        if not path.startswith(OUTPUTS):
            return commits.read(self.commit, path)
        total = self.files.get(path)
        return None if total is None else self._cached(path, total, None)

    def size(self, path: str) -> int | None:
        """Bytes of a file of data or results; None where it is not there or not in the cache."""
        total = self.files.get(path)
        try:
            return None if total is None else self._place(path, total).stat().st_size
        except OSError:
            return None

    def parsed(self, path: str, parse: Callable[[bytes], Any]) -> Any:
        """What `parse` makes of a file's content (b"" where there is none), which is not to change.

        Equal contents are read and parsed once in a process, however many commits have them.
        """
        total = self.files.get(path) if path.startswith(OUTPUTS) else None
        return self._cached(path, total, parse) if total else _parsed(parse, self.read(path) or b"")

    def json(self, path: str) -> Any:
        """A JSON file's content as plain values; {} where the commit has none.

        Raises `NotInCacheError` where it is damaged.
        """
        try:
            return self.parsed(path, _json)
        except (ValueError, RecursionError) as error:
            raise NotInCacheError(f"{path} of {self.name} is damaged ({error}).") from error

    @cached_property
    def _outputs(self) -> Mapping[str, str]:
        try:
            return dict(self.parsed(LOCK, outputs))
        except NotInCacheError as error:
            raise NotInCacheError(f"{self.name}: {error}") from error

    def _cached(self, path: str, total: str, parse: Callable[[bytes], Any] | None) -> Any:
        """A content of DVC's cache, or what `parse` makes of it."""
        place = self._place(path, total)
        try:
            return _parsed(parse, place) if parse else read_bytes(place, CONTENT_BYTES)
        except OSError as error:
            raise NotInCacheError(
                f"{path} of {self.name} is not in DVC's cache on this machine: {FETCH}"
            ) from error

    def _place(self, path: str, total: str) -> Path:
        return _store(Path.cwd()).path(total)


class Workspace(State):
    """The folder as it is now, whether it is committed or not."""

    def __init__(self) -> None:
        self.name, self.subject = WORKSPACE, ""

    @cached_property
    def files(self) -> Mapping[str, str]:
        """Paths of all files under data and results; their sums are not taken."""
        paths = (p for top in TOPS for p in Path(top).rglob("*") if p.is_file())
        return {path.as_posix(): "" for path in paths}

    def read(self, path: str) -> bytes | None:
        """A file's content; None where there is none."""
        try:
            return read_bytes(Path(path), CONTENT_BYTES)
        except OSError:
            return None

    def _place(self, path: str, total: str) -> Path:
        return Path(path)


class Locked(State):
    """What the folder's dvc.lock records, whether it is committed or not: of data and results."""

    def __init__(self) -> None:
        self.name = LOCK

    @cached_property
    def _outputs(self) -> Mapping[str, str]:
        return outputs(read_lock())


def state_of(name: str) -> State:
    """The state of a commit, branch, tag or experiment, or of the workspace."""
    return Workspace() if name == WORKSPACE else State(commits.resolve(name))


@cache
def _parsed(parse: Callable[[bytes], Any], source: bytes | Path) -> Any:
    """What `parse` makes of a content, or of that of a file that never changes."""
    return parse(source if isinstance(source, bytes) else read_bytes(source, CONTENT_BYTES))


def _json(content: bytes) -> Any:
    return json.loads(content or b"{}")


@cache
def _store(project: Path) -> Store:
    """DVC's cache of a project, which its settings may have put elsewhere."""
    cache = store(project)
    if cache is None:
        raise LabbookError("DVC is not set up in this folder: run `dvc init` first.")
    return cache
