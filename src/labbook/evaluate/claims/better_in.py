"""In how many of the seeds one side was better: P(A > B) of Bouthillier et al. (2021).

It is said of one training of each side. Of several combinations there is none: their mean by seed
varies less than one training of any of them does, and so wins more often, or hardly ever.
"""

from collections.abc import Sequence

from labbook.evaluate.claims.outcome import Outcome
from labbook.evaluate.statistics.intervals import LEVEL, NAN, rate_interval
from labbook.evaluate.statistics.paired import Comparison

COLUMNS = ("better_in", "better_low", "better_high")


def better_in(outcome: Outcome, *sides: Sequence[str], level: float = LEVEL) -> dict[str, float]:
    """The share of seeds in which the first side had the better value, and its interval.

    By the names of `COLUMNS`; NaN without pairs, where no run can tell, where both sides were equal
    throughout, or where one of the `sides`, which have labels, is not a single combination.
    """
    share = (NAN, NAN, NAN)
    alone = all(len(labels) == 1 for labels in sides)
    if alone and outcome.compared is not None and not outcome.untested:
        share = share_of_pairs(outcome.compared, level)
    return dict(zip(COLUMNS, share, strict=True))


def share_of_pairs(compared: Comparison, level: float = LEVEL) -> tuple[float, float, float]:
    """Share of pairs that the first side won, ties half, with Clopper and Pearson's interval.

    A run that failed has lost; a pair that failed on both sides is none.
    """
    n, decided = compared.pairs, compared.wins + compared.losses
    if not n or not decided:
        return NAN, NAN, NAN
    won = compared.wins + (n - decided) / 2
    return won / n, *rate_interval(won, n, level)
