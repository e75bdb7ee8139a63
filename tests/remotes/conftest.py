"""A small project under git and DVC, done once; and remotes of three kinds to push it to."""

import contextlib
import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import lacks, remember_code
from tests.remotes.servers import SSHD, Connection, Sshd, ask, s3
from tests.workflow.conftest import open_folder as open_folder  # a fixture here too
from tests.workflow.project import Project, made_once
from tests.workflow.small import SHORT, small

BUCKET = "labbook"
EMPTY = str(Path(__file__).with_name("__init__.py"))  # a file that sets nothing
# What DVC takes for S3's credentials; the machine's own settings are left out.
AMAZON = {
    "AWS_ACCESS_KEY_ID": "someone",
    "AWS_SECRET_ACCESS_KEY": "something",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",  # a broken connection is not tried again for minutes
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": EMPTY,
    "AWS_SHARED_CREDENTIALS_FILE": EMPTY,
}


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Four runs, made and recorded by `dvc repro`; without a remote. Do not change."""

    def make(folder: Path) -> None:
        project = small(folder, SHORT, **AMAZON).under_version_control()
        project.run("dvc", "repro")
        project.commit("results")

    return Project(made_once(tmp_path_factory, "recorded", make), **AMAZON)


@dataclass
class Remote:
    """A place to push to: its address, and settings that stay on this machine."""

    address: str
    settings: dict[str, str] = field(default_factory=dict)  # for .dvc/config
    secret: dict[str, str] = field(default_factory=dict)  # for .dvc/config.local
    connection: Connection | None = None
    folder: Path | None = None  # where its files lie, if that is on this machine's disk

    def give(self, project: Project) -> Project:
        """Name this remote, as its default one, in a project's settings."""
        project.run("dvc", "remote", "add", "-q", "-f", "-d", "store", self.address)
        for place, settings in (("--project", self.settings), ("--local", self.secret)):
            for name, value in settings.items():
                project.run("dvc", "remote", "modify", place, "store", name, value)
        return project

    def clone(self, project: Project, folder: Path) -> Project:
        """A clone elsewhere that knows the remote; nothing is pulled yet."""
        subprocess.run(["git", "clone", "-q", project.folder, folder], check=True)
        remember_code(folder)
        return self.give(Project(folder, **AMAZON))


@pytest.fixture(scope="session")
def s3_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("dvc_s3") is None:
        lacks("needs moto and dvc-s3: pip install -r requirements-remotes.lock")
    with s3(tmp_path_factory.mktemp("s3")) as port:
        yield port


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sshd, int]]:
    if SSHD is None or shutil.which("ssh-keygen") is None:
        lacks("needs an ssh server: apt-get install openssh-server")
    if importlib.util.find_spec("dvc_ssh") is None:
        lacks("needs dvc-ssh: pip install -r requirements-remotes.lock")
    server = Sshd(tmp_path_factory.mktemp("sshd"))
    with server.listen() as port:
        yield server, port


@pytest.fixture
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    """An empty remote of the kind that the test asks for, with `kinds`."""
    with MAKERS[request.param](request, tmp_path) as made:
        yield made


@contextlib.contextmanager
def folder_remote(asked: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    store = tmp_path / "store"
    store.mkdir()
    yield Remote(str(store), folder=store)


@contextlib.contextmanager
def s3_remote(asked: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    port = asked.getfixturevalue("s3_port")
    ask("POST", f"http://127.0.0.1:{port}/moto-api/reset")
    ask("PUT", f"http://127.0.0.1:{port}/{BUCKET}")
    connection = Connection(port)
    settings = {"endpointurl": f"http://127.0.0.1:{connection.port}"}
    yield Remote(f"s3://{BUCKET}/labbook", settings, connection=connection)
    connection.close()


@contextlib.contextmanager
def ssh_remote(asked: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    server, port = asked.getfixturevalue("sshd")
    connection = Connection(port)
    store = tmp_path / "store"
    store.mkdir()
    address = f"ssh://127.0.0.1:{connection.port}{store}"
    key = {"keyfile": str(server.folder / "user")}
    yield Remote(address, secret=key, connection=connection, folder=store)
    connection.close()


MAKERS = {"folder": folder_remote, "s3": s3_remote, "ssh": ssh_remote}


def kinds(*names: str) -> pytest.MarkDecorator:
    """Run a test once with each of these kinds of remote."""
    return pytest.mark.parametrize("remote", names, indirect=True)


@pytest.fixture
def project(recorded: Project, remote: Remote, tmp_path: Path) -> Project:
    """A copy of the recorded project that knows the remote; nothing is pushed yet."""
    return remote.give(recorded.copy(tmp_path / "project", **AMAZON))
