"""From timings to results/bench.json and a table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.goals import judge
from bench.processor import described
from bench.rivals import GPU
from bench.rounds import Timing
from bench.workloads import WORKLOADS
from labbook.files import write_json

# A column of ratios -> the rivals in it: the best of them counts.
RATIOS = {"notebook": ("notebook",), "lean": ("lean", "lean_channels_last"), "jax": ("jax",)}
HEAD = ("workload", "engine", "threads", "us", "low - high", "share of peak")


def entries(timings: Sequence[Timing], peak: float) -> list[dict[str, Any]]:
    """One entry per timing; ratios say how many times longer the others take.

    `microseconds` per model x epoch, of the W2 per step, which is their epoch; `peak` is that of
    one core in GFLOP/s. A rival has its ratio in entries of the same workload and threads; lean
    PyTorch that of its better memory format.
    """
    medians = {(t.workload, t.threads, t.engine): t.median for t in timings}
    found = []
    for timing in timings:
        gflops = WORKLOADS[timing.workload].flops() / timing.median / 1e9
        share = round(gflops / (peak * timing.threads), 4)
        ratios = {}
        for column, names in RATIOS.items():
            places = [(timing.workload, timing.threads, name) for name in names]
            times = [medians[place] for place in places if place in medians]
            if times:
                ratios[column] = round(min(times) / timing.median, 3)
        found.append(
            {
                "workload": timing.workload,
                "engine": timing.engine,
                "threads": timing.threads,
                "rounds": len(timing.seconds),
                "microseconds": round(timing.median * 1e6, 1),
                "microseconds_low": round(min(timing.seconds) * 1e6, 1),
                "microseconds_high": round(max(timing.seconds) * 1e6, 1),
                "gflops": round(gflops, 2),
                "share_of_peak": None if timing.engine in GPU else share,  # the peak is a core's
                "ratios": ratios,
            }
        )
    return found


def write_results(
    path: Path, peak: float, timings: Sequence[dict[str, Any]], extras: Sequence[dict[str, Any]]
) -> None:
    """Write results/bench.json: processor, a core's peak, timings, goals, what else costs time."""
    content = {"processor": described(), "peak_gflops": round(peak, 1), "timings": list(timings)}
    write_json(path, content | {"goals": judge(timings), "extras": list(extras)})


def table(found: Sequence[dict[str, Any]]) -> str:
    """The entries as lines of text."""
    rows = [[*HEAD, *(f"{name}/this" for name in RATIOS)]]
    for entry in found:
        microseconds = entry["microseconds"]
        share = entry["share_of_peak"]
        rows.append(
            [
                *(str(entry[name]) for name in ("workload", "engine", "threads")),
                f"{microseconds:,.{0 if microseconds >= 10 else 1}f}",
                f"{entry['microseconds_low']:,.0f} - {entry['microseconds_high']:,.0f}",
                "-" if share is None else f"{share:.1%}",
                *(str(entry["ratios"].get(name, "-")) for name in RATIOS),
            ]
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
