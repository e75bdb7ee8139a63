"""How often verdicts are wrong and intervals cover, on made data whose truth is known.

Every form of claim, under every condition, goes through `judge` as real results do. `make
calibrate` writes docs/calibration.md by this; the tests run a short form.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from labbook.evaluate.claims.judge import Judgement, judge
from labbook.evaluate.statistics.intervals import metric_interval
from labbook.evaluate.study_runs import StudyRuns
from labbook.verdicts import ALIKE, AS_CLAIMED, FEWEST_SEEDS, REFUTED, SAME, SUPPORTED
from tests.made_truths import (
    CLAIMED,
    CONDITIONS,
    FAILURES,
    FORMS,
    GOAL,
    GRID,
    MARGIN,
    NOTHING,
    OUT,
    PARAMETERS,
    REVERSED,
    SPREAD,
    TIES,
    TRUTHS,
    WIDE,
    draw_differences,
    draw_exact,
    draw_family,
    draw_grid,
    draw_order,
    draw_study,
    size_of_margin,
)

SIZES = (5, 8, 12, 20)
FEWER = 5  # a fifth of the studies where something is to be found, or epochs are counted
EFFECT = 1.5  # deviations of a run's luck, where there is an effect
Draw = np.random.Generator
Wrong = Callable[[Judgement], bool]


@dataclass(frozen=True)
class Scenario:
    """StudyRuns of a known truth, drawn for n seeds, and which judgements of them are false."""

    name: str
    draw: Callable[[int, Draw], StudyRuns]
    wrong: Wrong
    truth: float | None = None  # the effect on its scale, for intervals


@dataclass(frozen=True)
class Rates:
    """Shares of false verdicts, of supported claims, and of intervals that cover the truth."""

    false: float
    supported: float
    covered: float


def rates(scenario: Scenario, n: int, repetitions: int) -> Rates:
    """What `judge` makes of so many studies of n seeds; always the same ones."""
    draw = np.random.default_rng([n, *scenario.name.encode()])
    judged = [judge(scenario.draw(n, draw)) for _ in range(repetitions)]
    false = np.mean([any(map(scenario.wrong, claims)) for claims in judged])
    supported = np.mean([any(c.verdict == SUPPORTED for c in claims) for claims in judged])
    covered = np.nan
    if scenario.truth is not None:  # an open end leaves nothing out
        found = [c.outcome for (c, *_) in judged]
        covered = 1 - np.mean([f.low > scenario.truth or f.high < scenario.truth for f in found])
    return Rates(float(false), float(supported), float(covered))


def decided(one: Judgement) -> bool:
    """Something was said of a truth at which nothing can be said but "no relevant difference"."""
    return one.verdict == SUPPORTED or (one.verdict == REFUTED and one.kind not in (ALIKE, SAME))


def at_bound(one: Judgement) -> bool:
    """The truth lies exactly at a bound: either verdict is false."""
    return one.verdict in (SUPPORTED, REFUTED)


def refuted(one: Judgement) -> bool:
    """The claim is true."""
    return one.verdict == REFUTED


def supported(one: Judgement) -> bool:
    """The claim is not true."""
    return one.verdict == SUPPORTED


def sized(one: Judgement) -> bool:
    """The effect is exactly the margin: it is neither beyond nor below it."""
    return one.kind in (AS_CLAIMED, ALIKE)


FALSE: dict[str, Wrong] = {CLAIMED: refuted, NOTHING: decided, REVERSED: supported}
AT_BOUND: dict[str, Wrong] = {
    "better by at least": at_bound,
    "level": at_bound,
    "share": at_bound,
    "alike": supported,  # a test against each bound: 5 % to support, 2.5 % to refute
    "level between": supported,
}


def false_of(form: str, truth: str) -> Wrong:
    """Which judgements are false of a form of claim and a truth."""
    return AT_BOUND.get(form, decided) if truth == NOTHING else FALSE[truth]


def of_form(form: str, condition: str, truth: str) -> Scenario:
    """A form of claim under a condition, with an effect as claimed, none, or the other way."""
    size = EFFECT * TRUTHS[truth] * (2 if condition == MARGIN else 1)  # beyond the margin, too
    return Scenario(
        f"{form}, {condition}, {truth}",
        lambda n, draw: draw_study(form, condition, size, n, draw),
        false_of(form, truth),
        effect_of(form, condition, size),
    )


def effect_of(form: str, condition: str, size: float) -> float | None:
    """The true effect on its scale, of forms whose intervals are watched."""
    if form == "share":
        return float(stats.norm.cdf(size))
    if form != "better":
        return None
    return float(size * GRID if condition == TIES else np.exp(size * SPREAD))


def scenarios() -> Iterator[Scenario]:
    """Every form under every condition and truth."""
    for form in FORMS:
        for condition in CONDITIONS:
            if (form, condition) not in OUT:
                yield from (of_form(form, condition, truth) for truth in TRUTHS)


def special_scenarios() -> Iterator[Scenario]:
    """Truths that only one form knows."""
    for form in ("better", "gains more"):
        yield Scenario(
            f"{form}, {MARGIN}: as large as the margin",
            lambda n, draw, form=form: draw_study(form, MARGIN, size_of_margin(form), n, draw),  # type: ignore[misc]
            sized,
            1 + WIDE,
        )
    yield Scenario(
        "order: two neighbours the other way round",
        lambda n, draw: draw_order((2 * EFFECT, 0.0, EFFECT), n, draw),
        supported,
    )
    yield Scenario(
        "order: two neighbours equal",
        lambda n, draw: draw_order((EFFECT, 0.0, 0.0), n, draw),
        decided,
    )
    yield Scenario("matters: nothing does", lambda n, draw: draw_grid((0, 0, 0), n, draw), decided)
    yield Scenario(
        "matters: as claimed", lambda n, draw: draw_grid((2 * EFFECT, EFFECT, 0), n, draw), refuted
    )
    yield Scenario(
        "matters: the first alone", lambda n, draw: draw_grid((EFFECT, 0, 0), n, draw), decided
    )
    yield Scenario(
        "matters: the other way round",
        lambda n, draw: draw_grid((0, EFFECT, 2 * EFFECT), n, draw),
        supported,
    )
    for condition in (FAILURES, TIES):
        for name, effects in (("nothing does", (0, 0, 0)), ("the first alone", (EFFECT, 0, 0))):
            yield Scenario(
                f"matters, {condition}: {name}",
                lambda n, draw, effects=effects, condition=condition: draw_grid(  # type: ignore[misc]
                    effects, n, draw, condition
                ),
                decided,
            )
    for weights, wrong in ((PARAMETERS, refuted), (PARAMETERS + 1, supported)):
        name = "as many" if weights == PARAMETERS else "one less than"
        yield Scenario(
            f"exact: {name} as claimed" if weights == PARAMETERS else f"exact: {name} claimed",
            lambda n, draw, weights=weights: draw_exact(weights, n),  # type: ignore[misc]
            wrong,
        )
    yield Scenario("any of four claims of one study", draw_family, decided)


# Differences of two sides without an effect: name -> draw of n differences, mean 0.
DIFFERENCES: dict[str, Callable[[Draw, int], np.ndarray]] = {
    "normal": lambda draw, n: draw.normal(0, 1, n),
    "heavy-tailed (t with 3 degrees of freedom)": lambda draw, n: draw.standard_t(3, n),
    "outliers (one in ten is ten times as wide)": lambda draw, n: (
        draw.normal(0, 1, n) * np.where(draw.random(n) < 0.1, 10, 1)
    ),
    "skewed errors on both sides, by their ratio": lambda draw, n: (
        np.log(draw.lognormal(0, 0.5, n)) - np.log(draw.lognormal(0, 1, n))
    ),
    "skewed after all (gamma of shape 4)": lambda draw, n: draw.gamma(4, 1, n) - 4,
    "very skewed after all (exponential)": lambda draw, n: draw.exponential(1, n) - 1,
}


def of_differences(name: str) -> Scenario:
    """One claim that one side is better, of differences of this shape and no effect."""
    return Scenario(
        f"better: {name}",
        lambda n, draw: draw_differences(DIFFERENCES[name](draw, n)),
        decided,
        0.0,
    )


def lognormal(spread: float) -> Callable[[Draw, int], np.ndarray]:
    """Errors of n seeds, geometric mean 1."""
    return lambda draw, n: draw.lognormal(0, spread, n)


def failing(draw: Draw, n: int) -> np.ndarray:
    """Errors of which one in ten is missing."""
    return np.where(draw.random(n) < 0.1, np.nan, draw.lognormal(0, 0.3, n))


# Metrics of one combination: name -> metric, draw of n values, the mean that is estimated.
METRICS: dict[str, tuple[str, Callable[[Draw, int], np.ndarray], float]] = {
    "error, log-normal (spread 0.3)": ("mse", lognormal(0.3), 1.0),
    "error, log-normal (spread 1)": ("mse", lognormal(1.0), 1.0),
    "error, one run in ten fails": ("mse", failing, 1.0),
    "accuracy near 0.97 (beta)": ("accuracy", lambda draw, n: draw.beta(970, 30, n), 0.97),
    "accuracy near 0.97, uneven (beta)": ("accuracy", lambda draw, n: draw.beta(97, 3, n), 0.97),
}


def coverage(name: str, n: int, repetitions: int) -> float:
    """Share of intervals of a combination's metric that cover its mean."""
    metric, values, truth = METRICS[name]
    draw = np.random.default_rng([n, *name.encode()])
    intervals = [metric_interval(values(draw, n), metric) for _ in range(repetitions)]
    return float(np.mean([one.low <= truth <= one.high for one in intervals if one.n > 1]))


def share(value: float) -> str:
    """`4.9 %`; nothing where there is no number."""
    return "" if np.isnan(value) else f"{100 * value:.1f} %"


HEAD = ["| n | " + " | ".join(map(str, SIZES)) + " |", "|---|" + "---|" * len(SIZES)]
Row = tuple[str, list[Rates]]  # a scenario's name, and its rates at SIZES


def rows(found: list[Row], kind: str) -> list[str]:
    """Lines of a table: a scenario and its rate at each of SIZES; what is never is one line."""
    table = {name: [getattr(one, kind) for one in values] for name, values in found}
    lines = [
        f"| {name} | " + " | ".join(map(share, rates)) + " |"
        for name, rates in table.items()
        if any(rates)
    ]
    never = len(table) - len(lines)
    said = f"Never at any n: {'all' if not lines else 'the other'} {never}."
    return [*([*HEAD, *lines, ""] if lines else []), *([said, ""] if never else [])]


INTRODUCTION = """# Are the verdicts right?

Made by `make calibrate`: studies are drawn whose truth is known, and `judge` gives its verdict on
them as it does on real results. Where there is nothing to find {repetitions} are drawn, so nominal
rates wander by about one point; where there is something, or epochs to a goal are counted, {few} (2.2
points).

Each form of claim is tried *plain*; with *failures* (one run in ten diverges, on either side); with
*epochs to a goal* that a quarter of the runs do not reach; with *several* combinations *a side*; with
*ties* (accuracies in steps of 0.02, about as large as their spread); and with a *margin* of 50 % of
its own. An effect, where there is one, is {effect:g} deviations of a run's luck (with a margin twice
that); half of what makes runs differ is the split, which is the same for all combinations of a seed.
"""
SECTIONS = {
    NOTHING: """## Nothing to find

Share of claims that got a verdict although the effect is 0, or exactly at the claim's bound; 5 %
is promised. "No relevant difference" is right where the effect is 0. Fewer than {fewest} seeds
decide nothing.
""",
    REVERSED: """## The other way round

Share of claims that were supported although the opposite is true; 2.5 % is promised.
""",
    CLAIMED: """## As claimed

Share of claims that were refuted although they are true.
""",
}
FOUND = """## How often a true claim is found

An accuracy is held to a bound by a count of its rows, too. These made runs have seven a seed, too few
for what their small spread would show: hence *level* with *ties*.
"""
SPECIAL = """## Truths of one form

Share of false verdicts; 5 % is promised. Of an effect exactly as large as the margin 7.5 %: 5 % that
it is called smaller, 2.5 % that it is called larger. `matters` is tried on grids; of settings that
were drawn it rests on a forest, which takes too long for this page. An `exact` count leaves nothing
to chance.
"""
SHAPES = """## Shapes of differences

Share of false verdicts where one side is claimed to be better and the mean difference is 0, and
below it the share of 95 % intervals with the truth in them. Where differences look unlike a normal
distribution, a t test without their skewness and their signs must agree; with 8 seeds nobody knows
the skewness, so very skewed ones are a little too much there. Intervals are Student's: of very skewed
differences they cover less. Errors are compared by their ratio, where such differences are rare.
"""
EFFECTS = """## Intervals of effects

Share of 95 % intervals of a claim's effect with the truth in them, without an effect and with one as
claimed; an end that is open leaves nothing out. With failures they are of signed ranks, of epochs to
a goal of the factors that the test does not reject, of shares of counted seeds. Ranks and counts go
in steps, so these cover more than promised where seeds are few.
"""
WATCHED = ("better", "share")  # forms of EFFECTS
COVERED = """## Intervals of a combination's metric

Share of 95 % intervals with the truth in them. Uneven accuracies at n = 5 are covered less often
than promised: intervals of fewer than six seeds are marked *few seeds*.
"""


def tried(one: Scenario, name: str, repetitions: int) -> Row:
    """The rates of a scenario at SIZES, to be called `name`."""
    print(one.name, flush=True)
    slow = one.name.endswith((CLAIMED, REVERSED)) or GOAL in one.name
    many = repetitions // FEWER if slow else repetitions
    return name, [rates(one, n, many) for n in SIZES]


def section(repetitions: int) -> list[str]:
    """The lines of docs/calibration.md about verdicts and intervals: the page begins with them."""
    few = repetitions // FEWER
    by_truth = {
        truth: [
            (one, *tried(one, one.name.rpartition(", ")[0], repetitions))
            for one in scenarios()
            if one.name.endswith(f", {truth}")
        ]
        for truth in SECTIONS
    }
    lines = [INTRODUCTION.format(repetitions=repetitions, few=few, effect=EFFECT)]
    for truth, text in SECTIONS.items():
        found = [(name, values) for _, name, values in by_truth[truth]]
        lines += [text.format(fewest=FEWEST_SEEDS), *rows(found, "false")]
    lines += [FOUND, *rows([(name, values) for _, name, values in by_truth[CLAIMED]], "supported")]
    special = [tried(one, one.name, repetitions) for one in special_scenarios()]
    lines += [SPECIAL, *rows(special, "false")]
    watched = [
        (one.name, values)
        for truth in (NOTHING, CLAIMED)
        for one, _, values in by_truth[truth]
        if one.name.startswith(WATCHED) and one.truth is not None
    ]
    lines += [EFFECTS, *rows(watched, "covered")]
    shapes = [tried(of_differences(name), name, repetitions) for name in DIFFERENCES]
    lines += [SHAPES, *rows(shapes, "false"), *rows(shapes, "covered")]
    lines += [COVERED, *HEAD]
    for name in METRICS:
        covered = [coverage(name, n, repetitions) for n in SIZES]
        lines.append(f"| {name} | " + " | ".join(map(share, covered)) + " |")
    return lines
