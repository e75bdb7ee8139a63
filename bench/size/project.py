"""A project of many runs in a folder of its own, under git and DVC, its training a stub."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
STUB = Path(__file__).parent / "stub"
LOCKS = ("requirements.lock", "requirements-torch.lock")
COPIED = ("Snakefile", "dvc.yaml", ".dvcignore", ".gitignore", *LOCKS)
FOLDERS = ("src", "profiles", "tables")
# A random search, so that one combination more leaves the others as they are.
PARAMS = """\
seeds: {seeds}
controls: false
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
class Cost:
    """What a program took, all its processes together: on the clock, of the CPUs.

    `megabytes` is the peak of the largest of its processes (10^6 bytes).
    """

    seconds: float
    cpu_seconds: float
    megabytes: float


def cost_of(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a program to its end. Raises `RuntimeError` with its last words if it fails."""
    log = folder / ".labbook/bench.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as words:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=words, stderr=subprocess.STDOUT,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = log.read_text(errors="replace")[-3000:]
        raise RuntimeError(f"{' '.join(command)} gave {process.returncode}:\n{last}")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


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
        sizes = {"report_bytes": (self.folder / "results/report.html").stat().st_size}
        folders = {"runs": "results/runs", "results": "results", "cache": ".dvc/cache"}
        for name, top in folders.items():
            files = [path for path in (self.folder / top).rglob("*") if path.is_file()]
            sizes[f"{name}_files"] = len(files)
            sizes[f"{name}_bytes"] = sum(path.stat().st_size for path in files)
        return sizes

    def job_costs(self, names: Sequence[str]) -> dict[str, Cost]:
        """What Snakemake's own benchmark files say of the last jobs of these nodes."""
        costs = {}
        for name in names:
            head, row = (self.folder / f"results/log/{name}.tsv").read_text().splitlines()[:2]
            cells = dict(zip(head.split("\t"), row.split("\t"), strict=True))
            # A job too short to be watched has no number in some columns.
            texts = [cells[column] for column in ("s", "cpu_time", "max_rss")]
            seconds, cpu, mib = (0.0 if text in ("NA", "-") else float(text) for text in texts)
            costs[name] = Cost(seconds, cpu, mib * 2**20 / 1e6)
        return costs


def copy_sources(folder: Path) -> None:
    """Make the folder, with all of labbook that a project needs but params.yaml."""
    folder.mkdir(parents=True)
    hidden = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in COPIED:
        shutil.copy(ROOT / name, folder)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=hidden)


def make_project(folder: Path, combinations: int, seeds: int, cores: int) -> Project:
    """A project with nothing done yet, under git and DVC with a folder beside it as its remote."""
    copy_sources(folder)
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
