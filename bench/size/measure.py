"""What is measured of a project at size, in this order: each step builds on the ones before."""

from collections.abc import Callable
from typing import Any

from bench.size.process import Cost, entry
from bench.size.project import Project

NOTHING: dict[
    str, dict[str, float] | None
] = {  # what takes long although there is nothing to do -> goals
    "snakemake, nothing to do": {"seconds": 3, "megabytes": 300},
    "dvc repro, nothing to do": {"seconds": 6},
    "dvc status": {"seconds": 3},
    "labbook plan": None,
    "labbook check": None,
}
MORE = {"seconds": 15}  # one combination more
JOBS = ("evaluate/search", "figures/search", "report")


def measure(project: Project, combinations: int, seeds: int, rounds: int) -> dict[str, Any]:
    """The costs of labbook itself at size: stub training, everything else real."""
    entries: list[dict[str, Any]] = []

    def note(what: str, costs: list[Cost], goals: dict[str, float] | None = None) -> None:
        entries.append(entry(what, costs, goals))
        print(f"{entries[-1]['seconds']:10.2f} s  {what}", flush=True)

    note("first whole run, with stub training", [project.snakemake()])
    for name, cost in project.job_costs(JOBS).items():
        note(f"its job {name}", [cost])
    note("dvc repro after it: all files are new to DVC", [project.cost("dvc", "repro")])
    project.commit("results")
    note("dvc push of everything", [project.cost("dvc", "push", "-q")])
    clone = project.clone(project.folder.with_name("clone"))
    note("dvc pull of everything", [clone.cost("dvc", "pull", "-q")])
    idle: dict[str, Callable[[], Cost]] = {
        "snakemake, nothing to do": project.snakemake,
        "dvc repro, nothing to do": lambda: project.cost("dvc", "repro"),
        "dvc status": lambda: project.cost("dvc", "status", "-q"),
        "labbook plan": lambda: project.cost("labbook", "plan"),
        "labbook check": lambda: project.cost("labbook", "check"),
    }
    for what, run in idle.items():
        note(what, [run() for _ in range(rounds)], NOTHING[what])
    found = {
        "training": "stub",
        "combinations": combinations,
        "seeds": seeds,
        "runs": combinations * seeds,
        "cores": project.cores,
        "sizes": project.sizes(),
    }
    _one_more(project, clone, combinations, seeds, rounds, note)
    return found | {"entries": entries}


def _one_more(
    project: Project,
    clone: Project,
    combinations: int,
    seeds: int,
    rounds: int,
    note: Callable[..., None],
) -> None:
    """A combination more through either engine in turn; what is sent and fetched of it."""
    costs: dict[str, list[Cost]] = {}
    for number in range(1, 2 * rounds + 1):
        project.ask(combinations + number, seeds)
        if number % 2:
            costs.setdefault("one combination more, snakemake", []).append(project.snakemake())
            after = "dvc repro after it"
        else:
            after = "one combination more, dvc repro"
        costs.setdefault(after, []).append(project.cost("dvc", "repro"))
        project.commit(f"{number} more")
        costs.setdefault("dvc push of it", []).append(project.cost("dvc", "push", "-q"))
        clone.cost("git", "pull", "-q")
        costs.setdefault("dvc pull of it", []).append(clone.cost("dvc", "pull", "-q"))
    for what, several in costs.items():
        note(what, several, MORE if what.startswith("one combination more") else None)
