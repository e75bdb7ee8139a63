"""A finished project is brought elsewhere: both engines are idle there, an edit there is exact.

What is compared are the commands' words, the jobs that ran, and the bytes of all results.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import copy_project
from tests.workflow.conftest import Project
from tests.workflow.finished import (
    ANOTHER_TITLE,
    ITS_JOBS,
    ONE_RATE_MORE,
    TWO_STUDIES,
    Finished,
    assert_edit_is_exact,
    assert_equal,
    assert_idle,
    assert_title_is_exact,
    clone,
    lock,
    ran,
)


def call(*command: object, cwd: Path | None = None) -> None:
    subprocess.run([str(word) for word in command], cwd=cwd, check=True)


def need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed (.ci/run installs it)")


def copied(origin: Path, place: Path) -> None:
    call("cp", "-r", origin, place)


def synchronised(origin: Path, place: Path) -> None:
    need("rsync")
    call("rsync", "-a", f"{origin}/", f"{place}/")


def synchronised_without_times(origin: Path, place: Path) -> None:
    need("rsync")
    call("rsync", "-r", "--links", f"{origin}/", f"{place}/")


def tarred(origin: Path, place: Path) -> None:
    call("tar", "-cf", f"{place}.tar", "-C", origin, ".")
    place.mkdir()
    call("tar", "-xf", f"{place}.tar", "-C", place)


def layer_of_a_container(origin: Path, place: Path) -> None:
    """All times are the same, as builders of reproducible images make them."""
    times = ("--sort=name", "--mtime=@0", "--clamp-mtime", "--owner=0", "--group=0")
    call("tar", *times, "-cf", f"{place}.tar", "-C", origin, ".")
    place.mkdir()
    call("tar", "-xf", f"{place}.tar", "-C", place)
    assert (place / "results/report.html").stat().st_mtime == 0


def zipped(origin: Path, place: Path) -> None:
    """Whole two seconds."""
    need("zip")
    need("unzip")
    call("zip", "-qr", f"{place}.zip", ".", cwd=origin)
    call("unzip", "-q", f"{place}.zip", "-d", place)


WAYS = {
    "copied": copied,
    "synchronised": synchronised,
    "synchronised without times": synchronised_without_times,
    "tarred": tarred,
    "layer of a container": layer_of_a_container,
    "zipped": zipped,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_is_idle_and_edits_there_are_exact(
    finished: Finished, tmp_path: Path, way: str
) -> None:
    folder = tmp_path / "place"
    WAYS[way](finished.origin.folder, folder)
    place = Project(folder)
    assert_equal(finished.origin, place)
    assert_idle(place)
    if way == "layer of a container":
        assert_edit_is_exact(finished, place, "dvc")


def test_a_clone_in_a_folder_with_spaces_and_letters_of_other_languages(
    finished: Finished, tmp_path: Path
) -> None:
    folder = tmp_path / "Läbor büch's" / "ノート (1)"
    folder.parent.mkdir()
    place = clone(finished.origin, folder)
    assert_equal(finished.origin, place)
    assert_idle(place)
    assert_edit_is_exact(finished, place, "dvc")


def test_a_worktree_of_git(finished: Finished, tmp_path: Path) -> None:
    """Beside the folder that it belongs to, which it leaves alone."""
    owner = finished.origin.copy(tmp_path / "owner")
    owner.run("git", "worktree", "add", "-q", "-b", "beside", str(tmp_path / "beside"))
    place = Project(tmp_path / "beside")
    place.run("dvc", "pull", "-q")
    assert_idle(place)
    assert_title_is_exact(place, "dvc")
    place.run("git", "commit", "-qam", "another title")
    assert_equal(finished.origin, owner)
    assert_idle(owner)


def test_a_long_path_through_a_symbolic_link(finished: Finished, tmp_path: Path) -> None:
    deep = Path(tmp_path, *(["n" * 180] * 8))  # 1,400 characters; Linux allows 4,096
    deep.mkdir(parents=True)
    place = finished.origin.copy(deep / "place")
    link = tmp_path / "link"
    link.symlink_to(place.folder)
    assert_idle(Project(link))
    assert_title_is_exact(Project(link), "snakemake")
    assert not place.jobs()


# Python may lie in somebody's home, so this user may read everything; write and own it not.
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
READS_ALL = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
ANOTHER = (*NOBODY, *READS_ALL)


def can_run_python(*user: str) -> bool:
    """Whether another user may run this Python at all; it may lie in somebody's home."""
    command = [*user, "sh", "-c", f"{sys.executable} -c 'import torch'"]
    return subprocess.run(command, capture_output=True, cwd="/").returncode == 0


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that all users may enter, for what other users do."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None or not can_run_python(*ANOTHER):
        pytest.skip("needs root, setpriv, and a Python that other users may run")
    folder = Path(tempfile.mkdtemp(prefix="labbook-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


class AnotherUser(Project):
    """A project that a user without rights of their own works in."""

    def run(self, *command: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        self.environment["PATH"] = os.environ["PATH"]  # the warm programs are for one user alone
        words = [sys.executable, "-m"] if command[0] in ("snakemake", "labbook", "dvc") else []
        return super().run(
            *ANOTHER, "sh", "-c", 'umask 002; exec "$@"', "sh", *words, *command, ok=ok
        )


def as_another_user(folder: Path, home: Path) -> AnotherUser:
    kernels = Path.home() / ".cache/labbook"  # machine code that would take seconds to make
    if kernels.exists():
        shutil.copytree(kernels, home / ".cache/labbook")
    home.mkdir(exist_ok=True)
    call("chown", "-R", "65534:65534", home)
    settings = f"{home}/.gitconfig"
    call("git", "config", "--file", settings, "--add", "safe.directory", "*")
    return AnotherUser(folder, HOME=str(home), USER="nobody", LOGNAME="nobody")


def test_another_user_makes_the_same_bytes(finished: Finished, open_folder: Path) -> None:
    """In packs of one, in a folder with spaces, in another zone and language."""
    folder = copy_project(open_folder / "ünder a b", TWO_STUDIES)
    call("chown", "-R", "65534:65534", folder)
    other = as_another_user(folder, open_folder / "home")
    other.environment |= {"TZ": "America/Lima", "LC_ALL": "C.UTF-8"}
    other.edit("packs: {size: 16}", "packs: {size: 1}")
    other.snakemake()
    assert_equal(finished.origin, other, packs=False)


def test_another_user_in_a_shared_folder(finished: Finished, open_folder: Path) -> None:
    """Root made all files; others may write them, as a group may, but own none of them."""
    place = finished.origin.copy(open_folder / "place")
    call("chmod", "-R", "a+rwX", place.folder)
    other = as_another_user(place.folder, open_folder / "home")
    assert_idle(other)
    other.edit(*ONE_RATE_MORE)
    assert ran(other, other.snakemake) == ITS_JOBS
    assert_equal(finished.edited, other)
    # DVC changes the rights of what it records, which only the owner, or root, may do.
    assert ran(place, lambda: place.run("dvc", "repro")) == set()
    assert lock(place) == lock(finished.edited)


def test_a_reader_may_look_at_everything_and_changes_nothing(
    finished: Finished, open_folder: Path
) -> None:
    place = finished.origin.copy(open_folder / "place")
    shutil.rmtree(place.folder / ".snakemake")
    call("chmod", "-R", "a+rX,go-w", place.folder)
    before = {path: path.stat().st_mtime_ns for path in place.folder.rglob("*")}
    reader = as_another_user(place.folder, open_folder / "home")
    assert "rate" in reader.run("labbook", "summary").stdout
    assert "nothing to train" in reader.run("labbook", "plan").stdout
    assert "valid." in reader.run("labbook", "check").stdout
    assert reader.run("labbook", "data").stdout
    refused = reader.run("snakemake", "--cores", "1", ok=False)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stdout
    assert "labbook needs to write" in refused.stdout
    assert {path: path.stat().st_mtime_ns for path in place.folder.rglob("*")} == before


def test_read_only_data_and_results_are_named_and_stay_whole(
    finished: Finished, open_folder: Path
) -> None:
    """The sources are the user's own; data and results belong to somebody else."""
    place = finished.origin.copy(open_folder / "place")
    call("chown", "-R", "65534:65534", place.folder)
    for name in ("data", "results"):
        call("chown", "-R", "0:0", place.folder / name)
        call("chmod", "-R", "a+rX,go-w", place.folder / name)
    reader = as_another_user(place.folder, open_folder / "home")
    reader.edit(*ANOTHER_TITLE)
    refused = reader.run("snakemake", "--cores", "1", ok=False)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stdout
    assert "results/" in refused.stdout
    assert "cannot be written (Permission denied)" in refused.stdout
    assert_equal(finished.origin, place)
