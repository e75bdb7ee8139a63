"""The commits, branches, tags and DVC experiments of the repository that the project lies in."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, cast

from labbook.errors import LabbookError
from labbook.files import RECORD_BYTES
from labbook.provenance.dvc_records import COPIES, LOCK, NotInCacheError

EXPERIMENTS = "refs/exps"
# What DVC needs for its queue while it works: no results of anybody.
NOT_KEPT = tuple(f"{EXPERIMENTS}/{name}" for name in ("celery", "exec", "stash", "executor"))
FORM = "--format=%H%x09%P%x09%aI%x09%s"
NO_GIT = (
    "This folder is not in a git repository, so there is no history: `git init && dvc init`, then "
    "`dvc repro && git add -A && git commit` after each change that is worth keeping."
)


class NoRepositoryError(LabbookError):
    """The project is not under git."""


class _GitError(LabbookError):
    """Git refused."""


@dataclass(frozen=True)
class Commit:
    """A commit: `date` is its author's, as ISO 8601; `subject` its message's first line.

    `parents` are hashes; of a commit in a list of `recorded` those in that list.
    """

    hash: str
    parents: tuple[str, ...]
    date: str
    subject: str

    @property
    def short(self) -> str:
        """The first seven digits."""
        return self.hash[:7]


def home() -> Path | None:
    """The project whose queued experiment runs here, in DVC's copy of it; None elsewhere."""
    here = Path.cwd()
    for folder in here.parents:
        if here.is_relative_to(folder / COPIES):
            return folder
    return None


def recorded(*revisions: str) -> list[Commit]:
    """Commits that changed dvc.lock, newest first: those of `revisions` (HEAD if none is given).

    Their parents are the commits of the list that they follow. Raises `LabbookError` without a
    repository.
    """
    wanted = revisions or head()
    if not wanted:
        return []
    # --full-history: a merge that took one side's dvc.lock does not hide the other side's results.
    walk = ("--full-history", "--simplify-merges", "--parents", "--date-order")
    text = _git("log", *walk, FORM, *wanted, "--", LOCK)
    names = names_of_experiments()
    return [_named(_commit(line), names) for line in text.decode().splitlines()]


def branches() -> list[str]:
    """Full names of all branches, also of remotes."""
    return _refs("refs/heads", "refs/remotes")


def tags() -> list[str]:
    """Full names of all tags."""
    return _refs("refs/tags")


def experiments() -> list[str]:
    """Full names of what refers to DVC's experiments."""
    return [ref for ref in _refs(EXPERIMENTS) if not ref.startswith(NOT_KEPT)]


def kept() -> list[str]:
    """What git keeps results by: every branch, tag and experiment, and HEAD."""
    return [*branches(), *tags(), *experiments(), *head()]


def head() -> list[str]:
    """HEAD, which may be on no branch, once there is a commit."""
    return ["HEAD"] if _exists("HEAD") else []


def is_shallow() -> bool:
    """Whether the clone lacks the older commits; not without a repository, which has none."""
    try:
        return _git("rev-parse", "--is-shallow-repository").strip() == b"true"
    except NoRepositoryError:
        return False


def names_of_experiments() -> dict[str, str]:
    """The names of DVC's experiments, by commit."""
    refs = experiments()
    found = _git("rev-parse", *refs).decode().split() if refs else []
    return {hash_: ref.rpartition("/")[2] for hash_, ref in zip(found, refs, strict=True)}


def newest(reference: str, count: int) -> list[Commit]:
    """The newest commits of a branch along its first parents, as `dvc gc --num` counts them."""
    text = _git("log", "--first-parent", f"-{count}", FORM, reference, "--")
    return [_commit(line) for line in text.decode().splitlines()]


def changed(old: Commit, new: Commit | None, folder: str) -> list[str]:
    """Files under `folder` that differ between two commits; None is the folder as it is now."""
    ends = [old.hash, *([] if new is None else [new.hash])]
    names = _git("diff", "--name-only", "--relative", "--no-ext-diff", *ends, "--", folder)
    if new is None:
        names += _git("ls-files", "--others", "--exclude-standard", "--", folder)
    return names.decode().splitlines()


def resolve(name: str) -> Commit:
    """The commit of a hash, branch, tag or experiment. Raises `LabbookError` with what there is."""
    for revision in (f"{name}^{{commit}}", *_experiments(name)):
        try:
            text = _git("log", "-1", FORM, "--end-of-options", revision, "--")
        except _GitError:
            continue
        return _commit(text.decode().strip("\n"))
    _git("rev-parse", "--git-dir")  # says so where there is no repository at all
    raise LabbookError(
        f"{name}: no such commit, branch, tag or experiment here. `git log --oneline -- dvc.lock` "
        "and `dvc exp list --all-commits` list them."
    )


def read(commit: Commit, path: str) -> bytes | None:
    """A file of git as it was in the commit; None where the commit has none.

    Raises `NotInCacheError` for one that is too long to be a text of labbook's or DVC's.
    """
    try:
        content = _git("show", f"{commit.hash}:./{path}", most=RECORD_BYTES)
    except _GitError:
        return None
    if len(content) > RECORD_BYTES:
        raise NotInCacheError(f"{path} of {commit.short} has more than {RECORD_BYTES:,} bytes.")
    return content


def archive(commit: Commit) -> bytes:
    """All files of git in the commit, from this folder down, as a tar archive."""
    return _git("archive", "--format=tar", commit.hash)


def _experiments(name: str) -> list[str]:
    return [ref for ref in experiments() if ref.rpartition("/")[2] == name]


def _commit(line: str) -> Commit:
    hash_, parents, date, subject = line.split("\t", 3)
    return Commit(hash_, tuple(parents.split()), date, subject)


def _named(commit: Commit, names: Mapping[str, str]) -> Commit:
    """An experiment's commit says so by its name; DVC's own subject is a long number."""
    name = names.get(commit.hash)
    return replace(commit, subject=f"experiment {name}") if name else commit


def _refs(*patterns: str) -> list[str]:
    names = _git("for-each-ref", "--format=%(refname)", *patterns).decode().split()
    return [name for name in names if not name.endswith("/HEAD")]


def _exists(revision: str) -> bool:
    _git("rev-parse", "--git-dir")
    try:
        return bool(_git("rev-parse", "--verify", "--quiet", revision))
    except _GitError:
        return False


def _git(*arguments: str, most: int = -2) -> bytes:
    """What git prints; where `most` is given, up to so many bytes and one more."""
    english = os.environ | {"LC_ALL": "C"}  # what git refuses is told by its words
    try:  # a copy's own repository knows only the commit that it began with
        with (
            tempfile.TemporaryFile() as said,
            subprocess.Popen(
                ["git", *arguments], cwd=home(), env=english, stdout=subprocess.PIPE, stderr=said
            ) as git,
        ):
            content = cast(IO[bytes], git.stdout).read(most + 1)
            if 0 <= most < len(content):
                git.kill()
                return content
            git.wait()
            said.seek(0)
            text = said.read().decode(errors="replace").strip()
    except FileNotFoundError as error:
        raise LabbookError("git is not installed here; history is read from it.") from error
    if git.returncode == 0:
        return content
    if "not a git repository" in text:
        raise NoRepositoryError(NO_GIT)
    raise _GitError(f"git: {text}")
