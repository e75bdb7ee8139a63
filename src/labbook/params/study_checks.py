"""Checks of studies: their combinations, metrics, figures of others, and claims."""

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from labbook.measures import measures_of, metric_of
from labbook.metrics import chosen_by, of_task
from labbook.params.claims import Claim
from labbook.params.combinations import Combination, combinations, labels_of, picked
from labbook.params.datasets import Dataset
from labbook.params.document import Params
from labbook.params.file_checks import FOR_LABBOOK, misfits, unknown
from labbook.params.messages import Mistake, Path
from labbook.params.redraws import check_redraws
from labbook.params.sampling import Sample
from labbook.params.studies import Study
from labbook.params.training import Training
from labbook.params.tries import enough_tries
from labbook.verdicts import ALPHA, FEWEST_COMBINATIONS, FEWEST_SEEDS
from labbook.wording import count

# Folders that lie beside those of the studies in results/.
RESERVED = ("bench", "data", "log", "packs", "rivals", "runs", "tune")
# Metrics that some trainings do not give, or not fairly: which, and what to say of it.
UNFAIR: tuple[tuple[str, Callable[[Training], Any], str], ...] = (
    (
        "epochs",
        lambda training: training.patience,
        "compares epochs, and runs may stop early by patience, which would count as quick. "
        "Leave out training.patience, or compare another metric.",
    ),
    (
        "epochs",
        lambda training: training.stalled and training.tolerance is None,
        "compares epochs, and runs may end as stalled, which would count as quick. Set "
        "training.tolerance, leave out training.stalled, or compare another metric.",
    ),
    (
        "vanishing",
        lambda training: not training.gradient_norms,
        "compares vanishing, the fall of the gradient's norm, which its runs do not keep. "
        "Write set: {training.gradient_norms: true}.",
    ),
)


def default_metric(dataset: Dataset) -> str:
    """What models of this data set are chosen by."""
    return chosen_by(dataset.task)


def check_studies(params: Params) -> Iterator[Mistake]:
    """What studies ask of recipes, data and seeds in vain; ids that two claims have."""
    for name, study in params.studies.items():
        yield from _study(params, name, study)
    owners: dict[str, str] = {}  # names of studies by the id of a claim
    for name, study in params.studies.items():
        for number, claim in enumerate(study.claims):
            if claim.id in owners:
                text = f"the id {claim.id!r} is taken by a claim of {owners[claim.id]}."
                yield Mistake(("studies", name, "claims", number, "id"), text)
            owners[claim.id] = name


@dataclass(frozen=True)
class _Study:
    """A study's block, its place, and what it refers to."""

    at: Path
    block: Study
    combinations: list[Combination]
    dataset: Dataset
    seeds: int

    def one_of(self, labels: Collection[str]) -> str:
        """What to say of a selector that picks `labels`, and should pick one."""
        return f"picks {len(labels)} combinations; it must pick one of: {self.list()}."

    def list(self) -> str:
        """The labels of all combinations."""
        return "; ".join(combination.label for combination in self.combinations)


def _study(params: Params, name: str, study: Study) -> Iterator[Mistake]:
    at = ("studies", name)
    if name.lower() in RESERVED:
        yield Mistake(at, f"this name is taken by results/{name}; choose another.")
    if study.recipe not in params.recipes:
        yield unknown((*at, "recipe"), "recipe", study.recipe, params.recipes)
        return
    for path in sorted({*study.varied} & {*(study.set or {})}):
        yield Mistake((*at, "set", path), "is set and varied in one study; remove one.")
    made, mistakes = combinations(params, name)
    yield from mistakes or _combinations(params, (*at, "vary"), made)
    yield from _for_labbook(params, at, study, made)
    names = {combination.recipe.dataset for combination in made}
    if mistakes or not names <= params.datasets.keys():
        return
    if len(names) > 1:
        text = f"varies the data set ({', '.join(sorted(names))}); a study asks one data set. "
        text += f"Write datasets: [{', '.join(sorted(names))}] instead, and each is asked."
        yield Mistake((*at, "vary"), text)
    dataset = params.datasets[made[0].recipe.dataset]
    checked = _Study(at, study, made, dataset, len(params.seeds_of(study)))
    yield from _metrics(checked)
    yield from _published(checked)
    yield from check_redraws(at, study, made, checked.seeds)
    for number, claim in enumerate(study.claims):
        yield from _claim(checked, (*at, "claims", number), claim)


def _combinations(params: Params, at: Path, made: list[Combination]) -> Iterator[Mistake]:
    labels: dict[str, str] = {}  # by the recipe as text
    names: set[str] = set()
    for combination in made:
        label, recipe = combination.label, combination.recipe
        text = recipe.model_dump_json()
        if text in labels:
            yield Mistake(at, f"{label!r} is the same as {labels[text]!r}.")
        if label in names:
            yield Mistake(at, f"two combinations are both called {label!r}; write one differently.")
        labels[text] = label
        names.add(label)
        if recipe.dataset not in params.datasets:
            yield unknown((*at, "dataset"), "data set", recipe.dataset, params.datasets)
            return
        for misfit in misfits(recipe, params.datasets[recipe.dataset]):
            yield Mistake(at, f"with {label}: {misfit}")


def _for_labbook(
    params: Params, at: Path, study: Study, made: list[Combination]
) -> Iterator[Mistake]:
    """What only labbook may ask for; a recipe that does is told of by itself."""
    for setting, text in FOR_LABBOOK.items():
        asked = any(getattr(combination.recipe.training, setting) for combination in made)
        if asked and not getattr(params.recipes[study.recipe].training, setting):
            path = f"training.{setting}"
            places = [("set", path)] if path in (study.set or {}) else [("vary",)]
            if isinstance(study.vary, dict) and path in study.vary:
                places = [("vary", path)]
            yield from (Mistake((*at, *place), text) for place in places)


def _metrics(study: _Study) -> Iterator[Mistake]:
    """Metrics that the study's runs do not give, or not fairly; its reference."""
    block, trainings = study.block, [made.recipe.training for made in study.combinations]
    if block.reference is not None:
        labels = labels_of(study.combinations, block.reference)
        if len(labels) != 1:
            yield Mistake((*study.at, "reference"), study.one_of(labels))
    yield from _metric((*study.at, "metric"), block.metric, study.dataset)
    if block.threshold and study.dataset.task != "classification":
        text = f"is for two classes, and the data are of a {study.dataset.task}; leave it out."
        yield Mistake((*study.at, "threshold"), text)
    metrics = {block.metric, *(claim.metric for claim in block.claims)}
    for metric, spoils, text in UNFAIR:
        if metric in metrics and any(map(spoils, trainings)):
            yield Mistake(study.at, text)


def _metric(at: Path, metric: str | None, dataset: Dataset) -> Iterator[Mistake]:
    """A metric of classes of quantities, or the other way round."""
    if metric is not None and metric_of(metric).task not in ("", dataset.task):
        allowed = ", ".join(of_task(dataset.task))
        text = f"{metric} does not suit a {dataset.task}; allowed: epochs, and valid_, test_ or "
        more = ", ".join(measures_of(dataset.task))
        yield Mistake(at, f"{text}train_ with {allowed}; valid_ or test_ with {more}.")


def _published(study: _Study) -> Iterator[Mistake]:
    """Each block of figures picks one combination, and no two the same metric of the same one."""
    numbers: dict[tuple[str, str], int] = {}
    for number, block in enumerate(study.block.published):
        at = (*study.at, "published", number)
        yield from _metric((*at, "metric"), block.metric, study.dataset)
        labels = labels_of(study.combinations, block.of)
        if len(labels) != 1:
            yield Mistake((*at, "of"), study.one_of(labels))
            continue
        metric = block.metric or study.block.metric or default_metric(study.dataset)
        first = numbers.setdefault((labels[0], metric), number)
        if first != number:
            text = f"the same metric of {labels[0]!r} as published.{first}; put the values there."
            yield Mistake(at, text)


def _claim(study: _Study, at: Path, claim: Claim) -> Iterator[Mistake]:
    yield from _metric((*at, "metric"), claim.metric, study.dataset)
    yield from _sides(study, at, claim)
    if claim.tuned is not None:
        yield from enough_tries(study.block, study.combinations, at, claim)
    if claim.matters is not None:
        yield from _matters(study.block, (*at, "matters"), claim.matters)
    yield from _enough_seeds(at, claim, study.seeds)
    tolerant = any(c.recipe.training.tolerance is not None for c in study.combinations)
    epochs = (claim.metric or study.block.metric) == "epochs"
    if epochs and tolerant and claim.form == "more_than":
        text = "epochs that a run may not reach have no gain that could be compared: leave"
        yield Mistake(at, f"{text} out more_than, or compare another metric.")


def _sides(study: _Study, at: Path, claim: Claim) -> Iterator[Mistake]:
    taken: set[str] = set()
    for place, labels in picked(claim, study.combinations).items():
        side = (*at, *(int(part) if part.isdigit() else part for part in place.split(".")))
        if not labels:
            yield Mistake(side, f"picks no combination; there are: {study.list()}.")
        if place == "exact.of" and len(labels) > 1:
            yield Mistake(side, f"picks {len(labels)} combinations; it must pick one.")
        if place == "more_than.better":  # the other difference may share sides with the first
            taken = set()
        if both := [label for label in labels if label in taken]:
            yield Mistake(at, f"{both[0]!r} is on both sides of the comparison.")
        taken |= set(labels)


def _matters(study: Study, at: Path, settings: list[str]) -> Iterator[Mistake]:
    vary = study.vary
    if isinstance(vary, list):
        yield Mistake(at, "needs vary to be a mapping of settings, or a sample.")
        return
    if isinstance(vary, Sample) and vary.sample < FEWEST_COMBINATIONS:
        text = f"{vary.sample} drawn combinations are too few to tell what matters; write"
        yield Mistake(at, f"{text} sample: {FEWEST_COMBINATIONS} or more.")
    varied = vary.of if isinstance(vary, Sample) else vary
    for number, name in enumerate(settings):
        values = varied.get(name)
        if values is None or (isinstance(values, list) and len(values) < 2):
            text = f"{name!r} does not vary; there are: {', '.join(varied)}."
            yield Mistake((*at, number), text)
        elif name in settings[:number]:
            yield Mistake((*at, number), f"{name!r} is listed twice.")


def _enough_seeds(at: Path, claim: Claim, seeds: int) -> Iterator[Mistake]:
    """No claim that its seeds could never decide, whatever they show."""
    needed, what = (1, "") if claim.exact is not None else (FEWEST_SEEDS, "a claim")
    if claim.share is not None:
        bound = claim.share.above or claim.share.below or 0.5
        # The rarest outcome must be rarer than the level; see docs/evidence.md.
        rarest = math.ceil(math.log(ALPHA / 2) / math.log(max(bound, 1 - bound)))
        needed, what = max(needed, rarest), f"a share beside the bound {bound}"
    if seeds < needed:
        text = f"{count(seeds, 'seed')} can never decide {what}: at least {needed} are needed."
        yield Mistake(at, f"{text} Write seeds: {needed} (the study's, or the file's).")
