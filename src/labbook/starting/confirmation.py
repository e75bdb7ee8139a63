"""Studies that look again, on fresh seeds, at claims which were found in results."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labbook.errors import LabbookError
from labbook.history.rule import BEFORE
from labbook.history.said import Said, highest_seed_used
from labbook.history.stated import stated
from labbook.params import limits
from labbook.params.load import Reading
from labbook.params.over_datasets import DATASET
from labbook.params.sampling import Sample
from labbook.params.settings import matches
from labbook.params.source import read_source
from labbook.plan.studies import StudyPlan
from labbook.provenance.graph import Graph
from labbook.report.result_tables import value
from labbook.starting.insertion import inserted
from labbook.starting.writing import free, read_text_as, told
from labbook.starting.yaml_lines import Line, scalar, setting
from labbook.wording import count, listing

ENDING = "-confirm"
HUNDRED = 100
KEPT = ("metric", "threshold")  # of a study: what its claims follow from


@dataclass(frozen=True)
class Confirmation:
    """A study to be written: `lines` are those of its block; `runs` what it has to train."""

    name: str
    claims: tuple[Said, ...]
    combinations: int
    seeds: tuple[int, ...]
    lines: tuple[Line, ...]

    @property
    def runs(self) -> int:
        """How many runs it asks for."""
        return self.combinations * len(self.seeds)


def chosen(found: Sequence[Said], names: Sequence[str]) -> list[Said]:
    """The claims to look at again: those named, or all that were found and decided.

    Raises `LabbookError` for a claim that is not there, or of which nothing is to be confirmed.
    """
    by_id = {one.claim.id: one for one in found}
    for name in names:
        one = by_id.get(name)
        if one is None:
            there = ", ".join(by_id) or "none"
            raise LabbookError(f"{name}: params.yaml has no such claim. It has: {there}.")
        if one.by or f"{name}{ENDING}" in by_id:
            by = one.by or f"{name}{ENDING}"
            raise LabbookError(f"{name}: its look again is there already: the claim {by}.")
        if not one.verdict:
            raise LabbookError(
                f"{name}: has no verdict yet, so there is nothing to look at again. Commit "
                "params.yaml and run its study: then it stood before its runs."
            )
        if one.when.said == BEFORE:
            raise LabbookError(
                f"{name}: was said before its runs were made, so these have tested it. Where it is "
                "undecided the report suggests fresh seeds."
            )
    if names:
        return [by_id[name] for name in dict.fromkeys(names)]
    return [
        one for one in found if one.needs_confirmation and f"{one.claim.id}{ENDING}" not in by_id
    ]


def confirmations(graph: Graph, claims: Sequence[Said], path: Path) -> list[Confirmation]:
    """A study for each that the claims are of, with seeds that no study of its data has used."""
    document = read_source(path).document
    taken = {*document["studies"], *graph.plan.studies}
    first: dict[str, int] = {}
    studies: dict[str, list[Said]] = {}
    for one in claims:
        studies.setdefault(one.claim.study, []).append(one)
        data = one.claim.dataset
        if data not in first:  # the next whole hundred, easily seen to be others
            first[data] = HUNDRED * (highest_seed_used(data, graph) // HUNDRED + 1)
    made = []
    for name, several in studies.items():
        new = free(f"{name}{ENDING}", taken)
        taken.add(new)
        start = first[several[0].claim.dataset]
        seeds = tuple(range(start, start + _many(several)))
        plan = graph.plan.studies[name]
        block = document["studies"][plan.asked[0]]
        made.append(_confirmation(new, graph, plan, block, several, seeds))
    return made


def _many(claims: Sequence[Said]) -> int:
    """As many seeds as the study has, or more where an undecided claim needs them."""
    needs = (value(one.row, "fresh_seeds") for one in claims if one.row)
    enough = [int(many) for many in needs if math.isfinite(many)]
    return min(max([len(claims[0].claim.seeds), *enough]), limits.SEEDS)


def _confirmation(
    name: str,
    graph: Graph,
    plan: StudyPlan,
    block: Mapping[str, Any],
    claims: Sequence[Said],
    seeds: tuple[int, ...],
) -> Confirmation:
    needed = _needed(plan, claims)
    vary = block["vary"] if len(needed) == len(plan.combinations) else needed
    ids = listing([one.claim.id for one in claims])
    lines = [
        Line(0, ""),
        Line(1, f"{name}:", f"by `labbook confirm`: {ids} of {plan.name}, found in its results"),
        setting(2, "question", f"Does what {plan.name} showed hold on fresh seeds?"),
        setting(2, "recipe", block["recipe"]),
        *_set(plan, block),
        *(setting(2, key, block[key]) for key in KEPT if block.get(key) is not None),
        *_of_list("vary", vary),
    ]
    reference = block.get("reference")
    if reference and sum(matches(settings, reference) for settings in needed) == 1:
        lines.append(setting(2, "reference", reference))
    params = graph.plan.params
    unsaid = plan.block.model_copy(update={"rivals": None, "controls": None})  # the file decides
    if params.rivals_of(unsaid, params.datasets[plan.dataset]):
        lines.append(setting(2, "rivals", False, "no claim is about them"))
    if params.controls_of(unsaid):
        lines.append(setting(2, "controls", False, "no claim needs them"))
    lines.append(setting(2, "seeds", list(seeds), "of no study of these data so far"))
    lines.append(Line(2, "claims:"))
    blocks = {
        claim.id: {**written, "id": claim.id, "sentence": claim.sentence}
        for claim, written in zip(plan.block.claims, block["claims"], strict=True)
    }
    for one in claims:
        lines += _of_claim(blocks[one.claim.id])
    return Confirmation(name, tuple(claims), len(needed), seeds, tuple(lines))


def _needed(plan: StudyPlan, claims: Sequence[Said]) -> list[dict[str, Any]]:
    """The settings of the combinations that the claims rest on.

    The best of tries in a sample is told from what other draws would give: that needs the sample.
    """
    tuned = {claim.id for claim in plan.claims if claim.block.tuned is not None}
    whole = isinstance(plan.block.vary, Sample) and any(one.claim.id in tuned for one in claims)
    labels = {label for one in claims for label in one.claim.labels}
    return [dict(one.settings) for one in plan.combinations if whole or one.label in labels]


def _set(plan: StudyPlan, block: Mapping[str, Any]) -> list[Line]:
    """The settings that all combinations have, with the data set where the study names several."""
    data = {} if block.get("datasets") is None else {DATASET: plan.dataset}
    settings = {**data, **(block.get("set") or {})}
    return [setting(2, "set", settings)] if settings else []


def _of_list(name: str, values: Any) -> list[Line]:
    """`name: {...}`, or of a list an item a line."""
    if not isinstance(values, list):
        return [setting(2, name, values)]
    return [Line(2, f"{name}:"), *(Line(3, f"- {scalar(item)}") for item in values)]


def _of_claim(block: Mapping[str, Any]) -> list[Line]:
    """A claim's lines; what its source reported stays with the one that it was found by."""
    rest = {key: value for key, value in block.items() if key not in ("id", "reported")}
    head = Line(3, f"- id: {scalar(block['id'] + ENDING)}")
    return [head, *(setting(4, key, value) for key, value in rest.items())]


def text_with(path: Path, made: Sequence[Confirmation]) -> str:
    """The text of the params file with these studies in it.

    Raises `LabbookError` where it would not be right, or would not ask the same.
    """
    text = path.read_bytes().decode("utf-8")
    lines = [line for one in made for line in one.lines]
    text = inserted(path, text, {"studies": lines}, entries=len(made))
    reading = read_text_as(path, text)
    if reading.mistakes:
        raise _refused(path, reading)
    tests = {claim.id: claim.test for claim in stated(reading.source.document)}
    for one in made:
        for old in one.claims:
            if tests.get(f"{old.claim.id}{ENDING}") != old.claim.test:
                raise LabbookError(
                    f"{one.name}: {old.claim.id}{ENDING} would not ask the same as {old.claim.id}. "
                    "Nothing was written. Write the study by hand, with all its settings."
                )
    return text


def _refused(path: Path, reading: Reading) -> LabbookError:
    return LabbookError(
        f"Nothing was written, as this would come out:\n{told(path, reading, reading.mistakes)}"
    )


def in_words(one: Confirmation) -> str:
    """`covid-width-confirm: 2 claims, 3 combinations, seeds 100 to 107, 24 runs`."""
    return (
        f"{one.name}: {count(len(one.claims), 'claim')}, "
        f"{count(one.combinations, 'combination')}, seeds {one.seeds[0]} to {one.seeds[-1]}, "
        f"{count(one.runs, 'run')}"
    )
