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
        text = _read_to_end(reader)
        if process.wait() != 0:
            raise RuntimeError(f"bench.printing failed:\n{text[-2000:]}")
        read = {  # proof that they were written
            "what": "C11: lines that the terminal read",
            "notebook": sum(line.startswith("epoch ") for line in text.splitlines()),
            "labbook": sum(line.startswith("training: ") for line in text.splitlines()),
        }
        return [*json.loads(result.read_text()), read]


def _read_to_end(reader: int) -> str:
    """Read a pseudo-terminal until nobody writes to it any more."""
    content = b""
    while True:
        try:
            more = os.read(reader, 65536)
        except OSError:  # so Linux says that the other side is closed
            more = b""
        if not more:
            os.close(reader)
            return content.decode(errors="replace")
        content += more


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


def _loops_in_turns(
    workload: str, loops: dict[str, Callable[[int], None]], epochs: int
) -> list[dict[str, Any]]:
    tries: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(max(1, epochs // TURN)):
        for name, train in loops.items():
            tries[name].append(_microseconds(train, TURN) / TURN)
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


def _microseconds(function: Callable[..., object], *arguments: Any, calls: int = 1) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    for _ in range(calls):
        function(*arguments)
    return (time.perf_counter() - began) / calls * 1e6


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
            name: prepare(WORKLOADS[workload], "notebook", after_epoch)[0]
            for name, after_epoch in words.items()
        }
        for train in loops.values():
            train(1)  # warms up
        entries = _loops_in_turns(workload, loops, int(epochs))
        alone = {
            "a line of the notebook's": _microseconds(printing(1), 1, 0.5, calls=SEVERAL),
            "labbook's look at clock and signals": _microseconds(ours, 1, 0.0, calls=100_000),
            "a line of labbook's, at most one in 5 s": _microseconds(line, calls=SEVERAL),
        }
        entries += [
            {"what": f"C11: {what}", "microseconds": round(microseconds, 3)}
            for what, microseconds in alone.items()
        ]
        os.chdir(ROOT)
    Path(result).write_text(json.dumps(entries))


if __name__ == "__main__":
    main(*sys.argv[1:])
