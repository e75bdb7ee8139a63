"""What words about progress cost (finding C11): the notebook's prints beside labbook's own.

The loop of the course reports trains in a process whose output is a pseudo-terminal, and the
process that started it reads that, as a terminal does. It is
`python -m bench.printing RESULT WORKLOAD EPOCHS`.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.rivals.notebook import AfterEpoch, prepare
from bench.rounds import single_threaded
from bench.workloads import WORKLOADS

ROOT = Path(__file__).parents[1]
TURN = 50  # epochs of a loop before it is the next one's turn: all meet the same machine
SEVERAL = 200  # lines, for the time of one


def measure_printing(workload: str, epochs: int) -> list[dict[str, Any]]:
    """Each loop for `epochs` epochs of `workload`; what bench.json has of them in `extras`."""
    reader, writer = os.openpty()
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "bench.printing", result, workload, str(epochs)],
            stdout=writer, stderr=writer, **single_threaded(core=0),
        )  # fmt: skip
        os.close(writer)
        said = _read_to_end(reader)
        if process.wait() != 0:
            raise RuntimeError(f"bench.printing failed:\n{said[-2000:]}")
        return [*json.loads(result.read_text()), _lines(said)]


def _read_to_end(reader: int) -> str:
    """Read a pseudo-terminal until nobody writes to it any more."""
    said = b""
    while True:
        try:
            more = os.read(reader, 65536)
        except OSError:  # so Linux says that the other side is closed
            more = b""
        if not more:
            os.close(reader)
            return said.decode(errors="replace")
        said += more


def _lines(said: str) -> dict[str, Any]:
    """How many lines were read: proof that they were written."""
    lines = said.splitlines()
    return {
        "what": "C11: lines that the terminal read",
        "notebook": sum(line.startswith("epoch ") for line in lines),
        "labbook": sum(line.startswith("training: ") for line in lines),
    }


def printing(every: int) -> AfterEpoch:
    """A line after so many epochs, as notebooks print it."""

    def after_epoch(epoch: int, loss: float) -> None:
        if epoch % every == 0:
            print(f"epoch {epoch}: validation loss {loss:.4f}", flush=True)

    return after_epoch


def labbook_progress() -> tuple[AfterEpoch, Callable[[], None]]:
    """Labbook's words in the current folder, which becomes a project with half its runs there.

    As an engine asks for them after an epoch, and one line for certain.
    """
    os.environ["LABBOOK_PARAMS"] = str(ROOT / "params.yaml")
    Path("tables").symlink_to(ROOT / "tables")
    from labbook.paths import RUNS
    from labbook.provenance.graph import Graph
    from labbook.running.progress import SPOKEN, Progress
    from labbook.training.runfile import run_path
    from labbook.training.watch import Watch

    progress = Progress(Graph.load())
    RUNS.mkdir(parents=True)
    progress.begin()
    ids = list(progress.cost)
    for run in ids[: len(ids) // 2]:
        run_path(RUNS, run).touch()
    watch = Watch(Path("checkpoints"), [], lambda run_id, epoch: progress.say())

    def after_epoch(epoch: int, loss: float) -> None:
        watch.pause()
        watch.say("run", epoch)

    def line() -> None:
        SPOKEN.unlink(missing_ok=True)
        progress.say()

    return after_epoch, line


def _turns(
    workload: str, loops: dict[str, Callable[[int], None]], epochs: int
) -> list[dict[str, Any]]:
    tries: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(max(1, epochs // TURN)):
        for name, train in loops.items():
            began = time.perf_counter()
            train(TURN)
            tries[name].append((time.perf_counter() - began) / TURN * 1e6)
    return [
        {
            "what": f"C11: notebook loop on {workload}, {name}",
            "epochs": len(times) * TURN,
            "microseconds": round(statistics.median(times), 1),
            "microseconds_low": round(min(times), 1),
            "microseconds_high": round(max(times), 1),
        }
        for name, times in tries.items()
    ]


def _each(what: str, function: Callable[[], None], calls: int) -> dict[str, Any]:
    began = time.perf_counter()
    for _ in range(calls):
        function()
    each = (time.perf_counter() - began) / calls * 1e6
    return {"what": what, "microseconds": round(each, 3)}


def main(result: str, workload: str, epochs: str) -> None:
    """Train with each kind of words in turns, and write what it cost to the file `result`."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        ours, line = labbook_progress()
        words: dict[str, AfterEpoch | None] = {
            "no words": None,
            "a line every epoch": printing(1),
            "a line every 500 epochs": printing(500),
            "labbook's progress": ours,
        }
        loops = {
            name: prepare(WORKLOADS[workload], "notebook", said)[0] for name, said in words.items()
        }
        for train in loops.values():
            train(1)  # warms up
        found = _turns(workload, loops, int(epochs))
        found += [
            _each("C11: a line of the notebook's", lambda: printing(1)(1, 0.5), SEVERAL),
            _each("C11: labbook's look at clock and signals", lambda: ours(1, 0.0), 100_000),
            _each("C11: a line of labbook's, at most one in 5 s", line, SEVERAL),
        ]
        os.chdir(ROOT)
    Path(result).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
