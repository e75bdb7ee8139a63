"""`python -m bench [--quick] [--workloads W1a,W3] [--engines compiled,lean] [--rounds 5]`."""

import argparse
import os
from pathlib import Path

from bench.figure import draw_ratios, draw_roofline
from bench.goals import judge, markdown
from bench.peak import gflops
from bench.printing import measure_printing
from bench.processor import described
from bench.results import entries, table, write_results
from bench.rivals import RIVALS, entered
from bench.rounds import Timing, measure, starts
from bench.workloads import QUICK, WORKLOADS

FOLDER = Path("results")


def main() -> None:
    """Measure, print a table, write results/bench.json and the pictures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmark of engines.")
    parser.add_argument("--quick", action="store_true", help="the small workloads, one thread")
    parser.add_argument("--workloads", help="some of " + ",".join(WORKLOADS))
    parser.add_argument("--engines", help="some of " + ",".join(RIVALS))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    workloads = options.workloads or ",".join(QUICK if options.quick else WORKLOADS)
    engines = options.engines.split(",") if options.engines else list(RIVALS)
    cores = len(os.sched_getaffinity(0))
    peak = gflops()
    print(f"processor: {described()}")
    print(f"peak of one core: {peak:.0f} GFLOP/s; {options.rounds} rounds, interleaved", flush=True)
    timings: list[Timing] = []
    for workload in workloads.split(","):
        for threads in (1,) if options.quick or cores == 1 else (1, cores):
            new = measure(entered(engines, workload, threads), workload, threads, options.rounds)
            print(table(entries(new, peak)), "\n", flush=True)
            timings += new
    found = entries(timings, peak)
    FOLDER.mkdir(exist_ok=True)
    draw_ratios(found, FOLDER / "bench.svg")
    draw_roofline(found, peak, FOLDER / "bench_roofline.svg")
    printing = ("W2_200", 500) if options.quick else ("W1a", 1000)
    extras = [*measure_printing(*printing), *starts(3 if options.quick else 5)]
    for extra in extras:
        if "microseconds" in extra:
            print(f"{extra['microseconds']:>12,.1f} us  {extra['what']}")
    write_results(FOLDER / "bench.json", peak, found, extras)
    print(f"\n{markdown(judge(found), described())}")
    print("\nresults/bench.json, bench.svg, bench_roofline.svg")


if __name__ == "__main__":
    main()
