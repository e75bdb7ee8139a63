"""Two users of a machine, one cache: nothing is fetched or trained twice, nobody harms another."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.remotes.conftest import Remote
from tests.workflow.conftest import Project
from tests.workflow.finished import assert_equal, assert_idle

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root, to be two other users")
GROUP = 64100  # numbers that no account of the machine has: the kernel wants no names
PROGRAMS = ("snakemake", "labbook", "dvc")
PACKAGES = [place for place in sys.path if Path(place).name == "site-packages"]


def others_can_run(program: Path) -> bool:
    """Whether everybody may read a program, and pass through all folders above it."""
    real = program.resolve()
    return all(place.stat().st_mode & 0o005 == 0o005 for place in (real, *real.parents))


def python_for_others() -> str:
    """An interpreter that other users can run, and that takes this environment's packages."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (sys.executable, f"/usr/bin/{version}"):
        if Path(found).exists() and all(others_can_run(Path(p)) for p in (found, *PACKAGES)):
            return found
    pytest.skip(f"no {version} that other users of this machine can run with these packages")


class UsersProject(Project):
    """A project of another user, with programs that this user can run."""

    def __init__(self, folder: Path, user: int, programs: Path) -> None:
        home = folder.parent / f"home-{user}"
        path = f"{programs}:/usr/local/bin:/usr/bin:/bin"
        names = {"HOME": str(home), "USER": f"user{user}", "LOGNAME": f"user{user}", "PATH": path}
        super().__init__(folder, **names, PYTHONPATH=":".join(("src", *PACKAGES)))
        self.user = user
        home.mkdir()
        (home / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")  # the other's repository
        os.chown(home, user, GROUP)

    def run(self, *command: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program as the user, whose files the group may write."""
        ran = subprocess.run(
            command, cwd=self.folder, env=self.environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            user=self.user, group=GROUP, extra_groups=[], umask=0o002,
        )  # fmt: skip
        assert not ok or ran.returncode == 0, f"{command} gave {ran.returncode}:\n{ran.stdout}"
        return ran


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that all users may enter; pytest's own are for one user alone."""
    folder = Path(tempfile.mkdtemp(prefix="labbook-users-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def programs(place: Path) -> Path:
    """Programs by their names, as other users can run them."""
    folder, python = place / "bin", python_for_others()
    folder.mkdir()
    lines = {"python": f'exec {python} "$@"'}
    lines |= {name: f'exec {python} -m {name} "$@"' for name in PROGRAMS}
    for name, line in lines.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    return folder


def users_clone(
    recorded: Project, folder: Path, user: int, programs: Path, cache: Path
) -> UsersProject:
    """A clone that belongs to the user and looks into the shared cache (docs/remotes.md)."""
    subprocess.run(["git", "clone", "-q", recorded.folder, folder], check=True)
    subprocess.run(["chown", "-R", f"{user}:{GROUP}", folder], check=True)
    project = UsersProject(folder, user, programs)
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


def test_two_users_share_a_cache(
    recorded: Project, place: Path, programs: Path, tmp_path: Path
) -> None:
    cache = place / "cache"
    cache.mkdir()
    os.chown(cache, 0, GROUP)
    cache.chmod(0o2775)
    store = place / "store"
    pushing = Remote(str(store)).give(recorded.copy(tmp_path / "pushing"))
    pushing.run("dvc", "push", "-q")

    one = users_clone(recorded, place / "one", 64101, programs, cache)
    Remote(str(store)).give(one)
    one.run("dvc", "pull", "-q")
    shutil.rmtree(store)  # from here on there is the cache alone
    assert (one.folder / "results/report.html").is_symlink()
    assert_equal(recorded, one)

    # The second user gets all of it from the cache: nothing is fetched, nothing trained.
    two = users_clone(recorded, place / "two", 64102, programs, cache)
    two.run("dvc", "checkout", "-q")
    assert_idle(two)
    assert_equal(recorded, two)
    before = objects(cache)
    assert {user for _, user in before.values()} == {64101}

    # What the second user makes, or prunes, replaces links; no file of the cache is written.
    two.edit("A small lab book", "Another")
    two.edit("model.degree: [1, 2]", "model.degree: [2]")
    two.run("dvc", "repro")
    assert len(list((two.folder / "results/runs").iterdir())) == 3
    assert len(list((two.folder / ".labbook/attic/results/runs").iterdir())) == 3
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
    two.edit("model.degree: [2]", "model.degree: [1, 2]")
    two.snakemake()
    assert len(list((two.folder / "results/runs").iterdir())) == 6
    assert one.trained() == two.trained() == []
    assert objects(cache) == after
