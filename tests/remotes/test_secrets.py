"""Passwords and keys of remotes, origins and mirrors: used, and shown nowhere."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from labbook.data.fetching.fetch import obtain
from labbook.errors import LabbookError
from labbook.params.sources import File
from tests.conftest import copy_project
from tests.remotes.conftest import AMAZON
from tests.workflow.project import Project

USER, PASSWORD = "someone", "tops3cret-of-mirror"
TABLE = ("a,y\n" + "".join(f"{n},{2 * n}\n" for n in range(40))).encode()
SUM = hashlib.sha256(TABLE).hexdigest()
PARAMS = f"""\
seeds: 2
controls: false
datasets:
  line:
    kind: table
    files: {{line.csv: {{sha256: {SUM}, bytes: {len(TABLE)}, origins: [http://127.0.0.1:9/line.csv]}}}}
    target: y
    split: {{valid: 0.2, test: 0.2}}
  covid:
    kind: table
    files:
      covid_train.csv: {{sha256: "{"0" * 64}", bytes: 1, origins: [http://127.0.0.1:9/covid_train.csv]}}
    stand_in: covid
    repeated_columns: number
    target: tested_positive.2
    split: {{train: 100, valid: 0.1, test: 0.1}}
recipes:
  line:
    dataset: line
    model: {{kind: linear}}
    optimizer: {{kind: sgd, rate: 0.1}}
    training: {{batch: all, epochs: 5}}
  covid:
    dataset: covid
    model: {{kind: linear}}
    optimizer: {{kind: sgd, rate: 1e-3}}
    training: {{batch: all, epochs: 5}}
studies:
  line: {{question: Is it a line?, recipe: line, vary: {{optimizer.rate: [0.1, 0.2]}}}}
  covid: {{question: Is it there?, recipe: covid, vary: {{optimizer.rate: [1e-3, 2e-3]}}}}
report: {{title: "Nothing to see"}}
"""


class Mirror(BaseHTTPRequestHandler):
    """Has one file, for those who know the password."""

    def do_GET(self) -> None:
        known = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {known}":
            self.send_error(401)
        elif not self.path.endswith("/line.csv"):
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(TABLE)))
            self.end_headers()
            self.wfile.write(TABLE)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def mirror() -> Iterator[str]:
    """The host and port of the mirror."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_secret_is_in_any_file_or_message(mirror: str, tmp_path: Path) -> None:
    secrets = {
        "LABBOOK_MIRROR": f"http://{USER}:{PASSWORD}@{mirror}",
        "AWS_SECRET_ACCESS_KEY": "tops3cret-of-s3",
        "AWS_SESSION_TOKEN": "tops3cret-of-session",
    }
    params = tmp_path / "params.yaml"
    params.write_text(PARAMS)
    project = Project(copy_project(tmp_path / "project", params), **(AMAZON | secrets))
    project.under_version_control()
    project.run("dvc", "remote", "add", "-q", "-d", "store", "ssh://user@127.0.0.1:9/store")
    for name, value in (("password", "tops3cret-of-ssh"), ("port", "9")):
        project.run("dvc", "remote", "modify", "--local", "store", name, value)
    said = project.run("dvc", "repro").stdout
    assert "a stand-in is used instead" in said  # with all that was tried
    assert (project.folder / "data/raw/line/line.csv").read_bytes() == TABLE
    said += project.run("labbook", "plan").stdout
    said += project.snakemake("--printshellcmds", "--verbose", "--forcerun", "report")
    project.edit("bytes: 1,", "bytes: 2,")
    project.edit("stand_in: covid", "stand_in: null")
    failed = project.snakemake(ok=False)  # a message of a job that fails is in its log, too
    assert "could not be fetched from anywhere" in failed
    assert f"http://***@{mirror}/covid/covid_train.csv" in failed
    assert "tops3cret" not in said + failed
    files = [path for path in project.folder.rglob("*") if path.is_file()]
    found = [
        path.relative_to(project.folder) for path in files if b"tops3cret" in path.read_bytes()
    ]
    assert found == [Path(".dvc/config.local")]  # where it was put; git does not see it
    assert "config.local" not in project.run("git", "status", "--porcelain", "-uall").stdout


def test_a_password_in_netrc_opens_an_origin(
    mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = File(sha256=SUM, bytes=len(TABLE), origins=[f"http://{mirror}/line.csv"])
    netrc = tmp_path / "netrc"
    monkeypatch.setenv("NETRC", str(netrc))
    with pytest.raises(LabbookError, match="401"):
        obtain("line", "line.csv", file, tmp_path, None)
    netrc.write_text(f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
    assert obtain("line", "line.csv", file, tmp_path, None).read_bytes() == TABLE
