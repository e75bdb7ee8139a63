"""What is found in results and what is tested on fresh seeds: how often each is false.

Studies of ten combinations are drawn. Whoever claims after a look takes the combination with the
best mean and the one with the worst, as they stand out, and claims that the one beats the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from labbook.evaluate.claims.judge import judge
from labbook.evaluate.study_runs import StudyRuns
from labbook.params.combinations import Combination
from labbook.plan.studies import StudyPlan
from labbook.verdicts import SUPPORTED
from tests.made_truths import EPOCHS, PLAIN, _in_memory, _values, made_plan

LABELS = "abcdefghij"
SIZES = (8, 12, 20)
TRUTHS = {"no combination is better": 0.0, "each is 0.2 better than the next": 0.2}
TEXT = """## Found, and tested

Ten combinations, of which none is better than another, or each is better than the next by 0.2
deviations of a run's luck. *Said before*: that the first of them beats the last, or, where none is
better, any beats any. *Found*: that the one with the best mean beats the one with the worst, written
after a look and judged on the same runs. *Confirmed*: the same claim, judged on as many fresh seeds
(`labbook confirm`), of those that were found and supported. Then the mean effect of the found and
supported, in deviations of a run's luck, as it was found, on fresh seeds, and in truth: what was
chosen because it is striking looks larger than it is.
"""
HEAD = """| truth | n | said before | found | confirmed | effect found | on fresh seeds | in truth |
|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Rates:
    """Shares of supported claims, and mean effects of those found, in deviations (NaN: none)."""

    before: float
    found: float
    confirmed: float
    effects: tuple[float, float, float]  # as found, on fresh seeds, in truth


def rates(step: float, n: int, repetitions: int) -> Rates:
    """Of so many studies of n seeds whose combinations are `step` better than the next."""
    draw = np.random.default_rng([n, round(100 * step)])
    truth = {label: -step * place for place, label in enumerate(LABELS)}
    before, supported, confirmed, effects = 0, 0, 0, []
    for _ in range(repetitions):
        look, fresh = _sizes(truth, n, draw), _sizes(truth, n, draw)
        before += _supports(look, "a", "j", draw)
        means = {label: float(sizes.mean()) for label, sizes in look.items()}
        best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
        if _supports(look, best, worst, draw):
            supported += 1
            confirmed += _supports(fresh, best, worst, draw)
            again = float(fresh[best].mean() - fresh[worst].mean())
            effects.append((means[best] - means[worst], again, truth[best] - truth[worst]))
    found, again, true = np.mean(effects, axis=0) if effects else np.full(3, np.nan)
    share = confirmed / supported if supported else float("nan")
    return Rates(
        before / repetitions,
        supported / repetitions,
        share,
        (float(found), float(again), float(true)),
    )


def _sizes(truth: Mapping[str, float], n: int, draw: np.random.Generator) -> dict[str, np.ndarray]:
    """How good each run is, in deviations of luck, shape (seeds,) by label; splits are shared."""
    split = draw.normal(0, 1, n)
    return {label: split + draw.normal(0, 1, n) + effect for label, effect in truth.items()}


def _supports(
    sizes: Mapping[str, np.ndarray], better: str, than: str, draw: np.random.Generator
) -> bool:
    runs = {label: _values(draw, size, PLAIN, EPOCHS) for label, size in sizes.items()}
    results: StudyRuns = _in_memory(_plan(len(sizes[better]), better, than), runs)
    return judge(results)[0].verdict == SUPPORTED


@cache
def _plan(n: int, better: str, than: str) -> StudyPlan:
    plan = made_plan("better", PLAIN, n)
    base = plan.combinations[0].recipe
    combinations = tuple(Combination(one, {"optimizer.rate": 0.1}, base) for one in LABELS)
    claim = replace(plan.claims[0], sides=((better,), (than,)))
    return replace(plan, claims=(claim,), combinations=combinations)


def section(repetitions: int) -> list[str]:
    """The lines of its section of docs/calibration.md."""
    lines = [TEXT, HEAD]
    for name, step in TRUTHS.items():
        for n in SIZES:
            print(f"{name}, {n}", flush=True)
            one = rates(step, n, repetitions)
            shares = [f"{100 * v:.1f} %" for v in (one.before, one.found, one.confirmed)]
            effects = [f"{v:.2f}" for v in one.effects]
            lines.append(f"| {name} | {n} | {' | '.join([*shares, *effects])} |")
    return [*lines, ""]
