"""Sums are taken once of each state of a file, and never believed of another."""

import os
from pathlib import Path

import pytest

from labbook.identity.code import file_digest
from labbook.provenance import sums
from labbook.provenance.sums import CACHE, Sums

FILE = Path("results/a.csv")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read, in order."""
    monkeypatch.chdir(tmp_path)
    FILE.parent.mkdir()
    FILE.write_text("1,2")
    read: list[Path] = []

    def digest(path: Path) -> str:
        read.append(path)
        return file_digest(path)

    monkeypatch.setattr(sums, "file_digest", digest)
    return read


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the files had been written some seconds before."""
    monkeypatch.setattr(sums, "COARSE", -(10**9))


@pytest.mark.usefixtures("long_ago")
def test_an_unchanged_file_is_read_once(folder: list[Path]) -> None:
    first = Sums()
    assert first.of(FILE) == first.of(FILE) == file_digest(FILE)
    first.save()
    assert Sums().of(FILE) == file_digest(FILE)
    assert folder == [FILE]


def test_a_changed_file_is_read_again_though_size_and_time_are_the_same(
    folder: list[Path],
) -> None:
    before = Sums()
    one = before.of(FILE)
    before.save()
    at = FILE.stat().st_mtime_ns
    FILE.write_text("1,3")  # perhaps within the same tick of the file system's clock
    os.utime(FILE, ns=(at, at))
    other = Sums().of(FILE)
    assert one != other == file_digest(FILE)


@pytest.mark.usefixtures("long_ago")
def test_a_new_time_set_by_ourselves_costs_no_reading(folder: list[Path]) -> None:
    taken = Sums()
    taken.of(FILE)
    os.utime(FILE, (7, 7))
    taken.keep([FILE, Path("results/unknown.csv")])
    taken.save()
    assert Sums().of(FILE) == file_digest(FILE)
    assert folder == [FILE]


def test_a_missing_file_has_no_sum() -> None:
    assert Sums().of(Path("results/none.csv")) is None


@pytest.mark.parametrize("text", ["", "[", "[1]", "{"])
def test_a_broken_memory_is_begun_anew(text: str) -> None:
    CACHE.parent.mkdir()
    CACHE.write_text(text)
    assert Sums().of(FILE) == file_digest(FILE)
