"""Claims about the exact number of weights and biases of a network."""

from labbook.evaluate.claims.outcome import VALUE, Outcome
from labbook.evaluate.statistics.intervals import NAN
from labbook.evaluate.study_runs import StudyRuns
from labbook.plan.studies import ClaimPlan


def exact(results: StudyRuns, claim: ClaimPlan) -> Outcome:
    """A network has exactly so many weights and biases; nothing is left to chance."""
    block = claim.block.exact
    assert block is not None
    record = results.records[claim.sides[0][0], results.study.seeds[0]]
    counts = [count for _, _, count in record.layers if count]
    total = float(sum(counts))
    right = block.parameters in (None, sum(counts)) and block.layers in (None, counts)
    return Outcome(
        VALUE, total, total, total, 1, "exact", NAN, 1 if right else -1,
        f"{sum(counts):,} = {' + '.join(str(one) for one in counts)}",
        margin=float(block.parameters or sum(block.layers or ())),
    )  # fmt: skip
