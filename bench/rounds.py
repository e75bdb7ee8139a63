"""Workers side by side, one at work at a time: A B C, A B C, so that all meet the same machine."""

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


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
        answers = [_answer(worker) for worker in team]
        if answers[0] == "ready":
            teams[engine] = team
        else:
            print(f"  {engine} is left out: {answers[0] or 'it did not start'}", flush=True)
            _end(team)
    timings = {engine: Timing(engine, workload, threads) for engine in teams}
    for _ in range(rounds):
        for engine, team in teams.items():
            for worker in team:
                assert worker.stdin is not None
                worker.stdin.write("go\n")
                worker.stdin.flush()
            seconds = [float(_answer(worker)) for worker in team]
            timings[engine].seconds.append(statistics.mean(seconds) / threads)
    for team in teams.values():
        _end(team)
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
    """A worker that keeps to one core."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "bench.worker", engine, workload],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        **single_threaded(core),
    )  # fmt: skip


def _end(team: Sequence[subprocess.Popen[str]]) -> None:
    for worker in team:
        worker.communicate()


def _answer(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()
