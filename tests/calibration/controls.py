"""How often controls fail where nothing is wrong, and how surely they see what is."""

from collections.abc import Callable

import numpy as np
from scipy import stats

from labbook.evaluate.statistics.controls import (
    Correlated,
    Right,
    together_by_chance,
    usual_difference,
)
from labbook.evaluate.statistics.paired import compare
from labbook.verdicts import CONTROL_SEEDS, FALSE_ALARMS

Draw = np.random.Generator
Target = Callable[[Draw, int], np.ndarray]
SEEDS = CONTROL_SEEDS
USUAL = 1.959964  # deviations below which 19 of 20 normal differences are
SHIFTS = (1, 2, 3)  # standard deviations of a run by which a twin is worse
LEAKS = (0.0, 0.05, 0.1, 0.2, 0.3)  # correlation of predictions with the test rows' answers
SHAPES = ("normal", "heavy-tailed (t with 5 degrees of freedom)")


def _failing(draw: Draw) -> np.ndarray:
    return np.where(draw.random(SEEDS) < 0.1, np.nan, draw.normal(size=SEEDS))


# Figures of one training for each seed, larger is better: name -> draw, standard deviation.
ITSELF: dict[str, tuple[Callable[[Draw], np.ndarray], float]] = {
    "normal": (lambda draw: draw.normal(size=SEEDS), 1),
    "heavy-tailed (t with 3 degrees of freedom)": (
        lambda draw: draw.standard_t(3, SEEDS), np.sqrt(3),
    ),
    "very skewed (exponential)": (lambda draw: draw.exponential(size=SEEDS), 1),
    "one run in ten fails": (_failing, 1),
    "accuracies of 40 rows": (
        lambda draw: draw.binomial(40, 0.9, SEEDS) / 40, np.sqrt(0.9 * 0.1 / 40),
    ),
}  # fmt: skip


def told_from_itself(name: str, repetitions: int, shift: float = 0.0) -> float:
    """Share of twins that are told apart, worse by so many standard deviations of a run."""
    figures, deviation = ITSELF[name]
    draw = np.random.default_rng([1, *name.encode(), round(100 * shift)])
    pairs = ((figures(draw), figures(draw) - shift * deviation) for _ in range(repetitions))
    return float(np.mean([compare(*pair).p < FALSE_ALARMS for pair in pairs]))


def diverged_is_seen(name: str, repetitions: int) -> float:
    """Share of twins that are told apart of which all runs failed."""
    figures, lost = ITSELF[name][0], np.full(SEEDS, np.nan)
    draw = np.random.default_rng([4, *name.encode()])
    return float(
        np.mean([compare(figures(draw), lost).p < FALSE_ALARMS for _ in range(repetitions)])
    )


# Targets of test rows: name -> kind, rows, draw of so many.
NOTHING: dict[str, tuple[str, int, Target]] = {
    "numbers, normal, 10 rows": ("numbers", 10, lambda draw, n: draw.normal(size=n)),
    "numbers, normal, 300 rows": ("numbers", 300, lambda draw, n: draw.normal(size=n)),
    "numbers, very skewed (log-normal), 10 rows": (
        "numbers", 10, lambda draw, n: draw.lognormal(0, 1.5, n),
    ),
    "numbers, very skewed (log-normal), 300 rows": (
        "numbers", 300, lambda draw, n: draw.lognormal(0, 1.5, n),
    ),
    "numbers and predictions very skewed (both log-normal), 10 rows": (
        "skewed numbers", 10, lambda draw, n: draw.lognormal(0, 1.5, n),
    ),
    "numbers and predictions very skewed (both log-normal), 300 rows": (
        "skewed numbers", 300, lambda draw, n: draw.lognormal(0, 1.5, n),
    ),
    "ten classes, 30 rows": ("classes", 30, lambda draw, n: draw.integers(0, 10, n)),
    "ten classes, 500 rows": ("classes", 500, lambda draw, n: draw.integers(0, 10, n)),
    "two classes, one of them 5 %, 100 rows": (
        "classes", 100, lambda draw, n: (draw.random(n) < 0.05).astype(int),
    ),
}  # fmt: skip


def known(name: str, leak: float, repetitions: int) -> float:
    """Share of controls that fail, of which so much is known: see `_numbers` and `_classes`."""
    kind, rows, target = NOTHING[name]
    draw = np.random.default_rng([2, *name.encode(), round(100 * leak)])
    p = [KINDS[kind](rows, target, leak, draw) for _ in range(repetitions)]
    return float(np.mean(np.array(p) < FALSE_ALARMS))


def _numbers(rows: int, target: Target, leak: float, draw: Draw) -> float:
    """p of predictions whose correlation with the targets is `leak`, all else normal."""
    seeds = []
    for _ in range(SEEDS):
        true = target(draw, rows)
        noise = draw.normal(size=rows) * true.std() * np.sqrt(1 - leak**2)
        seeds.append(Correlated(true, leak * true + noise))
    return together_by_chance(seeds, draw)


def _skewed(rows: int, target: Target, leak: float, draw: Draw) -> float:
    """As `_numbers`, all else being drawn as the targets are."""
    seeds = []
    for _ in range(SEEDS):
        true, other = target(draw, rows), target(draw, rows)
        seeds.append(Correlated(true, leak * true + np.sqrt(1 - leak**2) * other))
    return together_by_chance(seeds, draw)


def _classes(rows: int, target: Target, leak: float, draw: Draw) -> float:
    """p of predictions of which a share `leak` is known, and the others are drawn likewise."""
    right = []
    for _ in range(SEEDS):
        true = target(draw, rows)
        predicted = np.where(draw.random(rows) < leak, true, target(draw, rows))
        right.append(Right(true, predicted, 10))
    return together_by_chance(right, draw)


KINDS = {"numbers": _numbers, "skewed numbers": _skewed, "classes": _classes}


def usual_covers(shape: str, repetitions: int) -> float:
    """Share of intervals of the usual difference with the truth in them."""
    draw = np.random.default_rng([3, *shape.encode()])
    if shape == "normal":
        drawn, truth = draw.normal(size=(repetitions, SEEDS)), USUAL
    else:
        drawn = draw.standard_t(5, (repetitions, SEEDS))
        truth = float(stats.t.ppf(0.975, 5))
    found = [usual_difference(differences) for differences in drawn]
    return float(np.mean([one.low <= truth <= one.high for one in found]))


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _shares_of_itself(name: str, repetitions: int) -> list[str]:
    shares = [told_from_itself(name, repetitions, shift) for shift in (0, *SHIFTS)]
    return [*map(_share, shares), _share(diverged_is_seen(name, repetitions))]


def section(repetitions: int) -> list[str]:
    """The section of docs/calibration.md, line by line."""
    lines = [
        "## Controls",
        "",
        f"Share of controls, of {SEEDS} seeds, that fail although nothing is wrong; at most 1 % is",
        "promised. A setting against itself, by the shape of its figures; then how often a twin is",
        "seen that is worse by so many standard deviations of a run, and one that diverges in all",
        "seeds. A seed in which the reference failed, too, says nothing of that.",
        "",
        "| figures | failed | "
        + " | ".join(f"worse by {shift}" for shift in SHIFTS)
        + " | diverges |",
        "|---|---|" + "---|" * len(SHIFTS) + "---|",
        *(f"| {name} | {' | '.join(_shares_of_itself(name, repetitions))} |" for name in ITSELF),
        "",
        "A shuffled target, by what test rows have, and how often a leak is seen: predictions of",
        "numbers that go with the test rows' answers by a correlation of so much, or classes of",
        "which such a share is known.",
        "",
        "| test rows of a seed | failed | " + " | ".join(f"leak {leak:g}" for leak in LEAKS[1:]) + " |",
        "|---|---|" + "---|" * len(LEAKS[1:]),
    ]  # fmt: skip
    for name in NOTHING:
        seen = [known(name, leak, max(20, repetitions // (10 if leak else 1))) for leak in LEAKS]
        lines.append(f"| {name} | {' | '.join(map(_share, seen))} |")
    return [
        *lines,
        "",
        "Share of 95 % intervals of the usual difference between two trainings with the truth in",
        "them. They take differences for normal; where a few are far larger than the rest, eight",
        "seeds may not show one of them.",
        "",
        "| differences | covered |",
        "|---|---|",
        *(f"| {shape} | {_share(usual_covers(shape, repetitions))} |" for shape in SHAPES),
        "",
    ]
