"""DVC records nothing that follows from a params file which it does not track."""

import shutil
import subprocess
from pathlib import Path

import pytest

from labbook.cli import main
from labbook.errors import LabbookError
from labbook.provenance.dvc_records import outputs
from labbook.provenance.dvc_stages import STAGES, refuse_broken_links, refuse_untracked_params
from labbook.running import starter
from labbook.running.begin import begin
from tests.conftest import ROOT


def test_params_yaml_alone_is_tracked(project: Path) -> None:
    refuse_untracked_params()


def test_another_file_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.yaml").write_text(Path("params.yaml").read_text())
    monkeypatch.setenv("LABBOOK_PARAMS", "other.yaml")
    monkeypatch.setattr(starter, "run_snakemake", lambda target: pytest.fail(f"makes {target}"))
    for command in (["fresh"], ["tidy", "--yes", "--made"], ["stage", "results"]):
        assert main(command) == 1
        assert "Unset LABBOOK_PARAMS" in capsys.readouterr().err
    assert main(["check"]) == 0  # DVC itself is silent where params.yaml has not changed
    assert "`dvc` knows params.yaml alone" in capsys.readouterr().out
    monkeypatch.delenv("LABBOOK_PARAMS")
    assert main(["check"]) == 0
    assert "dvc" not in capsys.readouterr().out


def test_a_stage_makes_what_is_stale_and_ends_as_snakemake_does(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(starter, "run_snakemake", lambda target: asked.append(target) or 7)
    for folder in ("data/raw", "data", "results"):
        assert main(["stage", folder]) == 7
    assert asked == ["all_raw", "all_data", "results/report.html"]


def test_links_to_another_disk_are_told_before_the_work(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(starter, "run_snakemake", lambda target: pytest.fail(f"makes {target}"))
    (tmp_path / "disk").mkdir()
    Path("results").symlink_to(tmp_path / "disk")
    assert main(["stage", "results"]) == 1
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
