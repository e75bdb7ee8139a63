"""The benchmark on a GPU: `python -m bench.gpu [--device cpu] [--rounds 5] [--workloads W1a,CNN]`.

Packs of the engine cuda beside a plain PyTorch loop on the same card and the compiled engine on a
core; and whether a second time gives the same bits. All in one process, in turns. `--device cpu`
tries out the whole of it, with small packs, where there is no card.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from bench.processor import described
from bench.rivals import Train, labbook_engines, lean
from bench.workloads import WORKLOADS, Workload
from labbook.engines.choice import load
from labbook.errors import LabbookError
from labbook.files import write_json
from labbook.training.watch import Watch

RESULTS = Path("results/bench_gpu.json")
PACKS = {"cuda": (1, 32, 256, 1024), "cpu": (1, 32)}
EPOCHS = {"cuda": 20, "cpu": 2}  # of a pack in a round; of the compiled engine ten times as many
HEAD = "| workload | who | models at once | us per model and epoch | lowest | highest |"


def rivals(workload: Workload, device: str) -> dict[str, tuple[Train, int, int]]:
    """By name: the training function, models at once, epochs of a round."""
    prepare, epochs = labbook_engines.prepare, EPOCHS[device]
    packs = {f"cuda, packs of {n}": prepare(workload, f"cuda-{n}", device) for n in PACKS[device]}
    others = {
        "plain PyTorch on the same device": lean.prepare(workload, "lean", device),
        "the engine torch on the same device": prepare(workload, "torch", device),
    }
    on_device = {name: (*rival, epochs) for name, rival in (packs | others).items()}
    return on_device | {"compiled, one core": (*prepare(workload, "compiled"), 10 * epochs)}


def measure(workload: Workload, device: str, rounds: int) -> list[dict[str, Any]]:
    """One entry per rival: microseconds per model and epoch, median, lowest and highest."""
    entered = rivals(workload, device)
    for train, _, _ in entered.values():
        train(1)  # graphs are recorded, memory asked for
    tries: dict[str, list[float]] = {name: [] for name in entered}
    for _ in range(rounds):
        for name, (train, models, epochs) in entered.items():
            began = time.perf_counter()
            train(epochs)
            if device == "cuda":
                torch.cuda.synchronize()
            tries[name].append((time.perf_counter() - began) / (epochs * models) * 1e6)
    return [
        {
            "workload": workload.name, "who": name, "models": entered[name][1],
            "microseconds": round(statistics.median(times), 1),
            "lowest": round(min(times), 1), "highest": round(max(times), 1),
        }
        for name, times in tries.items()
    ]  # fmt: skip


def same_bits(workload: Workload, device: str) -> bool:
    """Whether runs have the same weights and curves again, and in a larger pack."""

    def bits(count: int) -> list[bytes]:
        runs = labbook_engines.runs(workload, count, epochs=3)
        with tempfile.TemporaryDirectory() as folder:
            trained = {t.run.id: t for t in load("cuda").train(runs, device, Watch(Path(folder)))}
        in_order = [trained[run.id] for run in runs]
        arrays = ([*run.weights.values(), *run.curves.values()] for run in in_order)
        return [b"".join(array.tobytes() for array in of_run) for of_run in arrays]

    return bits(3) == bits(3) == bits(7)[:3]


def markdown(timings: Sequence[dict[str, Any]]) -> str:
    """The table for docs/engine-cuda.md."""
    lines = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    for timing in timings:
        times = (f"{timing[name]:,.1f}" for name in ("microseconds", "lowest", "highest"))
        cells = [timing["workload"], timing["who"], str(timing["models"]), *times]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def card(device: str) -> str:
    """The card's name. Raises `LabbookError` where torch finds none."""
    if device == "cpu":
        return "none: a try on the CPU"
    if not torch.cuda.is_available():
        raise LabbookError("The benchmark needs a GPU that torch can use; --device cpu tries it.")
    return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write results/bench_gpu.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description="Benchmark on a GPU.")
    parser.add_argument("--device", choices=list(PACKS), default="cuda")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workloads", default="W1a,W1b,W2_200,CNN")
    options = parser.parse_args(arguments)
    workloads = [WORKLOADS[name] for name in options.workloads.split(",")]
    about = {"card": card(options.device), "processor": described()}
    print(*(f"{name}: {text}" for name, text in about.items()), sep="\n", flush=True)
    timings = []
    for workload in workloads:
        timings += measure(workload, options.device, options.rounds)
    bits = {workload.name: same_bits(workload, options.device) for workload in workloads}
    RESULTS.parent.mkdir(exist_ok=True)
    write_json(RESULTS, {**about, "timings": timings, "same_bits": bits})
    print(markdown(timings))
    print(f"equal bits a second time and in another pack: {bits}")


if __name__ == "__main__":
    try:
        main()
    except LabbookError as error:
        sys.exit(str(error))
