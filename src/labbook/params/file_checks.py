"""Checks of params.yaml but for its studies: counts within the limits, recipes that fit data."""

from collections.abc import Collection, Iterator

from labbook.params import limits
from labbook.params.datasets import Dataset
from labbook.params.document import Params
from labbook.params.messages import Mistake, Path, nearest
from labbook.params.redraws import idle_redraw
from labbook.params.studies import Recipe

SHUFFLED = (
    "is for labbook's own controls, as nothing can be learnt with it; leave it out. "
    "controls: true (the file's, or a study's) trains each study's reference so."
)
TINY = "is for labbook's own steps of `tune`; leave it out. For fewer rows: the data set's `split`."
# Settings of `training` that a user may not ask for: what to say of it.
FOR_LABBOOK = {"shuffled_target": SHUFFLED, "tiny": TINY}


def check_counts(params: Params) -> Iterator[Mistake]:
    """The study with which combinations or runs become too many, before any is made."""
    combinations = runs = 0
    for name, study in params.studies.items():
        own = study.combination_count
        combinations += own
        runs += own * len(params.seeds_of(study))
        for total, most, what in (
            (combinations, limits.COMBINATIONS, "combinations"),
            (runs, limits.RUNS, "runs"),
        ):
            if total > most:
                text = f"{own:,} combinations here, so {total:,} {what} with the studies above; "
                text += f"at most {most:,} are allowed. Write fewer values, or draw a `sample`."
                yield Mistake(("studies", name, "vary"), text)
                return


def check_recipes(params: Params) -> Iterator[Mistake]:
    """Recipes that ask for what is not there, an engine on no device, a seed listed twice."""
    if params.engine == "compiled" and params.device == "cuda":
        text = "the compiled engine trains on the CPU; for a GPU write engine: cuda (or torch)."
        yield Mistake(("engine",), text)
    for name, recipe in params.recipes.items():
        at, dataset = ("recipes", name), params.datasets.get(recipe.dataset)
        if dataset is None:
            yield unknown((*at, "dataset"), "data set", recipe.dataset, params.datasets)
        else:
            yield from (Mistake(at, text) for text in misfits(recipe, dataset))
        for setting, text in FOR_LABBOOK.items():
            if getattr(recipe.training, setting):
                yield Mistake((*at, "training", setting), text)
    seeds_at: dict[Path, object] = {("seeds",): params.seeds}
    seeds_at |= {("studies", name, "seeds"): s.seeds for name, s in params.studies.items()}
    for place, seeds in seeds_at.items():
        if isinstance(seeds, list) and len(set(seeds)) < len(seeds):
            yield Mistake(
                place, f"found {seeds}; a seed is listed twice, which is one run, not two."
            )


def misfits(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    """Where a recipe asks for what its data set cannot give, or for too large a network."""
    weights = recipe.model.least_weights(recipe.features.k or 1)
    if weights > limits.WEIGHTS:
        yield (
            f"the network has {weights:,} weights or more; at most {limits.WEIGHTS:,} are allowed. "
            "Make its layers narrower."
        )
    kind, method, loss = recipe.model.kind, recipe.features.method, recipe.training.loss
    if dataset.has_images:
        if kind == "polynomial":
            yield "model polynomial takes no images; allowed here: mlp, cnn, linear."
        if method != "all":
            yield f"features.method {method} takes no images; allowed here: all."
    else:
        if kind == "cnn":
            yield "model cnn needs images; allowed here: mlp, linear, polynomial."
        if recipe.training.augment is not None:
            yield "training.augment changes images, and this data set has none; leave it out."
    if idle := idle_redraw(recipe):
        yield idle
    right, wrong, wrong_loss = "f_regression", "f_classif", "cross_entropy"
    if dataset.task == "classification":
        right, wrong, wrong_loss = wrong, right, "mse"
    if recipe.training.class_weights is not None and dataset.task != "classification":
        yield f"training.class_weights does not suit a {dataset.task}; leave it out."
    if method == wrong:
        yield f"features.method {method} does not suit a {dataset.task}; use {right}."
    if loss == wrong_loss:
        yield f"training.loss {loss} does not suit a {dataset.task}; leave it out."


def unknown(at: Path, what: str, name: str, names: Collection[str]) -> Mistake:
    """A name that nothing has."""
    return Mistake(at, f"no {what} is called {name!r}; {nearest(name, names)}.")
