"""A small project under git and DVC for tests of interruptions: one study without a download.

Its runs take about a second each, so that a signal finds training at work; all of it is nine jobs.
"""

import re
from pathlib import Path

from safetensors import safe_open

from tests.conftest import copy_project
from tests.workflow.project import Project

PARAMS = """\
seeds: 2
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
LONG, SHORT = 20000, 20  # epochs: about a second, and next to nothing


def small(folder: Path, epochs: int = LONG, **environment: str) -> Project:
    """The project with nothing done."""
    copy_project(folder)
    (folder / "params.yaml").write_text(PARAMS.replace("EPOCHS", str(epochs)))
    return Project(folder, **environment)


def whole_runs(project: Project) -> set[str]:
    """Ids of the runs that have a file that can be read whole, here or in the attic."""
    found = set()
    for top in ("results/runs", ".labbook/attic/results/runs"):
        for path in (project.folder / top).glob("*.safetensors"):
            with safe_open(path, "numpy") as file:
                assert file.keys(), path
            found.add(path.stem)
    return found


def half_written(project: Project) -> list[str]:
    """Files that nobody will ever finish, wherever they are in the project but in git's folder."""
    waste = re.compile(r"\.tmp$|\.part$|^\.labbook/checkpoints/|^\.snakemake/(incomplete|locks)/.")
    names = (str(p.relative_to(project.folder)) for p in project.folder.rglob("*") if p.is_file())
    return [name for name in names if waste.search(name) and not name.startswith(".git/")]
