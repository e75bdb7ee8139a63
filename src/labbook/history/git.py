"""The commits, branches, tags and DVC experiments of the repository that the project lies in."""

import os
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import suppress
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
    return next((folder for folder in here.parents if here.is_relative_to(folder / COPIES)), None)


def recorded(*revisions: str) -> list[Commit]:
    """Commits that changed dvc.lock, newest first: those of `revisions` (HEAD if none is given).

    Their parents are the commits of the list that they follow; the subject of an experiment is its
    name, as DVC's own is a long number. Raises `LabbookError` without a repository.
    """
    wanted = revisions or head()
    if not wanted:
        return []
    # --full-history: a merge that took one side's dvc.lock does not hide the other side's results.
    walk = ("--full-history", "--simplify-merges", "--parents", "--date-order")
    commits = commits_of(ask("log", *walk, FORM, *wanted, "--", LOCK))
    references = experiments()
    hashes = ask("rev-parse", *references).decode().split() if references else []
    names = dict(zip(hashes, map(_last_part, references), strict=True))
    return [
        replace(commit, subject=f"experiment {names[commit.hash]}")
        if commit.hash in names
        else commit
        for commit in commits
    ]


def all_recorded() -> list[Commit]:
    """Commits that changed dvc.lock, of all that git keeps; none without a repository."""
    try:
        return recorded(*kept())
    except NoRepositoryError:
        return []


def branches() -> list[str]:
    """Full names of all branches, also of remotes."""
    return _references("refs/heads", "refs/remotes")


def tags() -> list[str]:
    """Full names of all tags."""
    return _references("refs/tags")


def experiments() -> list[str]:
    """Full names of what refers to DVC's experiments."""
    return [name for name in _references(EXPERIMENTS) if not name.startswith(NOT_KEPT)]


def kept() -> list[str]:
    """What git keeps results by: every branch, tag and experiment, and HEAD."""
    return [*branches(), *tags(), *experiments(), *head()]


def head() -> list[str]:
    """HEAD, which may be on no branch, once there is a commit."""
    ask("rev-parse", "--git-dir")  # tells where there is no repository
    with suppress(_GitError):
        ask("rev-parse", "--verify", "--quiet", "HEAD")
        return ["HEAD"]
    return []


def head_hash() -> str | None:
    """The commit that HEAD is at; None where that cannot be known, for whatever reason."""
    with suppress(LabbookError, OSError):
        return ask("rev-parse", "--verify", "--quiet", "HEAD").decode().strip()
    return None


def is_shallow() -> bool:
    """Whether the clone lacks the older commits; not without a repository, which has none."""
    try:
        return ask("rev-parse", "--is-shallow-repository").strip() == b"true"
    except NoRepositoryError:
        return False


def newest(reference: str, count: int) -> list[Commit]:
    """The newest commits of a branch along its first parents, as `dvc gc --num` counts them."""
    return commits_of(ask("log", "--first-parent", f"-{count}", FORM, reference, "--"))


def changed(old: Commit, new: Commit | None, folder: str) -> list[str]:
    """Files under `folder` that differ between two commits; None is the folder as it is now."""
    ends = [old.hash, *([] if new is None else [new.hash])]
    names = ask("diff", "--name-only", "--relative", "--no-ext-diff", *ends, "--", folder)
    if new is None:
        names += ask("ls-files", "--others", "--exclude-standard", "--", folder)
    return names.decode().splitlines()


def resolve(name: str) -> Commit:
    """The commit of a hash, branch, tag or experiment. Raises `LabbookError` with what there is."""
    named = [reference for reference in experiments() if _last_part(reference) == name]
    for revision in (f"{name}^{{commit}}", *named):
        with suppress(_GitError):
            return commits_of(ask("log", "-1", FORM, "--end-of-options", revision, "--"))[0]
    raise LabbookError(
        f"{name}: no such commit, branch, tag or experiment here. `git log --oneline -- dvc.lock` "
        "and `dvc exp list --all-commits` list them."
    )


def read(commit: Commit, path: str) -> bytes | None:
    """A file of git as it was in the commit; None where the commit has none.

    Raises `NotInCacheError` for one that is too long to be a text of labbook's or DVC's.
    """
    try:
        content = ask("show", f"{commit.hash}:./{path}", most=RECORD_BYTES)
    except _GitError:
        return None
    if len(content) > RECORD_BYTES:
        raise NotInCacheError(f"{path} of {commit.short} has more than {RECORD_BYTES:,} bytes.")
    return content


def archive(commit: Commit) -> bytes:
    """All files of git in the commit, from this folder down, as a tar archive."""
    return ask("archive", "--format=tar", commit.hash)


def _references(*patterns: str) -> list[str]:
    names = ask("for-each-ref", "--format=%(refname)", *patterns).decode().split()
    return [name for name in names if not name.endswith("/HEAD")]


def _last_part(reference: str) -> str:
    return reference.rpartition("/")[2]


def commits_of(log: bytes) -> list[Commit]:
    """The commits of what `git log` prints in FORM."""
    fields = (line.split("\t", 3) for line in log.decode().splitlines())
    return [
        Commit(hash_, tuple(parents.split()), date, subject)
        for hash_, parents, date, subject in fields
    ]


def ask(*arguments: str, most: int = -2, lines: Iterable[str] = ()) -> bytes:
    """What git prints, of `lines` to read if given; up to `most` bytes and one more, if given.

    Raises `NoRepositoryError`, and another `LabbookError` where git refuses.
    """
    english = os.environ | {"LC_ALL": "C"}  # what git refuses is told by its words
    folder = home()  # a copy's own repository knows only the commit that it began with
    try:
        with (
            _to_read(lines) as given,
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(
                ["git", *arguments],
                cwd=folder, env=english, stdin=given, stdout=subprocess.PIPE, stderr=errors,
            ) as git,
        ):  # fmt: skip
            content = cast(IO[bytes], git.stdout).read(most + 1)
            if 0 <= most < len(content):
                git.kill()
                return content
            git.wait()
            errors.seek(0)
            refusal = errors.read().decode(errors="replace").strip()
    except FileNotFoundError as error:
        raise LabbookError("git is not installed here; history is read from it.") from error
    if git.returncode == 0:
        return content
    if "not a git repository" in refusal:
        raise NoRepositoryError(NO_GIT)
    raise _GitError(f"git: {refusal}")


def _to_read(lines: Iterable[str]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - its user closes it
    file.write("".join(f"{line}\n" for line in lines).encode())
    file.seek(0)
    return file
