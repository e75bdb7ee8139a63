"""From timings to results/bench.json, a table and a figure."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.rivals import GPU
from bench.rounds import Timing
from bench.workloads import WORKLOADS
from labbook.files import write_json

RATIOS = ("notebook", "lean", "jax")


def entries(timings: Sequence[Timing], peak: float) -> list[dict[str, Any]]:
    """One entry per timing; ratios say how many times longer the others take.

    `microseconds` per model x epoch, of the W2 per step, which is their epoch; `peak` is that of
    one core in GFLOP/s. A rival has its ratio in entries of the same workload and threads.
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
                "ratios": {r: round(peers[r] / one.median, 2) for r in RATIOS if r in peers},
            }
        )
    return found


def write_results(path: Path, found: Sequence[dict[str, Any]]) -> None:
    """Write results/bench.json."""
    write_json(path, list(found))


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
