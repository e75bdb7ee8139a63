"""What to try next: lines for params.yaml that follow from a study's results.

Each suggestion gives settings of the study's block that replace those of the same name. A kind of
suggestion is a function and an entry in `SUGGESTIONS`.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from labbook.evaluate.choice import Choice
from labbook.evaluate.claims.outcome import Judgement
from labbook.evaluate.curves.diagnosis import FINISH, Diagnosis
from labbook.evaluate.next.edges import beyond, is_number, values_beyond
from labbook.evaluate.statistics.power import MOST_SEEDS
from labbook.evaluate.study_runs import StudyRuns
from labbook.params.combinations import Combination
from labbook.params.sampling import Range, Sample
from labbook.params.settings import show_value
from labbook.verdicts import FEWEST_SEEDS, UNDECIDED
from labbook.wording import listing

LONGER = 2  # times the budget: long enough to tell a slow fall from its end
HUNDRED = 100
WHY_FRESH = (
    "The old seeds must not be judged again with them: a look at results and then more seeds "
    "gives false verdicts in 8.7 % of cases instead of 5 %."
)
IN_ONE_LINE = 5  # depth of studies.<study>.vary.of.<setting>


@dataclass(frozen=True)
class Suggestion:
    """One sentence why, and the settings of the study's block to paste."""

    reason: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What suggestions follow from."""

    results: StudyRuns
    choice: Choice | None
    judged: Sequence[Judgement]
    diagnoses: Sequence[Diagnosis]


def suggest(evidence: Evidence) -> list[Suggestion]:
    """All suggestions for a study, in the order of `SUGGESTIONS`."""
    return [one for make in SUGGESTIONS for one in make(evidence)]


def suggestion_entries(evidence: Evidence) -> list[dict[str, str]]:
    """For study.json: each suggestion's `reason`, and as `yaml` the lines to paste."""
    name, entries = evidence.results.study.asked[0], []
    writer = YAML(typ="rt", pure=True)
    writer.width = 100
    for one in suggest(evidence):
        buffer = io.StringIO()
        writer.dump(_laid_out({"studies": {name: one.settings}}), buffer)
        entries.append({"reason": one.reason, "yaml": buffer.getvalue()})
    return entries


def beyond_the_edge(evidence: Evidence) -> Iterator[Suggestion]:
    """Values beyond the largest or smallest that was tried, where the best one is at an edge.

    All settings in one suggestion, so that pasting one does not undo another.
    """
    results, choice = evidence.results, evidence.choice
    new = values_beyond(results, choice)
    if choice is None or not new:
        return
    best, vary = results.combinations[choice.label], results.study.block.vary
    tries = (
        f"{path} {show_value(best.settings[path])} (try {show_value(new[path])})" for path in new
    )
    reason = f"The best by validation is at the edge of what was tried: {', '.join(tries)}."
    if isinstance(vary, Sample):
        block = _with_wider_ranges(vary, best, new)
        yield Suggestion(f"{reason} All combinations are drawn anew.", {"vary": block})
    elif isinstance(vary, dict):
        grown = {k: [*values, new[k]] if k in new else values for k, values in vary.items()}
        yield Suggestion(reason, {"vary": grown})


def fresh_seeds(evidence: Evidence) -> Iterator[Suggestion]:
    """Seeds that the study has not used, as many as those of its undecided claims need that can be.

    They stand in place of the old ones: who adds seeds after a look and judges all of them again
    gets more false verdicts than the rule allows.
    """
    needed = {
        one.claim.id: int(one.fresh_seeds)
        for one in evidence.judged
        if one.verdict == UNDECIDED and one.fresh_seeds and one.fresh_seeds <= MOST_SEEDS
    }
    if not needed:
        return
    many = max(*needed.values(), FEWEST_SEEDS)
    # From the next whole hundred on, which is easily seen to be others than the old ones.
    first = HUNDRED * (max(evidence.results.study.seeds) // HUNDRED + 1)
    which = "Claim {} is" if len(needed) == 1 else "Claims {} are"
    yield Suggestion(
        f"{which.format(listing(needed))} undecided; about {many} fresh seeds, judged by "
        f"themselves, would decide if effects and spread stay as they are. {WHY_FRESH}",
        {"seeds": list(range(first, first + many))},
    )


def longer_budget(evidence: Evidence) -> Iterator[Suggestion]:
    """Twice the epochs where combinations were still improving."""
    results = evidence.results
    slow = [one.label for one in evidence.diagnoses if one.name == FINISH]
    block = results.study.asked[1]
    varied = {path for one in results.study.combinations for path in one.settings}
    if not slow or varied & {"training", "training.epochs"}:
        return
    epochs = max(results.combinations[label].recipe.training.epochs for label in slow)
    many = f"{len(slow)} combinations were" if len(slow) > 1 else f"Combination {slow[0]} was"
    yield Suggestion(
        f"{many} still improving when the budget of {epochs} epochs ended.",
        {"set": {**(block.set or {}), "training.epochs": LONGER * epochs}},
    )


SUGGESTIONS: tuple[Callable[[Evidence], Iterator[Suggestion]], ...] = (
    beyond_the_edge,
    fresh_seeds,
    longer_budget,
)


def _with_wider_ranges(vary: Sample, best: Combination, new: Mapping[str, Any]) -> dict[str, Any]:
    """The block of a sample with the new ends of its ranges."""
    block = vary.model_dump(mode="json", exclude_unset=True)
    for path, values in vary.of.items():
        if not isinstance(values, Range) or not is_number(best.settings.get(path)):
            continue
        if path in new:
            block["of"][path][beyond(values, best.settings[path])[0]] = new[path]
        if values.whole:  # pydantic has made 16 a 16.0
            ends = {name: int(block["of"][path][name]) for name in ("low", "high")}
            block["of"][path] |= ends
    return block


def _laid_out(content: Any, depth: int = 0) -> Any:
    """Lists, and the blocks of drawn ranges, which lie deepest, on one line each."""
    found: CommentedMap | CommentedSeq
    if isinstance(content, Mapping):
        found = CommentedMap({k: _laid_out(v, depth + 1) for k, v in content.items()})
    elif isinstance(content, list):
        found = CommentedSeq([_laid_out(value, depth + 1) for value in content])
    else:
        return content
    if isinstance(content, list) or depth >= IN_ONE_LINE:
        found.fa.set_flow_style()
    return found
