"""A look at the claims of a study in rounds: what is decided, and which combinations go on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labbook.evaluate.claims.judge import judge, labels_of
from labbook.evaluate.claims.outcome import Judgement
from labbook.evaluate.statistics.location_tests import NO_TEST
from labbook.evaluate.study_runs import StudyRuns, read_study_runs
from labbook.evaluate.writing import null_for_nan
from labbook.files import write_json
from labbook.plan.studies import StudyPlan
from labbook.verdicts import FEWEST_SEEDS, NOT_JUDGED, SAME


@dataclass(frozen=True)
class Seen:
    """What is known of a claim after a look: its verdict, p after correction, and the look it has.

    `look` counts from 1: the one at which it was decided, else the last with its runs. `p_holm` is
    None where there is no test. `goes_on`: more seeds could decide it.
    """

    id: str
    verdict: str
    look: int
    seeds: int
    p_holm: float | None
    goes_on: bool


@dataclass(frozen=True)
class Looked:
    """A look, counted from 1: its claims in the study's order, and the labels that go on."""

    look: int
    of: int
    seeds: int
    claims: tuple[Seen, ...]
    going_on: tuple[str, ...]  # in the study's order

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file; NaN is null."""
        found: dict[str, Any] = null_for_nan(asdict(self))
        return found

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Looked":
        """The opposite of `to_json`."""
        claims = tuple(Seen(**one) for one in content["claims"])
        return cls(**{**content, "claims": claims, "going_on": tuple(content["going_on"])})


def write_look(
    study: StudyPlan,
    prepared: Path,
    selections: Mapping[str, Path],
    runs: Path,
    reached: Mapping[str, int],
    number: int,
    out: Path,
) -> None:
    """Write what the look of this number decides to `out`, from the files that it rests on.

    `reached` says by label with how many seeds a combination is trained. Raises `LabbookError`
    where a file is missing or broken.
    """
    from labbook.data.prepared import read_prepared

    data = read_prepared(prepared)
    results = read_study_runs(study, data, selections, runs, reached=reached)
    write_json(out, look_at(results, number).to_json())


def look_at(results: StudyRuns, number: int) -> Looked:
    """The look of this number, counted from 1, at the claims of a study.

    It reads runs with the seeds of this look and those before alone, whatever else there is.
    """
    look, judged = results.looks[number - 1], judge(results, number)
    claims = tuple(_seen(one) for one in judged)
    on = [one for one, seen in zip(judged, claims, strict=True) if seen.goes_on]
    # A claim without sides is about all combinations.
    wanted = {label for one in on for label in labels_of(one.claim) or results.labels}
    labels = tuple(label for label in results.labels if label in wanted)
    return Looked(number, len(results.looks), look.seeds, claims, labels)


def _seen(one: Judgement) -> Seen:
    p = null_for_nan(one.p_holm)
    looked = one.looked
    return Seen(one.claim.id, one.verdict, looked.number, looked.seeds, p, seeds_could_decide(one))


def seeds_could_decide(one: Judgement) -> bool:
    """Whether a claim is undecided, and more of the same runs could change that.

    They cannot where sides are the same by construction, where the data tell nothing, and where
    some run needed more epochs than it had and the claim asks for how many.
    """
    if one.decided or one.verdict == NOT_JUDGED or one.shown == SAME or one.outcome.untested:
        return False
    return not (one.outcome.test == NO_TEST and one.outcome.n >= FEWEST_SEEDS)
