"""A small project whose later jobs follow from what earlier ones found: rounds and tunings."""

import signal
from collections import Counter
from pathlib import Path

from tests.conftest import copy_project
from tests.workflow.project import Project, Started

DATA = """\
rivals: false
controls: false
datasets:
  curve: {kind: function, expression: "x ** 2 - 1", low: -1, high: 1, points: 60, noise: 0.1, split: {valid: 0.2, test: 0.2}}
recipes:
  curve:
    dataset: curve
    model: {kind: mlp, hidden: [8], activation: tanh}
    optimizer: {kind: adam, rate: 0.01}
    training: {batch: all, epochs: 20}
  straight: # no line learns points of a parabola by heart
    dataset: curve
    model: {kind: polynomial, degree: 1}
    optimizer: {kind: adam, rate: 0.01}
    training: {batch: all, epochs: 20}
"""


def project_of(folder: Path, text: str, **environment: str) -> Project:
    """A project with this params.yaml and nothing done."""
    copy_project(folder)
    (folder / "params.yaml").write_text(text)
    return Project(folder, **environment)


def made_with_other_hashes(folder: Path, text: str) -> Project:
    """Such a project, finished: in one process, where sets have another order than elsewhere."""
    project = project_of(folder, text, PYTHONHASHSEED="7")
    project.make()
    return project


def killed_then_ended(project: Project, after: int, *targets: str) -> None:
    """Work on it with four workers, kill all of it once so many runs are there, take it up again."""
    started = Started(project, "snakemake", "--cores", "4", *targets)
    assert started.wait_for(lambda: len(project.trained()) >= after), started.output
    started.end(signal.SIGKILL)
    project.run("snakemake", "--cores", "2", *targets)


def trained_twice(project: Project) -> list[str]:
    """Ids of runs that were trained more than once, by the log."""
    return [run for run, times in Counter(project.trained()).items() if times > 1]
