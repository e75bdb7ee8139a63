"""The rule by which a claim gets its verdict, written down before there are results.

A claim says that the combinations `better` beat the combinations `than` on a metric.

1.  For every seed: the mean of the metric over `better` and over `than`. A run that failed (it
    diverged, or its metric is no number) is worse than any number, and so is a mean that
    includes one.
2.  The effect is the mean over seeds of the difference of the two, with the sign that makes
    positive "as claimed", over the seeds where both sides have a number; its 95 % interval is
    Student's.
3.  No seed failed on one side only: two-sided paired t test. Some did: exact two-sided sign test
    over all seeds, a failed side losing to one that has a number. Where both sides failed the
    seed says nothing and is left out. All differences equal: the sign test likewise.
4.  The p values of the claims of a study are corrected by Holm's method.
5.  Corrected p < 0.05: *supported* if the test favours the claim, *refuted* if the opposite;
    otherwise *undecided*, with the number of further seeds that would decide with power 0.8 if
    effect and spread stay as observed.
6.  On a stand-in for the data a claim is *not judged*.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labbook.errors import LabbookError
from labbook.evaluate.results import Results
from labbook.evaluate.statistics import (
    MOST_SEEDS,
    Comparison,
    compare,
    holm,
    more_seeds,
    oriented,
)
from labbook.evaluate.tables import write_table
from labbook.plan import ClaimPlan
from labbook.verdicts import ALPHA, NOT_JUDGED, REFUTED, STAND_IN, SUPPORTED, UNDECIDED

COLUMNS = (
    "id", "sentence", "verdict", "effect", "low", "high", "n", "p", "p_holm", "metric",
    "reported", "data", "more_seeds", "why", "test", "failed_better", "failed_than",
)  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """A claim's comparison and what follows from it."""

    claim: ClaimPlan
    comparison: Comparison
    p_holm: float
    verdict: str
    more_seeds: int | None


def judge(results: Results) -> list[Judgement]:
    """Judge the claims of a study, in its order, by the rule at the top of this module."""
    claims = results.study.claims
    compared = [compare_sides(results, claim) for claim in claims]
    p = np.array([one.p for one in compared])
    corrected = holm(p)
    tests = int(np.isfinite(p).sum())
    judged = []
    for claim, one, p_holm in zip(claims, compared, corrected, strict=True):
        verdict = _verdict(one, float(p_holm), results.prepared.edition)
        more = more_seeds(one, tests) if verdict == UNDECIDED else None
        judged.append(Judgement(claim, one, float(p_holm), verdict, more))
    return judged


def compare_sides(results: Results, claim: ClaimPlan) -> Comparison:
    """Compare the two sides of a claim; the first is `better`, and positive is as claimed.

    Raises `LabbookError` where the runs have no such metric.
    """
    if claim.metric not in results.metrics:
        raise LabbookError(
            f"studies.{results.study.name}.claims, claim {claim.id}: metric {claim.metric!r} is "
            f"not among those of its runs: {', '.join(results.metrics)}."
        )
    better, than = (
        # NaN, a failed run, makes the mean NaN.
        np.mean([oriented(results.values(one, claim.metric), claim.metric) for one in side], axis=0)
        for side in (claim.better, claim.than)
    )
    return compare(better, than)


def write_verdicts(results: Results, path: Path) -> list[Judgement]:
    """Write one row per claim and return what was judged."""
    judged = judge(results)
    write_table(path, COLUMNS, [_row(one, results.prepared.edition) for one in judged])
    return judged


def _verdict(comparison: Comparison, p_holm: float, edition: str) -> str:
    if edition == STAND_IN:
        return NOT_JUDGED
    if not p_holm < ALPHA:  # also where there was no test: NaN
        return UNDECIDED
    return SUPPORTED if comparison.favours > 0 else REFUTED


def _row(one: Judgement, edition: str) -> list[Any]:
    claim, compared = one.claim, one.comparison
    effect = compared.difference
    silent = one.verdict == NOT_JUDGED  # numbers of a stand-in must not look like a judgement
    p, p_holm = (None, None) if silent else (compared.p, one.p_holm)
    row = [claim.id, claim.sentence, one.verdict, effect.mean, effect.low, effect.high]
    row += [compared.pairs, p, p_holm, claim.metric, claim.reported, edition, one.more_seeds]
    return [*row, why(one), compared.test, compared.failed_first, compared.failed_second]


def why(one: Judgement) -> str:
    """One plain sentence on how the verdict came about."""
    compared = one.comparison
    if one.verdict == NOT_JUDGED:
        return "These are not the data that the claim is about, but a stand-in for them."
    if compared.pairs == 0:
        return "No seed has a result on either side."
    if compared.test == "none":
        return "Fewer than three seeds are too few for a test."
    text = _sign_sentence(compared) if compared.test == "sign" else _t_sentence(compared)
    text += f" (p = {one.p_holm:.2g} after correction)"
    if one.verdict == UNDECIDED:
        text += f"; {_more(one.more_seeds)}"
    return text + "."


def _t_sentence(compared: Comparison) -> str:
    effect = compared.difference
    side = "as claimed" if effect.mean > 0 else "the other way round"
    if effect.mean == 0:
        side = "no difference"
    return (
        f"Over {_seeds(effect.n)} the mean difference is {effect.mean:.4g} ({side}), "
        f"95 % interval {effect.low:.4g} to {effect.high:.4g}"
    )


def _sign_sentence(compared: Comparison) -> str:
    if compared.wins + compared.losses == 0:
        return f"No difference in any of {_seeds(compared.pairs)}"
    text = f"As claimed in {compared.wins} of {_seeds(compared.pairs)}"
    if compared.losses:
        text += f", the other way round in {compared.losses}"
    sides = {"claimed better": compared.failed_first, "compared with it": compared.failed_second}
    failed = [f"the side {side} failed alone in {_seeds(n)}" for side, n in sides.items() if n]
    if failed:
        return f"{text}; a failed run counts as worse than any number: {', '.join(failed)}"
    return f"{text}, by the same amount each time, which calls for the sign test"


def _more(seeds: int | None) -> str:
    if seeds is None:
        return "three seeds at least are needed"
    if seeds >= MOST_SEEDS:
        return (
            f"not even {MOST_SEEDS} more seeds would decide if effect and spread stay as they are"
        )
    return f"about {seeds} more would decide if effect and spread stay as they are"


def _seeds(count: int) -> str:
    return "1 seed" if count == 1 else f"{count} seeds"
