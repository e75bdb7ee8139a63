"""What a study asks for, resolved: its combinations, seeds, claims, looks and runs."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from labbook.identity.code import digest
from labbook.params.claims import Claim
from labbook.params.combinations import Combination, combinations, labels_of, picked
from labbook.params.document import Params
from labbook.params.over_datasets import Member
from labbook.params.studies import Rivals, Study
from labbook.params.study_checks import default_metric
from labbook.params.tries import judged_by
from labbook.plan.controls import NONE, Controls, controls_of
from labbook.plan.looks import Look, looks_of
from labbook.plan.packs import RunPlan


@dataclass(frozen=True)
class ClaimPlan:
    """A claim with its selectors resolved to labels of combinations."""

    id: str
    sentence: str
    reported: str | None
    metric: str
    form: str  # one of params.claims.FORMS
    sides: tuple[tuple[str, ...], ...]  # labels, in the order that the form gives them
    block: Claim


@dataclass(frozen=True)
class StudyPlan:
    """A study with everything that its evaluation needs.

    `runs` has those of its `combinations`, for all `seeds`, and those of its `controls`.
    """

    name: str
    block: Study
    dataset: str
    task: str  # "regression" or "classification"
    combinations: tuple[Combination, ...]
    seeds: tuple[int, ...]
    runs: Mapping[tuple[str, int], str]  # (label, seed) -> key here, run id once data are known
    reference: str  # label
    metric: str
    claims: tuple[ClaimPlan, ...]
    rivals: Rivals = False  # whether simpler models are compared with its networks
    controls: Controls = NONE
    looks: tuple[Look, ...] = ()  # of a study in rounds; else one, with all seeds

    def round(self, number: int) -> tuple[int, ...]:
        """The seeds that the first look, or a further one, adds: those of round 1, 2, ..."""
        ends = [0, *(look.seeds for look in self.looks)]
        return self.seeds[ends[number - 1] : ends[number]]

    def keys_of(self, labels: Iterable[str], seeds: Iterable[int]) -> list[str]:
        """What `runs` has of these combinations and seeds."""
        return [self.runs[place] for place in itertools.product(labels, seeds)]

    @property
    def asked(self) -> tuple[str, Study]:
        """Its name and block in params.yaml: of one of several data sets those of the question."""
        if isinstance(self.block, Member):
            return self.block.question_of, self.block.asked
        return self.name, self.block

    @property
    def resolved(self) -> dict[str, Any]:
        """As plain values all that an evaluation follows from, but for runs, data and code.

        What code makes of params.yaml, a default or the wording of a label, counts as it came out.
        """
        block = self.block.identity()
        return {
            **{name: value for name, value in vars(self).items() if name != "runs"},
            "block": block,
            **({"asked": self.asked[0]} if isinstance(self.block, Member) else {}),
            "combinations": [[c.label, dict(c.settings)] for c in self.combinations],
            "looks": [[look.seeds, look.share] for look in self.looks],
            "controls": [self.controls.labels, self.controls.seeds, self.controls.left_out],
            "claims": [
                {**vars(claim), "block": claim.block.model_dump(mode="json")}
                for claim in self.claims
            ],
            "published": [
                [
                    labels_of(self.combinations, figures.of),
                    figures.metric or self.metric,
                    list(figures.values),
                    figures.source,
                ]
                for figures in self.block.published
            ],
        }


def study_plan(
    params: Params, name: str
) -> tuple[StudyPlan, dict[str, RunPlan], dict[str, RunPlan]]:
    """Plan a study; beside it the runs of its combinations, and of its controls, by their keys."""
    block = params.studies[name]
    all_combinations = combinations(params, name)[0]
    data = all_combinations[0].recipe.dataset
    dataset = params.datasets[data]
    seeds = params.seeds_of(block)
    metric = block.metric or default_metric(dataset)
    reference = labels_of(all_combinations, block.reference or {})[0]
    controls = NONE
    if params.controls_of(block):
        recipe = next(c.recipe for c in all_combinations if c.label == reference)
        controls = controls_of(recipe, seeds)
    runs = _runs(all_combinations, seeds)
    of_controls = _runs(controls.combinations, controls.seeds)
    plan = StudyPlan(
        name=name,
        block=block,
        dataset=data,
        task=dataset.task,
        combinations=tuple(all_combinations),
        seeds=seeds,
        runs={place: run.key for place, run in (runs | of_controls).items()},
        reference=reference,
        metric=metric,
        claims=tuple(
            ClaimPlan(
                claim.id,
                claim.sentence,
                claim.reported,
                claim.metric or (metric if claim.tuned is None else judged_by(metric, dataset)),
                claim.form,
                tuple(map(tuple, picked(claim, all_combinations).values())),
                claim,
            )
            for claim in block.claims
        ),
        rivals=params.rivals_of(block, dataset),
        controls=controls,
        looks=looks_of(params.looks_of(block)),
    )
    return plan, _by_key(runs), _by_key(of_controls)


def _by_key(runs: Mapping[tuple[str, int], RunPlan]) -> dict[str, RunPlan]:
    return {run.key: run for run in runs.values()}


def _runs(of: Iterable[Combination], seeds: tuple[int, ...]) -> dict[tuple[str, int], RunPlan]:
    runs: dict[tuple[str, int], RunPlan] = {}
    for combination in of:
        settings = digest(combination.recipe.model_dump(mode="json"))
        for seed in seeds:
            key = digest(settings, seed)
            runs[combination.label, seed] = RunPlan(key, settings, combination.recipe, seed)
    return runs
