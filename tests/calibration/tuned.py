"""Methods tuned against tuned, of a known truth: settings are drawn, and a run adds its luck.

What two methods have in common is all: how good a setting is follows from one, two or three numbers
that are drawn, and a wrong one costs more the farther it is off. `judge` sees validation and test
values of every run, as of real results.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from labbook.evaluate.claims.judge import Judgement, judge
from labbook.evaluate.study_runs import StudyRuns
from labbook.params.claims import Claim
from labbook.params.combinations import Combination
from labbook.params.studies import Study
from labbook.plan.studies import ClaimPlan, StudyPlan
from labbook.training.runfile import DIVERGED, STOPPED, RunRecord
from labbook.verdicts import ALIKE, REFUTED, SUPPORTED
from tests.made_study import FakePrepared, recipe

KINDS = ("a", "b")
COST = 3.0  # at most, of a wrong setting, on the logarithm of the error


@dataclass(frozen=True)
class Truth:
    """How two methods compare: `effect` of the first on the logarithm of the error.

    `numbers` decide how good a setting is, the worst costing `steep`; `luck` is a run's deviation,
    half of it seen by validation and test alike. Each side tries `tried` of its `draws`.
    """

    effect: float = 0.0
    numbers: int = 1
    steep: float = 2.0
    luck: float = 0.05
    draws: int = 24
    tried: int = 12
    failing: float = 0.0  # share of runs that diverge


def draw_study(truth: Truth, seeds: int, draw: np.random.Generator) -> StudyRuns:
    """A study of the claim that method a is better than b, each at its best of so many tries."""
    split, records = draw.normal(0, 0.2, seeds), {}
    for kind in KINDS:
        off = draw.uniform(-1, 1, (truth.draws, truth.numbers))
        cost = np.minimum(truth.steep * (off**2).sum(axis=1), COST)[:, None] + split
        cost = cost - truth.effect * (kind == "a")
        luck = [draw.normal(0, truth.luck, cost.shape) * 0.5**0.5 for _ in range(3)]
        valid, test = np.exp(cost + luck[0] + luck[1]), np.exp(cost + luck[0] + luck[2])
        failed = draw.random(cost.shape) < truth.failing
        for place in np.ndindex(cost.shape):
            values = (np.nan, np.nan) if failed[place] else (valid[place], test[place])
            ended = DIVERGED if failed[place] else STOPPED
            metrics = dict(zip(("valid_mse", "test_mse"), map(float, values), strict=True))
            record = RunRecord("", {}, ended, 20, 1, metrics)
            records[f"{kind}{place[0]}", int(place[1])] = record
    plan = made_plan(truth.draws, truth.tried, seeds)
    return StudyRuns(plan, _prepared(), {}, None, records)  # type: ignore[arg-type]


@cache
def _prepared() -> FakePrepared:
    prepared = FakePrepared()
    split = prepared.split(0)
    prepared.split = lambda seed: split  # type: ignore[method-assign]
    return prepared


@cache
def made_plan(draws: int, tried: int, seeds: int, sampled: bool = True) -> StudyPlan:
    """The plan of such a study; its combinations are drawn, or listed where not `sampled`."""
    labels = [[f"{kind}{number}" for number in range(draws)] for kind in KINDS]
    block = Claim.model_validate(
        {"id": "c", "sentence": "It is so.", "better": {"optimizer.kind": "a"},
         "than": {"optimizer.kind": "b"}, "tuned": tried}
    )  # fmt: skip
    claim = ClaimPlan("c", "It is so.", None, "test_mse", "tuned", tuple(map(tuple, labels)), block)
    sample = {"sample": 2 * draws, "of": {"optimizer.rate": {"low": 0.1, "high": 0.2}}}
    vary = sample if sampled else {"optimizer.rate": [0.1, 0.2]}
    combinations = tuple(
        Combination(label, {"optimizer.kind": label[0]}, recipe())
        for row in labels
        for label in row
    )
    return StudyPlan(
        name="made", block=Study.model_validate({"question": "?", "recipe": "m", "vary": vary}),
        dataset="made", task="regression", combinations=combinations, seeds=tuple(range(seeds)),
        runs={}, reference="a0", metric="test_mse", claims=(claim,),
    )  # fmt: skip


def decided(one: Judgement) -> bool:
    """Something was said where nothing can be said but "no relevant difference"."""
    return one.verdict == SUPPORTED or (one.verdict == REFUTED and one.kind != ALIKE)


def rates(truth: Truth, seeds: int, repetitions: int) -> tuple[float, float, float]:
    """Shares of studies with a verdict, of supported ones, and of intervals with the truth."""
    draw = np.random.default_rng([seeds, truth.numbers, truth.draws, truth.tried])
    found = [judge(draw_study(truth, seeds, draw))[0] for _ in range(repetitions)]
    covered = [one.outcome.low <= np.exp(truth.effect) <= one.outcome.high for one in found]
    supported = [one.verdict == SUPPORTED for one in found]
    return (
        float(np.mean(list(map(decided, found)))),
        float(np.mean(supported)),
        float(np.mean(covered)),
    )


def nothing() -> dict[str, Truth]:
    """Truths without a difference between the methods."""
    return {
        "one number, little luck": Truth(),
        "one number, much luck": Truth(steep=1.0, luck=0.2),
        "one number, steep": Truth(steep=6.0, luck=0.02),
        "two numbers": Truth(numbers=2),
        "three numbers, little luck": Truth(numbers=3),
        "three numbers, much luck": Truth(numbers=3, steep=1.0, luck=0.2),
        "three numbers, 3 of 24 tried": Truth(numbers=3, tried=3),
        "two numbers, a fifth of the runs fail": Truth(numbers=2, failing=0.2),
    }


SIZES = (8, 12)
FEWER = 5  # as many times fewer studies where there is something to find
INTRODUCTION = """## Tuned against tuned

Two methods whose settings are drawn, 24 each, at their best of 12 tries by validation rows
({repetitions} studies each, {few} where there is something to find). How good a setting is follows
from one to three numbers. Share of verdicts although the methods do not differ (5 % is promised),
and below it the share of intervals with the truth in them; then how often a method is found better
whose errors are 10 % or 30 % lower.
Were only the seeds thought of, as if no other settings could have been drawn, {naive} of the studies
of three numbers with little luck would get a verdict.
"""


def section(repetitions: int) -> list[str]:
    """The lines of docs/calibration.md about methods that were tuned."""
    found = {
        name: [rates(truth, n, repetitions) for n in SIZES] for name, truth in nothing().items()
    }
    head = ["| seeds | " + " | ".join(map(str, SIZES)) + " |", "|---|" + "---|" * len(SIZES)]
    few = max(repetitions // FEWER, 1)
    naive = _percent(_naive(few))
    lines = [INTRODUCTION.format(repetitions=repetitions, few=few, naive=naive), *head]
    lines += [_row(name, [one[0] for one in row]) for name, row in found.items()]
    lines += ["", "Intervals with the truth in them:", "", *head]
    lines += [_row(name, [one[2] for one in row]) for name, row in found.items()]
    lines += ["", "Found where it is true:", "", *head]
    for share in (0.1, 0.3):
        for name in ("one number, little luck", "one number, much luck", "two numbers"):
            truth = Truth(**(vars(nothing()[name]) | {"effect": -np.log1p(-share)}))
            supported = [rates(truth, n, few)[1] for n in SIZES]
            lines.append(_row(f"{name}, {share:.0%} lower".replace("%", " %"), supported))
    return [*lines, ""]


def _naive(repetitions: int) -> float:
    """Share of verdicts on drawn settings that are treated as if they had been listed."""
    truth, seeds = nothing()["three numbers, little luck"], SIZES[-1]
    draw, plan = np.random.default_rng(1), made_plan(truth.draws, truth.tried, seeds, sampled=False)
    found = []
    for _ in range(repetitions):
        runs = draw_study(truth, seeds, draw)
        found.append(judge(StudyRuns(plan, runs.prepared, {}, None, runs.records))[0])  # type: ignore[arg-type]
    return float(np.mean(list(map(decided, found))))


def _row(name: str, shares: list[float]) -> str:
    return f"| {name} | " + " | ".join(map(_percent, shares)) + " |"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


if __name__ == "__main__":
    print("\n".join(section(500)))
