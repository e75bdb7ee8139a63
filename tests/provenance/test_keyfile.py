"""Key files: the key, and sums that sha256sum understands."""

import subprocess
from pathlib import Path

import pytest

from labbook.errors import LabbookError
from labbook.files import write_text
from labbook.provenance.keyfile import KeyFile, read_key_file, write_key
from labbook.provenance.nodes import Node

NODE = Node(
    "evaluate/one",
    (),
    (Path("results/one/study.json"), Path("results/one/study.key")),
    "asked",
    "0123456789abcdef",
    extras=(Path("results/one/a file.csv"),),
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_text(NODE.outputs[0], "{}")
    write_text(NODE.extras[0], "1,2")


def test_what_is_written_is_read_also_by_sha256sum():
    assert read_key_file(NODE.key_file) == KeyFile()
    write_key(NODE)
    recorded = read_key_file(NODE.key_file)
    assert recorded.key == NODE.key
    assert set(recorded.sums) == {NODE.outputs[0], NODE.extras[0]}
    sums = "".join(NODE.key_file.read_text().splitlines(keepends=True)[1:])
    check = ["sha256sum", "--check", "--strict", "-"]
    assert subprocess.run(check, input=sums, text=True, check=False).returncode == 0
    NODE.extras[0].write_text("1,3")
    assert subprocess.run(check, input=sums, text=True, check=False).returncode == 1


def test_a_file_that_was_not_made_is_an_error():
    NODE.extras[0].unlink()
    with pytest.raises(LabbookError, match="cannot be read"):
        write_key(NODE)
    assert read_key_file(NODE.key_file).key is None


def test_a_key_file_of_other_bytes_is_no_key():
    NODE.key_file.write_bytes(b"\xff\xfe")
    assert read_key_file(NODE.key_file).key is None
