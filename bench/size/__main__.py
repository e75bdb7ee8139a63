"""`python -m bench.size [--quick] [--combinations 500] [--seeds 20] [--rounds 3] [--folder F]`."""

import argparse
import os
import tempfile
from pathlib import Path

from bench.size.measure import measure
from bench.size.project import make_project
from bench.size.table import table, write

QUICK = (4, 3)
FULL = (500, 20)


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
        found = measure(project, combinations, seeds, rounds)
    print(f"\n{table(found)}\n\n{options.out}")
    write(options.out, found)


if __name__ == "__main__":
    main()
