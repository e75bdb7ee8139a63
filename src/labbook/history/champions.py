"""The champions of all commits: a model that was ever the best of a study is never lost."""

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError, field_validator

from labbook.errors import LabbookError
from labbook.files import write_bytes
from labbook.history import git as commits
from labbook.history.outcome import Best
from labbook.history.state import State, Workspace
from labbook.identity.code import digest
from labbook.params.base import Sha256
from labbook.paths import is_inside
from labbook.provenance.dvc_records import NotInCacheError

ABOUT = re.compile(r"results/[^/]+/champion/champion\.json")
ABOUT_NAME = "champion.json"
MODEL = "model.safetensors"


@dataclass(frozen=True)
class Champion:
    """The best model of a study in one or more states, of which `state` is the newest."""

    id: str
    study: str
    about: Mapping[str, Any]
    state: State

    @property
    def folder(self) -> str:
        """Where it lies in its state."""
        return f"results/{self.study}/champion"

    @property
    def metric(self) -> str:
        """`validation MSE 0.973 (0.932 to 1.014), n 8` of its combination."""
        return Best.of("", self.about["metric"], self.about["validation"]).figure

    def plain(self) -> dict[str, Any]:
        """As an entry of a JSON file."""
        names = ("combination", "seed", "run", "metric", "validation", "test", "sums")
        return {
            "id": self.id,
            "study": self.study,
            **{name: self.about.get(name) for name in names},
            "commit": self.state.name,
            "bytes": self.state.size(f"{self.folder}/{MODEL}"),
        }


class _Sums(BaseModel):
    """SHA-256 of the champion's files by name; none in a study whose runs all diverged."""

    sums: dict[str, Sha256] = {}


class _Interval(BaseModel):
    mean: float | None
    low: float | None
    high: float | None
    n: int


class _About(_Sums):
    """What is read of champion.json here and in `labbook models`."""

    combination: str
    seed: int
    metric: str
    validation: _Interval

    @field_validator("sums")
    @classmethod
    def _with_model(cls, sums: dict[str, str]) -> dict[str, str]:
        if MODEL not in sums:
            raise ValueError(f"no sum of {MODEL}")
        return sums


def all_states() -> list[State]:
    """The states of all branches, tags and experiments, newest first, and then the workspace."""
    return [*map(State, commits.all_recorded()), Workspace()]


def champions(states: Iterable[State]) -> tuple[list[Champion], list[str]]:
    """Each champion of `states` once, with the first of them that has it; and what is not known.

    Two are one if they are of one study and their models have the same sum.
    """
    by_id: dict[str, Champion] = {}
    unknown: list[str] = []
    for state in states:
        try:
            for study, about in abouts(state).items():
                id_ = digest(study, about["sums"][MODEL])[:8]
                by_id.setdefault(id_, Champion(id_, study, about, state))
        except NotInCacheError as error:
            unknown.append(str(error))
    return list(by_id.values()), unknown


def abouts(state: State) -> dict[str, Mapping[str, Any]]:
    """What each study's champion.json says, for studies that have one.

    Raises `NotInCacheError`, also for a file of other content than labbook writes.
    """
    by_study = {}
    for path in sorted(path for path in state.files if ABOUT.fullmatch(path)):
        about = state.json(path)
        try:
            sums = _Sums.model_validate(about).sums
            if sums:
                by_study[path.split("/")[1]] = about
                _About.model_validate(about)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise NotInCacheError(f"{path} of {state.name} is damaged ({why}).") from error
    return by_study


def fetch(champion: Champion, folder: Path) -> list[Path]:
    """Copy a champion's files into `folder`, whole or not at all; their paths.

    Raises `LabbookError` where the folder holds something, a file is not in the cache, or its
    content is not what its sum says.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LabbookError(
            f"{folder}: is there already and not empty; nothing was changed. Give the name of a "
            "folder that does not exist."
        )
    prefix = f"{champion.folder}/"
    contents: dict[str, bytes] = {}
    for path in sorted(path for path in champion.state.files if path.startswith(prefix)):
        name, content = path.removeprefix(prefix), _content(champion, path, folder)
        if not is_inside(name):
            raise LabbookError(f"{path}: leads out of {champion.folder}. Nothing was written.")
        actual, expected = hashlib.sha256(content).hexdigest(), champion.about["sums"].get(name)
        if name != ABOUT_NAME and actual != expected:  # which holds the sums of the others
            raise LabbookError(
                f"{path}: SHA-256 {actual}, expected {expected or 'no such file'}: the copy in the "
                "cache or the folder is damaged. Nothing was written. Remove it there and "
                "`dvc fetch --all-commits`."
            )
        contents[name] = content
    try:
        for name, content in contents.items():
            write_bytes(folder / name, content)
    except LabbookError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return [folder / name for name in contents]


def _content(champion: Champion, path: str, folder: Path) -> bytes:
    try:
        content = champion.state.read(path)
    except NotInCacheError as error:
        raise LabbookError(
            f"{error} For this champion alone, with {folder} not there yet: "
            f"`dvc get . {champion.folder} --rev {champion.state.commit.hash} --config .dvc/config "
            f"-o {folder}`."
        ) from error
    if content is None:
        raise LabbookError(
            f"{path} of {champion.state.name}: has gone meanwhile. Nothing was written; see what "
            "`labbook models` lists now."
        )
    return content
