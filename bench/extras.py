"""What else costs time: words about progress (finding C11), and the start of a process."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.rivals.notebook import prepare
from bench.workloads import WORKLOADS
from labbook.train.watch import Watch

START = {
    "python": "pass",
    "import torch": "import torch",
    "import numba": "import numba",
    "the compiled engine, machine code there": (
        "from labbook.engines.compiled.library import functions; functions()"
    ),
    "a training job's imports": (
        "import labbook.cli, labbook.jobs, labbook.train.pack\n"
        "from labbook.engines.choice import load; load('compiled')\n"
        "from labbook.engines.compiled.library import functions; functions()"
    ),
}


def progress(rounds: int = 5, epochs: int = 40) -> list[dict[str, Any]]:
    """The notebook loop that prints every epoch, every 500, never; and Watch.say each epoch."""
    workload, timings = WORKLOADS["W1a"], {"never": 0.0, "every epoch": 0.0, "every 500": 0.0}
    loops = {
        name: prepare(workload, "notebook", every)[0]
        for name, every in (("never", 0), ("every epoch", 1), ("every 500", 500))
    }
    tries: dict[str, list[float]] = {name: [] for name in timings}
    for _ in range(rounds):
        for name, train in loops.items():
            began = time.perf_counter()
            train(epochs)
            tries[name].append((time.perf_counter() - began) / epochs * 1e6)
    found = [
        {"what": f"notebook loop on W1a, printing {name}", "microseconds": sorted(t)[len(t) // 2]}
        for name, t in tries.items()
    ]
    watch, calls = Watch(Path(tempfile.mkdtemp())), 100_000
    began = time.perf_counter()
    for epoch in range(calls):
        watch.pause()
        watch.say("run", epoch)
    each = (time.perf_counter() - began) / calls * 1e6
    return [
        *found,
        {"what": "labbook's look at clock and signals, a slice of 50 ms", "microseconds": each},
    ]


def startup(rounds: int = 5) -> list[dict[str, Any]]:
    """Whole processes, interleaved: medians in microseconds."""
    tries: dict[str, list[float]] = {name: [] for name in START}
    for _ in range(rounds):
        for name, text in START.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", text], check=True)
            tries[name].append((time.perf_counter() - began) * 1e6)
    return [
        {"what": f"start: {name}", "microseconds": sorted(t)[len(t) // 2]}
        for name, t in tries.items()
    ]
