"""A repository under git and DVC whose results are made up: nothing is trained."""

import contextlib
import copy
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import dvc.cli
import pytest

from labbook.cli import main
from labbook.evaluate.all_claims import write_claims
from labbook.history.state import _parsed
from tests import made_results
from tests.conftest import ROOT, clean_environment

PARAMS = """\
seeds: {seeds}
studies:
  covid-width:
    vary: {{model.hidden: [[64, 16], [32, 16, 8]]}}
    claims: [{{id: C1, margin: {margin}}}]
"""
LOCK = "numpy=={numpy}\nscipy==1.16.0 ; python_version > '3'\n"


class MadeProject:
    """A folder under git and DVC, and ways to change and to record what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("src/labbook/report", "src/labbook/engines/compiled", "tables"):
            (folder / name).mkdir(parents=True)
        for name in ("dvc.yaml", ".gitignore", ".dvcignore"):
            (folder / name).write_text((ROOT / name).read_text())
        self.write("tables/own.csv", "a\n1\n")
        self.write("src/labbook/report/page/page.py", "1\n")
        self.write("src/labbook/engines/compiled/engine.py", "1\n")
        self.write("requirements.lock", LOCK.format(numpy="2.3.0"))
        self.write("requirements-torch.lock", "torch==2.13.0\n")
        self.params()
        for name in ("data/prepared/covid.key", "data/selected/covid.key"):
            self.write(name, "0\n")
        self.edition("stand-in", "a" * 64)
        self.git("init", "-q", "-b", "main")
        self.dvc("init", "-q")

    def write(self, path: str, text: str) -> None:
        """Write a file, whatever was there: DVC may have put a link."""
        to = self.folder / path
        to.parent.mkdir(parents=True, exist_ok=True)
        to.unlink(missing_ok=True)
        to.write_text(text)

    def git(self, *arguments: str, **environment: str) -> str:
        return self._run("git", *arguments, **environment)

    def dvc(self, *arguments: str) -> None:
        """In this process, as to import DVC takes longer than what it does."""
        quiet = patch.dict(os.environ, {"DVC_NO_ANALYTICS": "1"})
        with contextlib.chdir(self.folder), quiet:
            assert dvc.cli.main(list(arguments)) == 0

    def labbook(self, *arguments: str, ok: bool = True) -> str:
        """The output of a command, both streams."""
        return self._run(sys.executable, "-m", "labbook", *arguments, ok=ok)

    def _run(self, *command: str, ok: bool = True, **environment: str) -> str:
        environment = clean_environment(PYTHONPATH=str(ROOT / "src"), **environment)
        done = subprocess.run(
            command, cwd=self.folder, env=environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert (done.returncode == 0) == ok, f"{command}: {done.stdout}"
        return done.stdout

    def params(self, seeds: int = 8, margin: float = 1.05) -> None:
        self.write("params.yaml", PARAMS.format(seeds=seeds, margin=margin))

    def edition(self, edition: str, total: str) -> None:
        files = {"covid.csv": {"bytes": 10, "sha256": total}}
        about = {"edition": edition, "files": files, "note": ""}
        self.write("data/raw/covid/edition.json", json.dumps(about))

    def results(self, runs: tuple[str, ...], *, champion: str = "one", **changes: Any) -> None:
        """The results of one study with these runs, the first of them its champion."""
        for path in (self.folder / "results").rglob("*"):
            if path.is_file():
                path.unlink()
        study = made_results.write(made_results.covid(**changes), self.folder / "results")
        write_claims([study], self.folder / "results/claims.csv")
        for run in runs:
            self.write(f"results/runs/{run}.safetensors", f"run {run}")
        self.champion(study, runs[0], champion)
        self.write("results/metrics.json", "{}")
        self.write("results/plots.csv", "combination,value\n")

    def champion(self, study: Path, run: str, model: str) -> None:
        chosen = json.loads((study / "study.json").read_text())["chosen"]
        about = {
            "study": study.name, "combination": chosen["label"], "seed": 3, "run": run,
            "metric": "valid_mse", "validation": chosen["validation"], "test": chosen["test"],
            "sums": {"model.safetensors": hashlib.sha256(model.encode()).hexdigest()},
        }  # fmt: skip
        folder = f"results/{study.name}/champion"
        self.write(f"{folder}/champion.json", json.dumps(about))
        self.write(f"{folder}/model.safetensors", model)

    def commit(self, subject: str, day: str = "01") -> str:
        """Record data and results as DVC does, and commit; the commit's hash."""
        self.dvc("commit", "-q", "-f")
        self.git("add", "-A")
        date = f"2026-01-{day}T12:00:00+0000"
        self.git("commit", "-q", "-m", subject, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
        return self.git("rev-parse", "HEAD").strip()

    def cached(self, commit: str, path: str = "results") -> Path:
        """Where DVC's cache holds an output of a commit: for a folder, its listing."""
        return self._cached(self.git("show", f"{commit}:dvc.lock"), path)

    def cached_now(self, path: str = "results") -> Path:
        """The same of an output of the folder's dvc.lock."""
        return self._cached((self.folder / "dvc.lock").read_text(), path)

    def _cached(self, lock: str, path: str) -> Path:
        total = lock.partition(f"path: {path}\n")[2].partition("md5: ")[2].split()[0]
        return self.folder / ".dvc/cache/files/md5" / total[:2] / total[2:]


@pytest.fixture
def here(
    made: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> SimpleNamespace:
    """A copy of the project that a module has `made`, in the current folder.

    `run` runs a command in this process and returns its output, or its message where it fails.
    """
    project = copy.copy(made.project)
    project.folder = shutil.copytree(made.project.folder, tmp_path / "project", symlinks=True)
    monkeypatch.chdir(project.folder)
    _parsed.cache_clear()  # what a new process knows

    def run(*arguments: str, ok: bool = True) -> str:
        capsys.readouterr()
        assert main(list(arguments)) == (0 if ok else 1)
        output = capsys.readouterr()
        return output.out if ok else output.err

    return SimpleNamespace(**{**vars(made), "project": project, "run": run})
