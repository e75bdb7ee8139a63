"""Small projects of one study, and what is said of interrupted ones."""

import hashlib
import re
from pathlib import Path

from safetensors import safe_open

from labbook.data.fetching.stand_ins import STAND_INS
from tests.conftest import copy_project
from tests.workflow.project import Project

# Its runs take about half a second each if LONG, so that a signal finds training at work; nine jobs.
PARAMS = """\
seeds: 2
controls: false
datasets:
  curve: {kind: function, expression: "x ** 2", low: -1, high: 1, points: 60, noise: 0.1, split: {valid: 0.2, test: 0.2}}
recipes:
  curve:
    dataset: curve
    model: {kind: mlp, hidden: [8], activation: tanh}
    optimizer: {kind: adam, rate: 0.01}
    training: {batch: 16, epochs: EPOCHS}
studies:
  rates:
    question: Which rate is best?
    recipe: curve
    vary: {optimizer.rate: [0.001, 0.01]}
packs: {size: 1}
report: {title: "Rates"}
"""
# A data set whose files only a mirror has, if any: otherwise a stand-in is used.
COVID = """\
  covid:
    kind: table
    files:
      covid_train.csv: {sha256: SUM-train, bytes: SIZE-train, origins: ["http://127.0.0.1:9/covid_train.csv"]}
      covid_test.csv: {sha256: SUM-test, bytes: SIZE-test, origins: ["http://127.0.0.1:9/covid_test.csv"]}
    unlabelled: covid_test.csv
    stand_in: covid
    repeated_columns: number
    drop: [id]
    target: tested_positive.2
    split: {train: 60, valid: 20, test: 20}
"""
LONG, SHORT = 10000, 20  # epochs: about half a second, and next to nothing


def small(folder: Path, epochs: int = LONG, **environment: str) -> Project:
    """The project with nothing done."""
    copy_project(folder)
    (folder / "params.yaml").write_text(PARAMS.replace("EPOCHS", str(epochs)))
    return Project(folder, **environment)


def mirrored(mirror: Path) -> str:
    """Fill a mirror with files that are called real; the data set in params.yaml that pins them."""
    text = COVID
    (mirror / "covid").mkdir(parents=True)
    for name, content in STAND_INS["covid"].make(None).items():
        header, *rows = content.splitlines(keepends=True)
        real = b"".join([header, *reversed(rows[:200])])
        (mirror / "covid" / name).write_bytes(real)
        part = name.removeprefix("covid_").removesuffix(".csv")
        text = text.replace(f"SUM-{part}", hashlib.sha256(real).hexdigest())
        text = text.replace(f"SIZE-{part}", str(len(real)))
    return text


def whole_runs(project: Project) -> set[str]:
    """Ids of the runs that have a file that can be read whole, here or in the attic."""
    found = set()
    for top in ("results/runs", ".labbook/attic/results/runs"):
        for path in (project.folder / top).glob("*.safetensors"):
            with safe_open(path, "numpy") as file:
                assert file.keys(), path
            found.add(path.stem)
    return found


def tear_dvc_lock(project: Project) -> Path:
    """Leave DVC's own lock file as a kill does in the middle of writing; where it is."""
    rwlock = project.folder / ".dvc/tmp/rwlock"
    rwlock.parent.mkdir(exist_ok=True)
    rwlock.write_text('{"write": {')
    return rwlock


def half_written(project: Project) -> list[str]:
    """Files that nobody will ever finish, wherever they are in the project but in git's folder."""
    waste = re.compile(r"\.tmp$|\.part$|^\.labbook/checkpoints/|^\.snakemake/(incomplete|locks)/.")
    names = (str(p.relative_to(project.folder)) for p in project.folder.rglob("*") if p.is_file())
    return [name for name in names if waste.search(name) and not name.startswith(".git/")]
