"""What else costs time: the start of a process. For words about progress see printing.py."""

import subprocess
import sys
import time
from typing import Any

START = {
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
