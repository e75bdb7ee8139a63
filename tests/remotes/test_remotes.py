"""Folder, S3 and ssh: what is pushed is whole elsewhere; what is not whole is not taken as whole."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.remotes.conftest import AMAZON, Remote, kinds
from tests.remotes.servers import ask
from tests.workflow.finished import assert_equal, assert_idle, cached
from tests.workflow.project import Project

NOT_PULLED = "not (all) in DVC's cache on this machine"


def fails(project: Project, *command: str) -> str:
    """What a program says that must fail, and without a traceback."""
    ran = project.run(*command, ok=False)
    assert ran.returncode != 0, ran.stdout
    assert "Traceback" not in ran.stdout
    return ran.stdout


@kinds("folder", "s3", "ssh")
def test_a_clone_elsewhere_is_whole_and_idle(
    project: Project, remote: Remote, recorded: Project, tmp_path: Path
) -> None:
    project.run("dvc", "push", "-q")
    assert "in sync" in project.run("dvc", "status", "--cloud").stdout
    clone = remote.clone(recorded, tmp_path / "clone")
    assert NOT_PULLED in clone.run("labbook", "plan").stdout
    if remote.connection is not None:
        remote.connection.rate = 400_000.0  # bytes a second: a slow remote is only slow
    clone.run("dvc", "pull", "-q")
    assert NOT_PULLED not in clone.run("labbook", "plan").stdout
    assert_equal(recorded, clone)
    assert_idle(clone)
    assert not clone.trained()


@kinds("s3", "ssh")
def test_a_connection_breaks_in_the_middle_of_push_and_of_pull(
    project: Project, remote: Remote, recorded: Project, tmp_path: Path
) -> None:
    connection = remote.connection
    assert connection is not None
    connection.break_after(150_000)
    assert "ERROR" in fails(project, "dvc", "push")
    assert connection.left == 0, "the connection was not used up"
    connection.mend()
    assert "in sync" not in project.run("dvc", "status", "--cloud").stdout
    project.run("dvc", "push", "-q")
    assert "in sync" in project.run("dvc", "status", "--cloud").stdout

    clone = remote.clone(recorded, tmp_path / "clone")
    connection.break_after(150_000)
    assert "ERROR" in fails(clone, "dvc", "pull")
    assert connection.left == 0
    told = clone.snakemake("--dry-run")
    assert NOT_PULLED in told
    assert "train" in told  # it is not taken as whole
    connection.mend()
    clone.run("dvc", "pull", "-q")
    assert_equal(recorded, clone)


@kinds("folder")
def test_a_remote_that_lacks_a_file_is_told_and_can_be_made_up_for(
    project: Project, remote: Remote, recorded: Project, tmp_path: Path
) -> None:
    project.run("dvc", "push", "-q")
    assert remote.folder is not None
    run = next((recorded.folder / "results/runs").iterdir())
    kept = cached(remote.folder, run)
    content = kept.read_bytes()
    kept.unlink()
    clone = remote.clone(recorded, tmp_path / "clone")
    assert kept.parent.name + kept.name in fails(clone, "dvc", "pull")
    told = clone.run("labbook", "plan").stdout
    assert f"dvc.lock records results, {NOT_PULLED}" in told
    again = clone.copy(tmp_path / "again", **AMAZON)
    # Either the one who has it pushes again,
    kept.write_bytes(content)
    clone.run("dvc", "pull", "-q")
    assert_equal(recorded, clone)
    # or what is lacking is made anew, to the same bytes.
    kept.unlink()
    assert NOT_PULLED in again.run("dvc", "repro").stdout
    assert_equal(recorded, again)
    # DVC takes a folder to be whole in the remote if its listing is there (docs/remotes.md).
    lock = (again.folder / "dvc.lock").read_text()
    listing = re.search(r"path: results\n.*\n\s+md5: (\w+\.dir)", lock)
    assert listing is not None, lock
    (remote.folder / "files/md5" / listing[1][:2] / listing[1][2:]).unlink()
    again.run("dvc", "push", "-q")
    assert kept.read_bytes() == content


def test_half_a_checkout_is_not_believed(recorded: Project, tmp_path: Path) -> None:
    """Keys are there and are those of today; a file beside them is not what they vouch for."""
    project = recorded.copy(tmp_path / "project", **AMAZON)
    path = project.folder / "results/rates/runs.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    told = project.snakemake("--dry-run")
    assert "1 file is missing or not what the key files say (results/rates/runs.csv)" in told
    assert project.jobs() == {"evaluate": 1, "claims": 1, "figures": 1, "report": 1}
    back = project.copy(tmp_path / "back", **AMAZON)
    project.snakemake()
    assert_equal(recorded, project)
    assert_idle(project)
    back.run("dvc", "checkout", "-q", "--force")  # the other way that is named
    assert_equal(recorded, back)
    assert not back.jobs()
    assert project.trained() == recorded.trained()


@kinds("s3", "ssh")
def test_wrong_credentials_are_told_and_nothing_is_lost(
    project: Project, remote: Remote, recorded: Project, request: pytest.FixtureRequest
) -> None:
    before = project.results()
    right = WRONG[remote.address[:3]](project, remote, request)
    told = fails(project, "dvc", "push")
    assert any(word in told for word in ("Forbidden", "403", "InvalidAccessKeyId", "Permission"))
    assert project.results() == before
    right()
    project.run("dvc", "push", "-q")
    assert "in sync" in project.run("dvc", "status", "--cloud").stdout


def another_key(project: Project, remote: Remote, asked: pytest.FixtureRequest):
    server, _ = asked.getfixturevalue("sshd")

    def use(name: str) -> None:
        key = str(server.folder / name)
        project.run("dvc", "remote", "modify", "--local", "store", "keyfile", key)

    use("stranger")
    return lambda: use("user")


def unknown_user(project: Project, remote: Remote, asked: pytest.FixtureRequest):
    """From now on moto asks who somebody is; nobody is known yet."""
    moto = f"http://127.0.0.1:{asked.getfixturevalue('s3_port')}/moto-api/reset-auth"
    ask("POST", moto, b"0")

    def trust() -> None:
        ask("POST", moto, b"inf")

    asked.addfinalizer(trust)
    return trust


WRONG = {"s3:": unknown_user, "ssh": another_key}


@kinds("folder", "s3", "ssh")
def test_a_remote_that_is_not_there_is_told(
    remote: Remote, recorded: Project, tmp_path: Path
) -> None:
    kind, _, path = remote.address.partition("://")
    missing = f"s3://nowhere/{path}" if kind == "s3" else remote.address + "/nowhere"
    clone = remote.clone(recorded, tmp_path / "clone")
    clone.run("dvc", "remote", "modify", "store", "url", missing)
    assert "ERROR" in fails(clone, "dvc", "pull")
    assert not list((clone.folder / "results").glob("*"))


@kinds("folder", "ssh")
def test_a_full_remote_is_told_and_goes_on_when_there_is_space(
    project: Project, remote: Remote
) -> None:
    assert remote.folder is not None
    size = "size=120k"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(remote.folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        before = project.results()
        told = fails(project, "dvc", "push")
        assert "ERROR" in told
        assert project.results() == before
        bigger = ["mount", "-o", "remount,size=50m", str(remote.folder)]
        subprocess.run(bigger, check=True)
        project.run("dvc", "push", "-q")
        assert "in sync" in project.run("dvc", "status", "--cloud").stdout
    finally:
        subprocess.run(["umount", str(remote.folder)], check=True)
