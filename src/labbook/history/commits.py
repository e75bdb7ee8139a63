"""The commits, branches, tags and DVC experiments of the repository that the project lies in."""

import subprocess
from dataclasses import dataclass

from labbook.errors import LabbookError

EXPERIMENTS = "refs/exps"
NO_GIT = (
    "This folder is not in a git repository, so there is no history: `git init && dvc init`, then "
    "`dvc repro && git add -A && git commit` after each change that is worth keeping."
)


@dataclass(frozen=True)
class Commit:
    """A commit: `date` is its author's, as ISO 8601; `subject` its message's first line."""

    hash: str
    date: str
    subject: str

    @property
    def short(self) -> str:
        """The first seven digits."""
        return self.hash[:7]


def recorded(*revisions: str) -> list[Commit]:
    """Commits that changed dvc.lock, newest first: those of `revisions` (HEAD if none is given).

    `--all` gives every branch, tag and experiment. Raises `LabbookError` without a repository.
    """
    lines = _git("log", "--format=%H%x09%aI%x09%s", *(revisions or ("HEAD",)), "--", "dvc.lock")
    return [Commit(*line.split("\t", 2)) for line in lines.decode().splitlines()]


def resolve(name: str) -> Commit:
    """The commit of a hash, branch, tag or experiment. Raises `LabbookError` with what there is."""
    for revision in (f"{name}^{{commit}}", *_experiments(name)):
        try:
            line = _git("log", "-1", "--format=%H%x09%aI%x09%s", revision, "--").decode()
        except _GitError:
            continue
        return Commit(*line.strip().split("\t", 2))
    _git("rev-parse", "--git-dir")  # says so where there is no repository at all
    raise LabbookError(
        f"{name}: no such commit, branch, tag or experiment here. `git log --oneline -- dvc.lock` "
        "and `dvc exp list --all-commits` list them."
    )


def read(commit: Commit, path: str) -> bytes | None:
    """A file of git as it was in the commit; None where the commit has none."""
    try:
        return _git("show", f"{commit.hash}:./{path}")
    except _GitError:
        return None


def archive(commit: Commit) -> bytes:
    """All files of git in the commit, from this folder down, as a tar archive."""
    return _git("archive", "--format=tar", commit.hash)


class _GitError(LabbookError):
    """Git refused."""


def _experiments(name: str) -> list[str]:
    refs = _git("for-each-ref", "--format=%(refname)", EXPERIMENTS).decode().split()
    return [ref for ref in refs if ref.rpartition("/")[2] == name]


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=True)
    except FileNotFoundError as error:
        raise LabbookError("git is not installed here; history is read from it.") from error
    except subprocess.CalledProcessError as error:
        text = error.stderr.decode(errors="replace").strip()
        raise _GitError(NO_GIT if "not a git repository" in text else f"git: {text}") from error
    return done.stdout
