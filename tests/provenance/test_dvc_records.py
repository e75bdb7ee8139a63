"""What DVC records, has and tracks: what cannot be had or recorded is told, and nothing else is."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from labbook.cli import main
from labbook.errors import LabbookError
from labbook.paths import leads_outside, store
from labbook.provenance.dvc_records import (
    STAGES,
    NotInCacheError,
    listing,
    not_pulled,
    outputs,
    refuse_broken_links,
    refuse_untracked_params,
    way_to,
)
from labbook.running import starter
from labbook.running.begin import begin
from tests.conftest import ROOT

LISTING = "0" * 30 + "aa.dir"
LOCK = f"""\
stages:
  download:
    outs: [{{path: data/raw, md5: "{"1" * 32}", nfiles: 1}}]
  results:
    outs: [{{path: results, md5: {LISTING}, nfiles: 2}}]
"""
FILES = {"a.csv": "2" * 32, "runs/b": "3" * 32}
OUTSIDE = ["../x", "/etc/passwd", "a/../../x", "..", ".", "a//b", "", "a/./b", "a\\..\\b", "a\0b"]


def put(cache: Path, total: str, content: str = "") -> Path:
    path = cache / "files/md5" / total[:2] / total[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.fixture
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
    assert not_pulled() is None
    return cache


def test_what_lacks_is_named(whole: Path) -> None:
    put(whole, FILES["runs/b"]).unlink()
    assert str(not_pulled()).startswith("dvc.lock records results (1 file: runs/b), not (all)")
    for spoilt in ("", "[", '[{"relpath": "a"}]', "[1]", "\0"):
        put(whole, LISTING, spoilt)
        assert str(not_pulled()).startswith("dvc.lock records results, not (all)"), spoilt
    put(whole, LISTING).unlink()  # DVC fetches the listing last
    put(whole, "1" * 32).unlink()
    assert str(not_pulled()).startswith("dvc.lock records data/raw, results, not (all)")


def test_a_dvc_lock_that_is_none_is_told_of(whole: Path) -> None:
    Path("dvc.lock").write_text("stages:\n<<<<<<< HEAD\n  a: b\n=======\n  a: c\n>>>>>>> other\n")
    assert "git checkout --ours dvc.lock" in str(not_pulled())
    for text in ("[1]", "stages: 1", "stages: {a: {outs: [{md5: x}]}}", "\t"):
        with pytest.raises(NotInCacheError, match=r"dvc\.lock cannot be read"):
            outputs(text.encode())


def test_outputs_are_those_of_the_cache_in_this_folder() -> None:
    assert outputs(b"") == {}
    outs = [{"path": path, "md5": "1" * 32} for path in OUTSIDE[:4]]
    outs += [{"path": "results", "md5": "2" * 32}, {"path": "x", "etag": "y"}]
    assert outputs(json.dumps({"stages": {"a": {"outs": outs}}}).encode()) == {"results": "2" * 32}


def test_settings_that_cannot_be_read_are_told_of(whole: Path) -> None:
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


def test_what_leads_out_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    project = tmp_path / "project"
    (project / ".dvc/cache/files").mkdir(parents=True)
    (project / "results/runs").mkdir(parents=True)
    (project / "data").symlink_to(tmp_path / "disk")  # a large disk
    for name, target in (
        ("inside", "runs"), ("cached", project / ".dvc/cache/files/x"), ("up", "../.."),
        ("root", "/"), ("device", "/dev/zero"), ("twice", "up"),
    ):  # fmt: skip
        (project / "results" / name).symlink_to(target)
    inside = ["results/runs/x", "results/inside/x", "results/cached", "data/raw/x", "params.yaml"]
    outside = ["results/up/x", "results/root/etc/passwd", "results/device", "results/twice/x"]
    outside += ["../x", "/etc/passwd", "data/../x", "results/../../x"]
    assert [path for path in inside + outside if leads_outside(Path(path), project)] == outside


def test_another_params_file_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse_untracked_params()
    Path("other.yaml").write_text(Path("params.yaml").read_text())
    monkeypatch.setenv("LABBOOK_PARAMS", "other.yaml")
    monkeypatch.setattr(starter, "run_snakemake", lambda target: pytest.fail(f"makes {target}"))
    for command in (["fresh"], ["tidy", "--yes", "--made"], ["stage", "results"]):
        assert main(command) == 1
        assert "Unset LABBOOK_PARAMS" in capsys.readouterr().err
    assert main(["check"]) == 0  # DVC itself is silent where params.yaml has not changed
    assert "`dvc` reads params.yaml all the same" in capsys.readouterr().out
    monkeypatch.delenv("LABBOOK_PARAMS")
    assert main(["check"]) == 0
    assert "dvc" not in capsys.readouterr().out


def test_a_file_that_is_extended_must_be_a_dep_of_every_stage(project: Path) -> None:
    Path("params.yaml").rename("base.yaml")
    Path("params.yaml").write_text("extends: base.yaml\n")
    with pytest.raises(LabbookError, match=r"extends base\.yaml, which DVC does not track"):
        refuse_untracked_params()
    text = STAGES.read_text()
    STAGES.write_text(text.replace("deps: [", "deps: [base.yaml, ", 1))
    with pytest.raises(LabbookError, match="deps of each stage"):
        refuse_untracked_params()
    STAGES.write_text(text.replace("deps: [", "deps: [base.yaml, "))
    refuse_untracked_params()


def test_a_stage_makes_what_is_stale_and_refuses_links_to_another_disk_before_the_work(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(starter, "run_snakemake", lambda target: asked.append(target) or 7)
    for folder in ("data/raw", "data", "results"):
        assert main(["stage", folder]) == 7  # ends as snakemake does
    assert asked == ["all_raw", "all_data", "results/report.html"]
    (tmp_path / "disk").mkdir()
    Path("results").symlink_to(tmp_path / "disk")
    assert main(["stage", "results"]) == 1
    assert len(asked) == 3
    assert "Use snakemake without DVC" in capsys.readouterr().err
    refuse_broken_links()  # Snakemake may
    (tmp_path / "disk").rmdir()
    with pytest.raises(LabbookError, match="results: a link that leads nowhere"):
        begin(["--dry-run"])


def test_a_merge_leaves_a_dvc_lock_that_can_be_read(tmp_path: Path) -> None:
    """Of two branches that both ran: this side's, marked as a conflict."""

    def git(*arguments: str, ok: bool = True) -> str:
        command = ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode == 0) == ok, done.stdout + done.stderr
        return done.stdout

    def commit(md5: str) -> None:
        (tmp_path / "dvc.lock").write_text(f"stages: {{a: {{outs: [{{path: x, md5: {md5}}}]}}}}\n")
        git("add", "-A")
        git("commit", "-qm", md5)

    git("init", "-q", "-b", "main")
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    commit("a" * 32)
    git("checkout", "-qb", "side")
    commit("b" * 32)
    git("checkout", "-q", "main")
    commit("c" * 32)
    assert "CONFLICT" in git("merge", "side", ok=False)
    assert outputs((tmp_path / "dvc.lock").read_bytes()) == {"x": "c" * 32}
    assert git("status", "--short") == "UU dvc.lock\n"
