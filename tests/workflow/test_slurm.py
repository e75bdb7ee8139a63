"""The Slurm profile drives a small study through a real Slurm, to the same bytes as without."""

import re
import signal
from collections.abc import Callable

import pytest

from tests.workflow.project import Project, Started
from tests.workflow.slurm import private_slurm, why_not

SKIPPED = why_not()
PROFILE = (
    "--profile", "profiles/slurm", "--slurm-init-seconds-before-status-checks", "5",
    "--slurm-keep-successful-logs",
)  # fmt: skip
FROM_STUDIES_ON = re.compile(r"^studies:.*\Z", re.MULTILINE | re.DOTALL)
ONE_STUDY = """\
studies:
  boston-rate:
    question: Which rate is too large?
    recipe: boston
    # Long enough that Ctrl-C comes while a job trains.
    set: {model: {kind: linear}, training.clip: null, training.epochs: 150000}
    vary: {optimizer.rate: [0.05, 0.01]}
    seeds: 2

packs: {size: 2}
report: {title: One study on a cluster}
"""


# One test, in steps: with many, each process of the tests would start a cluster of its own.
@pytest.mark.slurm
@pytest.mark.skipif(SKIPPED is not None, reason=str(SKIPPED))
def test_an_interrupted_study_on_slurm_ends_as_on_this_machine(new: Callable[..., Project]) -> None:
    here = _with_one_study(new(name="here"))
    here.snakemake()

    with private_slurm() as clients:
        there = _with_one_study(new(name="there", **clients))
        _interrupt_while_training(there)
        assert not _jobs(there, "PENDING,RUNNING"), "interrupted, and jobs are left on the cluster"
        there.run("snakemake", *PROFILE)
        completed = _jobs(there, "COMPLETED")
        again = there.run("snakemake", *PROFILE).stdout

    packs = sorted(path.stem for path in (there.folder / "results/packs").glob("*.json"))
    assert len(packs) == 2
    assert completed == [f"rule_train_wildcards_{pack}" for pack in packs], (
        "only packs, all of them"
    )
    logs = there.folder / ".snakemake/slurm_logs/rule_train"
    assert sorted(path.name for path in logs.iterdir()) == packs
    assert there.results() == here.results()
    assert "Nothing to be done" in again


def _with_one_study(project: Project) -> Project:
    path = project.folder / "params.yaml"
    path.write_text(FROM_STUDIES_ON.sub(ONE_STUDY, path.read_text()))
    return project


def _jobs(project: Project, states: str) -> list[str]:
    """What Snakemake says of its jobs in some states, as Slurm remembers it."""
    squeue = project.run("squeue", f"--states={states}", "--noheader", "--format=%k")
    return sorted(squeue.stdout.split())


def _interrupt_while_training(project: Project) -> None:
    """Start Snakemake, wait until Slurm runs a job, and press Ctrl-C."""
    started = Started(project, "snakemake", *PROFILE)
    assert started.wait_for(lambda: _jobs(project, "RUNNING")), started.output
    started.process.send_signal(signal.SIGINT)
    assert started.end() != 0
