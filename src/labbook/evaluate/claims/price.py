"""What a look costs: a p counts as p / share, where the looks of a study share one level."""

from dataclasses import replace
from typing import Any

from labbook.evaluate.claims.outcome import Outcome

OF_OUTCOME = ("p", "p_alike", "p_new", "p_trend")
OF_PAIR = ("p", "p_alike")
OF_COMPARISON = ("p", "p_alike", "p_beyond")


def priced(outcome: Outcome, share: float) -> Outcome:
    """The outcome with every p divided by the look's share of the level, 1 at most.

    The smallest p / share of all looks is a p, however the runs of the looks depend on each other:
    the chance that any look has p <= share * alpha is at most the sum of these (Bonferroni). A
    look with the whole level costs nothing. The page cannot find such a verdict again from the
    numbers by seed, so it does not get them.
    """
    if share == 1:
        return outcome
    compared = outcome.compared
    return replace(
        outcome,
        **_divided(outcome, OF_OUTCOME, share),
        pairs=tuple(replace(pair, **_divided(pair, OF_PAIR, share)) for pair in outcome.pairs),
        compared=None
        if compared is None
        else replace(compared, **_divided(compared, OF_COMPARISON, share)),
        by_seed=(),
    )


def _divided(one: object, names: tuple[str, ...], share: float) -> dict[str, Any]:
    found = {name: getattr(one, name) / share for name in names}
    return {name: 1.0 if p > 1 else p for name, p in found.items()}  # NaN stays
