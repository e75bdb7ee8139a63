"""How often controls fail where nothing is wrong, and how surely they see what is."""

from collections.abc import Callable

import numpy as np
from scipy import stats

from labbook.evaluate.statistics.controls import (
    known_classes,
    known_numbers,
    together,
    usual_difference,
)
from labbook.evaluate.statistics.paired import compare
from labbook.verdicts import FALSE_ALARMS, FEWEST_SEEDS

Draw = np.random.Generator
SEEDS = FEWEST_SEEDS
USUAL = 1.959964  # deviations below which 19 of 20 normal differences are
MARGINS = {"numbers": 0.05, "classes": 0.005}
LEAKS = (0.0, 0.1, 0.2, 0.3, 0.5)  # correlation of predictions with the test rows' answers
SHAPES = ("normal", "heavy-tailed")


def _failing(draw: Draw) -> np.ndarray:
    return np.where(draw.random(SEEDS) < 0.1, np.nan, draw.normal(size=SEEDS))


# Figures of one training for each seed, larger is better: name -> draw.
ITSELF: dict[str, Callable[[Draw], np.ndarray]] = {
    "normal": lambda draw: draw.normal(size=SEEDS),
    "heavy-tailed (t with 3 degrees of freedom)": lambda draw: draw.standard_t(3, SEEDS),
    "very skewed (exponential)": lambda draw: draw.exponential(size=SEEDS),
    "one run in ten fails": _failing,
    "accuracies of 40 rows": lambda draw: draw.binomial(40, 0.9, SEEDS) / 40,
}


def told_from_itself(name: str, repetitions: int) -> float:
    """Share of pairs of equal sides that are told apart."""
    draw = np.random.default_rng([1, *name.encode()])
    found = [compare(ITSELF[name](draw), ITSELF[name](draw)).p for _ in range(repetitions)]
    return float(np.mean([p < FALSE_ALARMS for p in found]))


# Targets of test rows: name -> kind, rows, draw of so many.
NOTHING: dict[str, tuple[str, int, Callable[[Draw, int], np.ndarray]]] = {
    "numbers, normal, 10 rows": ("numbers", 10, lambda draw, n: draw.normal(size=n)),
    "numbers, normal, 300 rows": ("numbers", 300, lambda draw, n: draw.normal(size=n)),
    "numbers, very skewed (log-normal), 10 rows": (
        "numbers", 10, lambda draw, n: draw.lognormal(0, 1.5, n),
    ),
    "numbers, very skewed (log-normal), 300 rows": (
        "numbers", 300, lambda draw, n: draw.lognormal(0, 1.5, n),
    ),
    "ten classes, 30 rows": ("classes", 30, lambda draw, n: draw.integers(0, 10, n)),
    "ten classes, 500 rows": ("classes", 500, lambda draw, n: draw.integers(0, 10, n)),
    "two classes, one of them 5 %, 100 rows": (
        "classes", 100, lambda draw, n: (draw.random(n) < 0.05).astype(int),
    ),
}  # fmt: skip


def known(name: str, leak: float, repetitions: int) -> tuple[float, float]:
    """Share of shuffled targets that are known by p alone, and of controls that fail."""
    kind, rows, target = NOTHING[name]
    draw = np.random.default_rng([2, *name.encode(), round(100 * leak)])
    found = np.array([_one(kind, rows, target, leak, draw) for _ in range(repetitions)])
    return float(found[:, 0].mean()), float(found.all(axis=1).mean())


def _one(
    kind: str, rows: int, target: Callable[[Draw, int], np.ndarray], leak: float, draw: Draw
) -> tuple[bool, bool]:
    """Whether p is small, and whether the mean is better by more than the margin."""
    deviations, gains = [], []
    for _ in range(SEEDS):
        true, train = target(draw, rows), target(draw, 4 * rows)
        if kind == "numbers":
            size = true.std()
            noise = draw.normal(size=rows) * size * np.sqrt(1 - leak**2)
            # A network that learnt nothing hardly moves from the mean.
            predicted = train.mean() + (leak or 0.1) * (leak * (true - true.mean()) + noise)
            deviations.append(known_numbers(true, predicted))
            errors = [np.mean((true - one) ** 2) for one in (predicted, train.mean())]
            gains.append(float(np.log(errors[1] / errors[0])))
        else:
            predicted = np.where(draw.random(rows) < leak, true, target(draw, rows))
            most = np.bincount(train).argmax()
            deviations.append(known_classes(true, predicted, 10))
            gains.append(float(np.mean(predicted == true) - np.mean(true == most)))
    beyond = np.log1p(MARGINS[kind]) if kind == "numbers" else MARGINS[kind]
    return together(deviations) < FALSE_ALARMS, bool(np.mean(gains) > beyond)


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


def section(repetitions: int) -> list[str]:
    """The section of docs/calibration.md, line by line."""
    lines = [
        "## Controls",
        "",
        f"Share of controls, of {SEEDS} seeds, that fail although nothing is wrong; at most 1 % is",
        "promised. A setting against itself, by the shape of its figures:",
        "",
        "| figures | failed |",
        "|---|---|",
        *(f"| {name} | {_share(told_from_itself(name, repetitions))} |" for name in ITSELF),
        "",
        "A shuffled target, by p alone, and with the margin, which a network that learnt nothing",
        "hardly comes beyond. Then how often a leak is seen: predictions of numbers that go with the",
        "test rows' answers by a correlation of so much, or so many classes that are known.",
        "",
        "| test rows | p alone | failed | " + " | ".join(f"leak {leak:g}" for leak in LEAKS[1:]) + " |",
        "|---|---|---|" + "---|" * len(LEAKS[1:]),
    ]  # fmt: skip
    for name in NOTHING:
        alone, failed = known(name, 0.0, repetitions)
        seen = (_share(known(name, leak, max(20, repetitions // 5))[1]) for leak in LEAKS[1:])
        lines.append(f"| {name} | {_share(alone)} | {_share(failed)} | {' | '.join(seen)} |")
    covers = ", ".join(f"{shape} {_share(usual_covers(shape, repetitions))}" for shape in SHAPES)
    return [
        *lines,
        "",
        "Share of 95 % intervals of the usual difference between two trainings with the truth in",
        f"them, by the shape of the differences: {covers}. It takes them for normal; where few are",
        "far larger than the rest, six seeds do not show them.",
        "",
    ]
