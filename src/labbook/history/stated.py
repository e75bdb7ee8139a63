"""Which tests a params.yaml states, of any commit: what decides a claim, not its words or id."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from labbook.identity.code import digest
from labbook.params.claims import Claim
from labbook.params.combinations import Combination, combinations, labels_of, picked
from labbook.params.datasets import Dataset
from labbook.params.document import Part
from labbook.params.over_datasets import DATASET, on
from labbook.params.sampling import Sample
from labbook.params.studies import Recipe, Study
from labbook.params.study_checks import default_metric
from labbook.params.tuning import MOST_SEEDS, Tuning
from labbook.plan.tunings import CHOOSING

WORDS = {"id", "sentence", "reported", "conditions"}  # of a claim: they decide nothing
BLOCK: TypeAdapter[Any] = TypeAdapter(Dataset)
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Stated:
    """A claim as a params.yaml states it: digests of what decides it.

    `labels` are the combinations whose runs it rests on, `recipes` theirs as JSON, but for the data
    set, of which `data` is a digest. `test` leaves out the seeds that are asked for, `seeded` has
    them in it.
    """

    study: str
    id: str
    dataset: str
    labels: tuple[str, ...]
    seeds: tuple[int, ...]
    test: str
    sentence: str = ""
    recipes: tuple[str, ...] = ()
    data: str = ""

    @property
    def seeded(self) -> str:
        """The test with its seeds."""
        return digest(self.test, sorted(self.seeds))


def highest_seed(whole: Document) -> int:
    """The highest seed that a params.yaml asks for, of any data set; -1 where it names none."""
    studies = whole.get("studies")
    blocks = [whole, *(studies.values() if isinstance(studies, Mapping) else ())]
    highest = _highest_of_tunings(whole.get("tune"))
    for seeds in (block.get("seeds") for block in blocks if isinstance(block, Mapping)):
        if isinstance(seeds, int):  # a count
            highest = max(highest, seeds - 1)
        elif isinstance(seeds, Mapping) and isinstance(seeds.get("to"), int):  # in rounds
            highest = max(highest, seeds["to"] - 1)
        elif isinstance(seeds, list):
            highest = max([highest, *(seed for seed in seeds if isinstance(seed, int))])
    return highest


def _highest_of_tunings(tune: Any) -> int:
    """The same of the tunings alone: those that choose come after those of the last step."""
    highest = -1
    for block in tune.values() if isinstance(tune, Mapping) else ():
        if isinstance(block, Mapping):
            judging = block.get("seeds", Tuning.model_fields["seeds"].default)
            choosing = MOST_SEEDS if block.get("search") else CHOOSING
            highest = max(highest, judging + choosing - 1 if isinstance(judging, int) else -1)
    return highest


def stated(whole: Document) -> list[Stated]:
    """The claims of a params.yaml; studies that this version of labbook cannot read have none."""
    found: list[Stated] = []
    datasets: dict[str, str] = {}
    studies = whole.get("studies")
    for asked, block in studies.items() if isinstance(studies, Mapping) else ():
        try:
            recipe = whole["recipes"][block["recipe"]]
            for name, study in _of_each_dataset(asked, block):
                for claim in _claims(json.dumps([name, study, recipe, whole.get("seeds")])):
                    if claim.dataset not in datasets:
                        datasets[claim.dataset] = json.dumps(whole["datasets"][claim.dataset])
                    found.append(_of_data(claim, datasets[claim.dataset]))
        except (ValidationError, LookupError, TypeError, ValueError, AttributeError):
            continue
    return found


def _of_each_dataset(name: str, study: Document) -> list[tuple[str, Document]]:
    """A study as a file has it, by name; of several data sets one of each, as params makes them."""
    if study.get("datasets") is None:
        return [(name, study)]
    return [
        (
            on(name, dataset),
            {
                **study,
                "datasets": None,
                "set": {DATASET: dataset, **(study.get("set") or {})},
                "claims": [
                    {**claim, "id": on(claim["id"], dataset)} for claim in study.get("claims") or ()
                ],
            },
        )
        for dataset in study["datasets"]
    ]


@dataclass(frozen=True)
class _Form:
    """A claim, as far as study and recipe alone say what it is."""

    study: str
    id: str
    dataset: str
    labels: tuple[str, ...]
    seeds: tuple[int, ...]
    metric: str | None  # None: the one by which models of the data set are chosen
    decides: str
    sentence: str
    recipes: tuple[str, ...]


@cache
def _claims(given: str) -> list[_Form]:
    """The claims of a study, of a JSON list: its name, block and recipe, the seeds of the file."""
    name, block, recipe, seeds = json.loads(given)
    study = Study.model_validate(block)
    part = Part.model_validate(
        {"recipes": {study.recipe: Recipe.model_validate(recipe)}, "studies": {name: study}}
        | ({} if seeds is None else {"seeds": seeds})
    )
    made, mistakes = combinations(part, name)
    if mistakes or not made:
        return []
    plain = {one.label: _plain(one.recipe) for one in made}
    recipes = {label: digest(recipe) for label, recipe in plain.items()}
    drawn = isinstance(study.vary, Sample)
    return [
        _Form(
            name, claim.id, made[0].recipe.dataset, labels, part.seeds_of(study),
            claim.metric or study.metric,
            digest(_decides(claim, drawn, made, recipes), study.threshold),
            claim.sentence, tuple(json.dumps(plain[label]) for label in labels),
        )
        for claim in study.claims
        for labels in [_labels(claim, made)]
    ]  # fmt: skip


def _labels(claim: Claim, made: list[Combination]) -> tuple[str, ...]:
    """The combinations whose runs a claim rests on, in the order of the study."""
    sides = picked(claim, made).values()
    wanted = {label for side in sides for label in side} or set(labels_of(made, "all"))
    return tuple(one.label for one in made if one.label in wanted)


def _decides(
    claim: Claim, drawn: bool, made: list[Combination], recipes: Mapping[str, str]
) -> tuple[str, dict[str, Any], list[list[str]]]:
    """Form and bounds of a claim, and its sides as digests of recipes: names play no part.

    Whether combinations were `drawn` decides about the best of several tries alone.
    """
    block = claim.model_dump(mode="json", exclude=WORDS | {"metric"}, exclude_none=True)
    for place in claim.selectors:
        name, _, inner = place.partition(".")
        if inner == "of":
            del block[name]["of"]
        else:
            block.pop(name, None)
    if claim.tuned is not None and drawn:
        block["drawn"] = True
    sides = list(picked(claim, made).values()) or [list(_labels(claim, made))]
    return claim.form, block, [sorted(map(recipes.__getitem__, side)) for side in sides]


def _plain(recipe: Recipe) -> dict[str, Any]:
    """What a recipe says but for the data set, whose name plays no part."""
    return recipe.model_dump(mode="json", exclude={"dataset"}, exclude_none=True)


@cache
def _of_data(form: _Form, dataset: str) -> Stated:
    """A claim about a data set, given as JSON."""
    block = BLOCK.validate_json(dataset)
    metric = form.metric or default_metric(block)
    data = block.identity()
    return Stated(
        form.study, form.id, form.dataset, form.labels, form.seeds,
        digest(form.decides, metric, data), form.sentence, form.recipes, digest(data),
    )  # fmt: skip
