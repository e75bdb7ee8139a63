"""A finished project is brought elsewhere: both engines are idle there, an edit there is exact.

What is compared are the commands' words, the jobs that ran, and the bytes of all results.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import copy_project, lacks
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
from tests.workflow.project import Project
from tests.workflow.users import UsersProject, own

# Ways to bring the folder FROM elsewhere, TO.
WAYS = {
    "copied": "cp -r FROM TO",
    "synchronised": "rsync -a FROM/ TO/",
    "synchronised without times": "rsync -r --links FROM/ TO/",
    "tarred": "mkdir TO && tar -c -C FROM . | tar -x -C TO",
    # All times are the same, as builders of reproducible images make them.
    "layer of a container": "mkdir TO && tar --sort=name --mtime=@0 --clamp-mtime --owner=0 --group=0"
    " -c -C FROM . | tar -x -C TO && test $(stat -c %Y TO/results/report.html) = 0",
    "zipped": "cd FROM && zip -qr TO.zip . && unzip -q TO.zip -d TO",  # times of whole two seconds
}


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_is_idle_and_edits_there_are_exact(
    finished: Finished, tmp_path: Path, way: str
) -> None:
    missing = [p for p in ("rsync", "zip", "unzip") if p in WAYS[way] and not shutil.which(p)]
    if missing:
        lacks(f"not installed (.ci/run installs it): {missing}")
    place = Project(tmp_path / "place")
    command = WAYS[way].replace("FROM", str(finished.origin.folder))
    command = command.replace("TO", str(place.folder))
    subprocess.run(["bash", "-euc", command], check=True)
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


def test_another_user_makes_the_same_bytes(finished: Finished, open_folder: Path) -> None:
    """In packs of one, in a folder with spaces, in another zone and language."""
    folder = copy_project(open_folder / "ünder a b", TWO_STUDIES)
    own(folder)
    other = UsersProject(folder)
    other.environment |= {"TZ": "America/Lima", "LC_ALL": "C.UTF-8"}
    other.edit("packs: {size: 16}", "packs: {size: 1}")
    other.snakemake()
    assert_equal(finished.origin, other, packs=False)


def test_another_user_in_a_shared_folder(finished: Finished, open_folder: Path) -> None:
    """Root made all files; others may write them, as a group may, but own none of them."""
    place = finished.origin.copy(open_folder / "place")
    place.run("chmod", "-R", "a+rwX", ".")
    other = UsersProject(place.folder)
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
    place.run("chmod", "-R", "a+rX,go-w", ".")
    before = {path: path.stat().st_mtime_ns for path in place.folder.rglob("*")}
    reader = UsersProject(place.folder)
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
    own(place.folder)
    place.run("chown", "-R", "0:0", "data", "results")
    place.run("chmod", "-R", "a+rX,go-w", "data", "results")
    reader = UsersProject(place.folder)
    reader.edit(*ANOTHER_TITLE)
    refused = reader.run("snakemake", "--cores", "1", ok=False)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stdout
    assert "results/" in refused.stdout
    assert "cannot be written (Permission denied)" in refused.stdout
    assert_equal(finished.origin, place)
