"""Two pictures: how many times faster than the notebook loop, and the roofline."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours, which people with any colour vision can tell apart.
COLOURS = {
    "compiled": "#0072B2", "torch": "#56B4E9", "cuda-256": "#BBBBBB", "cuda-1024": "#777777",
    "notebook": "#000000", "lean": "#E69F00", "lean_channels_last": "#F0E442", "jax": "#D55E00",
    "sklearn": "#009E73", "skorch": "#CC79A7",
}  # fmt: skip

LEAST = 0.02  # where the bars begin: a logarithmic axis has no zero


def _saved(figure: Figure, axes: Axes, path: Path, **legend: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, **legend)
    figure.savefig(path)
    plt.close(figure)


def draw_ratios(entries: Sequence[dict[str, Any]], path: Path) -> None:
    """Speed relative to the notebook loop, on one thread, by workload."""
    ratios = {
        (entry["engine"], entry["workload"]): entry["ratios"]["notebook"]
        for entry in entries
        if entry["threads"] == 1 and "notebook" in entry["ratios"]
    }
    workloads = list(dict.fromkeys(workload for _, workload in ratios))
    engines = [name for name in COLOURS if any(name == engine for engine, _ in ratios)]
    figure, axes = plt.subplots(figsize=(9, 0.9 + 0.9 * len(workloads)), layout="constrained")
    height = 0.8 / max(1, len(engines))
    for number, engine in enumerate(engines):
        timed = [name for name in workloads if (engine, name) in ratios]
        places = [workloads.index(name) + number * height for name in timed]
        values = [ratios[engine, name] for name in timed]
        lengths = [value - LEAST for value in values]
        bars = axes.barh(places, lengths, height, LEAST, color=COLOURS[engine], label=engine)
        axes.bar_label(bars, [f"{value:.3g}" for value in values], fontsize=7, padding=2)
    axes.set_yticks([i + 0.4 - height / 2 for i in range(len(workloads))], workloads)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(left=LEAST)
    axes.axvline(1, color="grey", linewidth=0.8)
    axes.set_xlabel("times as fast as the notebook loop (one thread)")
    _saved(figure, axes, path, loc="lower right")


def draw_roofline(entries: Sequence[dict[str, Any]], peak: float, path: Path) -> None:
    """What share of a core's arithmetic each engine reaches, by workload."""
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    single = [entry for entry in entries if entry["threads"] == 1 and entry["share_of_peak"]]
    workloads = list(dict.fromkeys(entry["workload"] for entry in single))
    for engine, colour in COLOURS.items():
        speeds = {e["workload"]: e["gflops"] for e in single if e["engine"] == engine}
        if speeds:
            places = [workloads.index(name) for name in speeds]
            axes.plot(places, list(speeds.values()), "o", color=colour, label=engine)
    axes.axhline(peak, color="black", linewidth=1)
    axes.annotate(f"roof: {peak:.0f} GFLOP/s, a core's multiply-adds", (0, peak), fontsize=8,
                  xytext=(0, 4), textcoords="offset points")  # fmt: skip
    axes.set_yscale("log")
    axes.set_xticks(range(len(workloads)), workloads)
    axes.set_ylim(top=peak * 2)
    axes.set_ylabel("GFLOP/s")
    _saved(figure, axes, path, ncols=2, loc="center left", bbox_to_anchor=(1, 0.5))
