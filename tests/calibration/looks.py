"""How often verdicts are wrong where seeds are added until a claim is decided, by `judge`.

Studies are drawn with all seeds that there may be, and judged at the looks, as those that stop are:
what comes after a verdict changes nothing. The rivals, other ways to price looks, see the same
differences by plain paired t tests.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from labbook.evaluate.claims.judge import judge
from labbook.evaluate.claims.outcome import Judgement
from labbook.evaluate.study_runs import StudyRuns
from labbook.plan.looks import looks_of
from labbook.verdicts import ALPHA
from tests.calibration.verdicts import DIFFERENCES, decided, of_form, special_scenarios
from tests.made_truths import CONDITIONS, FORMS, GOAL, NOTHING, OUT, draw_differences

ROUNDS = ((8, 16, 32, 64), (6, 12, 24))
EFFECTS = (0.2, 0.35, 0.5, 0.8, 1.2)  # in standard deviations of the differences
SPECIAL = ("any of four claims", "order: two neighbours equal", "matters: ")
PATHS = 20_000  # of the rivals, which are quick
Draw = np.random.Generator
TEXT = """## Looks: seeds until decided

Studies in rounds, looked at with 8, 16, 32 and 64 seeds (`seeds: {{from: 8, to: 64}}`) and with 6, 12
and 24, each until it is decided ([seeds.md](seeds.md)); {repetitions} draws each, so nominal rates
wander by about {wander} points. First the share of false verdicts at any look where there is nothing
to find; 5 % is promised.
"""
STOPPED = """The share of intervals, as they are at the stop, with the truth in them, and false verdicts, where one
side is claimed better and differences have these shapes (their mean is 0).
"""
POWER = """How often an effect is found, and with how many seeds on average, by its size in standard deviations
of the differences (normal): by one look at 8 or at 64 seeds, and by looks at 8, 16, 32 and 64. In
the last columns claims also end for good that at a look seem to need more than 200 fresh seeds; the
rule does not do that.
"""
RIVALS = """Other prices of the same four looks, by plain paired t tests of normal differences, {paths} draws:
*naive*, 5 % at each look; *shares of seeds*, the rule here; *linear spending* and *O'Brien and
Fleming's spending*, exact thresholds by simulation (Lan and DeMets 1983); *any time*, a t test that
allows a look after every seed: the mixture of likelihood ratios over effects with a normal prior of
variance 1 (Grünwald, de Heide and Koolen 2024), which is an e-value, and counts from 20 on. Found, and
seeds on average.
"""


def in_rounds(results: StudyRuns, looks: tuple[int, ...]) -> StudyRuns:
    """The same study, looked at with so many seeds."""
    return replace(results, study=replace(results.study, looks=looks_of(looks)))


@dataclass(frozen=True)
class Rates:
    """Shares of studies with a false verdict and of intervals that cover; mean seeds at the end."""

    false: float
    covered: float
    seeds: float


def rates(
    name: str,
    draw_one: Callable[[int, Draw], StudyRuns],
    wrong: Callable[[Judgement], bool],
    looks: tuple[int, ...],
    repetitions: int,
    truth: float | None = None,
) -> Rates:
    """What `judge` makes of so many studies that are looked at; always the same ones."""
    draw = np.random.default_rng([*looks, *name.encode()])
    false, covered, seeds = 0, 0, 0
    for _ in range(repetitions):
        judged = judge(in_rounds(draw_one(looks[-1], draw), looks))
        false += any(map(wrong, judged))
        seeds += max(one.looked.seeds for one in judged)
        if truth is not None:
            found = judged[0].outcome
            covered += not (found.low > truth or found.high < truth)
    share = float("nan") if truth is None else covered / repetitions
    return Rates(false / repetitions, share, seeds / repetitions)


def shifted(effect: float) -> Callable[[int, Draw], StudyRuns]:
    """Studies in which a is better than b by so many deviations of the differences."""
    return lambda n, draw: draw_differences(draw.normal(effect, 1, n))


def hopeless_stops(effect: float, repetitions: int) -> tuple[float, float]:
    """Share decided, and mean seeds, if a claim that seems to need too many seeds ends there."""
    looks = ROUNDS[0]
    draw, found, seeds = np.random.default_rng([7, round(100 * effect)]), 0, 0
    for _ in range(repetitions):
        results = in_rounds(shifted(effect)(looks[-1], draw), looks)
        for number in range(1, len(looks) + 1):
            (one,) = judge(results, number)
            if one.decided or one.fresh_seeds == np.inf:
                break
        found += one.decided
        seeds += one.looked.seeds
    return found / repetitions, seeds / repetitions


def p_values(differences: np.ndarray, looks: tuple[int, ...]) -> np.ndarray:
    """Two-sided p of paired t tests at the looks, (paths, looks), of differences (paths, seeds)."""
    found = []
    for n in looks:
        now = differences[:, :n]
        t = now.mean(axis=1) / (now.std(axis=1, ddof=1) / np.sqrt(n))
        found.append(2 * stats.t.sf(np.abs(t), n - 1))
    return np.array(found).T


def thresholds(p: np.ndarray, spent: np.ndarray) -> np.ndarray:
    """Of each look the p below which so much of the level is spent, by paths without an effect."""
    alive, found, before = np.ones(len(p), bool), [], 0.0
    for look, total in enumerate(spent):
        many = round((total - before) * len(p))
        ordered = np.sort(p[alive, look])
        found.append(ordered[many] if many < len(ordered) else 1.0)
        alive &= p[:, look] >= found[-1]
        before = total
    return np.array(found)


def any_time(differences: np.ndarray, first: int) -> np.ndarray:
    """The first number of seeds, from `first` on, at which the mixture reaches 20, or infinity.

    With t at n seeds and a normal prior of variance g = 1 of the effect in deviations the ratio is
    (1 + n g)^(-1/2) ((1 + t^2 / (n - 1)) / (1 + t^2 / ((1 + n g) (n - 1))))^(n / 2).
    """
    seeds = np.arange(1, differences.shape[1] + 1)
    sums, squares = differences.cumsum(axis=1), (differences**2).cumsum(axis=1)
    spread = np.maximum(squares - sums**2 / seeds, 1e-12)  # (n - 1) times the variance
    ratio = sums**2 / seeds / spread  # t^2 / (n - 1)
    logs = -0.5 * np.log1p(seeds) + seeds / 2 * (np.log1p(ratio) - np.log1p(ratio / (1 + seeds)))
    reached = (logs >= np.log(1 / ALPHA)) & (seeds >= first)
    return np.where(reached.any(axis=1), seeds[reached.argmax(axis=1)], np.inf)


def stopped(p: np.ndarray, limits: np.ndarray, looks: tuple[int, ...]) -> tuple[float, float]:
    """Share of paths that are decided, and mean seeds at the stop."""
    below = p < limits
    found = below.any(axis=1)
    return float(found.mean()), float(
        np.where(found, np.array(looks)[below.argmax(axis=1)], looks[-1]).mean()
    )


def _rivals() -> list[str]:
    looks = ROUNDS[0]
    draw = np.random.default_rng(1)
    null = p_values(draw.normal(size=(10 * PATHS, looks[-1])), looks)
    time = np.array(looks) / looks[-1]
    fleming = 2 - 2 * stats.norm.cdf(stats.norm.ppf(1 - ALPHA / 2) / np.sqrt(time))
    rules = {
        "naive": np.full(len(looks), ALPHA),
        "shares of seeds": ALPHA * np.diff([0, *time]),
        "linear spending": thresholds(null, ALPHA * time),
        "O'Brien and Fleming's spending": thresholds(null, fleming),
    }
    effects = (0.0, *EFFECTS)
    made = [draw.normal(effect, 1, (PATHS, looks[-1])) for effect in effects]
    lines = ["| price | " + " | ".join(f"effect {e:g}" for e in effects) + " |"]
    lines.append("|---|" + "---|" * len(effects))
    for name, limits in rules.items():
        cells = [_cell(*stopped(p_values(one, looks), limits, looks)) for one in made]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    cells = []
    for one in made:
        at = any_time(one, looks[0])
        cells.append(_cell(float(np.isfinite(at).mean()), float(np.minimum(at, looks[-1]).mean())))
    return [*lines, f"| any time | {' | '.join(cells)} |", ""]


def _cell(found: float, seeds: float) -> str:
    return f"{100 * found:.1f} %, {seeds:.1f}"


def section(repetitions: int) -> list[str]:
    """The lines of its section of docs/calibration.md."""
    wander = f"{196 * np.sqrt(0.05 * 0.95 / repetitions):.1f}"
    lines = [TEXT.format(repetitions=repetitions, wander=wander)]
    head = [" to ".join((str(one[0]), str(one[-1]))) for one in ROUNDS]
    lines += [f"| | {' | '.join(head)} |", "|---|---|---|"]
    scenarios = [
        of_form(form, condition, NOTHING)
        for form in FORMS
        for condition in CONDITIONS
        if (form, condition) not in OUT and condition != GOAL
    ]
    scenarios += [one for one in special_scenarios() if one.name.startswith(SPECIAL)]
    scenarios = [one for one in scenarios if "claimed" not in one.name]
    for one in scenarios:
        print(one.name, flush=True)
        found = [rates(one.name, one.draw, one.wrong, looks, repetitions) for looks in ROUNDS]
        name = one.name.removesuffix(f", {NOTHING}")
        lines.append(f"| {name} | " + " | ".join(f"{100 * r.false:.1f} %" for r in found) + " |")
    lines += ["", STOPPED, "| | " + " | ".join(f"{h}: false | covered" for h in head) + " |"]
    lines.append("|---|---|---|---|---|")
    for name, shape in DIFFERENCES.items():
        cells = []
        for looks in ROUNDS:
            r = rates(
                name,
                lambda n, draw, shape=shape: draw_differences(shape(draw, n)),  # type: ignore[misc]
                decided,
                looks,
                repetitions,
                0.0,
            )
            cells.append(f"{100 * r.false:.1f} % | {100 * r.covered:.1f} %")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", POWER, "| effect | 8 | 64 | looks | ending early |", "|---|---|---|---|---|"]
    for effect in (0.0, *EFFECTS):
        print(f"effect {effect}", flush=True)
        cells = []
        for looks in ((8,), (64,), ROUNDS[0]):
            r = rates(f"effect {effect}", shifted(effect), decided, looks, repetitions)
            seeds = f", {r.seeds:.1f} seeds" if len(looks) > 1 else ""
            cells.append(f"{100 * r.false:.0f} %{seeds}")
        share, seeds_ = hopeless_stops(effect, repetitions)
        cells.append(f"{100 * share:.0f} %, {seeds_:.1f} seeds")
        lines.append(f"| {effect:g} | {' | '.join(cells)} |")
    return [*lines, "", RIVALS.format(paths=f"{PATHS:,}"), *_rivals()]
