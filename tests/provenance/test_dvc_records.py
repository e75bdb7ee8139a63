"""What dvc.lock records and DVC's cache has not is told; where nothing can be pulled, nothing is."""

import json
from pathlib import Path

import pytest

from labbook.errors import LabbookError
from labbook.paths import leads_outside, store
from labbook.provenance.dvc_records import NotInCacheError, listing, not_pulled, outputs, way_to

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
    assert str(not_pulled()).startswith("dvc.lock records results (1 file: runs/b), not (all)")
    put(whole, LISTING).unlink()  # DVC fetches the listing last
    put(whole, "1" * 32).unlink()
    assert str(not_pulled()).startswith("dvc.lock records data/raw, results, not (all)")


def test_a_dvc_lock_with_conflicts_is_told_of() -> None:
    Path("dvc.lock").write_text("stages:\n<<<<<<< HEAD\n  a: b\n=======\n  a: c\n>>>>>>> other\n")
    assert "git checkout --ours dvc.lock" in str(not_pulled())


@pytest.mark.parametrize("spoilt", ["", "[", '[{"relpath": "a"}]', "[1]", "\0"])
def test_a_spoilt_listing_counts_as_lacking(whole: Path, spoilt: str) -> None:
    put(whole, LISTING, spoilt)
    assert str(not_pulled()).startswith("dvc.lock records results, not (all)")


@pytest.mark.parametrize("text", ["[1]", "stages: 1", "stages: {a: {outs: [{md5: x}]}}", "\t"])
def test_what_is_no_dvc_lock_is_told(text: str) -> None:
    with pytest.raises(NotInCacheError, match=r"dvc\.lock cannot be read"):
        outputs(text.encode())


def test_an_output_without_an_md5_is_not_of_the_cache() -> None:
    text = f"stages: {{a: {{outs: [{{path: x, etag: y}}, {{path: z, md5: '{'1' * 32}'}}]}}}}"
    assert outputs(text.encode()) == {"z": "1" * 32}
    assert outputs(b"") == {}


def test_settings_that_cannot_be_read_are_told_of() -> None:
    Path(".dvc/config").write_text("[core]\n    nothing = 1\n")
    with pytest.raises(LabbookError, match="DVC's settings cannot be read"):
        store(Path.cwd())
    assert not_pulled() is None


def test_a_cache_elsewhere_is_looked_into(whole: Path, tmp_path: Path) -> None:
    whole.rename(tmp_path / "shared")
    assert not_pulled() is not None
    Path(".dvc/config.local").write_text(f"[cache]\n    dir = {tmp_path}/shared\n")
    assert not_pulled() is None
    Path(".dvc/config.local").write_text("[cache]\n    dir = ../shared\n")  # from that file on
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


def test_how_to_get_a_file_that_is_not_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert way_to("tables/a.csv") == ""
    copy = tmp_path / ".dvc/tmp/exps/standalone/tmp1"
    copy.mkdir(parents=True)
    monkeypatch.chdir(copy)
    assert "`git add tables/a.csv`, commit, and queue it again" in way_to("tables/a.csv")
    Path("tables").mkdir()
    Path("tables/a.csv.dvc").touch()
    assert "`dvc pull tables/a.csv.dvc`" in way_to("tables/a.csv")


OUTSIDE = ["../x", "/etc/passwd", "a/../../x", "..", ".", "a//b", "", "a/./b", "a\\..\\b", "a\0b"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_listing_that_leads_out_of_its_folder_is_refused(path: str) -> None:
    with pytest.raises(NotInCacheError, match="outside of it"):
        listing(json.dumps([{"relpath": path, "md5": "1" * 32}]).encode())


@pytest.mark.parametrize("total", ["../../../etc/passwd", "/etc/passwd", "1" * 31, "A" * 32, 5])
def test_a_sum_that_is_a_path_is_refused(total: object) -> None:
    """It becomes part of a path in DVC's cache."""
    with pytest.raises(NotInCacheError, match="no listing"):
        listing(json.dumps([{"relpath": "a", "md5": total}]).encode())
    lock = json.dumps({"stages": {"a": {"outs": [{"path": "results", "md5": total}]}}})
    with pytest.raises(NotInCacheError, match=r"dvc\.lock cannot be read"):
        outputs(lock.encode())


@pytest.mark.parametrize("path", OUTSIDE[:4])
def test_an_output_elsewhere_is_none_of_labbooks(path: str) -> None:
    outs = [{"path": path, "md5": "1" * 32}, {"path": "results", "md5": "2" * 32}]
    assert outputs(json.dumps({"stages": {"a": {"outs": outs}}}).encode()) == {"results": "2" * 32}


def test_what_leads_out_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    project = tmp_path / "project"
    (project / ".dvc/cache/files").mkdir(parents=True)
    (project / "results/runs").mkdir(parents=True)
    (project / "data").symlink_to(tmp_path / "disk")  # a large disk
    for name, target in (
        ("inside", "runs"),
        ("cached", project / ".dvc/cache/files/x"),
        ("up", "../.."),
        ("root", "/"),
        ("device", "/dev/zero"),
        ("twice", "up"),
    ):
        (project / "results" / name).symlink_to(target)
    inside = ["results/runs/x", "results/inside/x", "results/cached", "data/raw/x", "params.yaml"]
    outside = ["results/up/x", "results/root/etc/passwd", "results/device", "results/twice/x"]
    outside += ["../x", "/etc/passwd", "data/../x", "results/../../x"]
    assert [path for path in inside + outside if leads_outside(Path(path), project)] == outside
