"""A program in a process of its own: seconds on the clock, of all its processes' CPUs, memory."""

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Cost:
    """What a program took: `megabytes` is the peak of the largest of its processes (10^6 bytes)."""

    seconds: float
    cpu_seconds: float
    megabytes: float


def cost_of(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a program to its end. Raises `RuntimeError` with its last words if it fails."""
    log = folder / ".labbook/bench.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as words:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=words, stderr=subprocess.STDOUT,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = log.read_text(errors="replace")[-3000:]
        raise RuntimeError(f"{' '.join(command)} gave {process.returncode}:\n{said}")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


def entry(what: str, costs: Sequence[Cost], goals: Mapping[str, float] | None = None) -> Any:
    """Medians of several costs, with the goals and whether they are met, as size.json has them."""
    seconds = [one.seconds for one in costs]
    found = {
        "what": what,
        "rounds": len(costs),
        "seconds": round(statistics.median(seconds), 2),
        "seconds_low": round(min(seconds), 2),
        "seconds_high": round(max(seconds), 2),
        "cpu_seconds": round(statistics.median(one.cpu_seconds for one in costs), 2),
        "megabytes": round(statistics.median(one.megabytes for one in costs)),
    }
    if not goals:
        return found
    met = all(found[name] <= most for name, most in goals.items())
    return found | {"goals": dict(goals), "met": met}
