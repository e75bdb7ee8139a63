"""`python -m bench.size [--quick] [--combinations 500] [--seeds 20] [--rounds 3] [--folder F]`.

Measures, prints a table (that of docs/bench.md) and writes results/bench_size.json.
"""

import argparse
import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.size.project import Cost, Project, make_project
from labbook.files import write_json

QUICK = (4, 3)  # combinations and seeds
FULL = (500, 20)
NO_OP, ONE_MORE = "nothing to do", "one combination more"
GOALS = {
    f"snakemake, {NO_OP}": {"seconds": 3, "megabytes": 300},
    f"dvc repro, {NO_OP}": {"seconds": 6},
    "dvc status": {"seconds": 3},
    f"{ONE_MORE}, snakemake": {"seconds": 15},
    f"{ONE_MORE}, dvc repro": {"seconds": 15},
}
JOBS = ("evaluate/search", "figures/search", "report")
HEAD = "| at size | seconds | low - high | CPU seconds | MB | goal |"


def measure(project: Project, combinations: int, seeds: int, rounds: int) -> dict[str, Any]:
    """The costs of labbook itself at size: stub training, everything else real.

    In this order: each step builds on the ones before.
    """
    entries: list[dict[str, Any]] = []

    def note(what: str, *costs: Cost) -> None:
        entries.append(entry(what, costs))
        print(f"{entries[-1]['seconds']:10.2f} s  {what}", flush=True)

    note("first whole run, with stub training", project.snakemake())
    for name, cost in project.job_costs(JOBS).items():
        note(f"its job {name}", cost)
    note("dvc repro after it: all files are new to DVC", project.cost("dvc", "repro"))
    project.commit("results")
    note("dvc push of everything", project.cost("dvc", "push", "-q"))
    clone = project.clone(project.folder.with_name("clone"))
    note("dvc pull of everything", clone.cost("dvc", "pull", "-q"))
    note(f"snakemake, {NO_OP}", *(project.snakemake() for _ in range(rounds)))
    for what, command in {
        f"dvc repro, {NO_OP}": ("dvc", "repro"),
        "dvc status": ("dvc", "status", "-q"),
        "labbook plan": ("labbook", "plan"),
        "labbook check": ("labbook", "check"),
    }.items():
        note(what, *(project.cost(*command) for _ in range(rounds)))
    sizes = project.sizes()
    for what, costs in _one_more(project, clone, combinations, seeds, rounds).items():
        note(what, *costs)
    return {
        "training": "stub", "combinations": combinations, "seeds": seeds,
        "runs": combinations * seeds, "cores": project.cores, "sizes": sizes, "entries": entries,
    }  # fmt: skip


def _one_more(
    project: Project, clone: Project, combinations: int, seeds: int, rounds: int
) -> dict[str, list[Cost]]:
    """A combination more through either engine in turn; what is sent and fetched of it."""
    costs: dict[str, list[Cost]] = {}
    for number in range(1, 2 * rounds + 1):
        project.ask(combinations + number, seeds)
        after = f"{ONE_MORE}, dvc repro"
        if number % 2:
            costs.setdefault(f"{ONE_MORE}, snakemake", []).append(project.snakemake())
            after = "dvc repro after it"
        costs.setdefault(after, []).append(project.cost("dvc", "repro"))
        project.commit(f"{number} more")
        costs.setdefault("dvc push of it", []).append(project.cost("dvc", "push", "-q"))
        clone.cost("git", "pull", "-q")
        costs.setdefault("dvc pull of it", []).append(clone.cost("dvc", "pull", "-q"))
    return costs


def entry(what: str, costs: Sequence[Cost]) -> dict[str, Any]:
    """Medians of several costs, with the goals and whether they are met."""
    seconds = [cost.seconds for cost in costs]
    medians = {
        "what": what,
        "rounds": len(costs),
        "seconds": round(statistics.median(seconds), 2),
        "seconds_low": round(min(seconds), 2),
        "seconds_high": round(max(seconds), 2),
        "cpu_seconds": round(statistics.median(cost.cpu_seconds for cost in costs), 2),
        "megabytes": round(statistics.median(cost.megabytes for cost in costs)),
    }
    if what not in GOALS:
        return medians
    met = all(medians[name] <= most for name, most in GOALS[what].items())
    return medians | {"goals": GOALS[what], "met": met}


def table(results: dict[str, Any]) -> str:
    """A line per entry, and what lies on the disk."""
    lines = [HEAD, "|---|---|---|---|---|---|"]
    units = {"seconds": "s", "megabytes": "MB"}
    for row in results["entries"]:
        spread = f"{row['seconds_low']:.1f} - {row['seconds_high']:.1f}"
        cells = [row["what"], f"{row['seconds']:.1f}", spread if row["rounds"] > 1 else "-"]
        asked = (f"{most:g} {units[name]}" for name, most in row.get("goals", {}).items())
        verdict = "met" if row.get("met") else "missed"
        goal = f"{' and '.join(asked)}: {verdict}" if "goals" in row else "-"
        cells += [f"{row['cpu_seconds']:.1f}", str(row["megabytes"]), goal]
        lines.append(f"| {' | '.join(cells)} |")
    sizes = results["sizes"]
    first = results["entries"][0]["cpu_seconds"] / results["runs"]
    return "\n".join(lines) + (
        f"\n\n{results['runs']:,} runs (stub training): {sizes['runs_bytes'] / 1e6:,.0f} MB in "
        f"{sizes['runs_files']:,} run files; results {sizes['results_bytes'] / 1e6:,.0f} MB in "
        f"{sizes['results_files']:,} files; DVC's cache {sizes['cache_bytes'] / 1e6:,.0f} MB in "
        f"{sizes['cache_files']:,}; report {sizes['report_bytes'] / 1e6:.2f} MB. The first whole "
        f"run took {first * 1000:.0f} ms of CPU per run."
    )


def main() -> None:
    """Measure, print a table, write results/bench_size.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.size", description=measure.__doc__)
    parser.add_argument("--quick", action="store_true", help="a dozen runs, one round")
    parser.add_argument("--combinations", type=int)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--folder", type=Path, help="keep the project here; default: removed")
    parser.add_argument("--out", type=Path, default=Path("results/bench_size.json"))
    options = parser.parse_args()
    combinations, seeds = QUICK if options.quick else FULL
    combinations, seeds = options.combinations or combinations, options.seeds or seeds
    rounds = options.rounds or (1 if options.quick else 3)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve() / "project"
        cores = len(os.sched_getaffinity(0))
        print(f"{combinations} combinations of {seeds} seeds, stub training, {cores} cores")
        project = make_project(folder, combinations, seeds, cores)
        results = measure(project, combinations, seeds, rounds)
    print(f"\n{table(results)}\n\n{options.out}")
    write_json(options.out, results)


if __name__ == "__main__":
    main()
