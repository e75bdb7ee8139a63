"""A remote that was named after the first commits: what DVC passes over, and the way that works."""

from pathlib import Path

from tests.workflow.project import Project


def files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_commits_from_before_the_remote_was_named_are_pushed_and_fetched(tmp_path: Path) -> None:
    """As docs/remotes.md has it; each step without which DVC says that all is up to date."""
    store = tmp_path / "store"
    for folder in ("project", "store"):
        (tmp_path / folder).mkdir()
    # DVC remembers what it has seen of remotes in this folder of the machine.
    project = Project(tmp_path / "project", DVC_SITE_CACHE_DIR=str(tmp_path / "memory"))
    project.run("git", "init", "-q")
    project.run("dvc", "init", "-q")
    for content in ("one", "two"):
        (project.folder / "results.txt").write_text(content)
        project.run("dvc", "add", "-q", "results.txt")
        project.commit(content)
    project.run("dvc", "remote", "add", "-q", "-d", "store", str(store))
    project.commit("store")
    for _ in range(2):
        project.run("dvc", "push", "--all-commits")
    assert files(store) == 1, "DVC no longer passes over commits: shorten docs/remotes.md"
    late = ("dvc", "remote", "add", "-q", "-d", "--local", "store", str(store))
    project.run(*late)
    project.environment["DVC_SITE_CACHE_DIR"] += "-new"
    project.run("dvc", "push", "--all-commits")
    assert files(store) == 2
    project.run("git", "clone", "-q", ".", "../clone")
    clone = Project(tmp_path / "clone", DVC_SITE_CACHE_DIR=str(tmp_path / "memory"))
    cache = clone.folder / ".dvc/cache/files"
    for _ in range(2):
        clone.run("dvc", "fetch", "--all-commits")
    assert files(cache) == 1
    clone.run(*late)
    clone.environment["DVC_SITE_CACHE_DIR"] += "-newer"
    clone.run("dvc", "fetch", "--all-commits")
    assert files(cache) == 2
