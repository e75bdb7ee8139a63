"""What the compiled engine is meant to reach on GOALS_FOR, and whether it does.

On another processor a ratio or a share may be another: so a table says which one it was.
`python -m bench.goals` writes the table of docs/bench.md anew from results/bench.json.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs/bench.md"
RESULTS = Path("results/bench.json")
ENGINE = "compiled"
SHARE = "share_of_peak"
# What they were set by. On a core that adds up half as much, fewer are met.
GOALS_FOR = "a core with AVX-512 that does 242 GFLOP/s"
PROCESSOR = "processor"  # the first word of the row that names it
RIVALS = ("notebook", "lean", "jax")
HEAD = "| workload | over the notebook loop | over lean PyTorch | over JAX | share of peak |"


@dataclass(frozen=True)
class Goals:
    """How many times faster than each rival on one thread, and the share of a core's peak."""

    notebook: float
    lean: float
    jax: float
    share_of_peak: float | None

    def items(self) -> Iterator[tuple[str, float | None]]:
        """Names as in bench.json, with the goals."""
        yield from ((name, getattr(self, name)) for name in (*RIVALS, SHARE))


GOALS = {
    "W1a": Goals(90, 15, 1.5, 0.40),
    "W1b": Goals(28, 6, 1.4, 0.65),
    "W3": Goals(60, 18, 1.1, 0.48),
    "W2_200": Goals(6, 4, 1.2, 0.50),
    "W2_2000": Goals(2.7, 2.7, 1.2, 0.60),
    "CNN": Goals(1.5, 1.3, 20, None),
}


def judge(timings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry per workload and goal: `goal`, `measured` and `met`; None where not measured."""
    single = {one["workload"]: one for one in timings if _counts(one)}
    found = []
    for workload, goals in GOALS.items():
        one = single.get(workload)
        for name, goal in goals.items():
            if goal is not None:
                measured = None if one is None else one["ratios"].get(name, one.get(name))
                met = None if measured is None else measured >= goal
                found.append(
                    {"workload": workload, "over": name, "goal": goal, "measured": measured,
                     "met": met}
                )  # fmt: skip
    return found


def _counts(timing: dict[str, Any]) -> bool:
    return bool(timing["engine"] == ENGINE and timing["threads"] == 1)


def markdown(judged: Sequence[dict[str, Any]], processor: str) -> str:
    """The table of docs/bench.md: measured, goal, and whether it was met; and on what."""
    lines = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    for workload in GOALS:
        cells = {one["over"]: one for one in judged if one["workload"] == workload}
        texts = [_cell(cells.get(name)) for name in (*RIVALS, SHARE)]
        lines.append(f"| {workload} | " + " | ".join(texts) + " |")
    lines.append(f"| {PROCESSOR} | measured on {processor}; goals for {GOALS_FOR} | | | |")
    return "\n".join(lines)


def _cell(one: dict[str, Any] | None) -> str:
    if one is None:
        return "-"
    goal = _number(one, one["goal"])
    if one["met"] is None:
        return f"not measured (goal {goal})"
    verdict = "met" if one["met"] else "missed"
    return f"{_number(one, one['measured'])}, goal {goal}: {verdict}"


def _number(one: dict[str, Any], value: float) -> str:
    return f"{value:.0%}" if one["over"] == SHARE else f"{value:.3g}"


def write_page(judged: Sequence[dict[str, Any]], processor: str, page: Path = PAGE) -> None:
    """Replace the table of the page."""
    before, head, rest = page.read_text().partition(HEAD)
    assert head, f"{page}: no table of goals"
    after = rest.partition("\n\n")[2]
    page.write_text(before + markdown(judged, processor) + "\n\n" + after)


if __name__ == "__main__":
    found = json.loads(RESULTS.read_text())
    write_page(judge(found["timings"]), found["processor"])
