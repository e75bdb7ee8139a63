"""How often intervals of the shares of chance cover the truth, on made variance components."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from scipy import stats

from labbook.evaluate.statistics.chance import Source, drawn_alone, everything, held_in_common

SIZES = (8, 12, 20)
Draw = np.random.Generator
# Draws of variance 1 of one source: name -> of a shape.
SHAPES: dict[str, Callable[[Draw, tuple[int, ...]], np.ndarray]] = {
    "normal": lambda draw, shape: draw.standard_normal(shape),
    "heavy-tailed (t with 5 degrees of freedom)": lambda draw, shape: (
        draw.standard_t(5, shape) / np.sqrt(5 / 3)
    ),
    "heavy-tailed (t with 3 degrees of freedom)": lambda draw, shape: (
        draw.standard_t(3, shape) / np.sqrt(3)
    ),
    "very skewed (exponential)": lambda draw, shape: draw.exponential(1, shape) - 1,
}
# Variances: of the split, the first weights, the order, and what the latter do only together.
COMPONENTS: dict[str, Mapping[str, float]] = {
    "split 0": {"split": 0.0, "first": 0.5, "order": 0.5},
    "split 0.3": {"split": 0.3, "first": 0.4, "order": 0.2, "both": 0.1},
    "split 0.7": {"split": 0.7, "first": 0.2, "order": 0.1},
    "split 0.95": {"split": 0.95, "first": 0.03, "order": 0.02},
}
SHARES = ("split", "first weights")
DEVIATIONS = ("standard deviation of training", "of everything")
WATCHED = (*SHARES, *DEVIATIONS)
INTRODUCTION = """## Where chance comes from

Share of 95 % intervals with the truth in them: of the shares of the split (that of training is 1
less it) and of the first weights, and of standard deviations. {repetitions} studies each, of four
runs a seed: first weights and order of batches as they are or drawn anew. The split has the variance
that is named, training the rest of 1. Where the split has no share, the interval has the truth in it
whenever its lower end is cut at 0. Shares keep the promise but for sources that are very skewed, of
which one makes up nearly all. Standard deviations rest on the farthest values: of heavy tails, and of
skewed sources, their intervals are too short, and more seeds do not help.
"""


def drawn_runs(
    draw: Draw, n: int, variances: Mapping[str, float], shape: str = "normal"
) -> np.ndarray:
    """Runs (seeds, first weights, orders): each of both as it is and drawn anew."""
    sizes = {"split": (n, 1, 1), "first": (n, 2, 1), "order": (n, 1, 2), "both": (n, 2, 2)}
    parts = [
        np.sqrt(variances.get(name, 0.0)) * SHAPES[shape](draw, size)
        for name, size in sizes.items()
    ]
    return np.asarray(sum(np.broadcast_to(part, (n, 2, 2)) for part in parts))


def estimates(runs: np.ndarray) -> Iterator[tuple[Source, str, str]]:
    """What is said of runs (seeds, 2, 2), with the name of what is watched and of its estimate."""
    n = len(runs)
    anew = np.stack([runs, runs[:, ::-1, ::-1]], axis=-1)[:, 0]  # (seeds, 2 pairs, 2)
    first = runs.transpose(0, 2, 1).reshape(n, 2, 2)
    yield held_in_common(anew), WATCHED[0], "share"
    yield drawn_alone(first), WATCHED[1], "share"
    yield drawn_alone(anew), WATCHED[2], "deviation"
    yield everything(runs.reshape(n, 4)), WATCHED[3], "deviation"


def truth_of(variances: Mapping[str, float]) -> dict[str, float]:
    """The truth of what is watched; the variances add up to 1."""
    first = variances["first"] + variances.get("both", 0.0)
    values = (variances["split"], first, np.sqrt(1 - variances["split"]), 1.0)
    return dict(zip(WATCHED, values, strict=True))


def coverage(shape: str, components: str, n: int, repetitions: int) -> dict[str, float]:
    """Share of intervals that cover, of each that is watched; always of the same draws."""
    variances = COMPONENTS[components]
    draw, truth = np.random.default_rng([n, *f"{shape}/{components}".encode()]), truth_of(variances)
    covered = dict.fromkeys(WATCHED, 0)
    for _ in range(repetitions):
        for found, name, what in estimates(drawn_runs(draw, n, variances, shape)):
            _, low, high = getattr(found, what)
            covered[name] += low - 1e-12 <= truth[name] <= high + 1e-12
    return {name: count / repetitions for name, count in covered.items()}


def section(repetitions: int) -> list[str]:
    """The lines of docs/calibration.md."""
    lines = [INTRODUCTION.format(repetitions=f"{repetitions:,}")]
    head = [
        f"| sources | variances | n | {' | '.join(WATCHED)} |",
        "|---" * (3 + len(WATCHED)) + "|",
    ]
    lines += head
    for shape in SHAPES:
        for components in COMPONENTS:
            for n in SIZES:
                print(shape, components, n, flush=True)
                found = coverage(shape, components, n, repetitions)
                cells = " | ".join(f"{100 * found[name]:.1f} %" for name in WATCHED)
                lines.append(f"| {shape} | {components} | {n} | {cells} |")
    return [*lines, ""]


def least(repetitions: int, rate: float) -> float:
    """The least coverage that should be seen of intervals that cover at this rate."""
    return float(stats.binom.ppf(0.001, repetitions, rate)) / repetitions
