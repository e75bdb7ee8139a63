"""Folder, S3 and ssh: what is pushed is whole elsewhere; what is not whole is not taken as whole."""

import subprocess
from pathlib import Path

import pytest

from tests.remotes.conftest import AMAZON, BUCKET, Remote, kinds
from tests.remotes.servers import ask
from tests.workflow.conftest import Project
from tests.workflow.test_dvc import is_idle
from tests.workflow.test_same_bytes import compare

pytestmark = pytest.mark.slow
NOT_PULLED = "not (all) in DVC's cache on this machine"


def fails(project: Project, *command: str) -> str:
    """What a program says that must fail, and without a traceback."""
    ran = project.run(*command, ok=False)
    assert ran.returncode != 0, ran.stdout
    assert "Traceback" not in ran.stdout
    return ran.stdout


def is_whole(project: Project, like: Project) -> None:
    """Everything is here, both engines are idle and nothing was trained."""
    compare(like, project, packs=True)
    assert is_idle(project)
    assert not project.trained()


@kinds("folder", "s3", "ssh")
def test_a_clone_elsewhere_is_whole_and_idle(
    project: Project, remote: Remote, recorded: Project, tmp_path: Path
) -> None:
    project.run("dvc", "push", "-q")
    assert "in sync" in project.run("dvc", "status", "--cloud").stdout
    clone = remote.clone(recorded, tmp_path / "clone")
    assert NOT_PULLED in clone.run("labbook", "plan").stdout
    clone.run("dvc", "pull", "-q")
    assert NOT_PULLED not in clone.run("labbook", "plan").stdout
    is_whole(clone, recorded)


@kinds("s3", "ssh")
def test_a_slow_remote_is_only_slow(
    project: Project, remote: Remote, recorded: Project, tmp_path: Path
) -> None:
    assert remote.connection is not None
    remote.connection.rate = 400_000.0
    project.run("dvc", "push", "-q")
    clone = remote.clone(recorded, tmp_path / "clone")
    clone.run("dvc", "pull", "-q")
    compare(recorded, clone, packs=True)


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
    assert NOT_PULLED in clone.run("labbook", "plan").stdout
    connection.mend()
    clone.run("dvc", "pull", "-q")
    is_whole(clone, recorded)


@kinds("folder")
def test_a_remote_that_lacks_a_file_is_told_and_can_be_made_up_for(
    project: Project, remote: Remote, recorded: Project, tmp_path: Path
) -> None:
    project.run("dvc", "push", "-q")
    assert remote.folder is not None
    run = next((recorded.folder / "results/runs").iterdir())
    total = md5(run)
    kept = remote.folder / "files/md5" / total[:2] / total[2:]
    content = kept.read_bytes()
    kept.unlink()
    clone = remote.clone(recorded, tmp_path / "clone")
    told = fails(clone, "dvc", "pull")
    assert "Missing cache files" in told
    assert str(run.relative_to(recorded.folder)) in told
    told = clone.snakemake("--dry-run")
    assert f"dvc.lock records results (1 files), {NOT_PULLED}" in told
    again = clone.copy(tmp_path / "again", **AMAZON)
    # Either the one who has it pushes again,
    kept.write_bytes(content)
    clone.run("dvc", "pull", "-q")
    is_whole(clone, recorded)
    # or what is lacking is made anew, to the same bytes.
    kept.unlink()
    told = again.run("dvc", "repro").stdout
    assert NOT_PULLED in told
    compare(recorded, again, packs=True)
    again.run("dvc", "push", "-q")
    assert kept.read_bytes() == content


def md5(path: Path) -> str:
    ran = subprocess.run(["md5sum", path], capture_output=True, text=True, check=True)
    return ran.stdout.split()[0]


@pytest.mark.parametrize("damage", ["cut", "gone", "older", "sums"])
def test_half_a_checkout_is_not_believed(recorded: Project, tmp_path: Path, damage: str) -> None:
    """Keys are there and are those of today; a file beside them is not what they vouch for."""
    project = recorded.copy(tmp_path / "project", **AMAZON)
    name = "results/degree/runs.csv"
    path = project.folder / name
    whole = path.read_bytes()
    if damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "gone":
        path.unlink()
    elif damage == "older":
        path.write_bytes(whole.replace(b"\n", b"\n", 1).replace(b"1", b"2"))
    else:  # the key file itself was cut, behind its first line
        name = "results/degree/study.key"
        path = project.folder / name
        whole = path.read_bytes()
        path.write_bytes(whole[: whole.index(b"\n") + 30])
    told = project.snakemake("--dry-run")
    assert "are not what their key files say" in told
    assert "results/degree/" in told
    assert "evaluate" in project.jobs()
    back = project.copy(tmp_path / "back", **AMAZON)
    project.snakemake()
    assert path.read_bytes() == whole
    compare(recorded, project, packs=True)
    assert is_idle(project)
    back.run("dvc", "checkout", "-q", "--force")  # the other way that is named
    assert (back.folder / name).read_bytes() == whole
    assert is_idle(back)
    assert project.trained() == back.trained() == recorded.trained()


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
    project: Project, remote: Remote, recorded: Project, tmp_path: Path
) -> None:
    project.run("dvc", "push", "-q")
    missing = {
        "s3": remote.address.replace(BUCKET, "nowhere", 1),
        "ssh": remote.address + "/nowhere",
        "folder": str(tmp_path / "nowhere"),
    }
    kind = remote.address.partition("://")[0] if "://" in remote.address else "folder"
    clone = remote.clone(recorded, tmp_path / "clone")
    clone.run("dvc", "remote", "modify", "store", "url", missing[kind])
    told = fails(clone, "dvc", "pull")
    assert "ERROR" in told
    assert NOT_PULLED in clone.snakemake("--dry-run")
    clone.run("dvc", "remote", "modify", "store", "url", remote.address)
    clone.run("dvc", "pull", "-q")
    is_whole(clone, recorded)


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
        assert "No space left" in told or "ERROR" in told
        assert project.results() == before
        bigger = ["mount", "-o", "remount,size=50m", str(remote.folder)]
        subprocess.run(bigger, check=True)
        project.run("dvc", "push", "-q")
        assert "in sync" in project.run("dvc", "status", "--cloud").stdout
        assert is_idle(project)
    finally:
        subprocess.run(["umount", str(remote.folder)], check=True)
