"""What must exist: studies, runs, packs and tunings, a pure function of params.yaml."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from labbook.params.document import Params
from labbook.params.features import Features
from labbook.params.over_datasets import Member
from labbook.params.studies import Recipe, Rivals
from labbook.plan.later_packs import Looked, later_packs
from labbook.plan.packs import Pack, RunPlan, make_packs, selection_name
from labbook.plan.studies import ClaimPlan, StudyPlan, study_plan
from labbook.plan.tunings import Slot, TuningPlan, slots_of, tuning_plans


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
        study, of_combinations, of_controls = study_plan(params, name)
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
