"""From timings to results/bench.json, a table and a figure."""

from collections.abc import Mapping, Sequence
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


def entries(timings: Sequence[Timing], peak: float) -> list[dict[str, Any]]:
    """One entry per timing; ratios say how many times longer the others take.

    `microseconds` per model x epoch, of the W2 per step, which is their epoch; `peak` is that of
    one core in GFLOP/s. A rival has its ratio in entries of the same workload and threads; lean
    PyTorch that of its better memory format.
    """
    found = []
    for one in timings:
        peers = {
            t.engine: t.median
            for t in timings
            if (t.workload, t.threads) == (one.workload, one.threads)
        }
        on_gpu = one.engine in GPU
        gflops = WORKLOADS[one.workload].flops() / one.median / 1e9
        found.append(
            {
                "workload": one.workload,
                "engine": one.engine,
                "threads": one.threads,
                "rounds": len(one.seconds),
                "microseconds": round(one.median * 1e6, 1),
                "microseconds_low": round(min(one.seconds) * 1e6, 1),
                "microseconds_high": round(max(one.seconds) * 1e6, 1),
                "gflops": round(gflops, 2),
                # The peak is a core's.
                "share_of_peak": None if on_gpu else round(gflops / (peak * one.threads), 4),
                "ratios": _ratios(peers, one.median),
            }
        )
    return found


def _ratios(peers: Mapping[str, float], median: float) -> dict[str, float]:
    """How many times longer each rival takes than `median`, by the columns of RATIOS."""
    found = {}
    for column, names in RATIOS.items():
        times = [peers[name] for name in names if name in peers]
        if times:
            found[column] = round(min(times) / median, 3)
    return found


def write_results(
    path: Path, peak: float, timings: Sequence[dict[str, Any]], extras: Sequence[dict[str, Any]]
) -> None:
    """Write results/bench.json: processor, a core's peak, timings, goals, what else costs time."""
    content: dict[str, Any] = {"processor": described(), "peak_gflops": round(peak, 1)}
    content["timings"] = list(timings)
    write_json(path, content | {"goals": judge(timings), "extras": list(extras)})


def table(found: Sequence[dict[str, Any]]) -> str:
    """The entries as lines of text."""
    head = ["workload", "engine", "threads", "us", "low - high", "share of peak"]
    rows = [[*head, *(f"{name}/this" for name in RATIOS)]]
    for one in found:
        ratios = [str(one["ratios"].get(name, "-")) for name in RATIOS]
        spread = f"{one['microseconds_low']:,.0f} - {one['microseconds_high']:,.0f}"
        microseconds = f"{one['microseconds']:,.{0 if one['microseconds'] >= 10 else 1}f}"
        share = "-" if one["share_of_peak"] is None else f"{one['share_of_peak']:.1%}"
        rows.append(
            [
                one["workload"],
                one["engine"],
                str(one["threads"]),
                microseconds,
                spread,
                share,
                *ratios,
            ]
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
