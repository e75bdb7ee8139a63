"""What must exist: studies, combinations, runs and packs, a pure function of params.yaml."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from labbook.identity.code import digest
from labbook.params.claims import Claim
from labbook.params.combinations import Combination, combinations, labels_of, picked
from labbook.params.document import Params
from labbook.params.features import Features
from labbook.params.over_datasets import Member
from labbook.params.studies import Recipe, Rivals, Study
from labbook.params.study_checks import default_metric
from labbook.params.tries import judged_by
from labbook.plan.controls import NONE, Controls, controls_of
from labbook.plan.later_packs import Looked, later_packs
from labbook.plan.looks import Look, looks_of
from labbook.plan.packs import Pack, RunPlan, make_packs, selection_name
from labbook.plan.tunings import Slot, TuningPlan, slots_of, tuning_plans

__all__ = [
    "ClaimPlan",
    "Combination",
    "Pack",
    "Plan",
    "RunPlan",
    "StudyPlan",
    "make_plan",
    "selection_name",
]


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


@dataclass(frozen=True)
class Question:
    """A study of several data sets: its name in params.yaml, and by data set the study of each."""

    name: str
    text: str
    studies: Mapping[str, str]
    claims: tuple[ClaimPlan, ...]  # as params.yaml has them; labels are those of the first study


@dataclass(frozen=True)
class Plan:
    """All of it. `owners` says which pack trains a run."""

    params: Params
    studies: Mapping[str, StudyPlan]
    runs: Mapping[str, RunPlan]
    packs: Mapping[str, Pack]
    owners: Mapping[str, str]
    tunings: Mapping[str, TuningPlan]
    slots: Mapping[str, Slot]

    @property
    def questions(self) -> list[Question]:
        """The studies of several data sets, in the order of the file."""
        members: dict[str, list[StudyPlan]] = {}
        for study in self.studies.values():
            if isinstance(study.block, Member):
                members.setdefault(study.block.question_of, []).append(study)
        return [_question(studies) for studies in members.values()]

    def packs_of(self, study: str) -> list[str]:
        """The packs in which the runs of a study are, also those that another study owns."""
        return sorted({self.owners[key] for key in self.studies[study].runs.values()})

    def seeds_of(self, dataset: str, selection: str | None = None) -> list[int]:
        """The seeds for which a data set (and a selection of its features) is needed."""
        places = [(run.recipe, run.seed) for run in self.runs.values()]
        places += [(recipe, seed) for recipe, seeds in self._of_tunings() for seed in seeds]
        return sorted(
            {
                seed
                for recipe, seed in places
                if recipe.dataset == dataset
                and selection in (None, selection_name(recipe.features))
            }
        )

    def _of_tunings(self) -> Iterator[tuple[Recipe, tuple[int, ...]]]:
        """Recipes whose data and features tunings need, and for which seeds."""
        for tuning in self.tunings.values():
            for recipe in (tuning.recipe, tuning.than):
                yield recipe, (*tuning.seeds, *tuning.choosing)

    def rival_seeds(self) -> dict[str, list[list[int]]]:
        """By data set the seeds for which its rivals are needed, and if any want them tuned those.

        None without a study.
        """
        names = sorted({study.dataset for study in self.studies.values() if study.rivals})
        return {
            name: [self._seeds_with(name, True), *filter(None, [self._seeds_with(name, "tuned")])]
            for name in names
        }

    def _seeds_with(self, dataset: str, rivals: Rivals) -> list[int]:
        """The seeds of the data set's studies that ask for these rivals."""
        studies = (s for s in self.studies.values() if s.dataset == dataset and s.rivals == rivals)
        return sorted({seed for study in studies for seed in study.round(1)})

    def selections(self) -> dict[tuple[str, str], Features]:
        """Every feature selection that a run needs, by data set and name."""
        recipes = [run.recipe for run in self.runs.values()]
        recipes += [recipe for recipe, _ in self._of_tunings()]
        return {(r.dataset, selection_name(r.features)): r.features for r in recipes}


def make_plan(params: Params) -> Plan:
    """Plan everything that valid `params` ask for."""
    studies: dict[str, StudyPlan] = {}
    runs: dict[str, RunPlan] = {}
    packs: dict[str, Pack] = {}
    of_rounds: dict[str, RunPlan] = {}
    askers: dict[str, list[Looked]] = {}
    for name in params.studies:
        study, of_combinations, of_controls = _study(params, name)
        studies[name] = study
        for number in range(1, len(study.looks)):
            for key in study.keys_of(
                (c.label for c in study.combinations), study.round(number + 1)
            ):
                of_rounds[key] = of_combinations.pop(key)
                askers.setdefault(key, []).append((name, number))
        own = {key: run for key, run in of_combinations.items() if key not in runs}
        runs |= own
        packs |= {pack.name: pack for pack in make_packs(name, list(own.values()), params)}
        further = {key: run for key, run in of_controls.items() if key not in runs}
        runs |= further
        # Apart, so that the other packs stay as they are; no study has a dot in its name.
        of_further = make_packs(f"{name}.controls", list(further.values()), params)
        packs |= {pack.name: pack for pack in of_further}
    later = {key: run for key, run in of_rounds.items() if key not in runs}
    runs |= later
    packs |= {pack.name: pack for pack in later_packs(askers, later, params)}
    owners = {run.key: pack.name for pack in packs.values() for run in pack.runs}
    tunings = tuning_plans(params)
    slots = {slot.name: slot for tuning in tunings.values() for slot in slots_of(tuning)}
    return Plan(params, studies, runs, packs, owners, tunings, slots)


def _question(studies: list[StudyPlan]) -> Question:
    """What the studies of one question have in common."""
    first = studies[0]
    name, block = first.asked
    claims = tuple(
        replace(claim, id=asked.id, sentence=asked.sentence, block=asked)
        for claim, asked in zip(first.claims, block.claims, strict=True)
    )
    return Question(name, block.question, {one.dataset: one.name for one in studies}, claims)


def _study(params: Params, name: str) -> tuple[StudyPlan, dict[str, RunPlan], dict[str, RunPlan]]:
    """A study, the runs of its combinations by key, and those of its controls."""
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
