"""What one block of params.yaml says of another: names, fitting kinds, metrics, selectors."""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from labbook.metrics import chosen_by, metric_of, of_task
from labbook.params.bounds import too_many_weights
from labbook.params.claims import Claim
from labbook.params.combinations import Combination, combinations, matches, picked
from labbook.params.datasets import Dataset, Images, Table
from labbook.params.document import Params
from labbook.params.messages import Mistake, Path, nearest
from labbook.params.sampling import Sample
from labbook.params.studies import Recipe, Study
from labbook.verdicts import ALPHA, FEWEST_COMBINATIONS, FEWEST_SEEDS
from labbook.wording import count

# Folders that lie beside those of the studies in results/.
RESERVED = ("bench", "log", "packs", "runs")


def task(dataset: Dataset) -> str:
    """What is predicted: "classification" of a class or "regression" of a quantity."""
    if isinstance(dataset, Images):
        return "classification"
    return dataset.task if isinstance(dataset, Table) else "regression"


def seeds_of(params: Params, study: Study) -> tuple[int, ...]:
    """The seeds of a study: its own, or the file's."""
    seeds = params.seeds if study.seeds is None else study.seeds
    return tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)


def default_metric(dataset: Dataset) -> str:
    """What models of this data set are chosen by."""
    return chosen_by(task(dataset))


def check_references(params: Params) -> list[Mistake]:
    """Every mistake that no block can see by itself."""
    return [*_recipes(params), *_seeds(params), *_studies(params), *_claim_ids(params)]


def _recipes(params: Params) -> Iterator[Mistake]:
    if params.engine == "compiled" and params.device == "cuda":
        text = "the compiled engine trains on the CPU; for a GPU write engine: cuda (or torch)."
        yield Mistake(("engine",), text)
    for name, recipe in params.recipes.items():
        at, dataset = ("recipes", name), params.datasets.get(recipe.dataset)
        if dataset is None:
            yield _unknown((*at, "dataset"), "data set", recipe.dataset, params.datasets)
        else:
            yield from (Mistake(at, text) for text in _misfits(recipe, dataset))


def _misfits(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    """Where a recipe asks for what its data set cannot give."""
    if large := too_many_weights(recipe):
        yield large
    kind, method, loss = recipe.model.kind, recipe.features.method, recipe.training.loss
    if isinstance(dataset, Images):
        if kind == "polynomial":
            yield "model polynomial takes no images; allowed here: mlp, cnn, linear."
        if method != "all":
            yield f"features.method {method} takes no images; allowed here: all."
    else:
        if kind == "cnn":
            yield "model cnn needs images; allowed here: mlp, linear, polynomial."
        if recipe.training.augment is not None:
            yield "training.augment changes images, and this data set has none; leave it out."
    right, wrong, wrong_loss = "f_regression", "f_classif", "cross_entropy"
    if task(dataset) == "classification":
        right, wrong, wrong_loss = wrong, right, "mse"
    if method == wrong:
        yield f"features.method {method} does not suit a {task(dataset)}; use {right}."
    if loss == wrong_loss:
        yield f"training.loss {loss} does not suit a {task(dataset)}; leave it out."


def _seeds(params: Params) -> Iterator[Mistake]:
    seeds_at: dict[Path, object] = {("seeds",): params.seeds}
    seeds_at |= {("studies", name, "seeds"): s.seeds for name, s in params.studies.items()}
    for at, seeds in seeds_at.items():
        if isinstance(seeds, list) and len(set(seeds)) < len(seeds):
            yield Mistake(at, f"found {seeds}; a seed is listed twice, which is one run, not two.")


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


def _studies(params: Params) -> Iterator[Mistake]:
    for name, study in params.studies.items():
        at = ("studies", name)
        if name.lower() in RESERVED:
            yield Mistake(at, f"this name is taken by results/{name}; choose another.")
        if study.recipe not in params.recipes:
            yield _unknown((*at, "recipe"), "recipe", study.recipe, params.recipes)
            continue
        vary = study.vary.of if isinstance(study.vary, Sample) else study.vary
        varied = {
            path for settings in (vary if isinstance(vary, list) else [vary]) for path in settings
        }
        for path in sorted(varied & {*(study.set or {})}):
            yield Mistake((*at, "set", path), "is set and varied in one study; remove one.")
        made, mistakes = combinations(params, name)
        yield from mistakes or _combinations(params, at, made)
        names = {combination.recipe.dataset for combination in made}
        if mistakes or not names <= params.datasets.keys():
            continue
        if len(names) > 1:
            text = f"varies the data set ({', '.join(sorted(names))}); a study asks one data set."
            yield Mistake((*at, "vary"), text)
        dataset = params.datasets[made[0].recipe.dataset]
        checked = _Study(at, study, made, dataset, len(seeds_of(params, study)))
        yield from _metrics(checked)
        yield from _published(checked)
        for number, claim in enumerate(study.claims):
            yield from _claim(checked, (*at, "claims", number), claim)


def _combinations(params: Params, at: Path, made: list[Combination]) -> Iterator[Mistake]:
    vary = (*at, "vary")
    labels: dict[str, str] = {}  # by the recipe as text
    for combination in made:
        label, recipe = combination.label, combination.recipe
        text = recipe.model_dump_json()
        if text in labels:
            yield Mistake(vary, f"{label!r} is the same as {labels[text]!r}.")
        if label in labels.values():
            yield Mistake(
                vary, f"two combinations are both called {label!r}; write one differently."
            )
        labels[text] = label
        if recipe.dataset not in params.datasets:
            yield _unknown((*vary, "dataset"), "data set", recipe.dataset, params.datasets)
            return
        for misfit in _misfits(recipe, params.datasets[recipe.dataset]):
            yield Mistake(vary, f"with {label}: {misfit}")


def _metrics(study: _Study) -> Iterator[Mistake]:
    """Metrics that the study's runs do not give, or not fairly; its reference."""
    block, trainings = study.block, [made.recipe.training for made in study.combinations]
    if block.reference is not None:
        labels = [c.label for c in study.combinations if matches(c.settings, block.reference)]
        if len(labels) != 1:
            yield Mistake((*study.at, "reference"), study.one_of(labels))
    yield from _metric((*study.at, "metric"), block.metric, study.dataset)
    metrics = {block.metric, *(claim.metric for claim in block.claims)}
    if "epochs" in metrics and any(training.patience is not None for training in trainings):
        yield Mistake(
            study.at,
            "compares epochs, and runs may stop early by patience, which would count as quick. "
            "Leave out training.patience, or compare another metric.",
        )
    if "epochs" in metrics and any(t.stalled and t.tolerance is None for t in trainings):
        yield Mistake(
            study.at,
            "compares epochs, and runs may end as stalled, which would count as quick. Set "
            "training.tolerance, leave out training.stalled, or compare another metric.",
        )
    if "vanishing" in metrics and not all(training.gradient_norms for training in trainings):
        yield Mistake(
            study.at,
            "compares vanishing, the fall of the gradient's norm, which its runs do not keep. "
            "Write set: {training.gradient_norms: true}.",
        )


def _metric(at: Path, metric: str | None, dataset: Dataset) -> Iterator[Mistake]:
    """A metric of classes of quantities, or the other way round."""
    asked = task(dataset)
    if metric is not None and metric_of(metric).task not in ("", asked):
        allowed = ", ".join(of_task(asked))
        text = f"{metric} does not suit a {asked}; allowed: epochs, and valid_, test_ or "
        yield Mistake(at, f"{text}train_ with {allowed}.")


def _published(study: _Study) -> Iterator[Mistake]:
    """Each block of figures picks one combination, and no two the same metric of the same one."""
    numbers: dict[tuple[str, str], int] = {}
    for number, block in enumerate(study.block.published):
        at = (*study.at, "published", number)
        yield from _metric((*at, "metric"), block.metric, study.dataset)
        labels = [c.label for c in study.combinations if matches(c.settings, block.of)]
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


def _claim_ids(params: Params) -> Iterator[Mistake]:
    studies: dict[str, str] = {}  # by the id of a claim
    for name, study in params.studies.items():
        for number, claim in enumerate(study.claims):
            if claim.id in studies:
                text = f"the id {claim.id!r} is taken by a claim of {studies[claim.id]}."
                yield Mistake(("studies", name, "claims", number, "id"), text)
            studies[claim.id] = name


def _unknown(at: Path, what: str, name: str, names: Collection[str]) -> Mistake:
    return Mistake(at, f"no {what} is called {name!r}; {nearest(name, names)}.")
