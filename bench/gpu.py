"""The benchmark on a GPU: `python -m bench.gpu [--device cpu] [--rounds 5] [--workloads W1a,CNN]`.

Packs of the engine cuda beside a plain PyTorch loop on the same card and the compiled engine on a
core; and whether a second time gives the same bits. All in one process, in turns. `--device cpu`
tries out the whole of it, with small packs, where there is no card.
"""

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
    epochs = EPOCHS[device]
    found = {
        f"cuda, packs of {count}": (
            *labbook_engines.prepare(workload, f"cuda-{count}", device), epochs,
        )
        for count in PACKS[device]
    }  # fmt: skip
    found["plain PyTorch on the same device"] = (*lean.prepare(workload, "lean", device), epochs)
    found["the engine torch on the same device"] = (
        *labbook_engines.prepare(workload, "torch", device), epochs,
    )  # fmt: skip
    found["compiled, one core"] = (*labbook_engines.prepare(workload, "compiled"), 10 * epochs)
    return found


def measure(workload: Workload, device: str, rounds: int) -> list[dict[str, Any]]:
    """One entry per rival: microseconds per model and epoch, median, lowest and highest."""
    entered = rivals(workload, device)
    for train, _, _ in entered.values():
        train(1)  # graphs are recorded, memory asked for
    seconds: dict[str, list[float]] = {name: [] for name in entered}
    for _ in range(rounds):
        for name, (train, models, epochs) in entered.items():
            began = time.perf_counter()
            train(epochs)
            _wait(device)
            seconds[name].append((time.perf_counter() - began) / (epochs * models))
    return [
        {
            "workload": workload.name, "who": name, "models": entered[name][1],
            "microseconds": round(statistics.median(found) * 1e6, 1),
            "lowest": round(min(found) * 1e6, 1), "highest": round(max(found) * 1e6, 1),
        }
        for name, found in seconds.items()
    ]  # fmt: skip


def same_bits(workload: Workload, device: str) -> bool:
    """Whether runs have the same weights and curves again, and in a larger pack."""
    few, more = (_digests(workload, device, count) for count in (3, 7))
    return few == _digests(workload, device, 3) and few == more[:3]


def _digests(workload: Workload, device: str, count: int) -> list[str]:
    runs = labbook_engines.runs(workload, count, epochs=3)
    with tempfile.TemporaryDirectory() as folder:
        trained = list(load("cuda").train(runs, device, Watch(Path(folder))))
    found = {}
    for one in trained:
        arrays = [*one.weights.values(), *one.curves.values()]
        content = b"".join(array.tobytes() for array in arrays)
        found[one.run.id] = hashlib.sha256(content).hexdigest()
    return [found[run.id] for run in runs]


def markdown(timings: Sequence[dict[str, Any]]) -> str:
    """The table for docs/engine-cuda.md."""
    lines = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    for one in timings:
        cells = [one["workload"], one["who"], one["models"]]
        cells += [f"{one[name]:,.1f}" for name in ("microseconds", "lowest", "highest")]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def _wait(device: str) -> None:
    if device == "cuda":
        import torch

        torch.cuda.synchronize()


def card(device: str) -> str:
    """The card's name. Raises `LabbookError` where torch finds none."""
    import torch

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
    chosen = [WORKLOADS[name] for name in options.workloads.split(",")]
    about = {"card": card(options.device), "processor": described()}
    print(*(f"{name}: {text}" for name, text in about.items()), sep="\n", flush=True)
    timings = [one for w in chosen for one in measure(w, options.device, options.rounds)]
    bits = {w.name: same_bits(w, options.device) for w in chosen}
    RESULTS.parent.mkdir(exist_ok=True)
    write_json(RESULTS, {**about, "timings": timings, "same_bits": bits})
    print(markdown(timings))
    print(f"equal bits a second time and in another pack: {bits}")


if __name__ == "__main__":
    try:
        main()
    except LabbookError as error:
        sys.exit(str(error))
