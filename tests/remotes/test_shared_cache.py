"""Two users of a machine, one cache: nothing is fetched or trained twice, nobody harms another."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from tests.remotes.conftest import Remote
from tests.workflow.finished import assert_equal, assert_idle
from tests.workflow.project import Project
from tests.workflow.users import UsersProject, own

GROUP = 64100  # numbers that no account of the machine has: the kernel wants no names


def users_clone(recorded: Project, folder: Path, user: int, cache: Path) -> UsersProject:
    """A clone that belongs to the user and looks into the shared cache (docs/remotes.md)."""
    subprocess.run(["git", "clone", "-q", recorded.folder, folder], check=True)
    own(folder, user, GROUP)
    project = UsersProject(folder, user, GROUP)
    project.run("dvc", "cache", "dir", "--local", str(cache))
    for name, value in (("shared", "group"), ("type", "symlink")):
        project.run("dvc", "config", "--local", f"cache.{name}", value)
    return project


def objects(cache: Path) -> dict[Path, tuple[int, int]]:
    """The files of the cache: each has the content of its name, and is for reading alone."""
    found = {}
    for path in (cache / "files/md5").rglob("*"):
        if path.is_dir():
            assert path.stat().st_mode & 0o2070 == 0o2070, path
            continue
        content = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        assert content == (path.parent.name + path.name).removesuffix(".dir")
        assert path.stat().st_mode & 0o777 == 0o444, path
        assert path.stat().st_gid == GROUP
        found[path] = (path.stat().st_ino, path.stat().st_uid)
    return found


def test_two_users_share_a_cache(recorded: Project, open_folder: Path, tmp_path: Path) -> None:
    cache = open_folder / "cache"
    cache.mkdir()
    os.chown(cache, 0, GROUP)
    cache.chmod(0o2775)
    store = open_folder / "store"
    pushing = Remote(str(store)).give(recorded.copy(tmp_path / "pushing"))
    pushing.run("dvc", "push", "-q")

    one = users_clone(recorded, open_folder / "one", 64101, cache)
    Remote(str(store)).give(one)
    one.run("dvc", "pull", "-q")
    shutil.rmtree(store)  # from here on there is the cache alone
    assert (one.folder / "results/report.html").is_symlink()
    assert_equal(recorded, one)

    # The second user gets all of it from the cache: nothing is fetched, nothing trained.
    two = users_clone(recorded, open_folder / "two", 64102, cache)
    two.run("dvc", "checkout", "-q")
    assert_idle(two)
    assert_equal(recorded, two)
    before = objects(cache)
    assert {user for _, user in before.values()} == {64101}

    # What the second user makes, or prunes, replaces links; no file of the cache is written.
    two.edit('"Rates"', '"Another"')
    two.edit("[0.001, 0.01]", "[0.01]")
    two.run("dvc", "repro")
    assert len(list((two.folder / "results/runs").iterdir())) == 2
    assert len(list((two.folder / ".labbook/attic/results/runs").iterdir())) == 2
    after = objects(cache)
    assert before.items() <= after.items()
    assert {user for _, user in after.values()} == {64101, 64102}
    assert not one.jobs()
    assert_equal(recorded, one)

    # The first user has the second's commit from git and the cache.
    two.run("git", "commit", "-qam", "narrower")
    one.run("git", "pull", "-q", "../two", "main")
    one.run("dvc", "checkout", "-q")
    assert "Another" in (one.folder / "results/report.html").read_text()
    assert not one.jobs()
    assert_equal(two, one)

    # Pruned runs come back, here as links into the cache.
    two.edit("[0.01]", "[0.001, 0.01]")
    two.snakemake()
    assert len(list((two.folder / "results/runs").iterdir())) == 4
    assert one.trained() == two.trained() == []
    assert objects(cache) == after
