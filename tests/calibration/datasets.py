"""Verdicts over data sets, and the false discovery rate of a page, on truths that are known."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np

from labbook.evaluate.all_claims import entering, false_discovery_rates
from labbook.evaluate.claims.judge import Judgement, judge
from labbook.evaluate.over_datasets import Found, over, verdict
from labbook.evaluate.statistics.intervals import mean_interval
from labbook.evaluate.study_runs import StudyRuns
from labbook.params.combinations import Combination
from labbook.plan.studies import ClaimPlan, StudyPlan
from labbook.verdicts import ALIKE, ALPHA, OPPOSITE, REFUTED, SUPPORTED, UNDECIDED
from tests.calibration.looks import ROUNDS, in_rounds
from tests.made_truths import (
    EPOCHS,
    MARGIN,
    PLAIN,
    _in_memory,
    _values,
    draw_differences,
    made_plan,
    size_of_margin,
)

Draw = np.random.Generator
SIZES = (3, 5, 8)  # data sets
SEEDS = 8
NOISE = 0.25  # deviation of a seed's difference, of a logarithm
LIMIT = float(np.log1p(0.5))  # a wide margin on that scale

HALF = "in rounds, do not differ, their effect is half a deviation"


@dataclass(frozen=True)
class Kind:
    """Data sets whose effects differ by `spread`, in deviations of a seed's mean difference.

    Where they are `uneven` one is noisier than another: by a factor of e in one deviation. `mean`
    is their mean effect, as a share of the margin. Seeds are added at `looks` until each decides.
    """

    spread: float
    uneven: bool = False
    mean: float = 0.0
    looks: tuple[int, ...] = (SEEDS,)


KINDS = {
    "do not differ": Kind(0),
    "differ as much as seeds do": Kind(1),
    "differ far more than seeds": Kind(4),
    "do not differ, unevenly noisy": Kind(0, uneven=True),
    "differ as much as seeds do, unevenly noisy": Kind(1, uneven=True),
    "differ far more than seeds, unevenly noisy": Kind(4, uneven=True),
    "do not differ, their effect is the margin": Kind(0, mean=1),
    "differ as much as seeds do, their mean effect is the margin": Kind(1, mean=1),
    "in rounds, do not differ": Kind(0, looks=ROUNDS[0]),
    "in rounds, differ as much as seeds do": Kind(1, looks=ROUNDS[0]),
    HALF: Kind(0, mean=NOISE / 2 / LIMIT, looks=ROUNDS[0]),
}


@dataclass(frozen=True)
class Rates:
    """Shares of questions with a false verdict, of intervals of the mean that cover it, and of
    prediction intervals that cover what one more data set gives.
    """

    false: float
    covered: float
    further: float


@cache
def claim(condition: str) -> ClaimPlan:
    """That one side is better: with the usual margin, or one of 50 %."""
    return made_plan("better", condition, SEEDS).claims[0]


def of_kind(kind: Kind, k: int, repetitions: int) -> Rates:
    """What `over` makes of so many questions of k data sets; always the same ones."""
    draw = np.random.default_rng([k, int(10 * kind.spread), kind.uneven, int(kind.mean)])
    asked = claim(MARGIN if kind.mean == 1 else PLAIN)
    truth, false, covered, further = kind.mean * LIMIT, [], [], []
    for _ in range(repetitions):
        *found, more = _drawn(kind, k + 1, draw)
        one = over(asked, found)
        told, what = verdict(asked, one, one.p, one.p_alike)
        wrong = (REFUTED,) if kind.mean else (SUPPORTED, REFUTED)
        false.append(what == ALIKE if kind.mean == 1 else told in wrong and what != ALIKE)
        assert one.effects is not None
        mean = one.effects.interval
        covered.append(mean.low <= truth <= mean.high)
        low, high = one.effects.further
        further.append(low <= more.effect <= high)
    return Rates(*(float(np.mean(shares)) for shares in (false, covered, further)))


def _drawn(kind: Kind, k: int, draw: Draw) -> list[Found]:
    """What k data sets show, each with the seeds that it has come to."""
    noise = NOISE * np.exp(draw.normal(0, 1, k) * kind.uneven)
    spread = kind.spread * NOISE / np.sqrt(SEEDS)
    truths = kind.mean * LIMIT + draw.normal(0, 1, k) * spread
    most = kind.looks[-1]
    differences = truths[:, None] + noise[:, None] * draw.normal(0, 1, (k, most))
    found = []
    for row in differences:
        n = most if len(kind.looks) == 1 else _seeds_at_the_stop(row, kind.looks)
        one = mean_interval(row[:n])
        error = one.deviation / np.sqrt(n)
        found.append(Found("made", UNDECIDED, "", one.mean, float(error), 0.5, n, True))
    return found


def _seeds_at_the_stop(differences: np.ndarray, looks: tuple[int, ...]) -> int:
    (one,) = judge(in_rounds(draw_differences(differences), looks))
    return one.looked.seeds


# A page of claims

MIXED = "one study of 80 true claims of 2 deviations, 60 of one with nothing to find"
CLAIMS = 90
TRUE = 0.3  # share of claims with an effect
EFFECT = 2.5  # of these, in deviations of a run's luck


@dataclass(frozen=True)
class PageKind:
    """A page of CLAIMS claims, so many (`each`) in a study, against the same runs where `shared`.

    With `common` these are the same runs all over the page. With `margin` claims have a margin of
    50 %, and of those without an effect half are exactly that. Of mixed sizes there is one study of
    `large` claims, all of them true, beside `small` studies of `each` claims.
    """

    each: int = 6
    shared: bool = True
    common: bool = False
    margin: bool = False
    true: float = TRUE
    large: int = 0
    small: int = 0
    effect: float = EFFECT

    @property
    def studies(self) -> list[tuple[int, float]]:
        """How many claims each study has, and the share of them with an effect."""
        if not self.large:
            return [(self.each, self.true)] * (CLAIMS // self.each)
        return [(self.large, 1.0)] + [(self.each, self.true)] * self.small

    @property
    def condition(self) -> str:
        """What the claims' study is called in made_truths."""
        return MARGIN if self.margin else PLAIN


PAGES = {
    "studies of 6 claims, each of runs of its own": PageKind(shared=False),
    "studies of 6 claims against the same runs": PageKind(),
    "the whole page against the same runs": PageKind(common=True),
    "effects of half of the others are exactly the margin": PageKind(margin=True),
    "studies of one claim": PageKind(each=1),
    "studies of one claim, the whole page against the same runs": PageKind(each=1, common=True),
    "studies of one claim, 5 % with an effect": PageKind(each=1, true=0.05),
    "studies of one claim, nothing to find": PageKind(each=1, true=0),
    MIXED: PageKind(each=1, true=0, large=80, small=60, effect=2),
    "one study of 40 true claims, 20 of six against the same runs": PageKind(large=40, small=20),
    "one study of 80 true claims, 60 of one, the whole page against the same runs": PageKind(
        each=1, true=0, large=80, small=60, common=True
    ),
}


@cache
def _plan(condition: str, each: int, shared: bool) -> StudyPlan:
    """A study of claims, against one combination or each against its own."""
    plan = made_plan("better", condition, SEEDS)
    base, first = plan.combinations[0].recipe, plan.claims[0]
    pairs = [(f"x{i}", "y" if shared else f"y{i}") for i in range(each)]
    claims = tuple(
        replace(first, id=f"c{i}", sides=((one,), (other,))) for i, (one, other) in enumerate(pairs)
    )
    labels = dict.fromkeys(label for pair in pairs for label in pair)
    combinations = tuple(Combination(one, {"optimizer.rate": 0.1}, base) for one in labels)
    return replace(plan, claims=claims, combinations=combinations)


def draw_page(kind: PageKind, draw: Draw) -> list[tuple[StudyRuns, np.ndarray]]:
    """Studies, and the effects of their claims in deviations of a run's luck, shape (claims,)."""
    split, common = draw.normal(0, 1, SEEDS), draw.normal(0, 1, SEEDS)
    page = []
    for each, true in kind.studies:
        plan = _plan(kind.condition, each, kind.shared)
        there = draw.random(each) < true
        none = np.where(draw.random(each) < 0.5, size_of_margin("better"), 0.0)
        size = kind.effect * draw.choice([-1, 1], each)
        effects = np.where(there, 2 * size, none) if kind.margin else np.where(there, size, 0.0)
        runs = {}
        for label in (combination.label for combination in plan.combinations):
            luck = common if kind.common and label == "y" else draw.normal(0, 1, SEEDS)
            effect = float(effects[int(label[1:])]) if label[0] == "x" else 0.0
            runs[label] = _values(draw, split + luck + effect, PLAIN, EPOCHS)
        page.append((_in_memory(plan, runs), effects))
    return page


def false_verdict(one: Judgement, effect: float, margin: float) -> bool:
    """A decided verdict that the true effect contradicts."""
    if one.verdict == UNDECIDED:
        return False
    if one.kind == ALIKE:
        return abs(effect) >= margin
    return effect <= 0 if one.verdict == SUPPORTED else effect >= 0 or one.kind != OPPOSITE


@dataclass(frozen=True)
class Page:
    """Of the verdicts that stand, and of all, the share that is false; of true effects those found
    by a verdict that stands.
    """

    false: float
    false_of_all: float
    found: float


@lru_cache(maxsize=1)  # a page is looked at in two ways
def judged_pages(name: str, repetitions: int) -> list[tuple[list[Judgement], list[float]]]:
    """Of so many pages of a kind, always the same, the verdicts and the true effects."""
    draw, pages = np.random.default_rng([*name.encode()]), []
    for _ in range(repetitions):
        judged: list[Judgement] = []
        effects: list[float] = []
        for study, truths in draw_page(PAGES[name], draw):
            judged += judge(study)
            effects += truths.tolist()
        pages.append((judged, effects))
    return pages


def of_pages(name: str, repetitions: int, of: Callable[[str, float], float] = entering) -> Page:
    """Means over so many pages of a kind, always the same; `of` is what enters of a verdict and its p."""
    kind, shares = PAGES[name], []
    margin = size_of_margin("better") if kind.margin else float(np.log1p(0.05)) / NOISE
    for judged, effects in judged_pages(name, repetitions):
        q = false_discovery_rates(np.array([of(one.verdict, one.p) for one in judged]))
        decided = np.array([one.verdict != UNDECIDED for one in judged])
        pairs = zip(judged, effects, strict=True)
        wrong = np.array([false_verdict(one, effect, margin) for one, effect in pairs])
        stand = decided & (q <= ALPHA)
        there = np.abs(effects) > margin * 1.001
        found = (stand & ~wrong & there).sum() / there.sum() if there.any() else np.nan
        each = [wrong[some].sum() / max(1, some.sum()) for some in (stand, decided)]
        shares.append((*each, found))
    false, false_of_all, found = np.transpose(shares)
    known = found[~np.isnan(found)]
    return Page(false.mean(), false_of_all.mean(), known.mean() if len(known) else np.nan)


OVER = """## One question, several data sets

Questions of one claim are drawn, whose data sets have {seeds} seeds each: shares of false verdicts
about data sets like these (5 % is promised: an effect is found though their mean effect is 0, or it
is called irrelevant though it is exactly the margin), of 95 % intervals of the mean effect with the
truth in them, and of prediction intervals with the effect that one more data set shows. Of
{repetitions} questions each, so that rates wander by about one point or two.
"""
UNEVEN = """Intervals cover more than promised where data sets are unevenly noisy, and prediction
intervals less there where effects hardly differ: the next data set may be the noisy one.
*In rounds* each data set gets seeds (8, 16, 32, 64) until it is decided.
"""
PAGES_TEXT = """## The false discovery rate of a page

Pages of {claims} claims, {true:.0f} % of them with an effect of {effect:g} deviations of a run's luck
in either direction, but for pages of mixed sizes; {repetitions} pages of each kind. 5 % is promised
of the verdicts that stand. Holm's correction within studies of several claims leaves little to do;
studies of one have none. If the small p of claims that their study left open counted, a large study
of true claims would make room for the false ones of small studies: {uncorrected} of the verdicts that
stand on pages of one study of 80 true claims beside 60 of one claim would be false.

| | false, of those that stand | false, of all verdicts | effects found by verdicts that stand |
|---|---|---|---|"""


def percent(share: float) -> str:
    """`4.9 %`; nothing where there is no number."""
    return "" if np.isnan(share) else f"{100 * share:.1f} %"


def section(repetitions: int) -> list[str]:
    """The lines of docs/calibration.md about data sets and the page."""
    many = 2 * repetitions
    lines = [OVER.format(seeds=SEEDS, repetitions=many)]
    found = {name: [of_kind(kind, k, many) for k in SIZES] for name, kind in KINDS.items()}
    titles: dict[str, Callable[[Rates], float]] = {
        "False verdicts": lambda one: one.false,
        "Intervals that cover": lambda one: one.covered,
        "Prediction intervals that cover": lambda one: one.further,
    }
    for title, value in titles.items():
        lines += [f"| {title}: data sets | " + " | ".join(map(str, SIZES)) + " |"]
        lines += ["|---|" + "---|" * len(SIZES)]
        for name, rates in found.items():
            lines.append(f"| {name} | " + " | ".join(percent(value(one)) for one in rates) + " |")
        lines.append("")
    lines.append(UNEVEN)
    few = max(2, repetitions // 5)
    before = of_pages(MIXED, few, lambda _, p: p)
    head = {
        "claims": CLAIMS, "true": 100 * TRUE, "effect": EFFECT, "repetitions": few,
        "uncorrected": percent(before.false),
    }  # fmt: skip
    lines.append(PAGES_TEXT.format(**head))
    for name in PAGES:
        page = of_pages(name, few)
        cells = map(percent, (page.false, page.false_of_all, page.found))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [*lines, ""]
