"""Rivals side by side, one at work at a time: A B C, A B C, so that all meet the same machine.

Each works in a process of its own, `python -m bench.rounds NAME WORKLOAD`: it answers "ready", or
"missing ..." where what it needs is not installed; told "go", it trains and says how long.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.rivals import MissingError, epochs_of_a_round, prepare
from bench.workloads import WORKLOADS

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
STARTS = {  # programs whose start is timed
    "python": "pass",
    "import torch": "import torch",
    "import numba": "import numba",
    "the compiled engine, machine code there": (
        "from labbook.engines.compiled.library import functions; functions()"
    ),
    "a training job's imports": (
        "import labbook.cli, labbook.running.jobs, labbook.training.pack\n"
        "from labbook.engines.choice import load; load('compiled')\n"
        "from labbook.engines.compiled.library import functions; functions()"
    ),
}


@dataclass
class Timing:
    """Seconds per model x epoch of one rival, by round; `threads` processes of one thread each."""

    engine: str
    workload: str
    threads: int
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.seconds)


def measure(engines: Sequence[str], workload: str, threads: int, rounds: int) -> list[Timing]:
    """Time each engine on a workload in `rounds` rounds, interleaved.

    With several threads, so many processes train at once, and a time is divided by their number.
    """
    teams = {}
    for engine in engines:
        team = [_start(engine, workload, core) for core in range(threads)]
        answers = [worker.stdout.readline().strip() for worker in team]
        if answers[0] == "ready":
            teams[engine] = team
        else:
            print(f"  {engine} is left out: {answers[0] or 'it did not start'}", flush=True)
            for worker in team:
                worker.communicate()
    timings = {engine: Timing(engine, workload, threads) for engine in teams}
    for _ in range(rounds):
        for engine, team in teams.items():
            for worker in team:
                worker.stdin.write("go\n")
                worker.stdin.flush()
            seconds = [float(worker.stdout.readline()) for worker in team]
            timings[engine].seconds.append(statistics.mean(seconds) / threads)
    for worker in (worker for team in teams.values() for worker in team):
        worker.communicate()
    return list(timings.values())


def single_threaded(core: int) -> dict[str, Any]:
    """Of a process that keeps to one thread and one core, and finds bench: arguments of Popen."""
    environment = os.environ | dict.fromkeys(THREADS, "1") | {"JAX_PLATFORMS": "cpu"}
    source = Path(__file__).parents[1]
    environment["PYTHONPATH"] = f"{source / 'src'}{os.pathsep}{source}"
    cores = sorted(os.sched_getaffinity(0))
    mine = {cores[core % len(cores)]}
    return {"env": environment, "preexec_fn": lambda: os.sched_setaffinity(0, mine)}


def _start(engine: str, workload: str, core: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "bench.rounds", engine, workload],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        **single_threaded(core),
    )  # fmt: skip


def work(name: str, workload_name: str) -> None:
    """Be the rival's process: answer until the input ends."""
    workload = WORKLOADS[workload_name]
    try:
        train, models = prepare(name, workload)
    except (ImportError, MissingError) as error:
        print(f"missing {getattr(error, 'name', None) or error}", flush=True)
        return
    epochs = epochs_of_a_round(name, workload)
    train(max(1, epochs // 10))  # compiles, fills caches
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        train(epochs)
        print((time.perf_counter() - began) / (epochs * models), flush=True)


def starts(rounds: int) -> list[dict[str, Any]]:
    """Whole processes that start and end, in turns: medians in microseconds."""
    tries: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(rounds):
        for name, text in STARTS.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", text], check=True)
            tries[name].append((time.perf_counter() - began) * 1e6)
    return [
        {"what": f"start: {name}", "microseconds": sorted(times)[len(times) // 2]}
        for name, times in tries.items()
    ]


if __name__ == "__main__":
    work(*sys.argv[1:])
