"""What a tuning chose against another recipe, of a known truth: pairs by seed are drawn.

Differences are on the logarithm of an error, where the usual margin is log 1.05.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from labbook.tuning.against import against
from labbook.verdicts import ALIKE, AS_GOOD, BETTER, UNDECIDED, WORSE
from tests.calibration.verdicts import DIFFERENCES, Draw

METRIC, MARGIN = "test_mse", 1.05
SIZES = (8, 24, 64)  # seeds
SPREAD = 0.1  # deviation of a difference, about as in the table of docs/tuning.md
SHAPES: dict[str, tuple[str, int]] = {  # of gains: one of DIFFERENCES, and its sign
    "normal": ("normal", 1),
    "heavy tails (t of 3 degrees of freedom)": ("heavy-tailed (t with 3 degrees of freedom)", 1),
    "long tail of gains (exponential)": ("very skewed after all (exponential)", 1),
    "long tail of losses (exponential)": ("very skewed after all (exponential)", -1),
}
INTRODUCTION = """## What a tuning chose

The last step of a tuning ({repetitions} each, whose pairs differ with a deviation of 10 %). What was
chosen is worse by just the margin, 5 % of an error: how often it is called better, with no relevant
difference or at least as good; 5 % is promised. Below it nothing differs: how often it is called
better or worse.
"""
OUTCOMES = """Of normal differences and {n} seeds, by the true ratio of the errors:
"""


def verdicts(shape: str, ratio: float, n: int, repetitions: int) -> Counter[str]:
    """The verdicts on what has so many times the error of what it is compared with."""
    draw: Draw = np.random.default_rng([n, round(1000 * ratio)])
    name, sign = SHAPES[shape]
    gains = (sign * SPREAD * DIFFERENCES[name](draw, n) for _ in range(repetitions))
    errors = (ratio * np.exp(-gain) for gain in gains)
    return Counter(against(one, np.ones(n), METRIC, "original")["verdict"] for one in errors)


def share(found: Counter[str], some: Iterable[str]) -> float:
    """The share of these verdicts."""
    return sum(found[one] for one in some) / found.total()


def section(repetitions: int) -> list[str]:
    """The lines of docs/calibration.md about what tunings chose."""
    head = _rows("seeds", map(str, SIZES))
    lines = [INTRODUCTION.format(repetitions=repetitions)]
    for ratio, wrong in ((MARGIN, (BETTER, ALIKE, AS_GOOD)), (1.0, (BETTER, WORSE))):
        lines += [*head, "|---|" + "---|" * len(SIZES)]
        for shape in SHAPES:
            found = (verdicts(shape, ratio, n, repetitions) for n in SIZES)
            lines += _rows(shape, (_percent(share(one, wrong)) for one in found))
        lines.append("")
    names, n = (BETTER, AS_GOOD, ALIKE, UNDECIDED, WORSE), SIZES[1]
    lines += [OUTCOMES.format(n=n), *_rows("true ratio", names), "|---|" + "---|" * len(names)]
    for ratio in (0.9, 0.95, 1.0, 1.05, 1.1):
        found = verdicts("normal", ratio, n, repetitions)
        lines += _rows(f"{ratio:g}", (_percent(share(found, [name])) for name in names))
    return lines


def _rows(name: str, cells: Iterable[str]) -> list[str]:
    return [f"| {name} | " + " | ".join(cells) + " |"]


def _percent(part: float) -> str:
    return f"{100 * part:.1f} %"


if __name__ == "__main__":
    print("\n".join(section(1000)))
