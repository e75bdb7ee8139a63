"""A project of many runs in a folder of its own, under git and DVC, its training a stub."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.size.process import Cost, cost_of

ROOT = Path(__file__).parents[2]
STUB = Path(__file__).parent / "stub"
LOCKS = ("requirements.lock", "requirements-torch.lock")
COPIED = ("Snakefile", "dvc.yaml", ".dvcignore", ".gitignore", *LOCKS)
FOLDERS = ("src", "workflow", "profiles", "tables")
# A random search, so that one combination more leaves the others as they are.
PARAMS = """\
seeds: {seeds}
datasets:
  boston: {{kind: table, package: boston, target: MEDV, split: {{valid: 84, test: 84}}}}
recipes:
  boston:
    dataset: boston
    model: {{kind: mlp, hidden: [64, 64], activation: relu}}
    optimizer: {{kind: sgd, rate: 0.01}}
    training: {{batch: 32, epochs: 200}}
studies:
  search:
    question: Which setting suits Boston housing?
    recipe: boston
    vary:
      sample: {combinations}
      method: random
      of:
        optimizer.rate: {{low: 0.0001, high: 0.1, log: true}}
        optimizer.weight_decay: {{low: 0.000001, high: 0.01, log: true}}
        model.hidden: [[16], [32, 16], [64, 16], [64, 64]]
        training.batch: [16, 32, 64]
report: {{title: "At size"}}
"""


@dataclass(frozen=True)
class Project:
    """A labbook project, and how its programs are run: one thread each, no settings of ours."""

    folder: Path
    cores: int

    @property
    def environment(self) -> dict[str, str]:
        """The project's own code first, then the stub; names for git's commits."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LABBOOK_", "PYTHON"))}
        roles = ("GIT_AUTHOR", "GIT_COMMITTER")
        names = {f"{role}_NAME": "bench" for role in roles}
        names |= {f"{role}_EMAIL": "bench@example.org" for role in roles}
        names["PATH"] = f"{Path(sys.executable).parent}:{kept.get('PATH', os.defpath)}"
        path = f"{self.folder / 'src'}:{STUB}"
        return {**kept, **names, "PYTHONPATH": path, "DVC_NO_ANALYTICS": "1"}

    def cost(self, *command: str) -> Cost:
        """Run a program in the folder; what it cost."""
        return cost_of(command, self.folder, self.environment)

    def snakemake(self) -> Cost:
        """Make the report, or find that there is nothing to do."""
        return self.cost("snakemake", "--cores", str(self.cores), "results/report.html")

    def commit(self, words: str) -> None:
        """Commit all that git sees."""
        self.cost("git", "add", "-A")
        self.cost("git", "commit", "-qm", words)

    def ask(self, combinations: int, seeds: int) -> None:
        """Write params.yaml anew."""
        text = PARAMS.format(combinations=combinations, seeds=seeds)
        (self.folder / "params.yaml").write_text(text)

    def clone(self, folder: Path) -> "Project":
        """A clone with what was pushed."""
        subprocess.run(["git", "clone", "-q", self.folder, folder], check=True)
        return Project(folder, self.cores)

    def sizes(self) -> dict[str, int]:
        """Bytes and files of the results and of DVC's cache."""
        found = {}
        for name, top in {
            "runs": "results/runs",
            "results": "results",
            "cache": ".dvc/cache",
        }.items():
            files = [path for path in (self.folder / top).rglob("*") if path.is_file()]
            found |= {f"{name}_files": len(files)}
            found |= {f"{name}_bytes": sum(path.stat().st_size for path in files)}
        return found | {"report_bytes": (self.folder / "results/report.html").stat().st_size}

    def job_costs(self, names: Sequence[str]) -> dict[str, Cost]:
        """What Snakemake's own benchmark files say of the last jobs of these nodes."""
        found = {}
        for name in names:
            head, row = (self.folder / f"results/log/{name}.tsv").read_text().splitlines()[:2]
            cells = dict(zip(head.split("\t"), row.split("\t"), strict=True))
            numbers = [_number(cells[column]) for column in ("s", "cpu_time", "max_rss")]
            found[name] = Cost(numbers[0], numbers[1], numbers[2] * 2**20 / 1e6)
        return found


def _number(text: str) -> float:
    """A cell of a benchmark file; a job too short to be watched has none in some columns."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def make_project(folder: Path, combinations: int, seeds: int, cores: int) -> Project:
    """A project with nothing done yet, under git and DVC with a folder beside it as its remote."""
    folder.mkdir(parents=True)
    hidden = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in COPIED:
        shutil.copy(ROOT / name, folder)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=hidden)
    project = Project(folder, cores)
    project.ask(combinations, seeds)
    for command in (
        ("git", "init", "-q", "-b", "main"),
        ("dvc", "init", "-q"),
        ("dvc", "config", "core.autostage", "true"),
        ("dvc", "remote", "add", "-q", "-d", "store", str(folder.with_name("store"))),
    ):
        project.cost(*command)
    project.commit("sources")
    return project
