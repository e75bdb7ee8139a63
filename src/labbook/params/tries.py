"""Claims about methods (`tuned`): what judges them, and how many combinations they need."""

from collections.abc import Iterator, Sequence

from labbook.measures import MEASURED, split_name
from labbook.metrics import chosen_by
from labbook.params.claims import Claim
from labbook.params.combinations import Combination, picked
from labbook.params.datasets import Dataset
from labbook.params.messages import Mistake, Path
from labbook.params.sampling import Sample
from labbook.params.studies import Study
from labbook.verdicts import FEWEST_COMBINATIONS

# Of drawn combinations so many for each try: only then are there two sets of tries without a common
# one, from which the variance of their best follows. See docs/evidence.md.
DRAWS_PER_TRY = 2
WHOLE = "all"  # the side of expected_best.csv that is the whole study


def judged_by(metric: str, dataset: Dataset) -> str:
    """The metric of test rows that judges what was chosen, in a study compared by `metric`."""
    part, name = split_name(metric)
    chosen = f"valid_{name}" if part in MEASURED else chosen_by(dataset.task)
    return chosen.replace("valid_", "test_", 1)


def enough_tries(
    study: Study, combinations: Sequence[Combination], at: Path, claim: Claim
) -> Iterator[Mistake]:
    """No best of more combinations than a side has, nor one whose chance cannot be told."""
    assert claim.tuned is not None
    needed, why, more, most = claim.tuned, "", "more values in vary", 1.0
    if isinstance(study.vary, Sample):
        needed = max(DRAWS_PER_TRY * claim.tuned, FEWEST_COMBINATIONS)
        why = ", as they are drawn and what other draws would give has to be told from them"
        more, most = "a larger sample", 1 / DRAWS_PER_TRY
    for place, labels in picked(claim, list(combinations)).items():
        if not 0 < len(labels) < needed:  # none is a mistake that is told elsewhere
            continue
        fewer = int(most * len(labels))
        few = len(labels) < FEWEST_COMBINATIONS and most < 1
        text = f"the best of {claim.tuned} needs {needed} combinations on each side{why}; {place} "
        instead = "" if few else f", or tuned: {fewer}"
        yield Mistake((*at, "tuned"), f"{text}picks {len(labels)}. Write {more}{instead}.")
