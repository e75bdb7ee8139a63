"""What the compiled engine is meant to reach on GOALS_FOR, and whether it does.

On another processor a ratio or a share may be another: so a table says which one it was.
`python -m bench.goals` writes the table of docs/bench.md anew from results/bench.json.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs/bench.md"
RESULTS = Path("results/bench.json")
ENGINE = "compiled"
# What they were set by. On a core that adds up half as much, fewer are met.
GOALS_FOR = "a core with AVX-512 that does 242 GFLOP/s"
PROCESSOR = "processor"  # the first word of the row that names it
HEAD = "| workload | over the notebook loop | over lean PyTorch | over JAX | share of peak |"
COLUMNS = ("notebook", "lean", "jax", "share_of_peak")
# How many times faster than each rival on one thread, and the share of a core's peak.
GOALS: dict[str, tuple[float | None, ...]] = {
    "W1a": (90, 15, 1.5, 0.40),
    "W1b": (28, 6, 1.4, 0.65),
    "W3": (60, 18, 1.1, 0.48),
    "W2_200": (6, 4, 1.2, 0.50),
    "W2_2000": (2.7, 2.7, 1.2, 0.60),
    "CNN": (1.5, 1.3, 20, None),
}


def judge(timings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry per workload and goal: `goal`, `measured` and `met`; None where not measured."""
    timed = {
        timing["workload"]: timing["ratios"] | {"share_of_peak": timing["share_of_peak"]}
        for timing in timings
        if timing["engine"] == ENGINE and timing["threads"] == 1
    }
    found = []
    for workload, goals in GOALS.items():
        for name, goal in zip(COLUMNS, goals, strict=True):
            if goal is not None:
                measured = timed.get(workload, {}).get(name)
                met = None if measured is None else measured >= goal
                values = {"goal": goal, "measured": measured, "met": met}
                found.append({"workload": workload, "over": name, **values})
    return found


def markdown(judged: Sequence[dict[str, Any]], processor: str) -> str:
    """The table of docs/bench.md: measured, goal, and whether it was met; and on what."""
    lines = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    for workload in GOALS:
        cells = {goal["over"]: _cell(goal) for goal in judged if goal["workload"] == workload}
        lines.append(f"| {workload} | {' | '.join(cells.get(name, '-') for name in COLUMNS)} |")
    lines.append(f"| {PROCESSOR} | measured on {processor}; goals for {GOALS_FOR} | | | |")
    return "\n".join(lines)


def _cell(judged: dict[str, Any]) -> str:
    form = "{:.0%}" if judged["over"] == "share_of_peak" else "{:.3g}"
    goal = form.format(judged["goal"])
    if judged["met"] is None:
        return f"not measured (goal {goal})"
    verdict = "met" if judged["met"] else "missed"
    return f"{form.format(judged['measured'])}, goal {goal}: {verdict}"


def write_page(judged: Sequence[dict[str, Any]], processor: str, page: Path = PAGE) -> None:
    """Replace the table of the page."""
    before, head, rest = page.read_text().partition(HEAD)
    assert head, f"{page}: no table of goals"
    after = rest.partition("\n\n")[2]
    page.write_text(before + markdown(judged, processor) + "\n\n" + after)


if __name__ == "__main__":
    results = json.loads(RESULTS.read_text())
    write_page(judge(results["timings"]), results["processor"])
