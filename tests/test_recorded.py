"""What dvc.lock records and DVC's cache has not is told; where nothing can be pulled, nothing is."""

import json
from pathlib import Path

import pytest

from labbook.recorded import not_pulled

LISTING = "0" * 30 + "aa.dir"
LOCK = f"""\
stages:
  download:
    outs: [{{path: data/raw, md5: "{"1" * 32}", nfiles: 1}}]
  results:
    outs: [{{path: results, md5: {LISTING}, nfiles: 2}}]
"""
FILES = {"a.csv": "2" * 32, "runs/b": "3" * 32}


def put(cache: Path, total: str, content: str = "") -> Path:
    path = cache / "files/md5" / total[:2] / total[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.fixture(autouse=True)
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of a project that was pulled as a whole."""
    monkeypatch.chdir(tmp_path)
    Path(".dvc").mkdir()
    Path(".dvc/config").write_text(
        "[core]\n    remote = store\n['remote \"store\"']\n    url = /s\n"
    )
    Path("dvc.lock").write_text(LOCK)
    cache = tmp_path / ".dvc/cache"
    for total in ("1" * 32, *FILES.values()):
        put(cache, total)
    put(cache, LISTING, json.dumps([{"relpath": n, "md5": total} for n, total in FILES.items()]))
    return cache


def test_a_whole_cache_is_nothing_to_tell_of() -> None:
    assert not_pulled() is None


def test_what_lacks_is_named(whole: Path) -> None:
    put(whole, FILES["runs/b"]).unlink()
    assert str(not_pulled()).startswith("dvc.lock records results (1 files: runs/b), not (all)")
    put(whole, LISTING).unlink()  # DVC fetches the listing last
    put(whole, "1" * 32).unlink()
    assert str(not_pulled()).startswith("dvc.lock records data/raw, results, not (all)")


def test_a_dvc_lock_with_conflicts_is_left_to_dvc() -> None:
    Path("dvc.lock").write_text("stages:\n<<<<<<< HEAD\n  a: b\n=======\n  a: c\n>>>>>>> other\n")
    assert not_pulled() is None


def test_a_cache_elsewhere_is_looked_into(whole: Path, tmp_path: Path) -> None:
    whole.rename(tmp_path / "shared")
    assert not_pulled() is not None
    Path(".dvc/config.local").write_text(f"[cache]\n    dir = {tmp_path}/shared\n")
    assert not_pulled() is None


@pytest.mark.parametrize("lacking", [".dvc/config", "dvc.lock", ".dvc"])
def test_without_a_remote_nothing_can_be_pulled(whole: Path, lacking: str) -> None:
    put(whole, LISTING).unlink()
    assert not_pulled() is not None
    if lacking == ".dvc":
        Path(".dvc").rename("dvc-was-here")
    else:
        Path(lacking).write_text("")
    assert not_pulled() is None
