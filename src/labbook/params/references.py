"""What one block of params.yaml says of another: names, fitting kinds, metrics, selectors."""

import math
from collections.abc import Iterator, Mapping

from labbook.params.bounds import too_many_weights
from labbook.params.claims import Claim, Settings
from labbook.params.combinations import Combination, combinations, matches, picked
from labbook.params.datasets import Dataset, Images, Table
from labbook.params.document import Params
from labbook.params.messages import Mistake, nearest
from labbook.params.sampling import Sample
from labbook.params.studies import Recipe, Study
from labbook.verdicts import ALPHA, FEWEST_COMBINATIONS, FEWEST_SEEDS
from labbook.wording import count

Path = tuple[str | int, ...]

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
    return "valid_accuracy" if task(dataset) == "classification" else "valid_mse"


def check_references(params: Params) -> list[Mistake]:
    """Every mistake that no block can see by itself."""
    return [
        *_engine(params),
        *_recipes(params),
        *_seeds(params),
        *_studies(params),
        *_claim_ids(params),
    ]


def _engine(params: Params) -> Iterator[Mistake]:
    if params.engine == "compiled" and params.device == "cuda":
        text = "the compiled engine trains on the CPU; for a GPU write engine: cuda (or torch)."
        yield Mistake(("engine",), text)


def _recipes(params: Params) -> Iterator[Mistake]:
    for name, recipe in params.recipes.items():
        if recipe.dataset not in params.datasets:
            yield _unknown(
                ("recipes", name, "dataset"), "data set", recipe.dataset, params.datasets
            )
        else:
            for text in _misfits(recipe, params.datasets[recipe.dataset]):
                yield Mistake(("recipes", name), text)


def _seeds(params: Params) -> Iterator[Mistake]:
    places: dict[tuple[str, ...], object] = {("seeds",): params.seeds}
    places |= {("studies", n, "seeds"): s.seeds for n, s in params.studies.items() if s.seeds}
    for path, seeds in places.items():
        if isinstance(seeds, list) and len(set(seeds)) < len(seeds):
            yield Mistake(
                path, f"found {seeds}; a seed is listed twice, which is one run, not two."
            )


def _studies(params: Params) -> Iterator[Mistake]:
    for name, study in params.studies.items():
        at = ("studies", name)
        if name.lower() in RESERVED:
            yield Mistake(at, f"this name is taken by results/{name}; choose another.")
        if study.recipe not in params.recipes:
            yield _unknown((*at, "recipe"), "recipe", study.recipe, params.recipes)
            continue
        for path in sorted({*(study.set or {})} & {p for s in _varied(study) for p in s}):
            yield Mistake((*at, "set", path), "is set and varied in one study; remove one.")
        found, mistakes = combinations(params, name)
        yield from mistakes
        if not mistakes:
            yield from _combinations(params, name, study, found)


def _varied(study: Study) -> list[Settings]:
    if isinstance(study.vary, Sample):
        return [study.vary.of]
    return study.vary if isinstance(study.vary, list) else [study.vary]


def _combinations(
    params: Params, name: str, study: Study, found: list[Combination]
) -> Iterator[Mistake]:
    at = ("studies", name)
    seen: dict[str, str] = {}
    for combination in found:
        key = combination.recipe.model_dump_json()
        if key in seen:
            yield Mistake((*at, "vary"), f"{combination.label!r} is the same as {seen[key]!r}.")
        if combination.label in seen.values():
            text = f"two combinations are both called {combination.label!r}; write one differently."
            yield Mistake((*at, "vary"), text)
        seen[key] = combination.label
        if combination.recipe.dataset not in params.datasets:
            dataset = combination.recipe.dataset
            yield _unknown((*at, "vary", "dataset"), "data set", dataset, params.datasets)
            return
        for text in _misfits(combination.recipe, params.datasets[combination.recipe.dataset]):
            yield Mistake((*at, "vary"), f"with {combination.label}: {text}")
    if len(names := {c.recipe.dataset for c in found}) > 1:
        text = f"varies the data set ({', '.join(sorted(names))}); a study asks one data set."
        yield Mistake((*at, "vary"), text)
    yield from _selectors(params, name, study, found)


def _selectors(
    params: Params, name: str, study: Study, found: list[Combination]
) -> Iterator[Mistake]:
    at = ("studies", name)
    dataset = params.datasets[found[0].recipe.dataset]
    if study.reference is not None:
        count = sum(matches(c.settings, study.reference) for c in found)
        if count != 1:
            text = f"picks {count} combinations; it must pick one of: {_list(found)}."
            yield Mistake((*at, "reference"), text)
    yield from _metric((*at, "metric"), study.metric, dataset)
    metrics = {study.metric, *(claim.metric for claim in study.claims)}
    if "epochs" in metrics and any(c.recipe.training.patience is not None for c in found):
        text = "compares epochs, and runs may stop early by patience, which would count as quick."
        yield Mistake(at, f"{text} Leave out training.patience, or compare another metric.")
    trainings = [c.recipe.training for c in found]
    if "epochs" in metrics and any(t.stalled and t.tolerance is None for t in trainings):
        text = "compares epochs, and runs may end as stalled, which would count as quick."
        yield Mistake(
            at, f"{text} Set training.tolerance, leave out training.stalled, or compare another "
            "metric.",
        )  # fmt: skip
    yield from _published((*at, "published"), study, found, dataset)
    norms = all(c.recipe.training.gradient_norms for c in found)
    if "vanishing" in metrics and not norms:
        text = "compares vanishing, the fall of the gradient's norm, which its runs do not keep."
        yield Mistake(at, f"{text} Write set: {{training.gradient_norms: true}}.")
    for number, claim in enumerate(study.claims):
        here = (*at, "claims", number)
        yield from _metric((*here, "metric"), claim.metric, dataset)
        yield from _sides(here, claim, found)
        yield from _matters(here, claim, study)
        yield from _enough_seeds(here, claim, len(seeds_of(params, study)))
        tolerant = any(c.recipe.training.tolerance is not None for c in found)
        epochs = (claim.metric or study.metric) == "epochs"
        if epochs and tolerant and claim.form == "interaction":
            text = "epochs that a run may not reach have no gain that could be compared: leave"
            yield Mistake(here, f"{text} out more_than, or compare another metric.")


def _published(
    path: Path, study: Study, found: list[Combination], dataset: Dataset
) -> Iterator[Mistake]:
    """Each block of figures picks one combination, and no two the same metric of the same one."""
    seen: dict[tuple[str, str], int] = {}
    for number, block in enumerate(study.published):
        yield from _metric((*path, number, "metric"), block.metric, dataset)
        picked = [c.label for c in found if matches(c.settings, block.of)]
        if len(picked) != 1:
            text = f"picks {len(picked)} combinations; it must pick one of: {_list(found)}."
            yield Mistake((*path, number, "of"), text)
            continue
        key = (picked[0], block.metric or study.metric or default_metric(dataset))
        if key in seen:
            first = f"published.{seen[key]}"
            text = f"the same metric of {picked[0]!r} as {first}; put the values there."
            yield Mistake((*path, number), text)
        seen.setdefault(key, number)


def _sides(here: Path, claim: Claim, found: list[Combination]) -> Iterator[Mistake]:
    taken: dict[str, str] = {}
    for place, labels in picked(claim, found).items():
        at = (*here, *(int(part) if part.isdigit() else part for part in place.split(".")))
        if not labels:
            yield Mistake(at, f"picks no combination; there are: {_list(found)}.")
        if place == "exact.of" and len(labels) > 1:
            yield Mistake(at, f"picks {len(labels)} combinations; it must pick one.")
        if place == "more_than.better":  # the other difference may share sides with the first
            taken = {}
        if both := [label for label in labels if label in taken]:
            yield Mistake(here, f"{both[0]!r} is on both sides of the comparison.")
        taken |= dict.fromkeys(labels, place)


def _matters(here: Path, claim: Claim, study: Study) -> Iterator[Mistake]:
    vary = study.vary.of if isinstance(study.vary, Sample) else study.vary
    if claim.matters is None:
        return
    if isinstance(vary, list):
        yield Mistake((*here, "matters"), "needs vary to be a mapping of settings, or a sample.")
        return
    if isinstance(study.vary, Sample) and study.vary.sample < FEWEST_COMBINATIONS:
        text = f"{study.vary.sample} drawn combinations are too few to tell what matters; write"
        yield Mistake((*here, "matters"), f"{text} sample: {FEWEST_COMBINATIONS} or more.")
    for number, name in enumerate(claim.matters):
        values = vary.get(name)
        if values is None or (isinstance(values, list) and len(values) < 2):
            yield Mistake((*here, "matters", number), f"{name!r} does not vary; {_names(vary)}.")
        elif name in claim.matters[:number]:
            yield Mistake((*here, "matters", number), f"{name!r} is listed twice.")


def _names(vary: Mapping[str, object]) -> str:
    return f"there are: {', '.join(vary)}"


def _enough_seeds(here: Path, claim: Claim, seeds: int) -> Iterator[Mistake]:
    """No claim that its seeds could never decide, whatever they show."""
    needed, what = (1, "") if claim.exact is not None else (FEWEST_SEEDS, "a claim")
    if claim.share is not None:
        bound = claim.share.above or claim.share.below or 0.5
        # The rarest outcome must be rarer than the level; see docs/evidence.md.
        rarest = math.ceil(math.log(ALPHA / 2) / math.log(max(bound, 1 - bound)))
        needed, what = max(needed, rarest), f"a share beside the bound {bound}"
    if seeds < needed:
        text = f"{count(seeds, 'seed')} can never decide {what}: at least {needed} are needed."
        yield Mistake(here, f"{text} Write seeds: {needed} (the study's, or the file's).")


def _claim_ids(params: Params) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for name, study in params.studies.items():
        for number, claim in enumerate(study.claims):
            if claim.id in seen:
                text = f"the id {claim.id!r} is taken by a claim of {seen[claim.id]}."
                yield Mistake(("studies", name, "claims", number, "id"), text)
            seen[claim.id] = name


def _misfits(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    """Where a recipe asks for what its data set cannot give."""
    if large := too_many_weights(recipe):
        yield large
    kind, method, loss = recipe.model.kind, recipe.features.method, recipe.training.loss
    if kind == "cnn" and not isinstance(dataset, Images):
        yield "model cnn needs images; allowed here: mlp, linear, polynomial."
    if kind == "polynomial" and isinstance(dataset, Images):
        yield "model polynomial takes no images; allowed here: mlp, cnn, linear."
    if isinstance(dataset, Images) and method != "all":
        yield f"features.method {method} takes no images; allowed here: all."
    if recipe.training.augment is not None and not isinstance(dataset, Images):
        yield "training.augment changes images, and this data set has none; leave it out."
    classes = task(dataset) == "classification"
    if method == ("f_regression" if classes else "f_classif"):
        right = "f_classif" if classes else "f_regression"
        yield f"features.method {method} does not suit a {task(dataset)}; use {right}."
    if loss == ("mse" if classes else "cross_entropy"):
        yield f"training.loss {loss} does not suit a {task(dataset)}; leave it out."


def _metric(path: tuple[str | int, ...], metric: str | None, dataset: Dataset) -> Iterator[Mistake]:
    of_part = metric is not None and metric.startswith(("train_", "valid_", "test_"))
    if metric is None or not of_part or metric.endswith("_roughness"):
        return  # of learning curves, which every run has
    of_classes = metric.endswith(("accuracy", "cross_entropy"))
    if of_classes != (task(dataset) == "classification"):
        allowed = "accuracy, cross_entropy" if not of_classes else "mse, mae, r2"
        text = f"{metric} does not suit a {task(dataset)}; allowed: epochs, and valid_, test_ or "
        yield Mistake(path, f"{text}train_ with {allowed}.")


def _unknown(path: tuple[str | int, ...], what: str, name: str, there: object) -> Mistake:
    names = list(there) if isinstance(there, dict) else []
    return Mistake(path, f"no {what} is called {name!r}; {nearest(name, names)}.")


def _list(found: list[Combination]) -> str:
    return "; ".join(c.label for c in found)
