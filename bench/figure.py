"""Two pictures: how many times faster than the notebook loop, and the roofline."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

# Okabe and Ito's colours, which people with any colour vision can tell apart.
COLOURS = {
    "compiled": "#0072B2", "torch": "#56B4E9", "cuda-256": "#BBBBBB", "cuda-1024": "#777777",
    "notebook": "#000000", "lean": "#E69F00", "lean_channels_last": "#F0E442", "jax": "#D55E00",
    "sklearn": "#009E73", "skorch": "#CC79A7",
}  # fmt: skip

LEAST = 0.02  # where the bars begin: a logarithmic axis has no zero


def draw_ratios(found: Sequence[dict[str, Any]], path: Path) -> None:
    """Speed relative to the notebook loop, on one thread, by workload."""
    single = [one for one in found if one["threads"] == 1 and "notebook" in one["ratios"]]
    workloads = list(dict.fromkeys(one["workload"] for one in single))
    engines = [name for name in COLOURS if any(one["engine"] == name for one in single)]
    figure, axes = plt.subplots(figsize=(9, 0.9 + 0.9 * len(workloads)), layout="constrained")
    height = 0.8 / max(1, len(engines))
    for number, engine in enumerate(engines):
        mine = {
            one["workload"]: one["ratios"]["notebook"] for one in single if one["engine"] == engine
        }
        places = [i + number * height for i, name in enumerate(workloads) if name in mine]
        values = [mine[name] for name in workloads if name in mine]
        lengths = [value - LEAST for value in values]
        bars = axes.barh(places, lengths, height, LEAST, color=COLOURS[engine], label=engine)
        axes.bar_label(bars, [f"{value:.3g}" for value in values], fontsize=7, padding=2)
    axes.set_yticks([i + 0.4 - height / 2 for i in range(len(workloads))], workloads)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(left=LEAST)
    axes.axvline(1, color="grey", linewidth=0.8)
    axes.set_xlabel("times as fast as the notebook loop (one thread)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False, fontsize=8)
    figure.savefig(path)
    plt.close(figure)


def draw_roofline(found: Sequence[dict[str, Any]], peak: float, path: Path) -> None:
    """What share of a core's arithmetic each engine reaches, by workload."""
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    single = [one for one in found if one["threads"] == 1 and one["share_of_peak"] is not None]
    workloads = list(dict.fromkeys(one["workload"] for one in single))
    for engine, colour in COLOURS.items():
        mine = {one["workload"]: one["gflops"] for one in single if one["engine"] == engine}
        places = [i for i, name in enumerate(workloads) if name in mine]
        values = [mine[workloads[i]] for i in places]
        if values:
            axes.plot(places, values, "o", color=colour, label=engine)
    axes.axhline(peak, color="black", linewidth=1)
    axes.annotate(f"roof: {peak:.0f} GFLOP/s, a core's multiply-adds", (0, peak), fontsize=8,
                  xytext=(0, 4), textcoords="offset points")  # fmt: skip
    axes.set_yscale("log")
    axes.set_xticks(range(len(workloads)), workloads)
    axes.set_ylim(top=peak * 2)
    axes.set_ylabel("GFLOP/s")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(path)
    plt.close(figure)
