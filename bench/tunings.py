"""`python -m bench.tunings [--data boston,covid] [--seeds 8] [--cores 2] [--folder F]`.

The six steps on four real data sets: each from its recipe in params.yaml, which people made, and
from three bad starts, compared with that recipe on the same seeds. Prints the table of
docs/tuning.md and writes results/bench_tunings.json.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.size.project import ROOT, copy_sources, cost_of
from labbook.files import read_json, write_json
from labbook.tuning.against import effect_text
from labbook.tuning.runs import number_of
from labbook.wording import digits

# In this order; cheap trainings have more seeds.
SEEDS = {"boston": 64, "covid": 32, "function": 32, "digits": 24}
DEEP = "model.hidden: [64, 64, 64, 64, 64, 64, 64, 64], model.activation: sigmoid"
STARTS = {  # and what of the recipe is changed
    "recipe": "",
    "sgd": ", set: {optimizer: {kind: sgd, rate: 1.0e-7}}",
    "rate": ", set: {optimizer.rate: 10.0}",
    "sigmoid": f", set: {{{DEEP}}}",
}
STUDY = """
studies:
  none: {question: "-", recipe: polynomial, vary: {optimizer.rate: [0.01]}}
tune:
"""
HEADS = [
    "data", "start", "chosen", "chosen: test", "recipe: test", "effect", "verdict",
    "new runs", "seconds", "CPU seconds",
]  # fmt: skip


def make_folder(folder: Path, seeds: Mapping[str, int]) -> None:
    """A project that asks for each data set's tunings, its last step over so many seeds."""
    copy_sources(folder)
    recipes = (ROOT / "params.yaml").read_text().partition("\nstudies:")[0]
    blocks = (
        f"  {data}-{start}: {{recipe: {data}, seeds: {number}{changed}}}\n"
        for data, number in seeds.items()
        for start, changed in STARTS.items()
    )
    (folder / "params.yaml").write_text(f"{recipes}\n{STUDY}{''.join(blocks)}")


def measure(folder: Path, seeds: Mapping[str, int], cores: int) -> Iterator[dict[str, Any]]:
    """Go each way in turn: what it ended with, and cost beside the runs of the ways before it.

    Raises `RuntimeError` where Snakemake fails.
    """
    make_folder(folder, seeds)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment = {**kept, "PYTHONPATH": str(folder / "src")}
    for data in seeds:
        for start in STARTS:
            tuning = f"results/tune/{data}-{start}"
            runs = _runs(folder)
            command = ("snakemake", "--cores", str(cores), f"{tuning}/report.html")
            cost = cost_of(command, folder, environment)
            yield {
                "data": data,
                "start": start,
                "outcome": _outcome(folder / tuning),
                "runs": _runs(folder) - runs,
                **vars(cost),
            }


def _runs(folder: Path) -> int:
    return sum(1 for path in (folder / "results/runs").rglob("*") if path.is_file())


def _outcome(tuning: Path) -> dict[str, Any]:
    """What the last step decided; the explanation where a gate ended the way."""
    last = read_json(tuning / "6b-curves.json")
    if last["stopped"]:
        return {"stopped": last["stopped"]}
    decided: dict[str, Any] = last["decided"]
    chosen = read_json(tuning / "6a-finalists.json")["decided"]
    return decided | {name: chosen[name] for name in ("variant", "rate", "weight_decay")}


def row(found: Mapping[str, Any]) -> str:
    """A line of the table."""
    told = found["outcome"]
    cells = [found["data"], found["start"]]
    if "stopped" in told:
        cells += [told["stopped"], *["-"] * 4]
    else:
        cells += [f"{told['variant']}, {told['rate']:g}, weight decay {told['weight_decay']:g}"]
        for side in ("chosen", "than"):
            cells += [
                digits(*(number_of(told[side][key]) for key in ("mean", "low", "high"))).whole
            ]
        cells += [effect_text(told), f"{told['verdict']}, n {told['n']}"]
    cells += [str(found["runs"]), f"{found['seconds']:.0f}", f"{found['cpu_seconds']:.0f}"]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure, print the table, write the file."""
    parser = argparse.ArgumentParser(prog="python -m bench.tunings", description=measure.__doc__)
    parser.add_argument("--data", default=",".join(SEEDS), help="some of %(default)s")
    parser.add_argument("--seeds", type=int, help="of the last step; default: by data set")
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--folder", type=Path, help="keep the project here; default: removed")
    parser.add_argument("--out", type=Path, default=Path("results/bench_tunings.json"))
    options = parser.parse_args()
    seeds = {name: options.seeds or SEEDS[name] for name in options.data.split(",")}
    print(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}", flush=True)
    found = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve() / "project"
        for one in measure(folder, seeds, options.cores):
            found.append(one)
            print(row(one), flush=True)
            write_json(options.out, found)
    print(f"\n{options.out}")


if __name__ == "__main__":
    main()
