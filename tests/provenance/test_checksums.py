"""Checksums: cached for each state of a file, written as sha256sum does, remembered for a path."""

import os
import subprocess
from pathlib import Path

import pytest

from labbook.errors import LabbookError
from labbook.files import write_text
from labbook.housekeeping.sweep import sweep
from labbook.identity.code import file_digest
from labbook.paths import RUNS
from labbook.provenance import checksums
from labbook.provenance.checksums import (
    CACHE,
    MADE,
    NEWEST,
    KeyFile,
    Sums,
    read_key_file,
    remember,
    remembered,
    write_key,
)
from labbook.provenance.node import Node

FILE = Path("results/one/a file.csv")
TABLE, KEY = Path("results/one/study.json"), Path("results/one/study.key")
NODE = Node("evaluate/one", (), (TABLE, KEY), "asked", "0123456789abcdef", extras=(FILE,))


@pytest.fixture(autouse=True)
def files_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files whose content was read, in order, in a folder with the files of a node."""
    monkeypatch.chdir(tmp_path)
    write_text(TABLE, "{}")
    write_text(FILE, "1,2")
    read: list[Path] = []
    monkeypatch.setattr(
        checksums, "file_digest", lambda path: read.append(path) or file_digest(path)
    )
    return read


def test_an_unchanged_file_is_read_once_also_when_only_its_time_was_set(
    files_read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "COARSE", -(10**9))  # as if written some seconds before
    first = Sums()
    assert first.of(FILE) == first.of(FILE) == file_digest(FILE)
    os.utime(FILE, (7, 7))
    first.keep([FILE, Path("results/unknown.csv")])
    first.save()
    assert Sums().of(FILE) == file_digest(FILE)
    assert files_read == [FILE]
    assert Sums().of(Path("results/none.csv")) is None


def test_a_changed_file_is_read_again_though_size_and_time_are_the_same() -> None:
    cache = Sums()
    before = cache.of(FILE)
    cache.save()
    at = FILE.stat().st_mtime_ns
    FILE.write_text("1,3")  # perhaps within the same tick of the file system's clock
    os.utime(FILE, ns=(at, at))
    assert before != Sums().of(FILE) == file_digest(FILE)


@pytest.mark.parametrize("text", ["", "[", "[1]", "{"])
def test_a_broken_cache_is_begun_anew(text: str) -> None:
    write_text(CACHE, text)
    assert Sums().of(FILE) == file_digest(FILE)


def test_a_key_file_is_read_also_by_sha256sum() -> None:
    assert read_key_file(KEY) == KeyFile()
    write_key(NODE)
    recorded = read_key_file(KEY)
    assert (recorded.key, set(recorded.sums)) == (NODE.key, {TABLE, FILE})
    sums = "".join(KEY.read_text().splitlines(keepends=True)[1:])
    check = ["sha256sum", "--check", "--strict", "-"]
    assert subprocess.run(check, input=sums, text=True, check=False).returncode == 0
    FILE.write_text("1,3")
    assert subprocess.run(check, input=sums, text=True, check=False).returncode == 1


def test_a_node_that_was_not_made_has_no_key() -> None:
    FILE.unlink()
    with pytest.raises(LabbookError, match="cannot be read"):
        write_key(NODE)
    assert read_key_file(KEY).key is None
    KEY.write_bytes(b"\xff\xfe")
    assert read_key_file(KEY).key is None


def test_what_is_made_is_remembered_with_its_newest_sums() -> None:
    assert remembered() == {}
    first, second, *_ = totals = [f"{number:064}" for number in range(40)]
    raw = Path("data/raw/a/a.csv")
    for total in (first, second, first):
        remember({FILE: total, raw: total, RUNS / "0123456789abcdef.safetensors": total})
    assert remembered() == {FILE: [second, first], raw: [second, first]}
    with MADE.open("a") as file:
        file.write(f"\n{second}  results/cut o")  # by a kill
    for total in totals:
        remember({TABLE: total})
    newest = totals[-NEWEST:]
    assert remembered()[TABLE] == newest
    lines = MADE.read_text().count(TABLE.name)
    sweep()
    assert remembered()[TABLE] == newest
    assert MADE.read_text().count(TABLE.name) == len(newest) < lines
    before = MADE.read_text()
    sweep()
    assert MADE.read_text() == before
    MADE.write_bytes(b"\xff\xfe")
    assert remembered() == {}


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/null"])
def test_what_is_no_file_is_not_read(target: str) -> None:
    MADE.parent.mkdir()
    MADE.symlink_to(target)
    assert remembered() == {}
    with pytest.raises(LabbookError, match="not a plain file"):
        remember({FILE: "1" * 64})
