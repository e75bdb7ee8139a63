"""A remote that was named after the first commits: what DVC passes over, and the way that works."""

import os
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def run(tmp_path: Path):
    """Runs a command in a folder, with a memory of DVC's that nobody else has; its output."""

    def go(folder: Path, *command: str, memory: str = "memory") -> str:
        names = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}  # fmt: skip
        site = {"DVC_SITE_CACHE_DIR": str(tmp_path / memory), "DVC_NO_ANALYTICS": "1"}
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **names, **site},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout + done.stderr

    return go


def files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_commits_from_before_the_remote_was_named_are_pushed_and_fetched(tmp_path, run):
    """As docs/remotes.md has it; each step without which DVC says that all is up to date."""
    project, store, clone = (tmp_path / name for name in ("project", "store", "clone"))
    project.mkdir()
    store.mkdir()
    run(project, "git", "init", "-q")
    run(project, "dvc", "init", "-q")
    for content in ("one", "two"):
        (project / "results.txt").write_text(content)
        run(project, "dvc", "add", "-q", "results.txt")
        run(project, "git", "add", "-A")
        run(project, "git", "commit", "-qm", content)
    name = ("dvc", "remote", "add", "-q", "-d", "store", str(store))
    late = ("dvc", "remote", "add", "-q", "-d", "--local", "store", str(store))
    run(project, *name)
    run(project, "git", "commit", "-qam", "store")
    for _ in range(2):
        run(project, "dvc", "push", "--all-commits")
    assert files(store) == 1, "DVC no longer passes over commits: shorten docs/remotes.md"
    run(project, *late)
    run(project, "dvc", "push", "--all-commits", memory="new")
    assert files(store) == 2
    run(tmp_path, "git", "clone", "-q", str(project), str(clone))
    cache = clone / ".dvc/cache/files"
    run(clone, "dvc", "fetch", "--all-commits")
    run(clone, "dvc", "fetch", "--all-commits")
    assert files(cache) == 1
    run(clone, *late)
    run(clone, "dvc", "fetch", "--all-commits", memory="newer")
    assert files(cache) == 2
