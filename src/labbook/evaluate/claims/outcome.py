"""What a claim's test gives, in one form for all tests, and the judgement that follows."""

from collections.abc import Callable
from dataclasses import dataclass, field

from labbook.evaluate.claims.by_seed import BySeed
from labbook.evaluate.statistics.intervals import NAN
from labbook.evaluate.statistics.location_tests import NO_TEST
from labbook.evaluate.statistics.paired import Comparison
from labbook.plan.studies import ClaimPlan
from labbook.verdicts import REFUTED, SUPPORTED

# Scales of an effect. Larger is as claimed for the first three: from 1, 0 and 0 on.
RATIO, DIFFERENCE, CORRELATION = "ratio", "difference", "correlation"
SHARE, VALUE = "share", "value"
CLAIMED_BETTER = "side claimed better"  # the first one, in words


@dataclass(frozen=True)
class Pair:
    """Two neighbours of a claimed order, the one claimed better first.

    `p` of no difference, two-sided, and `p_alike` are corrected over the pairs of the claim, `p`
    not where all pairs hold; `favours` is 1 for the first. `relevant`: the whole interval of the
    difference lies beyond the margin. `same`: both have the same numbers throughout.
    """

    first: str
    second: str
    p: float
    favours: int
    p_alike: float = NAN
    relevant: bool = True
    same: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a claim's test gives; without a test the figures alone.

    `effect` with its 95 % interval is on `scale`. `p` is of no effect, two-sided; `favours` is 1
    as claimed, -1 the other way round. `p_alike` is of an effect of at least `margin`, `p_new` as
    `p`, for new data of the same source; NaN where there is none. `n` counts seeds. `needs` takes
    the number of tests in the family to that of fresh seeds that would decide, None if nobody
    knows. `ours` are the figures beside each other in words. `pairs` are those of an order,
    `p_trend` is of ranks that follow it. `same`: both sides have the same numbers throughout.
    `relevant`: the interval of each comparison lies beyond the margin. `middle` is what the figures
    are called: mean, geometric mean or median. `exceptions` says which of the combinations compared
    with are better than the one claimed better. `untested` says why there can be no test, whatever
    the numbers. `by_seed` are those that a verdict can be found from again; empty where nobody can.
    """

    scale: str
    effect: float = NAN
    low: float = NAN
    high: float = NAN
    n: int = 0
    test: str = NO_TEST
    p: float = NAN
    favours: int = 0
    ours: str = ""
    margin: float = NAN
    p_alike: float = NAN
    p_new: float = NAN
    needs: Callable[[int], float | None] = lambda tests: None
    compared: Comparison | None = None
    pairs: tuple[Pair, ...] = ()
    p_trend: float = NAN
    same: bool = False
    relevant: bool = True
    middle: str = ""
    exceptions: str = ""
    untested: str = ""
    by_seed: tuple[BySeed, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Looked:
    """At which look of how many a claim was judged, with how many seeds and what it could spend."""

    number: int = 1
    of: int = 1
    seeds: int = 0
    share: float = 1.0

    @property
    def text(self) -> str:
        """`2 of 4`; nothing where there is one look."""
        return "" if self.of == 1 else f"{self.number} of {self.of}"


@dataclass(frozen=True)
class Judgement:
    """The outcome of a claim's test, and what follows from it."""

    claim: ClaimPlan
    outcome: Outcome
    verdict: str
    kind: str  # as it is told; `shown` is what was shown under the study's own conditions
    shown: str
    p: float = NAN
    p_holm: float = NAN
    fresh_seeds: float | None = None  # infinite: more than can be asked for
    new_data: str = ""
    looked: Looked = Looked()

    @property
    def decided(self) -> bool:
        """Whether the claim has its verdict: no more seeds can change it."""
        return self.verdict in (SUPPORTED, REFUTED)
